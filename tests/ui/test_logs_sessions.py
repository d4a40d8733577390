"""Sessions from the logs: a command is run in one of its own, answered, and the session is ended."""

from __future__ import annotations

from pathlib import Path

from tests.ui.acting_driver import say_yes, told
from tests.ui.driver import OpenApp
from tests.ui.logs_driver import choose, lines, reread
from tests.ui.panes_driver import inside
from textual.screen import ModalScreen
from textual.widgets import Input

from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.ui.commands import logs as commands


async def test_a_command_is_run_answered_and_ended(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        opened, logs = here.opened, here.logs
        await reread(here)
        assert (
            logs.refusal(commands.ANSWER_LOG) == logs.refusal(commands.END_SESSION) == "this is the log of no session"
        )

        fault = opened.emulator.faults.add(FaultRule(path="*/process/session", method="POST", status=500, times=1))
        await opened.press("c")
        await opened.until(lambda: isinstance(opened.app.focused, Input))
        opened.app.focused.value = "echo ready; read x; echo got $x"  # type: ignore[union-attr]
        await opened.press("enter")
        await opened.until(lambda: fault.hits and isinstance(opened.app.screen, ModalScreen))
        await opened.until(lambda: isinstance(opened.app.focused, Input))
        assert opened.app.focused.value == "echo ready; read x; echo got $x"  # type: ignore[union-attr]
        await opened.press("enter")
        await opened.until(lambda: logs.reader is not None and "ready" in lines(logs.log_view))

        await opened.press("i")
        await opened.until(lambda: isinstance(opened.app.screen, ModalScreen))
        await opened.press(*"it", "enter")
        await opened.until(lambda: "got it" in lines(logs.log_view))

        await opened.press("l")
        await opened.until(lambda: any(each.source.exit_code == 0 for each in logs.offered))
        await choose(here, next(each.source.session_id for each in logs.offered if each.source.exit_code == 0))
        assert logs.refusal(commands.ANSWER_LOG) == "the command has ended: nobody reads an answer"
        await opened.press("X")
        await say_yes(opened)
        await opened.until(lambda: "Session ended" in told(opened))
        sessions = await here.gateway.sessions(here.sandbox.id)
        assert not [each for each in sessions if each.id.startswith("session-")]
