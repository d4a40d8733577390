"""The editor of lifetimes: what is typed, what it says will happen, and that this is what is set."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.ui.acting_driver import open_editor, told
from tests.ui.driver import OpenApp, Opened, until
from textual.widgets import Button, Input

from daytona_tui.domain.lifetimes import Timer
from daytona_tui.emulator.fleet.records import SandboxRecord, new_id
from daytona_tui.ui.screens.confirm import ConfirmScreen
from daytona_tui.ui.screens.lifetimes import LifetimesScreen


def _screen(opened: Opened) -> LifetimesScreen:
    return next(screen for screen in opened.app.screen_stack if isinstance(screen, LifetimesScreen))


def _field(opened: Opened, timer: Timer) -> Input:
    return _screen(opened).query_one(f"#{timer.name}", Input)


async def _edit(opened: Opened, *names: str) -> None:
    await open_editor(opened, "i", LifetimesScreen, *names)


async def _type(opened: Opened, timer: Timer, text: str) -> None:
    _field(opened, timer).value = text
    await opened.pilot.pause()


def _forgotten(opened: Opened, name: str, **fields: Any) -> SandboxRecord:
    """A sandbox that runs although nobody has used it for hours."""
    now = opened.emulator.fleet.clock.now()
    long_ago = now - timedelta(hours=9)
    record = SandboxRecord(
        new_id(), name, state="started", desired_state="started", created_at=long_ago, updated_at=long_ago,
        last_activity_at=long_ago, **{"auto_stop": 0, **fields},
    )  # fmt: skip
    opened.emulator.fleet.add(record)
    return record


async def test_an_interval_is_set_and_everything_else_stays(open_app: OpenApp) -> None:
    async with open_app() as opened:
        record = next(each for each in opened.emulator.fleet.records.values() if each.name == "preview-shop")
        before = (record.auto_archive, record.auto_delete, record.auto_destroy_at)
        await _edit(opened, "preview-shop")
        assert "As it is: It stops in" in opened.text

        await _type(opened, Timer.AUTO_STOP, "3h")
        assert "Then: It stops in 2h" in opened.text
        await opened.press("enter")

        await opened.until(lambda: record.auto_stop == 180)
        assert (record.auto_archive, record.auto_delete, record.auto_destroy_at) == before
        await opened.settle()
        shown = next(each for each in opened.fleet.store.fleet if each.name == "preview-shop")
        assert shown.lifetimes.auto_stop_min == 180


async def test_what_is_typed_right_after_the_key_goes_into_the_first_field(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.go_to("preview-shop")
        await opened.press("i", *"45m")

        await opened.until(lambda: _field(opened, Timer.AUTO_STOP).value == "45m")
        assert not opened.fleet.store.pending


async def test_what_destroys_at_once_says_so_and_wants_the_number_typed(open_app: OpenApp) -> None:
    async with open_app() as opened:
        record = _forgotten(opened, "forgotten", auto_delete=0)
        await _edit(opened, "forgotten")
        assert "nothing will stop it" in opened.text

        await _type(opened, Timer.AUTO_STOP, "30m")
        assert "It is destroyed at once" in opened.text
        await opened.press("enter")
        await opened.until(lambda: isinstance(opened.app.screen, ConfirmScreen))
        assert opened.app.screen.query_one("#yes", Button).disabled
        await opened.press("escape")
        await opened.until(lambda: isinstance(opened.app.screen, LifetimesScreen))
        assert record.auto_stop == 0
        await opened.press("enter", "1", "enter", "enter")

        await opened.until(lambda: record.auto_stop == 30)
        opened.emulator.fleet.clock.advance(10)
        await opened.until(lambda: "forgotten" not in opened.names())


async def test_a_time_to_live_is_offered_instead_and_harms_nothing(open_app: OpenApp) -> None:
    async with open_app() as opened:
        record = _forgotten(opened, "forgotten", auto_delete=0)
        await _edit(opened, "forgotten")

        await _type(opened, Timer.TTL, "2h")
        assert "It is deleted in 2h (its TTL)." in opened.text
        await opened.press("enter")

        await opened.until(lambda: record.auto_destroy_at is not None)
        opened.emulator.fleet.clock.advance(60)
        await opened.settle()
        assert record.state == "started"


async def test_many_keep_what_differs_and_get_what_is_typed(open_app: OpenApp) -> None:
    async with open_app() as opened:
        one, other = _forgotten(opened, "one", auto_archive=60), _forgotten(opened, "other", auto_archive=120)
        await _edit(opened, "one", "other")
        assert "Lifetimes of 2 sandboxes" in opened.text
        assert _field(opened, Timer.AUTO_ARCHIVE).value == ""
        assert "mixed: leave" in opened.text

        await _type(opened, Timer.AUTO_STOP, "30m")
        assert "2 stop at once: " in opened.text
        await opened.press("enter")

        await opened.until(lambda: one.auto_stop == other.auto_stop == 30)
        assert (one.auto_archive, other.auto_archive) == (60, 120)


async def test_one_of_many_that_would_be_destroyed_is_named_and_asked_about(open_app: OpenApp) -> None:
    async with open_app() as opened:
        _forgotten(opened, "doomed-one", auto_delete=0)
        _forgotten(opened, "lasting-one")
        await _edit(opened, "doomed-one", "lasting-one")

        await _type(opened, Timer.AUTO_STOP, "30m")
        assert "1 is destroyed at once, with all files: doomed-one." in opened.text
        await opened.press("enter")

        await opened.until(lambda: isinstance(opened.app.screen, ConfirmScreen))
        assert "doomed-one" in opened.text


@pytest.mark.parametrize("text", ["soon", "-5", "90s", "1e9d", "5 parsecs", "\x1b[0m"])
async def test_what_is_no_interval_is_told_at_its_field_and_applies_nothing(open_app: OpenApp, text: str) -> None:
    async with open_app() as opened:
        await _edit(opened, "preview-shop")

        await _type(opened, Timer.AUTO_DELETE, text)
        await opened.press("enter")
        await opened.until(lambda: "auto-delete: " in told(opened))

        assert isinstance(opened.app.screen, LifetimesScreen)
        assert opened.app.screen.query_one("#apply", Button).disabled


async def test_nothing_typed_applies_nothing_and_escape_leaves(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await _edit(opened, "preview-shop")

        await opened.press("enter")
        await opened.until(lambda: "nothing is changed" in told(opened))
        await opened.press("escape")

        await opened.until(lambda: opened.app.screen is opened.screen)
        assert not opened.fleet.store.pending


async def test_hundreds_are_told_about_beside_the_keys_and_set(open_app: OpenApp) -> None:
    async with open_app("fleet:280") as opened:
        await opened.until(lambda: len(opened.names()) == 280)
        await opened.press("ctrl+a", "i")
        await opened.until(lambda: isinstance(opened.app.screen, LifetimesScreen))

        await _type(opened, Timer.TTL, "3d")
        await opened.until(lambda: "Then: " in opened.text)
        await opened.press("enter")

        records = opened.emulator.fleet.records.values()
        await until(opened.pilot, lambda: sum(each.auto_destroy_at is not None for each in records) > 250, wait_s=40)
        await opened.settle()


@pytest.mark.parametrize("size", [(160, 45), (120, 36), (80, 24), (60, 15)])
async def test_it_fits_on_every_screen(open_app: OpenApp, size: tuple[int, int]) -> None:
    async with open_app(size=size) as opened:
        await _edit(opened, opened.names()[0])
        await _type(opened, Timer.AUTO_DELETE, "20d")

        assert "auto-stop" in opened.text
        assert "never fires" in " ".join(opened.text.split())
        assert "Cancel" in opened.text
        assert "Apply" in opened.text


async def test_what_there_is_no_room_for_is_scrolled_to(open_app: OpenApp) -> None:
    async with open_app(size=(60, 15)) as opened:
        _forgotten(opened, "forgotten", auto_delete=0)
        await _edit(opened, "forgotten")
        await _type(opened, Timer.AUTO_PAUSE, "30m")
        await _type(opened, Timer.AUTO_STOP, "30m")
        assert "exclude each other" not in " ".join(opened.text.split())

        await opened.press("pagedown")

        await opened.until(lambda: "exclude each other" in " ".join(opened.text.split()))
        assert "Apply" in opened.text


@pytest.mark.parametrize("key", ["tab", "down"])
async def test_what_is_typed_after_going_to_the_next_field_in_one_burst_belongs_there(
    open_app: OpenApp, key: str
) -> None:
    async with open_app() as opened:
        await _edit(opened, "preview-shop")
        before = _field(opened, Timer.AUTO_STOP).value
        opened.burst(key, key, "9", "d")

        await opened.until(lambda: _field(opened, Timer.AUTO_ARCHIVE).value == "9d")
        assert _field(opened, Timer.AUTO_STOP).value == before
