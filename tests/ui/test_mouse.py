"""The mouse: whatever is on the screen can be clicked, and scrolled where there is more of it."""

from __future__ import annotations

from tests.ui.driver import OpenApp, Opened
from textual import events
from textual.widgets import Input

from daytona_tui.ui.screens.confirm import ConfirmScreen
from daytona_tui.ui.screens.fleet import FleetScreen
from daytona_tui.ui.screens.form import FormScreen
from daytona_tui.ui.screens.help import HelpScreen
from daytona_tui.ui.screens.palette import PaletteScreen
from daytona_tui.ui.screens.results import ResultsScreen
from daytona_tui.ui.screens.shelf import ShelfScreen
from daytona_tui.ui.screens.themes import ThemesScreen


async def click(opened: Opened, text: str, *, times: int = 1, last: bool = False, by: int = 0) -> None:
    """Click the first place where ``text`` stands, or the last one, or ``by`` cells to the right of it."""
    await opened.until(lambda: text in opened.text)
    lines = [(y, line) for y, line in enumerate(opened.text.splitlines()) if text in line]
    y, line = lines[-1 if last else 0]
    x = line.rindex(text) if last else line.index(text)
    await opened.pilot.click(offset=(x + by + len(text) // 2, y), times=times)
    await opened.until(lambda: opened.app.is_caught_up)


async def wheel(opened: Opened, text: str, *, turns: int = 3) -> None:
    """Turn the wheel downwards over the first place where ``text`` stands."""
    lines = opened.text.splitlines()
    y, line = next((y, line) for y, line in enumerate(lines) if text in line)
    x = line.index(text)
    for _ in range(turns):  # private in Textual 8.2: a pilot has no wheel
        await opened.pilot._post_mouse_events([events.MouseScrollDown], offset=(x, y))
    await opened.pilot.pause()


async def test_panes_rows_tabs_and_keys_answer_the_mouse(open_app: OpenApp) -> None:
    async with open_app(size=(160, 45)) as opened:
        screen = opened.screen

        # Rows, the header, the wheel
        await click(opened, "preview-shop")
        await opened.until(lambda: opened.fleet.current is not None and opened.fleet.current.name == "preview-shop")
        first = opened.names()[0]
        await click(opened, "AGE")
        await opened.until(lambda: opened.names()[0] != first)
        await click(opened, "AGE")
        await opened.until(lambda: opened.names()[0] == first)
        top = opened.table.top
        await wheel(opened, "crabbox-brisk")
        await opened.until(lambda: opened.table.top > top)

        # Panes and their tabs
        for title, pane in (
            ("2 Files", screen.files_pane),
            ("Git", screen.git_pane),
            ("Ports", screen.ports_pane),
            ("Details", screen.details_pane),
            ("4 Logs", screen.logs_pane),
            ("Tape", screen.tape_pane),
            ("Tasks", screen.tasks_pane),
            ("Terminal", screen.terminal_pane),
            ("3 Console", screen.console_pane),
        ):
            await click(opened, title)
            await opened.until(lambda pane=pane: screen.current_pane is pane)  # type: ignore[misc]
        await opened.until(lambda: isinstance(opened.app.focused, Input))

        # A key of the footer, buttons of a dialog
        await click(opened, "scratch" if "scratch" in opened.text else "preview-shop")
        await click(opened, "D Delete", last=True)
        await opened.until(lambda: isinstance(opened.app.screen, ConfirmScreen))
        await click(opened, "Cancel")
        await opened.until(lambda: isinstance(opened.app.screen, FleetScreen))


async def test_dialogs_answer_the_mouse(open_app: OpenApp) -> None:
    async with open_app(size=(160, 45)) as opened:
        await click(opened, "? Help", last=True)
        await opened.until(lambda: isinstance(opened.app.screen, HelpScreen))
        await wheel(opened, "Sandboxes  ")
        await opened.press("escape")

        await opened.press("colon")
        await opened.until(lambda: isinstance(opened.app.screen, PaletteScreen))
        await opened.press(*"theme")
        await opened.until(lambda: "Go to the console" not in opened.text and "Choose other colours" in opened.text)
        await click(opened, "Choose other colours", times=2)
        await opened.until(lambda: isinstance(opened.app.screen, ThemesScreen))
        await click(opened, "black and white", times=2)
        await opened.until(lambda: opened.app.theme == "daytona-contrast")
        await opened.until(lambda: isinstance(opened.app.screen, FleetScreen))

        # A form: a click goes to a field, a button answers
        await click(opened, "n New", last=True)
        await opened.until(lambda: isinstance(opened.app.screen, FormScreen))
        await click(opened, "labels  ", by=20)
        await opened.press(*"a=b")
        await opened.until(lambda: "--label a=b" in opened.text)
        await click(opened, "Cancel", last=True)
        await opened.until(lambda: isinstance(opened.app.screen, FleetScreen))

        # The shelf: its tabs and rows
        await opened.press("I")
        await opened.until(lambda: isinstance(opened.app.screen, ShelfScreen))
        await click(opened, "2 Volumes")
        await opened.until(lambda: "volume" in opened.text.splitlines()[4].lower() or "SIZE" not in opened.text)
        await opened.press("escape")
        await opened.until(lambda: isinstance(opened.app.screen, FleetScreen))

        # Tasks: twice opens what came of it
        await click(opened, "crabbox-brisk")
        await click(opened, "x Stop", last=True)
        await opened.press("w")
        await click(opened, "Stop crabbox", times=2)
        await opened.until(
            lambda: isinstance(opened.app.screen, ResultsScreen) or opened.screen.tasks_pane.book.tasks[0].is_open
        )
