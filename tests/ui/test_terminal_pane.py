"""The terminal pane: real shells in a real emulator, typed into, watched, taken over, closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.ui.driver import OpenApp
from tests.ui.panes_driver import Inside, inside

from daytona_tui.domain.ptys import PtySize
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.operations.terminal import Terminal
from daytona_tui.ui.panes.terminal import TerminalPane
from daytona_tui.ui.panes.terminal_open import OpenTerminal
from daytona_tui.ui.screens import terminal_grid
from daytona_tui.ui.screens.palette import PaletteScreen
from daytona_tui.ui.screens.terminal_grid import TerminalGrid, WatchedTerminal
from daytona_tui.ui.screens.terminals import ClosingScreen, SshScreen, TerminalsScreen

PLACE = ("3", "escape", "right_square_bracket")
LEAVE = ("ctrl+backslash", "ctrl+backslash")


def pane(here: Inside) -> TerminalPane:
    return here.screen.terminal_pane


def front(here: Inside) -> OpenTerminal:
    opened = pane(here).open.front(pane(here).sandbox)
    assert opened is not None
    return opened


async def connected(here: Inside) -> OpenTerminal:
    """Press the key, and wait for the shell."""
    await here.opened.press("t")
    await here.opened.until(lambda: front(here).terminal.is_connected and front(here).has_written)
    return front(here)


async def typed(here: Inside, text: str) -> None:
    await here.opened.press(*("space" if letter == " " else letter for letter in text), "enter")


@asynccontextmanager
async def foreign(here: Inside, name: str = "agent-7") -> AsyncIterator[list[bytes]]:
    """A terminal that somebody else opened and types into; gives what it shows."""
    link = await here.gateway.open_pty(here.sandbox.id, name, size=PtySize(60, 15))
    seen: list[bytes] = []

    async def read() -> None:
        async for data in link.output():
            seen.append(data)

    reading = asyncio.create_task(read())
    try:
        yield seen
    finally:
        await here.gateway.kill_pty(here.sandbox.id, name)
        await link.close()
        reading.cancel()
        await asyncio.wait({reading})


async def test_a_key_opens_a_terminal_and_what_follows_in_the_same_burst_is_typed(
    open_app: OpenApp, tmp_path: Path
) -> None:
    async with inside(open_app, tmp_path) as here:
        here.opened.burst("t", *"echo", "space", *"x>D", "enter")

        await here.opened.until((here.home / "D").exists)

        assert "ctrl+\\ twice leaves" in here.text
        assert "holds the sandbox awake" in here.text
        assert f"held awake by you: {here.sandbox.name}"[:30] in here.text


async def test_all_keys_are_the_programs_until_the_gesture(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        opened = await connected(here)
        await typed(here, "stty -ixon; echo rea''dy; cat -v")
        await here.opened.until(lambda: "ready" in here.text)

        await here.opened.press("q", "ctrl+p", "tab", "escape", "1", "colon", "ctrl+q", "enter")

        await here.opened.until(lambda: "q^P" in here.text and "^[1:^Q" in here.text)
        assert here.opened.app.is_running
        assert opened.view.has_focus
        await here.opened.press(*LEAVE)
        assert pane(here).shelf.has_focus
        await here.opened.press("colon")
        await here.opened.until(lambda: isinstance(here.opened.app.screen, PaletteScreen))


async def test_the_end_of_the_program_is_told_and_keys_that_follow_are_no_commands(
    open_app: OpenApp, tmp_path: Path
) -> None:
    async with inside(open_app, tmp_path) as here:
        opened = await connected(here)
        await typed(here, "exit 5")
        await here.opened.until(opened.ended.is_set)

        await here.opened.press("x", "D", "c")

        assert "ended: exit 5" in here.text
        assert here.opened.state_of(here.sandbox.name) == "started"
        assert "nothing was sent" in here.notices
        assert pane(here).held_awake == ()
        await here.opened.press(*LEAVE, "c")
        await here.opened.until(lambda: not pane(here).open.of(here.sandbox))
        assert "no terminal is open" in here.text


async def test_several_terminals_stand_one_below_the_other(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        first = await connected(here)
        await here.opened.press(*LEAVE, "n")
        await here.opened.until(lambda: front(here) is not first and front(here).terminal.is_connected)
        await typed(here, "echo sec''ond")
        await here.opened.until(lambda: "second" in here.text)

        await here.opened.press(*LEAVE, "up")

        await here.opened.until(lambda: front(here) is first)
        assert "second" not in here.text
        assert pane(here).shelf.row_count() == 2


async def test_closing_asks_and_detaching_leaves_the_program(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        opened = await connected(here)
        name = opened.terminal.pty_id

        await here.opened.press(*LEAVE, "c")
        await here.opened.until(lambda: isinstance(here.opened.app.screen, ClosingScreen))
        await here.opened.press("enter")

        await here.opened.until(lambda: not pane(here).open.of(here.sandbox))
        assert [each.id for each in await here.gateway.terminals(here.sandbox.id)] == [name]
        await here.gateway.kill_pty(here.sandbox.id, name)


async def test_closing_can_end_the_program(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await connected(here)

        await here.opened.press(*LEAVE, "c")
        await here.opened.until(lambda: isinstance(here.opened.app.screen, ClosingScreen))
        await here.opened.press("down", "enter")

        await here.opened.until(lambda: not pane(here).open.of(here.sandbox))
        assert await here.gateway.terminals(here.sandbox.id) == ()


async def test_foreign_terminal_is_watched_first_and_taken_over_by_a_key(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here, foreign(here) as seen:
        await here.opened.press(*PLACE)
        await here.opened.until(lambda: pane(here).shelf.has_focus)
        await here.opened.press("l")
        await here.opened.until(lambda: isinstance(here.opened.app.screen, TerminalsScreen) and "agent-7" in here.text)
        assert "60×15" in here.text
        await here.opened.press("enter")
        await here.opened.until(lambda: front(here).terminal.is_connected and front(here).has_written)
        assert front(here).view.program_size == PtySize(60, 15)
        assert pane(here).held_awake == ()
        assert "watched only" in here.text
        before = b"".join(seen)

        await here.opened.press("i", "z", "enter")
        assert b"".join(seen) == before
        assert "only watched" in here.notices

        await here.opened.press("o")
        await here.opened.until(lambda: front(here).can_type and front(here).terminal.is_connected)
        await typed(here, "echo ta''ken")
        await here.opened.until(lambda: b"taken" in b"".join(seen))
        assert front(here).view.program_size.cols > 60


async def test_terminals_are_watched_side_by_side(
    open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal_grid, "AGAIN_S", 0.1)
    async with inside(open_app, tmp_path) as here, foreign(here, "one"), foreign(here, "two"):
        await here.opened.press(*PLACE)
        await here.opened.until(lambda: pane(here).shelf.has_focus)

        await here.opened.press("v")

        grid = here.opened.app.screen
        assert isinstance(grid, TerminalGrid)
        await here.opened.until(lambda: len(grid.query(WatchedTerminal)) == 2)
        assert all(each.terminal.is_watching for each in grid.query(WatchedTerminal))
        await here.opened.until(lambda: "one · 60×15" in here.text and "two · 60×15" in here.text)
        await here.gateway.resize_pty(here.sandbox.id, "one", PtySize(70, 12))
        await here.opened.until(lambda: "one · 70×12" in here.text)
        await here.opened.press("right", "enter")
        await here.opened.until(lambda: front(here).terminal.pty_id == "two")


async def test_a_sandbox_that_stops_says_so(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        opened = await connected(here)

        await here.gateway.stop(here.sandbox.id, timeout_s=20)

        await here.opened.until(opened.ended.is_set)
        await here.opened.until(lambda: not here.screen.terminal_pane.held_awake)
        await here.opened.until(lambda: (now := here.screen.terminal_pane.sandbox) is not None and not now.is_running)
        await here.opened.press(*LEAVE, "n")
        await here.opened.until(lambda: "terminals are there while it is started" in here.notices)


async def test_a_lost_connection_is_said_and_comes_back(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        here.opened.emulator.faults.add(FaultRule(path="*/create-connect", truncate=20_000))
        here.opened.emulator.faults.add(FaultRule(path="*/connect", status=502, times=2))
        opened = await connected(here)
        await typed(here, "seq 9999")

        await here.opened.until(lambda: "lost: " in here.text)
        assert "the program runs on" in here.text
        assert pane(here).held_awake == ()

        await here.opened.until(lambda: opened.terminal.is_connected)
        await typed(here, "clear; echo ba''ck")
        await here.opened.until(lambda: "back" in here.text)
        assert pane(here).held_awake == (here.sandbox.name,)


async def test_a_connection_that_stays_lost_is_given_up_and_a_key_tries_again(
    open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Terminal.__init__, "__kwdefaults__", {**_defaults(), "pauses_s": (0.05,)})
    async with inside(open_app, tmp_path) as here:
        here.opened.emulator.faults.add(FaultRule(path="*/create-connect", truncate=20_000))
        here.opened.emulator.faults.add(FaultRule(path="*/connect", status=502, times=1))
        opened = await connected(here)
        await typed(here, "seq 9999")
        await here.opened.until(opened.ended.is_set)
        assert "r connects again" in here.text

        await here.opened.press(*LEAVE, "r")

        await here.opened.until(lambda: opened.is_live and opened.terminal.is_connected)


async def test_a_watch_that_could_not_begin_is_tried_again_as_a_watch(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here, foreign(here):
        here.opened.emulator.faults.add(FaultRule(path="*/connect", status=502, times=1))
        await here.opened.press(*PLACE, "l")
        await here.opened.until(lambda: "agent-7" in here.text)
        await here.opened.press("enter")
        await here.opened.until(front(here).ended.is_set)

        await here.opened.press("r")

        await here.opened.until(lambda: front(here).terminal.is_connected)
        assert front(here).terminal.pty_id == "agent-7"
        assert [each.id for each in await here.gateway.terminals(here.sandbox.id)] == ["agent-7"]
        assert [pane(here).may_say(each) for each in ("bell", "copy", "bell", "copy")] == [True, True, False, False]


def _defaults() -> dict[str, Any]:
    return dict(Terminal.__init__.__kwdefaults__ or {})


async def test_a_sandbox_that_never_says_connected_is_given_up_with_a_sentence(
    open_app: OpenApp, tmp_path: Path
) -> None:
    async with inside(open_app, tmp_path) as here:
        rule = FaultRule(path="*/create-connect", frames=({"text": "{}"},), close_code=1006)
        here.opened.emulator.faults.add(rule)

        await here.opened.press("t")

        await here.opened.until(front(here).ended.is_set)
        assert "r connects again" in here.text
        assert front(here).trouble
        await here.opened.until(lambda: "the connection was lost" in here.text)  # where a program would draw


async def test_a_sandbox_that_is_deleted_under_the_fingers_makes_no_command_of_what_is_typed(
    open_app: OpenApp, tmp_path: Path
) -> None:
    async with inside(open_app, tmp_path) as here:
        opened = await connected(here)

        await here.gateway.delete(here.sandbox.id, timeout_s=20)
        await here.opened.until(lambda: here.sandbox.name not in here.opened.names())
        await here.opened.until(opened.ended.is_set)
        await here.opened.press("x", "D", "enter", "q")

        assert opened.view.has_focus
        assert here.opened.app.is_running
        assert len(here.opened.app.screen_stack) == 2
        assert here.sandbox.name in here.text
        await here.opened.press(*LEAVE)
        assert pane(here).shelf.has_focus


async def test_the_key_opens_another_where_the_program_has_ended(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        first = await connected(here)
        await typed(here, "exit")
        await here.opened.until(first.ended.is_set)

        await here.opened.press(*LEAVE, "t")

        await here.opened.until(lambda: front(here) is not first and front(here).terminal.is_connected)
        assert pane(here).shelf.row_count() == 1


async def test_a_key_without_a_terminal_says_why(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await here.opened.press(*PLACE)
        await here.opened.until(lambda: pane(here).shelf.has_focus)

        await here.opened.press("c", "o", "r")

        assert here.notices.count("no terminal is open: t opens one") == 3


async def test_where_nothing_may_be_changed_terminals_are_watched_only(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here, foreign(here):
        await here.opened.forbid("read-only by --read-only")

        await here.opened.press("t")

        assert "read-only by --read-only" in here.notices
        await here.opened.press(*PLACE, "l")
        await here.opened.until(lambda: "agent-7" in here.text)
        await here.opened.press("enter")
        await here.opened.until(lambda: front(here).terminal.is_connected)
        await here.opened.press("o")
        assert front(here).terminal.is_watching


async def test_quitting_asks_what_becomes_of_terminals(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await connected(here)

        await here.opened.press(*LEAVE, "q")
        await here.opened.until(lambda: isinstance(here.opened.app.screen, ClosingScreen))
        await here.opened.press("down", "enter")

        await here.opened.until(lambda: not here.opened.app.is_running)
        assert await here.gateway.terminals(here.sandbox.id) == ()


async def test_an_ssh_line_is_copied_never_shown_and_revoked(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await here.opened.press(*PLACE, "S")
        await here.opened.until(lambda: isinstance(here.opened.app.screen, SshScreen))
        await here.opened.press("down", "enter")
        await here.opened.until(lambda: "SSH line copied" in here.notices)
        access = pane(here).ssh.accesses.of(here.sandbox.id)
        assert access is not None
        assert access.token in here.opened.app.clipboard
        assert access.token not in here.text + here.notices

        await here.opened.press("S")
        await here.opened.until(lambda: isinstance(here.opened.app.screen, SshScreen))
        await here.opened.press("down", "down", "enter")

        await here.opened.until(lambda: "SSH revoked" in here.notices)
        assert pane(here).ssh.accesses.of(here.sandbox.id) is None

        made = await here.gateway.create_ssh_access(here.sandbox.id, 10)  # by somebody else
        await here.opened.press("S")
        await here.opened.until(lambda: isinstance(here.opened.app.screen, SshScreen))
        await here.opened.press("down", "down", "enter")
        await here.opened.until(lambda: "is useless now" in here.notices)
        door = here.opened.emulator._ssh
        assert door is not None
        assert door.accesses.opened_by(made.token) is None


async def test_the_pane_is_resized_and_so_is_the_program(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        opened = await connected(here)
        size = opened.view.program_size

        await here.opened.pilot.resize_terminal(120, 36)

        await here.opened.until(lambda: opened.view.program_size != size)
        terminal: Terminal = opened.terminal
        await here.opened.until(lambda: terminal._sizing.told == opened.view.program_size)
        await typed(here, "stty size")
        now = opened.view.program_size
        await here.opened.until(lambda: f"{now.rows} {now.cols}" in here.text)


async def test_where_there_is_no_terminal_to_lend_it_says_so_and_goes_on(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await here.opened.press("T")

        await here.opened.until(lambda: "there is no terminal to lend" in here.notices)

        assert not front(here).view.read_only
        await here.opened.press("t")
        await here.opened.until(lambda: front(here).terminal.is_connected)
        await typed(here, "echo he''re")
        await here.opened.until(lambda: "here" in here.text)
