"""On an older server: what it lacks is found out once, told in words, and dimmed from then on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.ui.acting_driver import open_editor, told
from tests.ui.driver import OpenApp, Opened
from textual.widgets import Input, Static

from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.lifetimes import Timer
from daytona_tui.emulator.mishaps.lacking import parse_lacks
from daytona_tui.emulator.server import Emulator
from daytona_tui.ui.commands import acts, terminal
from daytona_tui.ui.commands.leaks import BIN
from daytona_tui.ui.commands.logs import RUN_IN_SESSION
from daytona_tui.ui.screens.lifetimes import LifetimesScreen

OpenEmulator = Callable[..., Awaitable[Emulator]]


def _errors(opened: Opened) -> list[str]:
    return [notice.message for notice in opened.notices if notice.severity == "error"]


async def test_what_is_lacking_is_told_once_and_dimmed_afterwards(
    open_app: OpenApp, open_emulator: OpenEmulator
) -> None:
    emulator = await open_emulator(seed="demo", lacks=parse_lacks("v0.190,pause"))
    machine = next(each for each in emulator.fleet.records.values() if each.name == "preview-shop")
    emulator.fleet.change(machine, sandbox_class="linux-vm")
    async with open_app(emulator=emulator) as opened:
        pane, abilities = opened.fleet, opened.screen.services.abilities
        await opened.go_to("preview-shop")
        assert (pane.refusal(acts.PAUSE), pane.refusal(BIN)) == ("", "")

        await opened.press("S")
        await opened.until(lambda: abilities.lacks(Ability.PAUSE) != "")
        await opened.until(lambda: "this server has no pause" in told(opened))
        assert pane.refusal(acts.PAUSE) == "this server has no pause"

        await open_editor(opened, "i", LifetimesScreen)
        screen = opened.app.screen
        screen.query_one("#TTL", Input).value = "3h"
        await opened.pilot.pause()
        await opened.press("enter")
        await opened.until(lambda: abilities.lacks(Ability.TTL) != "")
        await opened.until(lambda: not opened.fleet.store.pending)
        assert pane.refusal(BIN) == "this server has no time to live, and the bin is made of it"

        await open_editor(opened, "i", LifetimesScreen)
        field = opened.app.screen.query_one(f"#{Timer.TTL.name}", Input)
        hint = opened.app.screen.query_one(f"#hint-{Timer.TTL.name}", Static)
        assert field.disabled
        assert str(hint.render()) == "this server has no time to live"
        assert _errors(opened) == []


async def test_what_runs_in_a_sandbox_may_be_older_still(open_app: OpenApp, open_emulator: OpenEmulator) -> None:
    emulator = await open_emulator(seed="demo", lacks=parse_lacks("sessions,ptys"))
    async with open_app(emulator=emulator) as opened:
        pane, logs = opened.screen.terminal_pane, opened.screen.logs_pane
        await opened.go_to("preview-shop")
        await opened.until(lambda: pane.sandbox is not None and pane.sandbox.name == "preview-shop")
        assert pane.refusal(terminal.NEW_TERMINAL) == ""
        await opened.press("t")
        await opened.until(lambda: pane.refusal(terminal.NEW_TERMINAL).startswith("this server has no terminals here"))
        await opened.until(lambda: "this server has no terminals here" in opened.text)
        await opened.press("x")  # typed before anybody read that: no command
        assert opened.state_of("preview-shop") == "started"
        await opened.press("ctrl+backslash", "ctrl+backslash", "c")
        await opened.until(lambda: pane.open.front(pane.sandbox) is None)
        assert "S goes in by SSH" in opened.text

        words = "this server has no sessions here: what runs in the sandbox is older"
        await opened.until(lambda: logs.refusal(RUN_IN_SESSION) == words)
        assert "404" not in opened.text
        assert _errors(opened) == []
