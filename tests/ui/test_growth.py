"""Resizing and forking on the screen: what is typed, what it says it costs, and that this is what is done."""

from __future__ import annotations

from tests.ui.acting_driver import over, told
from tests.ui.driver import OpenApp, Opened
from textual.widgets import Button, Input

from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.emulator.fleet.records import SandboxRecord
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.ui.screens.fork import ForkScreen
from daytona_tui.ui.screens.resize import ResizeScreen


def _lasting(opened: Opened, state: str) -> Sandbox:
    return next(
        each for each in opened.fleet.store.fleet if each.state == state and each.lifetimes.auto_delete_min != 0
    )


def _record(opened: Opened, sandbox: Sandbox) -> SandboxRecord:
    return opened.emulator.fleet.records[sandbox.id]


async def _dialog(opened: Opened, key: str, kind: type[ResizeScreen | ForkScreen]) -> None:
    await opened.press(key)
    await opened.until(lambda: isinstance(opened.app.screen, kind))
    await opened.pilot.pause()


async def _type(opened: Opened, field: str, text: str) -> None:
    opened.app.screen.query_one(f"#{field}", Input).value = text
    await opened.pilot.pause()


def _is_open(opened: Opened) -> bool:
    return not opened.app.screen.query_one("#apply", Button).disabled


async def test_a_running_one_is_resized_told_its_cost_and_refused_what_the_server_would_refuse(
    open_app: OpenApp,
) -> None:
    async with open_app() as opened:
        await opened.until(lambda: any(each.is_running for each in opened.fleet.store.fleet))
        one = _lasting(opened, "started")
        size = _record(opened, one)
        await opened.go_to(one.name)
        await _dialog(opened, "Z", ResizeScreen)
        assert f"It has {size.cpu} vCPU" in opened.text
        assert not _is_open(opened)
        await opened.press("9")  # what is typed right after the key goes into the first field
        assert opened.app.screen.query_one("#cpu", Input).value == "9"
        await _type(opened, "cpu", str(size.cpu))

        for field, text, words in (
            ("cpu", "many", "a whole number from 1 to 4,096"),
            ("cpu", "0", "a whole number"),
            ("disk_gib", str(size.disk + 1), "Its disk grows while it is stopped only: stop it first."),
            ("disk_gib", "1", "A disk only grows"),
        ):
            before = opened.app.screen.query_one(f"#{field}", Input).value
            await _type(opened, field, text)
            assert words in opened.text
            assert not _is_open(opened)
            await _type(opened, field, before)

        await _type(opened, "cpu", str(size.cpu + 1))
        assert "takes 1 vCPU, ≈ $0.05/h" in opened.text
        opened.emulator.faults.add(FaultRule(path="*/resize", status=400, body={"message": "Total CPU limit exceeded"}))
        await opened.press("enter")
        await over(opened)
        assert "Total CPU limit exceeded" in told(opened)

        opened.emulator.faults.clear()
        await opened.go_to(one.name)
        await _dialog(opened, "Z", ResizeScreen)  # it comes back as it was typed
        assert "The last try failed: Total CPU limit exceeded" in opened.text
        assert opened.app.screen.query_one("#cpu", Input).value == str(size.cpu + 1)
        await opened.press("enter")
        await over(opened, 2)
        shown = opened.fleet.store.fleet.get(one.id)
        assert shown is not None
        assert one.resources.cpu is not None
        assert shown.resources.cpu == _record(opened, one).cpu == one.resources.cpu + 1


async def test_forks_are_for_machines_and_get_a_name(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.until(lambda: any(each.is_running for each in opened.fleet.store.fleet))
        one = _lasting(opened, "started")
        await opened.go_to(one.name)
        await opened.press("f")
        await opened.until(lambda: "only virtual machines are forked" in told(opened))

        opened.emulator.fleet.change(_record(opened, one), sandbox_class="linux-vm")
        await opened.until(
            lambda: (found := opened.fleet.store.fleet.get(one.id)) and found.sandbox_class == "linux-vm"
        )
        await _dialog(opened, "f", ForkScreen)
        assert "Takes " in opened.text
        await _type(opened, "name", one.name)
        assert "a sandbox is called so already" in opened.text
        assert not _is_open(opened)
        await _type(opened, "name", "twin")
        await opened.press("enter")
        task = await over(opened)
        assert "forked as twin" in task.run.rows[0].detail
        await opened.until(lambda: "twin" in opened.names())

        opened.emulator.faults.add(FaultRule(path="*/fork", status=404, body={"message": "Cannot POST /fork"}))
        await opened.go_to(one.name)
        await _dialog(opened, "f", ForkScreen)
        await opened.press("enter")
        await over(opened, 2)
        count = len(opened.notices)
        await opened.press("f")
        await opened.until(lambda: len(opened.notices) > count)
        assert opened.notices[-1].message == "this server has no forks"
        assert not isinstance(opened.app.screen, ForkScreen)


async def test_many_are_resized_and_who_does_not_get_it_is_named(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.until(lambda: any(each.is_running for each in opened.fleet.store.fleet))
        runs, rests = _lasting(opened, "started"), _lasting(opened, "stopped")
        for each in (runs, rests):
            await opened.go_to(each.name)
            await opened.press("space")
        await _dialog(opened, "Z", ResizeScreen)
        assert "Resize 2 sandboxes" in opened.text
        await _type(opened, "disk_gib", "60")
        assert "1 left out, its disk grows while it is stopped only" in opened.text
        await opened.press("enter")
        await over(opened)
        assert _record(opened, rests).disk == 60
        assert _record(opened, runs).disk != 60


async def test_starting_is_called_what_it_is_for_the_state(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.until(lambda: any(each.is_running for each in opened.fleet.store.fleet))
        one = _lasting(opened, "stopped")
        await opened.go_to(one.name)
        for state, title in (("archived", "Restore"), ("paused", "Resume"), ("stopped", "Start")):
            opened.emulator.fleet.change(_record(opened, one), state=state, desired_state=state)
            await opened.until(lambda: f"s {title} " in opened.text)  # noqa: B023 - awaited at once
