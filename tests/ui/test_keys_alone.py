"""Keys in order in a small program: texts, a widget that goes away with a key, one that hangs, and what is slow."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from tests.ui.driver import WAIT_S, until
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input

from daytona_tui.ui.keys_in_order import KeysInOrder


class _Program(KeysInOrder[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "note('f1')"),
        Binding("f2", "open"),
        Binding("f3", "wait"),
        Binding("f4", "note('f4')", priority=True),
    ]

    def __init__(self, *widgets: Widget) -> None:
        super().__init__()
        self._widgets = widgets
        self.noted: list[str] = []
        self.left = asyncio.Event()

    def compose(self) -> ComposeResult:
        with Vertical():
            yield from self._widgets

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.noted.append(event.value)

    def action_note(self, what: str) -> None:
        self.noted.append(what)

    async def action_open(self) -> None:
        await self.push_screen(_Dialog(), self._answered)

    def _answered(self, answer: str | None) -> None:
        self.noted.append(f"answer {answer}")
        if answer == "more":
            self.push_screen(_Dialog(), self._answered)

    async def action_wait(self) -> None:
        await asyncio.sleep(0.1)
        self.noted.append("waited")

    async def action_quit(self) -> None:
        self.left.set()

    def burst(self, *keys: str) -> None:
        for key in keys:
            self.post_message(events.Key(key, key if len(key) == 1 else None))


class _Dialog(ModalScreen[str]):
    def compose(self) -> ComposeResult:
        yield Input()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value)


class _Going(Widget, can_focus=True):
    """Is removed by the first key it gets."""

    async def on_key(self, event: events.Key) -> None:
        event.stop()
        assert isinstance(self.app, _Program)
        self.app.noted.append(f"went with {event.key}")
        self.remove()


class _Hanging(Widget, can_focus=True):
    """Does not come back from the first key it gets before it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may = asyncio.Event()

    async def on_key(self) -> None:
        await self.may.wait()


async def test_backspaces_and_enter_of_one_burst_act_where_they_stand_in_it() -> None:
    app = _Program(Input())
    async with app.run_test() as pilot:
        app.burst("1", "5", "backspace", "0", "m", "enter", "x", "ctrl+u", "7", "home", "2", "enter", "f1")

        await until(pilot, lambda: "f1" in app.noted)
        assert app.noted == ["10m", "27", "f1"]


async def test_a_key_ahead_of_the_focus_waits_for_those_before_it() -> None:
    app = _Program(Input())
    async with app.run_test() as pilot:
        app.burst("f1", "f4", "f3", "f4", "a", "enter", "f1")

        await until(pilot, lambda: len(app.noted) == 6)
        assert app.noted == ["f1", "f4", "waited", "f4", "a", "f1"]


async def test_a_dialog_and_the_dialog_after_it_take_what_was_typed_for_them() -> None:
    app = _Program(Input())
    async with app.run_test() as pilot:
        app.burst("x", "f2", *"more", "enter", *"no", "enter", "y", "enter")

        await until(pilot, lambda: len(app.noted) == 3)
        assert app.noted == ["answer more", "answer no", "xy"]


async def test_no_key_is_lost_with_the_widget_that_had_the_focus() -> None:
    app = _Program(_Going(), Input())
    async with app.run_test() as pilot:
        app.burst("p", "q", "r", "enter")

        await until(pilot, lambda: len(app.noted) == 2)
        assert app.noted == ["went with p", "qr"]


async def test_a_widget_that_hangs_does_not_make_the_program_deaf() -> None:
    hanging = _Hanging()
    app = _Program(hanging)
    async with app.run_test() as pilot:
        app.burst("x", "f4", "y", "ctrl+q")

        async with asyncio.timeout(WAIT_S):  # a pilot's pause would wait for the widget
            await app.left.wait()
        assert app.noted == ["f4"]
        hanging.may.set()
        await pilot.pause()
