"""The entries of dialogs: keys act in the order in which they were pressed."""

from __future__ import annotations

from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Input

from daytona_tui.ui.widgets.entry import TextEntry


class _App(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.submitted: list[str] = []

    def compose(self) -> ComposeResult:
        yield TextEntry()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.submitted.append(event.value)


async def test_backspaces_and_enter_of_one_burst_act_where_they_stand_in_it() -> None:
    app = _App()
    async with app.run_test() as pilot:
        for key in ("1", "5", "backspace", "0", "m", "enter", "x", "ctrl+u", "7", "home", "2", "enter"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()

        assert app.submitted == ["10m", "27"]


async def test_what_is_not_for_the_entry_is_handed_on() -> None:
    app = _App()
    async with app.run_test() as pilot:
        await pilot.press("a", "tab", "f5")

        assert app.query_one(TextEntry).value == "a"
