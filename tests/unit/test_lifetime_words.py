"""Lifetimes in words: what can be typed, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytona_tui.domain.deeds import LifetimeEdit
from daytona_tui.domain.lifetimes import Timer, forecast
from daytona_tui.domain.sandbox import Lifetimes, Resources, Sandbox, SandboxId, SandboxState
from daytona_tui.presentation.lifetimes import (
    IntervalError,
    doomed,
    left,
    outcome,
    parse_interval,
    setting_words,
    story,
)
from daytona_tui.presentation.tones import Cell, Tone

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _box(state: str = "started", *, idle_h: float = 0, name: str = "one", **lifetimes: int) -> Sandbox:
    life = replace(Lifetimes(15, 0, 10_080, -1), **lifetimes)  # type: ignore[arg-type]
    return Sandbox(
        SandboxId(name), name, SandboxState(state), lifetimes=life, sandbox_class="container",
        last_activity_at=NOW - timedelta(hours=idle_h),
    )  # fmt: skip


def _said(cells: tuple[Cell, ...], tone: Tone) -> str:
    return " ".join(cell.text for cell in cells if cell.tone is tone)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("15m", 15), ("15", 15), (" 2h ", 120), ("7d", 10_080), ("1h 30m", 90), ("1h30m", 90), ("1.5h", 90),
     ("1W", 10_080), ("off", 0), ("None", 0), ("0", 0), ("", None), ("  ", None), ("leave", None)],
)  # fmt: skip
def test_intervals_are_read_as_people_type_them(text: str, minutes: int | None) -> None:
    assert parse_interval(Timer.AUTO_STOP, text) == minutes


@pytest.mark.parametrize(
    ("timer", "text", "minutes"),
    [(Timer.AUTO_DELETE, "off", -1), (Timer.AUTO_DELETE, "0", 0), (Timer.AUTO_DELETE, "on  stop", 0),
     (Timer.AUTO_ARCHIVE, "max", 0), (Timer.AUTO_ARCHIVE, "30d", 43_200), (Timer.TTL, "none", 0)],
)  # fmt: skip
def test_each_timer_has_its_own_words(timer: Timer, text: str, minutes: int) -> None:
    assert parse_interval(timer, text) == minutes


@pytest.mark.parametrize(
    "text", ["soon", "-5", "-5m", "5x", "m", "90s", "1.5m", "1e3", "99999d", "٣m", "5m;x", "\x1b[0m"]
)
def test_what_is_no_interval_is_refused_with_what_would_be_one(text: str) -> None:
    with pytest.raises(IntervalError, match=r"\w"):
        parse_interval(Timer.AUTO_STOP, text)


def test_what_the_platform_would_cut_is_refused() -> None:
    with pytest.raises(IntervalError, match="30d"):
        parse_interval(Timer.AUTO_ARCHIVE, "31d")


@given(st.text(max_size=12), st.sampled_from(list(Timer)))
def test_no_text_breaks_it(text: str, timer: Timer) -> None:
    try:
        value = parse_interval(timer, text)
    except IntervalError:
        return
    assert value is None or value >= -1


@given(st.integers(-1, 43_200), st.sampled_from(list(Timer)))
def test_what_is_shown_can_be_typed_again(minutes: int, timer: Timer) -> None:
    if minutes < 0 and timer is not Timer.AUTO_DELETE:
        return
    again = parse_interval(timer, setting_words(timer, minutes))

    same_in_archive = timer is Timer.AUTO_ARCHIVE and {again, minutes} == {0, 43_200}
    assert again == minutes or same_in_archive


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "now"), (0, "now"), (42, "42s"), (245, "4m 05s"), (240, "4m"), (11_520, "3h 12m"), (7200, "2h"),
     (532_800, "6d 4h"), (172_800, "2d")],
)  # fmt: skip
def test_time_left_is_told_in_two_units(seconds: int, words: str) -> None:
    assert left(timedelta(seconds=seconds)) == words


def test_the_story_is_told_in_order() -> None:
    told = story(forecast(_box(), NOW), NOW)

    assert told == "It stops in 15m, is archived 7d later and then stays archived."


@pytest.mark.parametrize(
    ("box", "told"),
    [
        (_box(auto_stop_min=0), "It runs on for ever."),
        (_box(auto_delete_min=0), "It is deleted in 15m."),
        (_box("stopped", auto_delete_min=60), "It is deleted in 1h."),
        (_box("archived"), "It stays archived."),
        (_box("error"), "Nothing happens to it by itself."),
        (_box(idle_h=9), "It stops at once, is archived 7d later and then stays archived."),
    ],
)
def test_other_stories(box: Sandbox, told: str) -> None:
    assert story(forecast(box, NOW), NOW) == told


def test_an_edit_that_destroys_at_once_is_said_to_in_the_worst_tone() -> None:
    box = _box(idle_h=9, auto_stop_min=0, auto_delete_min=0)

    said = outcome([box], LifetimeEdit(auto_stop_min=30), NOW)

    assert "destroyed at once, with all its files: it has been idle for 9h" in _said(said, Tone.BAD)
    assert "TTL" in _said(said, Tone.DIM)
    assert doomed([box], LifetimeEdit(auto_stop_min=30), NOW) == (box,)
    assert doomed([box], LifetimeEdit(ttl_min=30), NOW) == ()


def test_the_traps_are_told_in_the_tone_of_warnings() -> None:
    assert "nothing will stop it" in _said(outcome([_box()], LifetimeEdit(0, None, None, 0), NOW), Tone.WARN)
    assert "never fires" in _said(outcome([_box()], LifetimeEdit(auto_delete_min=20_160), NOW), Tone.WARN)
    assert "Auto-stop deletes it" in _said(outcome([_box()], LifetimeEdit(auto_delete_min=0), NOW), Tone.WARN)
    assert "stops at once" in _said(outcome([_box(idle_h=9, auto_stop_min=0)], LifetimeEdit(30), NOW), Tone.WARN)


def test_of_many_each_outcome_is_counted() -> None:
    boxes = [
        _box(name="dying", idle_h=9, auto_stop_min=0, auto_delete_min=0),
        _box(name="stopping", idle_h=9, auto_stop_min=0),
        *(_box(name=f"young-{n}") for n in range(3)),
        _box("error", name="failed"),
    ]

    said = outcome(boxes, LifetimeEdit(auto_stop_min=30), NOW)

    assert "1 is destroyed at once, with all files: dying." in _said(said, Tone.BAD)
    assert "1 stops at once: stopping." in _said(said, Tone.WARN)
    assert "3 stop in 30m." in _said(said, Tone.NEUTRAL)
    assert "To 1 nothing happens." in _said(said, Tone.DIM)


def test_what_has_some_seconds_left_is_not_said_to_be_due() -> None:
    box = _box(idle_h=0.9875, auto_stop_min=60, auto_delete_min=0)  # 45 seconds

    said = _said(outcome([box], LifetimeEdit(), NOW), Tone.STRONG) + _said(
        outcome([box], LifetimeEdit(), NOW), Tone.BAD
    )

    assert "It is deleted within a minute." in said
    assert "It is destroyed within a minute, with all its files" in said
    assert "at once" not in said


def test_what_is_overdue_anyway_is_not_blamed_on_the_edit() -> None:
    overdue = _box("stopped", idle_h=9, auto_delete_min=60, name="overdue")

    said = outcome([overdue, _box()], LifetimeEdit(auto_stop_min=30), NOW)

    assert doomed([overdue], LifetimeEdit(auto_stop_min=30), NOW) == ()
    assert "destroyed" not in _said(said, Tone.BAD)
    assert "1 should have been deleted already" in _said(said, Tone.WARN)


def test_what_the_server_will_refuse_is_said_before() -> None:
    with_gpu = replace(_box(auto_delete_min=0), resources=Resources(gpu=1))

    refused = outcome([_box()], LifetimeEdit(auto_pause_min=60), NOW)
    assert "virtual machines" in _said(refused, Tone.BAD)
    assert "turns auto-stop off" not in _said(refused, Tone.DIM)
    assert "for 1 of them" in _said(outcome([_box(), with_gpu], LifetimeEdit(auto_delete_min=-1), NOW), Tone.BAD)


def test_hostile_names_are_made_safe() -> None:
    boxes = [_box(name="a\x1b[31mb", idle_h=9, auto_stop_min=0, auto_delete_min=0), _box(name="other")]

    assert "\x1b" not in "".join(cell.text for cell in outcome(boxes, LifetimeEdit(auto_stop_min=30), NOW))
