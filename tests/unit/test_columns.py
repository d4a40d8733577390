"""Cells and widths of the sandbox table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytona_tui.domain.sandbox import Lifetimes, Resources, Sandbox, SandboxId, SandboxState
from daytona_tui.presentation.columns import (
    COLUMNS,
    DEFAULT_COLUMNS,
    CellContext,
    Column,
    Doing,
    all_columns,
    column_named,
    label_keys,
    next_cell,
    state_cell,
)
from daytona_tui.presentation.fitting import GAP, GREATEST_WIDTH, LEAST_WIDTH, fit, with_width
from daytona_tui.presentation.tones import Cell, Tone

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CONTEXT = CellContext(NOW)


def sandbox(state: SandboxState = SandboxState.STARTED, **fields: object) -> Sandbox:
    known: dict[str, object] = {"last_activity_at": NOW - timedelta(minutes=10), **fields}
    return Sandbox(SandboxId("id"), "name", state, **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "text", "tone"),
    [
        (SandboxState.STARTED, "● started", Tone.GOOD),
        (SandboxState.STOPPED, "○ stopped", Tone.DIM),
        (SandboxState.STOPPING, "◐ stopping", Tone.BUSY),
        (SandboxState.BUILD_FAILED, "✗ build failed", Tone.BAD),
        (SandboxState.ARCHIVED, "▫ archived", Tone.FAINT),
        (SandboxState.UNKNOWN, "? levitating", Tone.WARN),
    ],
)
def test_a_state_is_glyph_word_and_tone(state: SandboxState, text: str, tone: Tone) -> None:
    word = "levitating" if state is SandboxState.UNKNOWN else state.value

    assert state_cell(sandbox(state, state_word=word), CONTEXT) == Cell(text, tone)


def test_an_act_under_way_says_from_to_and_how_long() -> None:
    context = CellContext(NOW, Doing("stopping", NOW - timedelta(seconds=4)))

    assert state_cell(sandbox(), context) == Cell("◐ started → stopping 4s", Tone.BUSY, "◐ stopping 4s")
    assert state_cell(sandbox(SandboxState.STOPPING), context).text == "◐ stopping 4s"


LATE = NOW - timedelta(hours=12)


@pytest.mark.parametrize(
    ("known", "cell"),
    [
        (sandbox(desired_state="started"), Cell("● started", Tone.GOOD)),
        (sandbox(desired_state="stopped"), Cell("● started → stopped", Tone.BUSY, "● → stopped")),
        (sandbox(desired_state="st\x1b"), Cell("● started → st␛", Tone.BUSY, "● → st␛")),
        (
            sandbox(desired_state="stopped", updated_at=LATE),
            Cell("! started → stopped 12h", Tone.WARN, "! → stopped 12h"),
        ),
        (sandbox(SandboxState.STARTING, desired_state="started", updated_at=NOW), Cell("◐ starting", Tone.BUSY)),
        (sandbox(SandboxState.STARTING, desired_state="started", updated_at=LATE), Cell("! starting 12h", Tone.WARN)),
        (sandbox(SandboxState.ERROR, desired_state="started", updated_at=LATE), Cell("✗ error", Tone.BAD)),
        (sandbox(SandboxState.ERROR, desired_state="destroyed"), Cell("✗ error · deleted", Tone.FAINT, "✗ deleted")),
    ],
)
def test_a_state_says_what_is_wanted_and_what_is_stuck(known: Sandbox, cell: Cell) -> None:
    assert state_cell(known, CONTEXT) == cell


@pytest.mark.parametrize(
    ("known", "text"),
    [
        (sandbox(lifetimes=Lifetimes(auto_stop_min=15)), "stop in 5m"),
        (sandbox(lifetimes=Lifetimes(auto_stop_min=15, auto_delete_min=0)), "delete in 5m"),
        (sandbox(lifetimes=Lifetimes(auto_stop_min=5)), "stop due"),
        (sandbox(lifetimes=Lifetimes(auto_stop_min=0)), "never · auto-stop off"),
        (sandbox(lifetimes=Lifetimes(auto_stop_min=0, destroy_at=NOW + timedelta(hours=7))), "TTL in 7h"),
        (sandbox(SandboxState.STOPPED, lifetimes=Lifetimes(auto_archive_min=70)), "archive in 1h"),
        (sandbox(SandboxState.ARCHIVED), "never"),
        (sandbox(SandboxState.STARTED), "—"),
        (sandbox(SandboxState.ERROR, error_reason="no\nspace"), "no␊space"),
        (sandbox(SandboxState.STOPPING), "—"),
    ],
)
def test_next_says_what_happens_by_itself(known: Sandbox, text: str) -> None:
    assert next_cell(known, CONTEXT).text == text


def test_no_cell_lets_a_control_character_through() -> None:
    evil = "\x1b[2J\r\n[red]\u202e"
    known = Sandbox(
        SandboxId(evil), evil, SandboxState.UNKNOWN, state_word=evil, labels={"owner": evil, evil: evil}, snapshot=evil,
        region=evil, user=evil, sandbox_class=evil, error_reason=evil, resources=Resources(gpu=1, gpu_type=evil),
    )  # fmt: skip

    for column in all_columns(label_keys([known])):
        assert not any(ord(character) < 32 or character == "\u202e" for character in column.title + column.about)
        text = column.cell(known, CONTEXT).text
        assert not any(ord(character) < 32 or character == "\u202e" for character in text), column.key


def widths(room: int) -> dict[str, int]:
    return {column.key: width for column, width in fit(DEFAULT_COLUMNS, room)}


@pytest.mark.parametrize("room", range(1, 220))
def test_columns_never_take_more_than_there_is(room: int) -> None:
    laid_out = fit(DEFAULT_COLUMNS, room)

    assert sum(width for _column, width in laid_out) + GAP * (len(laid_out) - 1) <= room
    assert laid_out[0][0].key == "name"


def test_columns_leave_by_priority() -> None:
    assert list(widths(110)) == ["name", "state", "owner", "age", "idle", "next", "cost"]
    assert list(widths(72)) == ["name", "state", "owner", "age", "idle", "next"]
    assert list(widths(36)) == ["name", "state", "idle"]
    assert list(widths(30)) == ["name", "state"]
    assert list(widths(8)) == ["name"]


def test_a_column_gets_no_more_room_than_its_texts_take() -> None:
    laid_out = dict((column.key, width) for column, width in fit(DEFAULT_COLUMNS, 200, {"name": 13}))

    assert laid_out["name"] == 13


def test_columns_have_names_of_their_own() -> None:
    keys = [column.key for column in COLUMNS]

    assert len(set(keys)) == len(keys)
    assert all(column.width <= column.ideal <= column.most for column in COLUMNS)


def test_a_sandbox_without_a_name_of_its_own_is_called_by_the_beginning_of_its_id() -> None:
    unnamed = Sandbox(
        id=SandboxId("9c754dce-16d6-4d0b-bf7a-000000000000"),
        name="9c754dce-16d6-4d0b-bf7a-000000000000",
        state=SandboxState.STARTED,
    )
    column = next(column for column in COLUMNS if column.key == "name")

    cell = column.cell(unnamed, CONTEXT)

    assert cell.text == unnamed.name
    assert cell.short == "9c754dce…"


def text(key: str, **fields: object) -> str:
    column = column_named(key)
    assert column is not None
    return column.cell(sandbox(**fields), CONTEXT).text  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("key", "fields", "expected"),
    [
        ("owner", {"labels": {"harbor.session_id": "trial-42"}}, "harbor trial-42"),
        ("owner", {}, "—"),
        ("owner", {"labels": {"thread_id": "7"}}, "langchain?"),
        ("run", {"labels": {"harbor.session_id": "trial-42"}}, "trial-42"),
        ("cost", {"resources": Resources(2, 4, 10, 0)}, "4.00"),
        ("cost", {}, "—"),
        ("cpu", {"resources": Resources(2, 4, 10, 0)}, "2"),
        ("mem", {"resources": Resources(2, 4, 10, 0)}, "4G"),
        ("disk", {"resources": Resources(2, 4, 10, 0)}, "10G"),
        ("disk", {}, "—"),
        ("gpu", {"resources": Resources(gpu=2, gpu_type="H100")}, "2×H100"),
        ("gpu", {"resources": Resources(gpu=0)}, "0"),
        ("gpu", {}, "—"),
        ("labels", {"labels": {"b": "2", "a": "1"}}, "a=1, b=2"),
        ("ttl", {"lifetimes": Lifetimes(destroy_at=NOW + timedelta(hours=7))}, "7h"),
        ("ttl", {"lifetimes": Lifetimes(destroy_at=NOW)}, "due"),
        ("ttl", {}, "none"),
        ("autostop", {"lifetimes": Lifetimes(auto_stop_min=0)}, "off"),
        ("autostop", {"lifetimes": Lifetimes(auto_stop_min=90)}, "90m"),
        ("autostop", {}, "—"),
        ("autoarchive", {"lifetimes": Lifetimes(auto_archive_min=0)}, "30d"),
        ("autodelete", {"lifetimes": Lifetimes(auto_delete_min=-1)}, "off"),
        ("autodelete", {"lifetimes": Lifetimes(auto_delete_min=0)}, "on stop"),
        ("autodelete", {"lifetimes": Lifetimes(auto_delete_min=1440)}, "1d"),
        ("public", {"public": True}, "public"),
        ("error", {"error_reason": "no space"}, "no space"),
        ("id", {}, "id"),
        ("label:team", {"labels": {"team": "ml"}}, "ml"),
        ("label:team", {}, "—"),
    ],
)
def test_what_a_column_says(key: str, fields: dict[str, object], expected: str) -> None:
    assert text(key, **fields) == expected


def test_any_label_has_a_column_and_nothing_else_has() -> None:
    column = column_named("label:Team")

    assert column is not None
    assert (column.key, column.title) == ("label:Team", "TEAM")
    assert column_named("label:") is None
    assert column_named("nosuch") is None


def test_a_chosen_width_holds_whatever_the_texts_take() -> None:
    name = with_width(DEFAULT_COLUMNS[0], 30)

    laid_out = {column.key: width for column, width in fit((name, *DEFAULT_COLUMNS[1:]), 200, {"name": 5})}

    assert laid_out["name"] == 30
    assert with_width(name, 0).width == LEAST_WIDTH
    assert with_width(name, 10_000).width == GREATEST_WIDTH
    assert with_width(name, None) is name


@given(
    st.lists(st.sampled_from(COLUMNS), min_size=1, unique_by=lambda column: column.key),
    st.integers(1, 300),
    st.dictionaries(st.sampled_from([column.key for column in COLUMNS]), st.integers(0, 100)),
)
def test_no_choice_of_columns_takes_more_than_there_is(
    columns: list[Column], room: int, natural: dict[str, int]
) -> None:
    laid_out = fit(columns, room, natural)

    assert laid_out
    assert sum(width for _column, width in laid_out) + GAP * (len(laid_out) - 1) <= room
    assert [column.key for column, _width in laid_out] == [column.key for column in columns if column in dict(laid_out)]
    assert all(width > 0 for _column, width in laid_out)
