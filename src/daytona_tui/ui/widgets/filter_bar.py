"""The line into which a filter is typed."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static


class FilterBar(Horizontal):
    """``/`` and an input. Filters while one types; Enter keeps the filter, Escape takes it away."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave(True)", "Clear", show=False),
        Binding("down,tab", "leave(False)", "To the rows", show=False),
    ]
    DEFAULT_CSS = """
    FilterBar { height: 1; width: 1fr; display: none; }
    FilterBar.-open { display: block; }
    FilterBar Static { width: 3; color: $accent; text-style: bold; padding: 0 1; }
    FilterBar Input { height: 1; width: 1fr; border: none; padding: 0; background: transparent; }
    FilterBar Input:focus { border: none; }
    """

    class Changed(Message):
        """The text is another."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The user is done with typing."""

    def compose(self) -> ComposeResult:
        """Make prompt and input."""
        yield Static("/")
        yield Input(placeholder="words of name, id, labels, owner, state", compact=True, select_on_focus=False)

    def open(self, text: str) -> None:
        """Show the line with ``text`` in it and take the focus."""
        self.add_class("-open")
        entry = self.query_one(Input)
        with self.prevent(Input.Changed):
            entry.value = text
        # At once: the keys that follow in the same burst belong to the text.
        self.screen.set_focus(entry)

    def close(self) -> None:
        """Hide the line."""
        self.remove_class("-open")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Pass the text on."""
        event.stop()
        self.post_message(self.Changed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep the filter."""
        event.stop()
        self.action_leave(clear=False)

    def action_leave(self, clear: bool) -> None:
        """Close the line; with ``clear`` the filter goes as well."""
        if clear:
            self.post_message(self.Changed(""))
        self.close()
        self.post_message(self.Left())
