"""The arrangement at every size, and the way around in it."""

from __future__ import annotations

import asyncio

import pytest
from tests.ui.driver import OpenApp, Opened
from textual.events import Key
from textual.screen import Screen
from textual.widget import Widget

from daytona_tui.ui.panes.pane import Pane
from daytona_tui.ui.screens.help import HelpScreen


def _seen(opened: Opened) -> list[str]:
    return [pane.NAME for pane in sorted(opened.screen.query(Pane), key=lambda pane: pane.NUMBER) if _is_seen(pane)]


def _is_seen(widget: Widget) -> bool:
    return widget.region.area > 0  # what is not laid out has no region


def _focused_pane(opened: Opened) -> str:
    focused = opened.app.focused
    return "" if focused is None else next(n.NAME for n in focused.ancestors_with_self if isinstance(n, Pane))


@pytest.mark.parametrize(
    ("size", "panes"),
    [
        ((160, 45), ["Sandboxes", "Files", "Console", "Logs"]),
        ((150, 28), ["Sandboxes", "Files", "Console", "Logs"]),
        ((120, 36), ["Sandboxes", "Files", "Console"]),
        ((160, 24), ["Sandboxes"]),
        ((80, 24), ["Sandboxes"]),
        ((60, 15), ["Sandboxes"]),
    ],
)
async def test_as_many_panes_as_there_is_room_for(open_app: OpenApp, size: tuple[int, int], panes: list[str]) -> None:
    async with open_app(size=size) as opened:
        assert _seen(opened) == panes
        assert all(len(line) <= size[0] for line in opened.text.splitlines())
        seen = [pane.region for pane in opened.screen.query(Pane) if _is_seen(pane)]
        assert not any(one.overlaps(other) for one in seen for other in seen if one is not other)


async def test_what_comes_while_the_screen_goes_is_not_drawn(open_app: OpenApp) -> None:
    async with open_app() as opened:
        main, fleet, tasks = opened.screen, opened.fleet, opened.screen.tasks_pane
        going = asyncio.ensure_future(_replace(opened))

        while not going.done():
            for late in (fleet.draw, tasks.draw, main.refresh_status, main.refresh_keys, main.arrange_panes):
                late()
            await asyncio.sleep(0)
        await going


async def _replace(opened: Opened) -> None:
    await opened.app.switch_screen(Screen())


@pytest.mark.parametrize("size", [(50, 12), (59, 40), (160, 14)])
async def test_too_small_a_terminal_is_told_so_in_one_line(open_app: OpenApp, size: tuple[int, int]) -> None:
    async with open_app(size=size, waits=False) as opened:
        await opened.until(lambda: "60×15" in opened.text)

        assert _seen(opened) == []
        assert len([line for line in opened.text.splitlines() if line.strip()]) <= 2


async def test_a_terminal_that_changes_its_size_is_followed(open_app: OpenApp) -> None:
    async with open_app() as opened:
        for size, count in (((80, 24), 1), ((50, 10), 0), ((120, 36), 3), ((160, 45), 4)):
            await opened.pilot.resize_terminal(*size)
            await opened.until(lambda count=count: len(_seen(opened)) == count)  # type: ignore[misc]

        assert opened.table.has_focus
        await opened.pilot.resize_terminal(120, 36)
        await opened.until(lambda: "2 Files ─ Details ─ Git ─ Ports ─ 4 Logs" in opened.text)


async def test_numbers_and_tab_go_from_pane_to_pane(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("2")
        await opened.until(lambda: _focused_pane(opened) == "Files")
        await opened.press("4")
        await opened.until(lambda: _focused_pane(opened) == "Logs")
        await opened.press("tab")
        await opened.until(lambda: _focused_pane(opened) == "Sandboxes")
        await opened.press("shift+tab")
        await opened.until(lambda: _focused_pane(opened) == "Logs")
        await opened.press("3")
        await opened.until(lambda: _focused_pane(opened) == "Console")
        await opened.press("escape", "1")
        await opened.until(lambda: _focused_pane(opened) == "Sandboxes")


async def test_one_pane_at_a_time_shows_the_one_that_was_asked_for(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24)) as opened:
        assert "1 Sandboxes  2 Files  3 Console  4 Logs" in opened.text

        await opened.press("2")
        await opened.until(lambda: _seen(opened) == ["Files"])
        await opened.until(lambda: _focused_pane(opened) == "Files")
        await opened.pilot.click("#tabs", offset=(30, 0))
        await opened.until(lambda: _seen(opened) == ["Console"])


async def test_files_and_logs_share_a_place_where_it_is_narrow(open_app: OpenApp) -> None:
    async with open_app(size=(120, 36)) as opened:
        assert "2 Files ─ Details ─ Git ─ Ports ─ 4 Logs" in opened.text

        await opened.press("4")
        await opened.until(lambda: _seen(opened) == ["Sandboxes", "Console", "Logs"])
        assert "4 Logs ─ Tape ─ Tasks ─ 2 Files" in opened.text
        await opened.press("1")
        await opened.until(lambda: _focused_pane(opened) == "Sandboxes")

        assert _seen(opened) == ["Sandboxes", "Console", "Logs"]


async def test_zoom_gives_the_screen_to_one_pane_and_back(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("plus")
        await opened.until(lambda: _seen(opened) == ["Sandboxes"])
        await opened.press("2")
        await opened.until(lambda: _seen(opened) == ["Files"])
        await opened.press("underscore")
        await opened.until(lambda: len(_seen(opened)) == 4)


async def test_help_finds_a_command_says_why_not_and_runs_it(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("question_mark")
        await opened.until(lambda: isinstance(opened.app.screen, HelpScreen))
        await opened.press(*"mark all")
        await opened.pilot.pause()
        assert "^a" in opened.text

        await opened.press("enter")

        await opened.until(lambda: len(opened.fleet.view.marks) == len(opened.names()))


async def test_help_tells_why_a_command_is_not_possible_now(open_app: OpenApp) -> None:
    async with open_app() as opened:
        state = "started"
        await opened.go_to(next(each.name for each in opened.table.rows.sandboxes if each.state == state))

        await opened.press("question_mark", *"start")

        await opened.until(lambda: "not now: it is started already" in opened.text)


async def test_the_key_bar_can_be_clicked(open_app: OpenApp) -> None:
    async with open_app() as opened:
        line = next(line for line in opened.text.splitlines() if "? Help" in line)

        await opened.pilot.click("#keys", offset=(line.index("? Help"), 0))

        await opened.until(lambda: isinstance(opened.app.screen, HelpScreen))


async def test_ctrl_c_does_not_end_the_program_and_q_does(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("ctrl+c", "ctrl+c")
        assert opened.app.is_running

        await opened.press("q")

        await opened.until(lambda: opened.app._exit)
        assert opened.app.return_code == 0


@pytest.mark.parametrize("first", ["slash", "3", "question_mark"])
async def test_what_is_typed_ahead_goes_where_the_first_key_leads(open_app: OpenApp, first: str) -> None:
    async with open_app() as opened:
        states = {sandbox.id: sandbox.state for sandbox in opened.fleet.store.fleet}

        # All at a stretch, as a terminal hands over what came while the program was busy.
        for key in (first, *"xsarDq"):
            opened.app.post_message(Key(key, key if len(key) == 1 else None))

        await opened.until(lambda: "xsarDq" in opened.text)
        assert opened.app.is_running
        assert not opened.fleet.store.pending
        assert {sandbox.id: sandbox.state for sandbox in opened.fleet.store.fleet} == states
