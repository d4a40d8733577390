"""Running once from the screen: the form, the output, and that nothing stays."""

from __future__ import annotations

from tests.ui.acting_driver import tasks, told
from tests.ui.driver import OpenApp, Opened
from textual.widgets import Button, Input

from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.ui.panes.run_once_task import RunOnceTask
from daytona_tui.ui.screens.form import FormScreen


def _left(opened: Opened) -> list[str]:
    return [each.name for each in opened.emulator.fleet.records.values() if "run-once" in each.name]


async def _asked(opened: Opened, **values: str) -> FormScreen:
    """Open the form and fill it in."""
    await opened.press("u")
    await opened.until(lambda: isinstance(opened.app.screen, FormScreen))
    await opened.pilot.pause()
    form = opened.app.screen
    assert isinstance(form, FormScreen)
    for key, text in values.items():
        entry = form._entries[key]
        assert isinstance(entry, Input)
        entry.value = text
    await opened.pilot.pause()
    return form


async def _begun(opened: Opened, count: int) -> RunOnceTask:
    await opened.press("ctrl+s")
    await opened.until(lambda: len(tasks(opened)) >= count)
    task = tasks(opened)[0]
    assert isinstance(task, RunOnceTask)
    return task


async def test_a_command_runs_once_shows_its_output_and_leaves_nothing(open_app: OpenApp) -> None:
    async with open_app() as opened:
        form = await _asked(opened)
        assert form.query_one("#submit", Button).disabled
        assert "type the command that is to run" in opened.text
        for key, text, words in (
            ("timeout", "soon", "no time"), ("preview", "99999", "a port is a number"), ("repo", ":::", "no address"),
        ):  # fmt: skip
            entry = form._entries[key]
            assert isinstance(entry, Input)
            entry.value = text
            await opened.pilot.pause()
            assert words in str(form._said)
            entry.value = ""
        await opened.press("escape")

        await _asked(opened, command="echo one; exit 3", env="A=b", preview="8080")
        task = await _begun(opened, 1)
        await opened.until(lambda: task.is_over)
        assert (task.exit_code, task.parts[0].output, task.is_deleted) == (3, "one\n", True)
        assert "exit 3: one" in told(opened)
        assert "Port 8080 http" in told(opened)
        assert _left(opened) == []

        opened.emulator.faults.add(FaultRule(method="POST", path="/api/sandbox", status=400, body={"message": "Full"}))
        await _asked(opened, command="true")
        failed = await _begun(opened, 2)
        await opened.until(lambda: failed.is_over)
        assert "Full" in failed.trouble
        opened.emulator.faults.clear()
        form = await _asked(opened)  # it comes back as it was typed
        assert "Full" in opened.text
        assert form.values["command"] == "true"
        await opened.press("escape")

        await _asked(opened, command="sleep 60")
        endless = await _begun(opened, 3)
        await opened.until(lambda: "running" in endless.parts[0].step)
        assert len(_left(opened)) == 1
        endless.cancel()
        await opened.until(lambda: endless.is_over)
        assert (_left(opened), endless.is_deleted) == ([], True)
        await opened.settle()
