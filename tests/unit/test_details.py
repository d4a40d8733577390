"""What the details say, whatever the server said or did not say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytona_tui.domain.history import SeenState
from daytona_tui.domain.sandbox import Lifetimes, Relatives, Resources, Sandbox, SandboxId, SandboxState
from daytona_tui.domain.usage import Metrics
from daytona_tui.presentation.details import Known, sections
from daytona_tui.presentation.fields import Field
from daytona_tui.presentation.gauges import CELLS, sparkline
from daytona_tui.presentation.keymap import Keymap
from daytona_tui.presentation.tones import Tone

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BOX = Sandbox(
    SandboxId("id"), "one", SandboxState.STARTED, "started", lifetimes=Lifetimes(15, 0, 10_080, -1),
    sandbox_class="container", last_activity_at=NOW - MINUTE, updated_at=NOW - MINUTE,
    resources=Resources(2, 4, 10),
)  # fmt: skip
HALF = Metrics(
    cpu_percent=50, cpu_count=2, memory_bytes=2**31, memory_limit_bytes=2**32, disk_bytes=99, disk_limit_bytes=100
)


def _fields(sandbox: Sandbox, known: Known | None = None) -> dict[str, Field]:
    found = {
        field.label: field for section in reversed(sections(sandbox, known or Known(NOW))) for field in section.fields
    }
    return {label: field for label, field in found.items() if label}


def test_what_an_older_server_does_not_tell_is_dimmed_with_the_reason() -> None:
    fields = _fields(replace(BOX, lifetimes=Lifetimes(15, None, 10_080, -1)))

    assert fields["auto-pause"].cell.tone is Tone.FAINT
    assert "does not tell" in fields["auto-pause"].note
    record = _fields(BOX, Known(NOW, record={"id": "id"}))
    assert "does not tell" in record["volumes"].note
    assert "does not tell" in record["outbound"].note


def test_what_cannot_be_measured_says_why() -> None:
    fields = _fields(BOX, Known(NOW, unmeasured="the sandbox is too old for it"))

    assert fields["use"].cell.text == "the sandbox is too old for it"
    assert fields["use"].cell.tone is Tone.FAINT


def test_use_is_drawn_with_its_limit_and_warns_when_it_is_near() -> None:
    fields = _fields(BOX, Known(NOW, measured=(HALF, HALF)))

    assert fields["cpu"].cell.tone is Tone.GOOD
    assert "50%" in fields["cpu"].note
    assert "of 2 vCPU" in fields["cpu"].note
    assert fields["disk"].cell.tone is Tone.BAD


@given(st.lists(st.one_of(st.none(), st.floats(allow_nan=False)), max_size=40))
def test_a_sparkline_has_always_its_width(parts: list[float | None]) -> None:
    assert len(sparkline(parts)) == CELLS


@pytest.mark.parametrize(
    ("state", "fields", "way"),
    [
        ("error", {"recoverable": True}, "R recovers it"),
        ("error", {}, "D deletes it"),
        ("error", {"desired_state": "destroyed"}, "deleted already"),
        ("build_failed", {}, "it goes by itself in 6d 23h"),
        ("build_failed", {"updated_at": NOW - timedelta(days=9)}, "any moment"),
    ],
)
def test_every_failure_has_a_way_out(state: str, fields: dict[str, object], way: str) -> None:
    failed = replace(BOX, state=SandboxState(state), error_reason="boom", **fields)  # type: ignore[arg-type]

    keymap = Keymap({"details-recover": ("R",), "delete": ("D",)})
    assert way in _fields(failed, Known(NOW, keymap=keymap))["way out"].cell.text
    assert "way out" not in _fields(BOX)


def test_the_keys_that_help_are_those_that_commands_have_now() -> None:
    failed = replace(BOX, state=SandboxState.ERROR, recoverable=True)
    keymap = Keymap({"details-recover": ("f9",), "details-lifetimes": ("f7",)})

    assert _fields(failed, Known(NOW, keymap=keymap))["way out"].cell.text.startswith("f9 recovers it: ")
    assert _fields(failed)["way out"].cell.text.startswith("recover it: ")
    titles = [section.title for section in sections(BOX, Known(NOW, keymap=keymap))]
    assert "Lifetimes  (f7 changes them)" in titles
    assert "Lifetimes" in [section.title for section in sections(BOX, Known(NOW))]


def test_what_takes_too_long_is_said_to() -> None:
    slow = replace(BOX, state=SandboxState.STOPPING, updated_at=NOW - timedelta(hours=2))

    assert "longer than it should" in _fields(slow)["stuck"].cell.text
    assert _fields(replace(BOX, desired_state="stopped"))["wanted"].cell.text == "→ stopped"


def test_the_history_is_told_newest_first() -> None:
    seen = (
        SeenState(SandboxState.STOPPED, "stopped", NOW - 9 * MINUTE, is_first=True),
        SeenState(SandboxState.STARTING, "starting", NOW - 2 * MINUTE),
        SeenState(SandboxState.STARTED, "started", NOW - MINUTE),
    )
    state = next(section for section in sections(BOX, Known(NOW, seen=seen)) if section.title == "State")

    words = [field.cell.text.split()[-1] for field in state.fields if field.label in ("history", "")]
    assert words == ["started", "starting", "stopped"]
    assert state.fields[0].note == "for 1m"
    assert state.fields[-1].note == "when first seen"


def test_forks_are_named_and_none_is_said_only_of_what_can_be_forked() -> None:
    relatives = Relatives(replace(BOX, name="parent"), (replace(BOX, name="a"), replace(BOX, name="")))
    (storage,) = [
        section
        for section in sections(BOX, Known(NOW, record={}, relatives=relatives))
        if section.title.startswith("Storage")
    ]
    told = [(field.label, field.cell.text) for field in storage.fields]
    assert told[-3:] == [("forked from", "parent"), ("forks", "a"), ("", "id")]
    assert _fields(BOX, Known(NOW, record={}, relatives=Relatives()))["forks"].cell.text == "none"
    assert "forks" not in _fields(BOX, Known(NOW, record={}))


def test_network_volumes_and_relatives_come_from_the_record() -> None:
    record = {
        "networkBlockAll": True, "networkAllowList": "10.0.0.0/8", "env": {"B": "2", "A": "1"},
        "linkedSandboxId": "other",
        "volumes": [{"volumeId": "v1", "mountPath": "/data", "subpath": "x"}, "odd", {"mountPath": 5}],
    }  # fmt: skip
    fields = _fields(BOX, Known(NOW, record=record))

    assert fields["outbound"].cell.text == "blocked"
    assert fields["allowed"].cell.text == "10.0.0.0/8"
    assert fields["volumes"].cell.text == "/data ← v1 (x)"
    assert fields["linked to"].cell.text == "other"
    assert fields["environment"].cell.text == "A, B", "names, and no values"


json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from(["volumes", "env", "networkBlockAll", "networkAllowList", "x"]), json),
    st.text(max_size=12),
    st.sampled_from(list(SandboxState)),
)
def test_no_record_breaks_it_and_nothing_hostile_is_shown(
    record: dict[str, object], text: str, state: SandboxState
) -> None:
    odd = replace(
        BOX, name=text, state=state, state_word=text, error_reason=text, desired_state=text, labels={text: text},
        snapshot=text, user=text, oddities=(text,),
    )  # fmt: skip
    for section in sections(odd, Known(NOW, record=record)):
        for field in section.fields:
            for shown in (field.label, field.cell.text, field.note):
                assert not any(ord(character) < 32 or character in "\x7f\u202e\u2028" for character in shown)
