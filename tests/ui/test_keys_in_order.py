"""Keys that come at a stretch, as over a slow line: each finds the program as the key before it has left it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.ui.acting_driver import asked, tasks
from tests.ui.driver import OpenApp, Opened
from tests.ui.panes_driver import inside
from textual import events
from textual.widgets import Input

from daytona_tui.ui.panes import fleet_selection
from daytona_tui.ui.screens.help import HelpScreen
from daytona_tui.ui.screens.hold import HoldScreen
from daytona_tui.ui.screens.lifetimes import LifetimesScreen
from daytona_tui.ui.screens.safety import SafetyScreen
from daytona_tui.ui.screens.transfer import PullScreen


def _marked(opened: Opened) -> list[str]:
    return [sandbox.name for sandbox in opened.fleet.store.fleet if sandbox.id in opened.fleet.view.marks]


async def test_a_question_is_about_the_row_to_which_the_key_before_went(open_app: OpenApp) -> None:
    async with open_app() as opened:
        second = opened.names()[1]

        opened.burst("down", "D")

        dialog = await asked(opened)
        assert second in dialog.question.title
        assert opened.names()[0] not in dialog.question.title


async def test_marks_and_questions_follow_every_step(open_app: OpenApp) -> None:
    async with open_app() as opened:
        names = opened.names()

        opened.burst("j", "j", "space", "D")

        dialog = await asked(opened)
        assert names[2] in dialog.question.title
        assert _marked(opened) == [names[2]]


@pytest.mark.parametrize(("key", "dialog"), [("K", SafetyScreen), ("H", HoldScreen), ("i", LifetimesScreen)])
async def test_dialogs_open_for_the_row_to_which_the_key_before_went(
    open_app: OpenApp, key: str, dialog: type[SafetyScreen | HoldScreen | LifetimesScreen]
) -> None:
    async with open_app() as opened:
        opened.burst("j", key)

        await opened.until(lambda: isinstance(opened.app.screen, dialog))
        await opened.until(lambda: [each for each in opened.app.screen.query(".dialog") if each.border_title])
        assert opened.names()[1] in str(opened.app.screen.query_one(".dialog").border_title)


async def test_a_dialog_is_opened_and_answered_in_one_burst(open_app: OpenApp) -> None:
    async with open_app() as opened:
        opened.burst("D", "escape", "down", "down", "space")

        await opened.until(lambda: opened.fleet.view.marks)
        assert opened.app.screen is opened.screen
        assert _marked(opened) == [opened.names()[2]]
        assert not tasks(opened)


async def test_each_of_several_questions_is_about_the_row_of_its_own(open_app: OpenApp) -> None:
    async with open_app() as opened:
        opened.burst("down", "D", "escape", "j", "D", "escape", "j", "D")

        await opened.until(lambda: opened.table.cursor == 3)
        dialog = await asked(opened)
        assert opened.names()[3] in dialog.question.title


async def test_a_filter_takes_its_letters_and_the_rows_what_comes_after_enter(open_app: OpenApp) -> None:
    async with open_app() as opened:
        opened.burst("slash", *"xs", "backspace", *"DqK", "space", "x", *["backspace"] * 6, *"preview", "enter", "D")

        dialog = await asked(opened)
        assert opened.fleet.query_one(Input).value == "preview"
        assert "preview" in dialog.question.title
        assert not opened.fleet.store.pending
        assert not opened.fleet.view.marks


async def test_quit_by_its_name_in_one_burst(open_app: OpenApp) -> None:
    async with open_app() as opened:
        opened.burst("colon", *"quit", "enter")

        await opened.until(lambda: opened.app.return_code == 0 and opened.app._exit)


async def test_what_follows_the_escape_from_the_console_is_a_command(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        here.opened.burst("3", *"ls", "escape", "question_mark")

        await here.opened.until(lambda: isinstance(here.opened.app.screen, HelpScreen))
        assert here.console.input.value == "ls"


async def test_what_is_typed_elsewhere_is_meant_for_the_row_to_which_the_keys_before_went(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app() as opened:
        await opened.go_to("scratch")
        monkeypatch.setattr(fleet_selection, "REST_S", 60.0)  # as if the keys came still faster

        opened.burst("up", "3", *"pwd")
        console = opened.screen.console_pane
        await opened.until(lambda: console.input.value == "pwd")

        above = opened.names()[opened.table.cursor]
        assert above != "scratch"
        assert console.sandbox is not None
        assert console.sandbox.name == above


async def test_a_pull_is_about_the_row_to_which_the_keys_before_went(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_app() as opened:
        await opened.go_to("preview-shop")
        monkeypatch.setattr(fleet_selection, "REST_S", 60.0)

        opened.burst("slash", *"scratch", "enter", "P")

        await opened.until(lambda: isinstance(opened.app.screen, PullScreen) or opened.notices)
        await opened.until(lambda: opened.screen.files_pane.sandbox == opened.fleet.current)
        assert "preview-shop" not in opened.text


async def test_the_output_keeps_the_focus_that_the_escape_gave_it(open_app: OpenApp) -> None:
    async with open_app() as opened:
        opened.burst("3", "escape", *["k"] * 40, "question_mark")

        await opened.until(lambda: isinstance(opened.app.screen, HelpScreen))
        assert not opened.screen.console_pane.input.value
        await opened.press("escape")
        assert opened.screen.focused is opened.screen.console_pane.output


async def test_two_hundred_keys_go_two_hundred_rows(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:300") as opened:
        await opened.until(lambda: len(opened.names()) == 300)
        opened.burst(*["j"] * 200, "space")

        await opened.until(lambda: opened.fleet.view.marks)
        assert _marked(opened) == [opened.names()[200]]


async def test_a_paste_goes_where_the_key_before_it_leads(open_app: OpenApp) -> None:
    async with open_app() as opened:
        opened.burst("slash", "a")
        opened.app.post_message(events.Paste("xDq"))
        opened.burst("b", "left", "c")

        await opened.until(lambda: opened.fleet.query_one(Input).value == "axDqcb")
        assert not opened.fleet.store.pending


async def test_the_program_can_be_left_while_keys_wait(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:300") as opened:
        opened.burst(*["j"] * 300, "ctrl+c", "ctrl+q", *["j"] * 50)

        await opened.until(lambda: opened.app._exit)
