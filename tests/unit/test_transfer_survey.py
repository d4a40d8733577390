"""A look at a tree says everything of it, whatever its names are, and nothing leaves the destination."""

from __future__ import annotations

import asyncio
import base64
import gzip
import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daytona_tui.domain.executions import ExecOutcome
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import TransferError
from daytona_tui.transfer.ignoring import Ignoring
from daytona_tui.transfer.plan import mode_bits, plan_seen
from daytona_tui.transfer.safety import link_objection
from daytona_tui.transfer.survey import Seen, read_survey, survey


class _Shell:
    """Looks round on this machine."""

    def __init__(self, change: tuple[str, str] = ("", "")) -> None:
        self._change = change

    async def look(self, _sandbox_id: SandboxId, script: str, *, timeout_s: int) -> ExecOutcome:
        command = ["sh", "-c", script.replace(*self._change)]
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, timeout=timeout_s, check=False)
        return ExecOutcome(done.returncode, done.stdout.decode("utf-8", "replace"))


WITHOUT_PRINTF = ("-maxdepth 0 -printf ''", "-maxdepth 0 -nonesuch")
UNPACKED = ("command -v gzip", "false")
NO_TEXT = "caf\udce9\n\udcff"


@pytest.mark.parametrize("change", [("", ""), WITHOUT_PRINTF, UNPACKED], ids=["printf", "stat", "unpacked"])
async def test_everything_is_seen(tmp_path: Path, change: tuple[str, str]) -> None:
    names = [] if change == UNPACKED else [NO_TEXT, f"{NO_TEXT}-dir/x"]
    names += ["new\nline", "-rf", " ", "日本", "a b/c", "empty/", "node_modules/in/x", "q'\"$(x)`"]
    for name in names:
        path = tmp_path / name.rstrip("/")
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_bytes(os.fsencode(name))
    (tmp_path / "-rf").chmod(0o751)
    os.utime(tmp_path / "-rf", (1_600_000_000, 1_600_000_000))
    (tmp_path / "link").symlink_to("a b/c")
    os.mkfifo(tmp_path / "pipe")

    told = await survey(_Shell(change), SandboxId("x"), str(tmp_path), ("node_modules",))

    assert told is not None
    seen = {"/".join(each.parts): each for each in told.seen}
    expected = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")}
    assert seen.keys() == {name for name in expected if not name.startswith("node_modules/")}
    assert (seen["-rf"].size_bytes, seen["-rf"].mode) == (3, 0o751)
    assert seen["-rf"].modified_ns == 1_600_000_000_000_000_000
    assert seen["link"].link == "a b/c"
    assert [seen[name].kind for name in ("empty", "link", "-rf")] == ["d", "l", "f"]
    assert seen["pipe"].kind not in ("d", "l", "f")


async def test_a_tree_without_anything_and_one_that_is_not_there(tmp_path: Path) -> None:
    told = await survey(_Shell(), SandboxId("x"), str(tmp_path))

    assert told is not None
    assert told.seen == ()
    assert await survey(_Shell(), SandboxId("x"), str(tmp_path / "nope")) is None


def test_a_list_that_unpacks_without_end_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daytona_tui.transfer.survey._MOST_BYTES", 100_000)
    told = f"mark printf\0{'f 1 644 1.0 8 name' * 100_000}\0mark errors\0\0mark done\0"
    packed = base64.encodebytes(gzip.compress(told.encode())).decode()

    assert read_survey(ExecOutcome(0, f"mark packed\n{packed}"), "mark", "/w") is None


def test_more_than_can_be_held_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daytona_tui.transfer.survey._MOST_ENTRIES", 100)

    with pytest.raises(TransferError, match="more than 100 files below '/w'"):
        read_survey(ExecOutcome(0, "mark printf\0" + "f 0 0 0 0 a\0\0" * 200), "mark", "/w")


@settings(deadline=None)
@given(st.text(max_size=200))
def test_nonsense_is_not_believed(text: str) -> None:
    assert read_survey(ExecOutcome(0, text), "mark", "/w") is None
    told = read_survey(ExecOutcome(0, f"mark printf\0{text}mark errors\0\0mark done\0"), "mark", "/w")
    assert told is None or all(isinstance(each.parts, tuple) for each in told.seen)


NAMES = st.sampled_from(["a", "b", "..", ".", "", "/", "a/b", "../x", "/etc", "nul\0", "c"])
SEEN = st.builds(
    Seen,
    st.lists(NAMES, min_size=1, max_size=4).map(tuple),
    st.sampled_from(["f", "d", "l", "?"]),
    link=st.lists(st.sampled_from(["..", "a", "b", "c", ".", "", "/"]), max_size=5).map("/".join),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(SEEN, max_size=30))
def test_nothing_that_is_made_leads_out_of_the_destination(seen: list[Seen]) -> None:
    plan = plan_seen("/w", seen, Ignoring(), fold_case=False, links=True)

    with TemporaryDirectory() as outer:
        above = Path(outer).resolve() / "a" / "b" / "c"  # where a link that leaves would end
        root = above / "a" / "b" / "root"
        root.mkdir(parents=True)
        for parts, _ in plan.directories:
            root.joinpath(*parts).mkdir()
        for file in plan.files:
            root.joinpath(*file.target).touch()
        for link in plan.links:
            root.joinpath(*link.target).symlink_to(link.points_to)
        for link in plan.links:
            assert not link.points_to.startswith("/")
            leads_to = _as_the_kernel_goes(root.joinpath(*link.target))
            assert leads_to is None or leads_to == root or root in leads_to.parents
        assert {path for path in above.rglob("*") if root not in path.parents} == {above / "a", above / "a" / "b", root}


def _as_the_kernel_goes(path: Path) -> Path | None:
    """Return where ``path`` leads; None where it leads to nothing, and nothing can be made there either."""
    for flags in (os.O_PATH, os.O_WRONLY | os.O_CREAT):
        try:
            descriptor = os.open(path, flags)
        except FileNotFoundError:
            continue
        except (NotADirectoryError, IsADirectoryError):  # of what ends in a slash
            return None
        try:
            return Path(os.readlink(f"/proc/self/fd/{descriptor}"))  # noqa: PTH115
        finally:
            os.close(descriptor)
    return None


@pytest.mark.parametrize(
    ("links", "left_out"),
    [
        ({"a": "a"}, {"a"}),
        ({"a": "./a//"}, {"a"}),
        ({"a": "b", "b": "a", "c": "b/x"}, {"a", "b", "c"}),
        ({"d/a": "../d/a/x"}, {"d/a"}),
        ({"a": "b/c", "b": "d"}, set()),
        ({"d/up": "..", "a": "d/up/d/up/d"}, set()),
        ({f"l{number}": f"l{number + 1}" for number in range(30)}, set()),
    ],
)
def test_links_that_lead_round_in_a_circle_are_left_out(links: dict[str, str], left_out: set[str]) -> None:
    seen = [Seen(("d",), "d"), *(Seen(tuple(name.split("/")), "l", link=said) for name, said in links.items())]

    plan = plan_seen("/w", seen, Ignoring(), fold_case=False, links=True)

    assert {item.path.removeprefix("/w/") for item in plan.left_out if "circle" in item.reason} == left_out
    assert {"/".join(link.target) for link in plan.links} == links.keys() - left_out


@pytest.mark.parametrize(
    ("points_to", "depth"), [("../../x", 1), ("/etc", 3), ("a/../../x", 1), ("..", 0), ("", 1), ("a/..", 1)]
)
def test_links_that_lead_away_are_not_made(points_to: str, depth: int) -> None:
    assert link_objection(points_to, depth)


@pytest.mark.parametrize(("points_to", "depth"), [("../x", 1), ("a/b", 0), ("./a", 0), ("..", 1), ("../../a/b", 2)])
def test_links_that_stay_are_made(points_to: str, depth: int) -> None:
    assert not link_objection(points_to, depth)


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("-rwxr-x---", 0o750),
        ("urwsr-xr-x", 0o755),
        ("-rwSr--r--", 0o644),
        ("dtrwxrwxrwx", 0o777),
        ("", None),
        ("?", None),
    ],
)
def test_modes_are_read_from_what_a_listing_says(text: str, mode: int | None) -> None:
    assert mode_bits(text) == mode
