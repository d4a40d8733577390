"""A list under an entry: typing narrows it, Enter takes the row under the cursor. Help, palette, profiles are such."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from daytona_tui.presentation.fuzzy import Needle
from daytona_tui.presentation.safe_text import cell_width, clip
from daytona_tui.presentation.tones import Tone
from daytona_tui.ui.widgets.rows_view import RowsView
from daytona_tui.ui.widgets.tone_styles import tone_style

Chosen = TypeVar("Chosen")


class ChooserList(RowsView):
    """The rows that fit what was typed."""

    def filter_by(self, text: str) -> None:
        """Show what fits ``text``."""
        raise NotImplementedError

    def narrowed(self) -> None:
        """Begin at the top of other rows."""
        self.cursor = self.top = 0
        self.rows_changed()

    def cell(self, text: str, width: int, tone: Tone, needle: Needle | None = None) -> list[Segment]:
        """Return ``text`` cut or filled to ``width`` cells, with the letters that were typed underlined."""
        text = clip(text, max(0, width - 1))
        style = self.tone_style(tone)
        filled = [Segment(" " * max(0, width - cell_width(text)), style)]
        spans = frozenset(needle.spans(text)) if needle else frozenset[int]()
        if not spans:
            return [Segment(text, style), *filled]
        found = tone_style(self.app.theme_variables, Tone.ACCENT) + Style(underline=True)
        return [Segment(letter, found if at in spans else style) for at, letter in enumerate(text)] + filled


class ChooserScreen(ModalScreen[Chosen | None], Generic[Chosen]):
    """Ask for one of many; the result is what was chosen, None when nothing was."""

    TITLE_TEXT: ClassVar[str] = ""
    PLACEHOLDER: ClassVar[str] = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", show=False),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("pageup", "page(-1)", show=False, priority=True),
        Binding("pagedown", "page(1)", show=False, priority=True),
    ]
    AUTO_FOCUS = "Input"
    CSS_PATH = "../styles/chooser.tcss"

    def __init__(self, rows: ChooserList, *, subtitle: str = "type to find · enter runs it · esc closes") -> None:
        super().__init__()
        self.rows = rows
        self.subtitle = subtitle
        self._typed = ""

    def compose(self) -> ComposeResult:
        """Make entry and list."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = self.TITLE_TEXT
            dialog.border_subtitle = self.subtitle
            yield Input(placeholder=self.PLACEHOLDER, compact=True)
            yield self.rows

    def choice(self, index: int) -> Chosen | None:
        """Return what the row ``index`` stands for; None keeps the dialog open."""
        raise NotImplementedError

    def on_key(self, event: events.Key) -> None:
        """Take what was typed before the entry had the focus."""
        entry = self.query_one(Input)
        if entry.has_focus or not (event.is_printable or event.key == "enter"):
            return
        event.stop()
        event.prevent_default()
        if event.key == "enter":
            self._submit(entry.value)
        elif event.character:
            entry.insert_text_at_cursor(event.character)

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        self.narrow(event.value)

    def narrow(self, text: str) -> None:
        """Show what fits ``text``; asked for the same again it leaves the cursor alone."""
        if text != self._typed:
            self._typed = text
            self.rows.filter_by(text)

    @on(Input.Submitted)
    def _take_current(self, event: Input.Submitted) -> None:
        self._submit(event.value)

    def _submit(self, text: str) -> None:
        # The news of the last letter may still be on its way.
        self.narrow(text)
        if self.rows.row_count():
            self._take(self.rows.cursor)

    @on(RowsView.Chosen)
    def _take_clicked(self, event: RowsView.Chosen) -> None:
        self._take(event.index)

    def _take(self, index: int) -> None:
        chosen = self.choice(index)
        if chosen is not None:
            self.dismiss(chosen)

    def action_close(self) -> None:
        """Leave without choosing anything."""
        self.dismiss(None)

    def action_move(self, rows: int) -> None:
        """Move the cursor of the list."""
        self.rows.action_move(rows)

    def action_page(self, direction: int) -> None:
        """Move the cursor of the list by a page."""
        self.rows.action_page(direction)
