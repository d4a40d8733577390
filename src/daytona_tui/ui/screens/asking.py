"""A dialog with a list that may ask for a line of text, and has its keys back afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from daytona_tui.ui.widgets.cell_table import CellTable

Answer = TypeVar("Answer")


class AskingScreen(ModalScreen[Answer | None], Generic[Answer]):
    """Asks at its foot. Subclasses ``yield from self.compose_entry()`` there, and bind Escape to ``leave``."""

    def __init__(self) -> None:
        super().__init__()
        self._question = Static("", id="question", markup=False)
        self._entry = Input(id="entry", compact=True, select_on_focus=False)
        self._then: Callable[[str], None] = lambda _text: None

    def compose_entry(self) -> ComposeResult:
        """Make the question and its entry; both are hidden until something is asked."""
        yield self._question
        yield self._entry

    @property
    def is_asking(self) -> bool:
        """True while a text is typed."""
        return self.has_class("-asks")

    def ask(self, question: str, text: str, then: Callable[[str], None]) -> None:
        """Ask for a text; ``then`` is given what was typed, unless Escape is pressed."""
        self._then = then
        self._question.update(Content(question))
        self._entry.value = text
        self._entry.cursor_position = len(text)
        self.add_class("-asks")
        self.set_focus(self._entry)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave to the entry, while it is open, all keys but Escape."""
        return action in ("leave", "app.help_quit") or not self.is_asking

    @on(Input.Submitted, "#entry")
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        self._stop_asking()
        self._then(event.value.strip())

    def _stop_asking(self) -> None:
        self.remove_class("-asks")
        self.set_focus(self.query_one(CellTable))

    def action_leave(self) -> None:
        """Close the entry, or leave."""
        if self.is_asking:
            self._stop_asking()
        else:
            self.dismiss(None)
