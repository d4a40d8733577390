"""Several panes in one place: one is in front, the others are named in the frame."""

from __future__ import annotations

import pytest
from tests.ui.driver import OpenApp, Opened

from daytona_tui.ui.panes.pane import Pane


def _front(opened: Opened) -> set[str]:
    return {pane.NAME for pane in opened.screen.query(Pane) if pane.region.area > 0}


def _tells(opened: Opened, words: str) -> bool:
    return any(line.text.text == words for line in opened.screen.details_pane.view._lines)


async def test_brackets_go_through_the_tabs_of_a_place(open_app: OpenApp) -> None:
    async with open_app() as opened:
        assert "2 Files ─ Details ─ Git ─ Ports" in opened.text

        await opened.press("2", "right_square_bracket")
        await opened.until(lambda: "Details" in _front(opened) and opened.screen.details_pane.view.has_focus)
        assert "Files" not in _front(opened)
        for name in ("Git", "Ports", "Files"):
            await opened.press("right_square_bracket")
            await opened.until(lambda name=name: name in _front(opened))  # type: ignore[misc]
        await opened.press("left_square_bracket")
        await opened.until(lambda: "Ports" in _front(opened))


async def test_a_place_without_tabs_says_so(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("right_square_bracket")

        await opened.until(lambda: any("no tabs beside it" in each.message for each in opened.app._notifications))


async def test_the_number_of_a_place_goes_to_it_as_it_was_left_and_on_within_it(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("d")
        await opened.until(lambda: opened.screen.current_pane is opened.screen.details_pane)
        await opened.press("1", "2")
        await opened.until(lambda: opened.screen.current_pane is opened.screen.details_pane)
        await opened.press("2", "2", "2")
        await opened.until(lambda: opened.screen.current_pane is opened.screen.files_pane)
        await opened.press("tab", "shift+tab")
        await opened.until(lambda: opened.screen.current_pane is opened.screen.files_pane)


async def test_the_key_of_the_details_leads_back_to_where_it_was_pressed(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("4", "d")
        await opened.until(lambda: opened.screen.details_pane.view.has_focus)
        await opened.press("d")
        await opened.until(lambda: opened.screen.current_pane is opened.screen.logs_pane)

        assert "Details" in _front(opened), "what was looked at stays in front"


@pytest.mark.parametrize("size", [(160, 45), (120, 36)])
async def test_titles_can_be_clicked(open_app: OpenApp, size: tuple[int, int]) -> None:
    async with open_app(size=size) as opened:
        line = opened.text.splitlines()[1]

        await opened.pilot.click(offset=(line.index("Details") + 2, 1))

        await opened.until(lambda: "Details" in _front(opened))
        await opened.pilot.click(offset=(line.index("Files") + 2, 1))
        await opened.until(lambda: "Files" in _front(opened))
        assert "Details" not in _front(opened)


async def test_one_pane_at_a_time_the_strip_names_what_is_in_front(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24)) as opened:
        await opened.press("d")

        await opened.until(lambda: _front(opened) == {"Details"})
        await opened.until(lambda: "1 Sandboxes  2 Details  3 Console  4 Logs" in opened.text)
        await opened.press("d")
        await opened.until(lambda: _front(opened) == {"Sandboxes"})


async def test_the_details_are_those_of_the_sandbox_under_the_cursor(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.press("d")
        for name in opened.names()[:3]:
            await opened.go_to(name)
            sandbox = next(each for each in opened.fleet.store.fleet if each.name == name)
            await opened.until(lambda sandbox=sandbox: _tells(opened, sandbox.id))  # type: ignore[misc]
