"""Starting, stopping, archiving and deleting from the screen."""

from __future__ import annotations

import asyncio
import re

from tests.ui.driver import OpenApp, Opened, call
from textual.widgets import Button, Input

from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.ui.screens.confirm import ConfirmScreen


def _first(opened: Opened, state: str, **lifetimes: int) -> Sandbox:
    """A sandbox in a state, which nothing will delete by itself when it stops."""
    return next(
        sandbox
        for sandbox in opened.table.rows.sandboxes
        if sandbox.state == state and sandbox.lifetimes.auto_delete_min != 0
    )


def _idle(opened: Opened, state: str) -> Sandbox:
    """A sandbox in a state that nobody used for a while."""
    now = opened.fleet.services.now()
    return next(
        sandbox
        for sandbox in opened.table.rows.sandboxes
        if sandbox.state == state
        and sandbox.last_activity_at is not None
        and (now - sandbox.last_activity_at).total_seconds() > 3600
        and not sandbox.labels.get("owner")
    )


def _told(opened: Opened) -> str:
    return "\n".join(f"{notice.title} {notice.message}" for notice in opened.app._notifications)


async def test_stop_and_start(open_app: OpenApp) -> None:
    async with open_app() as opened:
        name = _first(opened, "started").name
        await opened.go_to(name)

        await opened.press("x")
        await opened.until(lambda: opened.state_of(name) == "stopped")
        await opened.settle()
        assert not opened.fleet.store.pending

        await opened.press("s")
        await opened.until(lambda: opened.state_of(name) == "started")
        assert opened.app._notifications.__len__() == 0


async def test_the_row_says_what_is_under_way_at_once_and_for_how_long(open_app: OpenApp) -> None:
    async with open_app(pace="natural") as opened:
        name = _first(opened, "started").name
        await opened.go_to(name)

        await opened.press("x")

        await opened.until(lambda: re.search(r"◐ (started → )?stopping \d+s", opened.text))
        await opened.until(lambda: opened.state_of(name) == "stopped")


async def test_archiving_a_running_sandbox_stops_it_first_and_says_both(open_app: OpenApp) -> None:
    async with open_app(pace="natural") as opened:
        name = _first(opened, "started").name
        await opened.go_to(name)
        steps: set[str] = set()

        def is_archived() -> bool:
            steps.update(act.step for act in opened.fleet.store.pending.values())
            return opened.state_of(name) == "archived"

        await opened.press("a")
        await opened.until(is_archived)

        assert {"stopping", "archiving"} <= steps


async def test_a_key_that_is_not_possible_now_says_why(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.go_to(_first(opened, "started").name)

        await opened.press("s")

        assert "Start: not now it is started already" in _told(opened)


async def test_an_act_is_refused_while_another_is_under_way(open_app: OpenApp) -> None:
    async with open_app() as opened:
        name = _first(opened, "started").name
        await opened.go_to(name)
        opened.emulator.faults.add(FaultRule(path="*/stop", delay_s=1.0))

        await opened.press("x", "x")

        assert "it is stopping already" in _told(opened)
        await opened.until(lambda: opened.state_of(name) == "stopped")


async def test_deleting_asks_and_opens_on_cancel(open_app: OpenApp) -> None:
    async with open_app() as opened:
        sandbox = _idle(opened, "stopped")
        await opened.go_to(sandbox.name)

        await opened.press("D")
        await opened.until(lambda: isinstance(opened.app.screen, ConfirmScreen))
        assert opened.app.focused is not None
        assert opened.app.focused.id == "no"
        assert "lost for good" in opened.text
        await opened.press("enter")

        await opened.settle()
        assert sandbox.name in opened.names()
        assert sandbox.id in opened.emulator.fleet.records


async def test_deleting_after_yes_removes_the_row(open_app: OpenApp) -> None:
    async with open_app() as opened:
        sandbox = _idle(opened, "stopped")
        await opened.go_to(sandbox.name)

        await opened.press("D")
        await opened.until(lambda: isinstance(opened.app.screen, ConfirmScreen))
        await opened.press("right", "enter")

        await opened.until(lambda: sandbox.name not in opened.names())
        assert sandbox.id not in opened.emulator.fleet.records


async def test_deleting_what_was_just_used_wants_its_name_typed(open_app: OpenApp) -> None:
    async with open_app() as opened:
        name = "scratch"
        await opened.go_to(name)

        await opened.press("D")
        await opened.until(lambda: isinstance(opened.app.screen, ConfirmScreen))
        yes = opened.app.screen.query_one("#yes", Button)
        assert yes.disabled
        await opened.press(*"scratc")
        assert yes.disabled
        await opened.press("h", "enter", "enter")

        await opened.until(lambda: name not in opened.names())


async def test_deleting_many_wants_the_number_typed_and_sums_up(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press(*["space"] * 7)
        marked = [sandbox.name for sandbox in opened.fleet.targets]

        await opened.press("D")
        await opened.until(lambda: isinstance(opened.app.screen, ConfirmScreen))
        assert "Delete 7 sandboxes?" in opened.text
        opened.app.screen.query_one("#typed", Input).focus()
        await opened.press("7", "enter", "enter")

        await opened.until(lambda: not set(marked) & set(opened.names()))
        await opened.until(lambda: "7 deleted" in _told(opened))


async def test_a_stop_that_deletes_is_asked_about(open_app: OpenApp) -> None:
    async with open_app() as opened:
        sandbox = next(
            each
            for each in opened.table.rows.sandboxes
            if each.state == "started" and each.lifetimes.auto_delete_min == 0
        )
        await opened.go_to(sandbox.name)

        await opened.press("x")

        await opened.until(lambda: isinstance(opened.app.screen, ConfirmScreen))
        assert "Stopping deletes it" in opened.text
        await opened.press("escape")
        await opened.settle()
        assert opened.state_of(sandbox.name) == "started"


async def test_many_are_stopped_together_and_failures_are_listed(open_app: OpenApp) -> None:
    async with open_app() as opened:
        running = [
            each
            for each in opened.table.rows.sandboxes
            if each.state == "started" and each.lifetimes.auto_delete_min != 0
        ][:3]
        opened.fleet.view.marks = {each.id for each in running}
        opened.emulator.faults.add(FaultRule(path=f"*/sandbox/{running[0].id}/stop", status=403))

        await opened.press("x")

        await opened.until(lambda: "2 stopped, 1 failed" in _told(opened))
        assert running[0].name in _told(opened)
        assert opened.state_of(running[1].name) == "stopped"


async def test_an_act_that_fails_says_so_and_leaves_the_row_as_it_is(open_app: OpenApp) -> None:
    async with open_app() as opened:
        name = _first(opened, "started").name
        await opened.go_to(name)
        opened.emulator.faults.add(FaultRule(path="*/stop", status=403))

        await opened.press("x")

        await opened.until(lambda: f"Could not stop {name}" in _told(opened))
        assert opened.state_of(name) == "started"
        assert not opened.fleet.store.pending


async def test_a_sandbox_that_somebody_deleted_meanwhile_leaves_when_it_is_acted_on(open_app: OpenApp) -> None:
    async with open_app(poll_s=60) as opened:
        sandbox = _first(opened, "stopped")
        await opened.go_to(sandbox.name)
        opened.emulator.fleet.records.pop(sandbox.id)  # without an event, and without a listing in between
        opened.emulator.fleet.version += 1

        await opened.press("s")

        await opened.until(lambda: sandbox.name not in opened.names())
        await opened.until(lambda: "it is gone" in _told(opened))


async def test_a_deed_goes_on_when_the_cursor_moves(open_app: OpenApp) -> None:
    async with open_app(pace="natural") as opened:
        name = _first(opened, "started").name
        await opened.go_to(name)

        await opened.press("x", "G")
        await asyncio.sleep(0)

        await opened.until(lambda: opened.state_of(name) == "stopped")


async def test_a_change_made_elsewhere_shows_without_a_listing(open_app: OpenApp) -> None:
    async with open_app(poll_s=60) as opened:
        sandbox = _first(opened, "started")
        await opened.until(lambda: "● live" in opened.text)

        assert await call(opened.emulator, "POST", f"/sandbox/{sandbox.id}/stop") == 200

        await opened.until(lambda: opened.state_of(sandbox.name) == "stopped")
