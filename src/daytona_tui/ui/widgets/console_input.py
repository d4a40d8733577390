"""The line in which a command is written: history, and pasted lines kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

LINE_MARK = "␊"
"""Stands for a line end in the one line of the input; becomes one when the command is run."""


class ConsoleInput(Input):
    """An input with a history. A paste of several lines becomes one command of several lines."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "older", "Older", show=False),
        Binding("down", "newer", "Newer", show=False),
        Binding("ctrl+c", "interrupt", "Cancel", show=False),
        Binding("ctrl+p", "older", "Older", show=False),
        Binding("escape", "leave", "Leave", show=False),
    ]

    class Interrupted(Message):
        """Ctrl+C on an empty line, or while something runs."""

    def __init__(self, submit: Callable[[], None], *, leaves_to: Widget, id: str | None = None) -> None:
        super().__init__(id=id, compact=True, select_on_focus=False)
        self._submit = submit
        self._leaves_to = leaves_to
        self.history: list[str] = []
        self._position: int | None = None
        self._draft = ""

    @property
    def command(self) -> str:
        """What was written, with its line ends."""
        return self.value.replace(LINE_MARK, "\n")

    def offer(self, history: list[str], draft: str) -> None:
        """Take the history and the unfinished line of another sandbox."""
        self.history, self._position = history, None
        self._write(draft)

    def clear_line(self) -> None:
        """Begin a new command."""
        self._position = None
        self._write("")

    def _on_paste(self, event: events.Paste) -> None:
        text = event.text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").replace("\n", LINE_MARK)
        if text:
            self.insert_text_at_cursor(text)
        event.stop()
        event.prevent_default()

    async def action_submit(self) -> None:
        """Run the command."""
        self._submit()

    def action_older(self) -> None:
        """Show the command before."""
        if self._position is None:
            self._draft, self._position = self.value, len(self.history)
        if self._position > 0:
            self._position -= 1
            self._write(self.history[self._position])

    def action_newer(self) -> None:
        """Show the command after; after the last the line as it was."""
        if self._position is None:
            return
        self._position += 1
        if self._position >= len(self.history):
            self._position = None
            self._write(self._draft)
        else:
            self._write(self.history[self._position])

    def action_leave(self) -> None:
        """Go to where keys are commands."""
        self._leaves_to.focus()

    def action_interrupt(self) -> None:
        """Cancel what runs, or clear the line: the pane decides."""
        self.post_message(self.Interrupted())

    def _write(self, command: str) -> None:
        self.value = command.replace("\n", LINE_MARK)
        self.cursor_position = len(self.value)
