"""Rules and words of snapshots, volumes and secrets, without any server."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytona_tui.domain import secrets, volumes
from daytona_tui.domain.sandbox import Resources, Sandbox, SandboxId, SandboxState
from daytona_tui.domain.secrets import SecretEntry, SecretId, SecretOrder, SecretUsers
from daytona_tui.domain.snapshots import (
    Snapshot,
    SnapshotId,
    SnapshotOrder,
    SnapshotState,
    SnapshotVerb,
    capture_problem,
    problems,
    refusal,
    users_of,
)
from daytona_tui.domain.volumes import Mount, Mounts, Volume, VolumeId, VolumeState
from daytona_tui.errors import ConflictError, NotFoundError
from daytona_tui.operations.shelf_users import choose
from daytona_tui.presentation import shelf
from daytona_tui.presentation.shelf_forms import (
    secret_form,
    secret_line,
    secret_order,
    snapshot_form,
    snapshot_line,
    snapshot_wish,
    volume_form,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOSTILE = "\x1b[31mred\u202e\n"


def sandbox(name: str, state: SandboxState = SandboxState.STARTED, **fields: str) -> Sandbox:
    return Sandbox(SandboxId(f"id-{name}"), name, state, **fields)  # type: ignore[arg-type]


def snapshot(name: str = "base:1", state: SnapshotState = SnapshotState.ACTIVE, **fields: object) -> Snapshot:
    return Snapshot(SnapshotId(f"id-{name}"), name, state, state.value, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("verb", "state", "words"),
    [
        (SnapshotVerb.ACTIVATE, SnapshotState.INACTIVE, ""),
        (SnapshotVerb.ACTIVATE, SnapshotState.ACTIVE, "active already"),
        (SnapshotVerb.ACTIVATE, SnapshotState.BUILD_FAILED, "build failed, and has to be inactive"),
        (SnapshotVerb.DEACTIVATE, SnapshotState.ACTIVE, ""),
        (SnapshotVerb.DEACTIVATE, SnapshotState.INACTIVE, "inactive already"),
        (SnapshotVerb.DEACTIVATE, SnapshotState.UNKNOWN, "unknown, and has to be active"),
        (SnapshotVerb.DELETE, SnapshotState.BUILD_FAILED, ""),
        (SnapshotVerb.DELETE, SnapshotState.REMOVING, "being deleted already"),
    ],
)
def test_what_a_state_allows(verb: SnapshotVerb, state: SnapshotState, words: str) -> None:
    reason = refusal(verb, snapshot(state=state))
    assert words in reason
    assert bool(words) == bool(reason)
    assert "Daytona's own" in refusal(verb, snapshot(state=state, is_general=True))


def test_who_uses_a_snapshot() -> None:
    fleet = [
        sandbox("by-name", snapshot="base:1"),
        sandbox("by-id", snapshot="id-base:1"),
        sandbox("gone", SandboxState.DESTROYED, snapshot="base:1"),
        sandbox("other", snapshot="base:10"),
    ]
    assert [each.name for each in users_of(snapshot(), fleet)] == ["by-name", "by-id"]


@pytest.mark.parametrize("state", list(SandboxState))
def test_of_which_sandboxes_snapshots_are_made(state: SandboxState) -> None:
    is_able = state in (SandboxState.STARTED, SandboxState.STOPPED)
    assert bool(capture_problem(sandbox("a", state))) != is_able
    machine = sandbox("vm", state, sandbox_class="linux-vm")
    assert bool(capture_problem(machine)) == (state is not SandboxState.STOPPED)


def test_an_order_is_checked_as_the_server_does() -> None:
    assert problems(SnapshotOrder("team/base:1", image="registry.example.org:5000/team/python:3.12")) == {}
    assert problems(SnapshotOrder("x", image="python@sha256:" + "0" * 64)) == {}
    assert "tag" in problems(SnapshotOrder("x", image="registry.example.org:5000/team/python"))["image"]
    assert problems(SnapshotOrder("x", dockerfile="ARG V=1\nFROM a:1 AS b\nCOPY --from=b /x /y\n")) == {}
    wrong = problems(SnapshotOrder("x", image="a:1", cpu=0, gpu=-1, sandbox_class="cube"))
    assert set(wrong) == {"cpu", "gpu", "sandbox_class"}


@given(st.text(max_size=300))
def test_no_name_is_taken_that_the_server_would_refuse(text: str) -> None:
    if not problems(SnapshotOrder(text, image="a:1")):
        assert 0 < len(text) <= 255
        assert text.isprintable()
        assert " " not in text
    if not secrets.name_problem(text):
        assert 0 < len(text) <= 128
        assert text.isascii()
    if not volumes.name_problem(text):
        assert text.strip()
        assert len(text) <= 255


def test_who_mounts_a_volume() -> None:
    volume = Volume(VolumeId("v1"), "data", VolumeState.READY)
    mounts = Mounts(
        {
            SandboxId("id-a"): (Mount("v1", "/x"), Mount("v2", "/y")),
            SandboxId("id-b"): (Mount("data", "/z", "part"),),
            SandboxId("id-c"): (),
        },
        frozenset({SandboxId("id-d")}),
    )
    fleet = [sandbox(name) for name in "abcd"]
    users = mounts.users_of(volume, fleet)
    assert [(each.sandbox.name, [mount.path for mount in each.mounts]) for each in users] == [
        ("a", ["/x"]),
        ("b", ["/z"]),
    ]
    lines = shelf.volume_about(volume, users, 1, NOW)
    assert "mounted by b at /z (its part)" in lines
    assert "1 sandbox could not be asked" in lines
    assert "Not known" in shelf.volume_deletion(volume, None, 0, NOW).cautions
    assert "Not known" in shelf.volume_deletion(volume, users, 1, NOW).cautions
    assert shelf.volume_deletion(volume, (), 0, NOW).effect == "Nobody has it mounted."
    assert volumes.refusal_to_delete(replace(volume, state=VolumeState.DELETING))


def test_who_has_a_secret() -> None:
    entry = SecretEntry(SecretId("s1"), "KEY", placeholder="dtn_1")
    seen = SecretUsers({SandboxId("id-a"): {"TOKEN": "dtn_1", "OTHER": "dtn_2"}, SandboxId("id-b"): {"X": "dtn_2"}})
    users = seen.users_of(entry, [sandbox("a"), sandbox("b")])
    assert [(each.sandbox.name, each.variables) for each in users] == [("a", ("TOKEN",))]
    assert "a has it in TOKEN" in shelf.secret_deletion(entry, users, 0).lines
    assert seen.users_of(replace(entry, placeholder=""), [sandbox("a")]) == ()


def test_one_is_chosen_by_name_id_or_beginning() -> None:
    things = [snapshot("base:1"), snapshot("base:10"), snapshot("other")]
    assert choose(things, "base:1", "snapshot").name == "base:1"
    assert choose(things, "id-other", "snapshot").name == "other"
    assert choose(things, "oth", "snapshot").name == "other"
    with pytest.raises(ConflictError, match="may be any of"):
        choose(things, "base", "snapshot")
    with pytest.raises(NotFoundError, match="no snapshot is called"):
        choose(things, "x", "snapshot")
    with pytest.raises(NotFoundError):
        choose(things, "", "snapshot")


def test_the_form_of_a_snapshot() -> None:
    fleet = [sandbox("runs"), sandbox("away", SandboxState.ARCHIVED)]
    form = snapshot_form({"taken"}, fleet)
    assert form.check({}) == {"name": "a snapshot has a name", "image": "an image, a sandbox or a Dockerfile: say one"}
    assert "one with this name" in form.check({"name": "taken", "image": "a:1"})["name"]
    assert form.check({"name": "x", "image": "a:1", "cpu": "2", "entrypoint": ("sleep", "1 2")}) == {}
    assert form.check({"name": "x", "image": "a:1", "cpu": "two"}) == {"cpu": "a whole number"}
    assert set(form.check({"name": "x", "image": "a:1", "dockerfile": "FROM b:1"})) == {"dockerfile"}
    assert form.check({"name": "x", "sandbox": "runs"}) == {}
    assert "has to be" in form.check({"name": "x", "sandbox": "away"})["sandbox"]
    assert "no sandbox" in form.check({"name": "x", "sandbox": "nobody"})["sandbox"]
    assert set(form.check({"name": "x", "sandbox": "runs", "cpu": "1"})) == {"cpu"}
    wish = snapshot_wish({"name": "x", "image": "a:1", "memory": "4", "entrypoint": ("a", "b c")}, fleet)
    assert (wish.sandbox, wish.order.memory_gib, wish.order.entrypoint) == (None, 4, ("a", "b c"))
    assert snapshot_wish({"name": "x", "sandbox": "runs"}, fleet).sandbox == fleet[0]
    line = snapshot_line({"name": "x", "image": "a:1", "memory": "4", "entrypoint": ("a", "b c"), "class": "linux-vm"})
    assert line == (
        "daytona-tui snapshots create x --image a:1 --memory 4 --entrypoint 'a '\"'\"'b c'\"'\"'' --class linux-vm"
    )
    locked = snapshot_form((), fleet, lacks_capture="this server has no snapshots of sandboxes")
    assert next(each for each in locked.fields if each.key == "sandbox").locked


def test_the_forms_of_volumes_and_secrets() -> None:
    assert volume_form({"data"}).check({"name": "data"}) == {"name": "there is one with this name"}
    assert volume_form(()).check({"name": "data"}) == {}
    values = {"name": "KEY", "value": "hush-it", "hosts": "a.example.org, *.b.org", "description": "of tests"}
    form = secret_form({"TAKEN"})
    assert form.check(values) == {}
    assert set(form.check({"name": "TAKEN"})) == {"name", "value"}
    order = secret_order(values)
    assert order.hosts == ("a.example.org", "*.b.org")
    assert "hush-it" not in f"{order!r} {secret_line(order)} {form.told(values)} {secrets.problems(order)}"
    assert "hush-it" not in repr(SecretOrder("a", "hush-it"))
    too_long = secrets.value_problem("hush-it" * 10_000)
    assert "65,536" in too_long
    assert "hush" not in too_long


def test_hostile_words_stay_words() -> None:
    evil = snapshot(HOSTILE, SnapshotState.UNKNOWN, image=HOSTILE, error_reason=HOSTILE, entrypoint=(HOSTILE,))
    evil = replace(evil, state_word=HOSTILE, sandbox_class=HOSTILE, regions=(HOSTILE,), source_sandbox_id=HOSTILE)
    user = sandbox(HOSTILE, snapshot=HOSTILE)
    volume = Volume(VolumeId(HOSTILE), HOSTILE, VolumeState.UNKNOWN, HOSTILE, HOSTILE)
    mounts = Mounts({user.id: (Mount(HOSTILE, HOSTILE, HOSTILE),)}).users_of(volume, [user])
    secret = SecretEntry(SecretId(HOSTILE), HOSTILE, HOSTILE, (HOSTILE,), HOSTILE)
    seen = SecretUsers({user.id: {HOSTILE: HOSTILE}}).users_of(secret, [user])
    told = [
        *(cell.text for cell in shelf.snapshot_cells(evil, 1, NOW)),
        *shelf.snapshot_about(evil, [user], NOW),
        *(cell.text for cell in shelf.volume_cells(volume, mounts, NOW)),
        *shelf.volume_about(volume, mounts, 0, NOW),
        *(cell.text for cell in shelf.secret_cells(secret, seen, NOW)),
        *shelf.secret_about(secret, seen, 0),
    ]
    for question in (
        shelf.snapshot_deletion(evil, [user], NOW),
        shelf.volume_deletion(volume, mounts, 0, NOW),
        shelf.secret_deletion(secret, seen, 0),
    ):
        told += [question.title, *question.lines, question.cautions, question.effect, question.yes]
    assert mounts
    assert seen
    for text in told:
        assert text.isprintable() or not text, ascii(text)


def test_sizes_and_times_in_few_letters() -> None:
    assert [shelf.gib(each) for each in (None, 0.0, 0.000_1, 0.5, 4.25, 1200.0)] == [
        "—",
        "0.00",
        "<0.01",
        "0.50",
        "4.2",
        "1,200",
    ]
    used = snapshot(last_used_at=NOW - timedelta(days=3), resources=Resources(1, 2, 3, 1), size_gib=1.5)
    texts = [cell.text for cell in shelf.snapshot_cells(used, 2, NOW)]
    assert texts[2:6] == ["2", "3d", "1.5", "1/2/3 +1 GPU"]
    question = shelf.snapshot_deletion(used, [sandbox("a"), sandbox("b")], NOW)
    assert question.cautions == "2 sandboxes were made from it and stay as they are: a, b"
    assert question.lines == ("base:1  active  1.5 GiB", "Last used 3d ago.")
