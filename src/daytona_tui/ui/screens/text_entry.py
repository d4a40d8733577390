"""A dialog with one line of text: the name of a folder, where to move something, a mode."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static
from textual.widgets.input import Selection

from daytona_tui.presentation.safe_text import safe
from daytona_tui.ui.panes.file_dialogs import TextWish


class TextScreen(ModalScreen[str | None]):
    """Asks for a line of text; the result is what was typed, None when nothing was."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel", show=False)]
    AUTO_FOCUS = "#text"
    CSS_PATH = "../styles/text_entry.tcss"

    def __init__(self, wish: TextWish) -> None:
        super().__init__()
        self._wish = wish

    def compose(self) -> ComposeResult:
        """Make the dialog."""
        wish = self._wish
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(wish.title).markup
            for note in wish.notes:
                yield Static(Content(note), classes="note")
            yield Static(wish.label, classes="label", markup=False)
            yield Input(safe(wish.text), id="text", compact=True, select_on_focus=False)
            yield Static("", id="mistake", classes="bad")
            yield Static("Enter goes ahead · Esc cancels", classes="quiet", markup=False)

    def on_mount(self) -> None:
        """Mark what the first key replaces."""
        entry = self._entry
        entry.selection = Selection(*(self._wish.selected or (len(entry.value), len(entry.value))))

    @property
    def _entry(self) -> Input:
        return self.query_one("#text", Input)

    def on_key(self, event: events.Key) -> None:
        """Take what was typed before the entry had the focus."""
        if self.focused is None and event.is_printable and event.character:
            event.stop()
            event.prevent_default()
            self._entry.focus()
            self._entry.replace(event.character, *self._entry.selection)

    @on(Input.Submitted)
    def submit(self) -> None:
        """Close with the text, or say what is wrong with it."""
        text = self._entry.value
        # An untouched entry stands for the text itself: what it shows of it may be marks.
        text = self._wish.text if text == safe(self._wish.text) else text
        mistake = self._wish.check(text) if text.strip() else "type something, or press Esc"
        if mistake:
            self._tell(mistake)
        else:
            self.dismiss(text)

    @on(Input.Changed)
    def _forget_mistake(self) -> None:
        self._tell("")

    def _tell(self, mistake: str) -> None:
        self.query_one("#mistake", Static).update(Content(mistake))

    def action_cancel(self) -> None:
        """Close without a text."""
        self.dismiss(None)
