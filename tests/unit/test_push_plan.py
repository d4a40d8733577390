"""What a push decides before it runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.transfers import ConflictPolicy, Equality, TransferOptions, Way
from daytona_tui.transfer.push_plan import PushFile, PushLink, PushPlan, There, free_name, is_same, way_of

S = 1_000_000_000
OLD, NEW = 100 * S, 200 * S


def _file(name: str, modified_ns: int, there: There | None, *, is_equal: bool = False) -> PushFile:
    return PushFile(Path("/here") / name, f"/there/{name}", 10, modified_ns, 0o644, there, is_equal)


FILES = (
    _file("new", OLD, None),
    _file("equal", OLD, There("file", 10, OLD), is_equal=True),
    _file("older.there", NEW, There("file", 11, OLD)),
    _file("newer.there", OLD, There("file", 11, NEW)),
)


def _plan(policy: ConflictPolicy, max_files: int = 100, max_bytes: int = 1000) -> PushPlan:
    return PushPlan(
        SandboxId("s"),
        "/there",
        "/there",
        files=FILES,
        present=frozenset({"/there/older (1).there"}),
        options=TransferOptions(conflict=policy, max_files=max_files, max_bytes=max_bytes),
    )


@pytest.mark.parametrize(
    ("policy", "targets", "skipped"),
    [
        (ConflictPolicy.SKIP, ["new"], 2),
        (ConflictPolicy.FAIL, ["new"], 2),
        (ConflictPolicy.OVERWRITE, ["new", "older.there", "newer.there"], 0),
        (ConflictPolicy.NEWER, ["new", "older.there"], 1),
        (ConflictPolicy.RENAME, ["new", "older (2).there", "newer (1).there"], 0),
    ],
)
def test_each_policy(policy: ConflictPolicy, targets: list[str], skipped: int) -> None:
    plan = _plan(policy)
    assert [Path(file.target).name for file in plan.to_copy] == targets
    assert len(plan.skipped) == skipped
    assert (plan.summary.equal, len(plan.summary.conflicts)) == (1, 2)
    assert plan.summary.size_bytes == 10 * len(targets)


def test_another_answer_is_another_plan() -> None:
    plan = _plan(ConflictPolicy.FAIL)
    assert len(plan.to_copy) == 1
    assert len(plan.with_policy(ConflictPolicy.OVERWRITE).to_copy) == 3
    assert len(plan.to_copy) == 1


def test_what_is_much_is_asked() -> None:
    assert _plan(ConflictPolicy.SKIP).summary.questions == ()
    assert len(_plan(ConflictPolicy.OVERWRITE, max_files=2, max_bytes=29).summary.questions) == 2
    assert _plan(ConflictPolicy.OVERWRITE, max_files=3, max_bytes=30).summary.questions == ()


def test_a_link_that_is_there_is_made_again_only_to_point_elsewhere() -> None:
    link = PushLink(Path("/here/l"), "/there/l", "a", There("link", points_to="a"))
    other = PushLink(Path("/here/m"), "/there/m", "a", There("link", points_to="b"))
    plan = PushPlan(SandboxId("s"), "/there", "/there", links=(link, other))
    assert plan.to_link == ()
    assert plan.with_policy(ConflictPolicy.OVERWRITE).to_link == (other,)


@pytest.mark.parametrize(
    ("there", "same"),
    [
        (There("file", 10, OLD), True),
        (There("file", 10, OLD + 1), True),
        (There("file", 10, OLD + S), False),
        (There("file", 11, OLD), False),
        (There("link", 10, OLD), False),
        (There("directory", 10, OLD), False),
        (None, False),
    ],
)
def test_what_is_the_same(there: There | None, same: bool) -> None:
    assert is_same(10, OLD, there) == same
    assert not is_same(10, OLD, there, Equality.NEVER)


def test_a_fine_time_is_not_taken_for_another_within_its_second() -> None:
    assert not is_same(10, OLD + 5_000_000, There("file", 10, OLD + 7_000_000))
    assert is_same(10, OLD + 5_000_000, There("file", 10, OLD))


@given(st.sets(st.sampled_from(["/d/a.b", "/d/a (1).b", "/d/a (2).b", "/d/x"])))
def test_a_free_name_is_free(taken: set[str]) -> None:
    name = free_name("/d/a.b", taken)
    assert name not in taken
    assert name.startswith("/d/a (")
    assert name.endswith(").b")


def test_how_files_travel() -> None:
    assert [way_of(size, Way.AUTO) for size in (0, 256 * 1024, 256 * 1024 + 1)] == [Way.BULK, Way.BULK, Way.STREAM]
    assert way_of(1, Way.STREAM) is Way.STREAM
    assert way_of(1, Way.TAR) is Way.BULK
