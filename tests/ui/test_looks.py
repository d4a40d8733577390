"""What the screen looks like: themes, ASCII, no colours, no motion, and whose the mouse is."""

from __future__ import annotations

import pytest
from tests.ui.driver import OpenApp, Opened
from tests.ui.test_profiles_screen import write_config
from textual.widgets import Input

from daytona_tui.config.look import kept_theme, theme_file
from daytona_tui.ui.screens.confirm import ConfirmScreen
from daytona_tui.ui.screens.fleet import FleetScreen
from daytona_tui.ui.screens.palette import PaletteScreen
from daytona_tui.ui.screens.themes import ThemesScreen
from daytona_tui.ui.terminal import hears_mouse


async def open_themes(opened: Opened) -> None:
    """Ask for the themes as somebody would who knows no key for it."""
    await opened.press("colon")
    await opened.until(lambda: isinstance(opened.app.screen, PaletteScreen))
    await opened.press(*"theme", "enter")
    await opened.until(lambda: isinstance(opened.app.screen, ThemesScreen))


async def test_a_theme_is_shown_at_once_kept_by_enter_and_given_up_by_escape(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await open_themes(opened)
        await opened.press("down")
        await opened.until(lambda: opened.app.theme == "daytona-day")
        await opened.press("escape")
        assert opened.app.theme == "daytona-night"
        assert kept_theme() == ""

        await open_themes(opened)
        await opened.press(*"contr", "enter")
        await opened.until(lambda: kept_theme() == "contrast")
        assert opened.app.theme == "daytona-contrast"
        await opened.settle()
    async with open_app() as again:
        assert again.app.theme == "daytona-contrast"
    theme_file().write_bytes(b"\xff\xfe" * 9000)
    assert kept_theme() == ""


async def test_a_theme_of_the_settings_stays_whatever_is_chosen_for_a_run(open_app: OpenApp) -> None:
    write_config('theme = "day"\nascii = true\nreduced_motion = true\nmouse = false')
    async with open_app() as opened:
        app = opened.app
        assert app.theme == "daytona-day"
        assert app.animation_level == "none"
        assert not hears_mouse(app)
        await opened.press("M")
        assert bool(hears_mouse(app))
        await opened.press("M")
        assert not hears_mouse(app)
        assert "M takes it back" in opened.notices[-1].message

        await opened.press("slash")
        await opened.until(lambda: isinstance(app.focused, Input))
        assert not app.screen.query_one("FilterBar Input", Input).cursor_blink
        await opened.press(*"M", "escape")
        assert not hears_mouse(app)

        await open_themes(opened)
        await opened.press(*"ansi", "enter")
        await opened.until(lambda: any("says which it is" in notice.message for notice in opened.notices))
        assert app.theme == "daytona-ansi"
        assert kept_theme() == ""
        assert opened.text.isascii()
        await opened.press("D")
        await opened.until(lambda: isinstance(app.screen, ConfirmScreen))
        assert opened.text.isascii()
        assert "+-" in opened.text


async def test_without_colours_everything_is_there_and_no_theme_is_offered(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with open_app() as opened:
        strips = opened.app.screen._compositor.render_strips()  # private in Textual 8.2, as in the driver of the tests
        styles = [segment.style for strip in strips for segment in strip if segment.style is not None]
        assert {style.color or style.bgcolor for style in styles} == {None}
        assert any(style.reverse for style in styles)
        await opened.press("colon")
        await opened.until(lambda: isinstance(opened.app.screen, PaletteScreen))
        await opened.press(*"theme", "enter")
        await opened.until(lambda: any("no colours" in notice.message for notice in opened.notices))
        assert isinstance(opened.app.screen, FleetScreen)
