"""All commands with their keys: to read, to find, and to run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from daytona_tui.presentation.safe_text import cell_width, clip
from daytona_tui.presentation.tones import Tone
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.widgets.rows_view import Placeholder, RowsView

_SCOPE_WIDTH = 11
_TITLE_WIDTH = 18
_KEY_WIDTH = 10


@dataclass(frozen=True, slots=True)
class HelpEntry:
    """A command as help shows it.

    Attributes:
        where: the pane it belongs to.
        reason: why it is not possible now; empty when it is.
    """

    command: Command
    where: str
    reason: str = ""


class HelpList(RowsView):
    """The commands that the filter lets through."""

    def __init__(self, entries: Sequence[HelpEntry]) -> None:
        super().__init__()
        self.entries = tuple(entries)
        self.shown = self.entries
        self.placeholder = Placeholder("No command has these words", "esc closes help")

    def filter_by(self, text: str) -> None:
        """Show the entries with all words of ``text``."""
        words = text.casefold().split()
        found = [
            entry
            for entry in self.entries
            if text.strip() == entry.command.key_label or all(word in _text_of(entry) for word in words)
        ]
        # A title that begins with what was typed is what was meant.
        self.shown = tuple(sorted(found, key=lambda entry: not _begins(entry, words)))
        self.cursor = 0
        self.rows_changed()

    def row_count(self) -> int:
        """Return how many entries are shown."""
        return len(self.shown)

    def row_segments(self, index: int, width: int) -> list[Segment]:
        """Return key, place, title and what it does, or why it is not possible now."""
        entry = self.shown[index]
        off = bool(entry.reason)
        text = f"not now: {entry.reason}" if off else entry.command.help
        room = max(0, width - _KEY_WIDTH - _SCOPE_WIDTH - _TITLE_WIDTH - 1)
        return [
            Segment(
                f" {entry.command.key_label:<{_KEY_WIDTH - 1}}", self.tone_style(Tone.FAINT if off else Tone.ACCENT)
            ),
            Segment(f"{entry.where:<{_SCOPE_WIDTH}}", self.tone_style(Tone.FAINT)),
            Segment(f"{entry.command.title:<{_TITLE_WIDTH}}", self.tone_style(Tone.FAINT if off else Tone.NEUTRAL)),
            Segment(clip(text, room) + " " * max(0, room - cell_width(text)), self.tone_style(Tone.DIM)),
        ]


def _text_of(entry: HelpEntry) -> str:
    return f"{entry.where} {entry.command.title} {entry.command.help}".casefold()


def _begins(entry: HelpEntry, words: list[str]) -> bool:
    return not words or entry.command.title.casefold().startswith(words[0])


class HelpScreen(ModalScreen[Command | None]):
    """A list that is filtered by typing; the result is the command to run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1", "close", "Close", show=False),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("pageup", "page(-1)", show=False, priority=True),
        Binding("pagedown", "page(1)", show=False, priority=True),
    ]
    AUTO_FOCUS = "Input"
    CSS_PATH = "../styles/help.tcss"

    def __init__(self, entries: Sequence[HelpEntry]) -> None:
        super().__init__()
        self._entries = tuple(entries)

    def compose(self) -> ComposeResult:
        """Make entry and list."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Help"
            dialog.border_subtitle = "type to find · enter runs it · esc closes"
            yield Input(placeholder="find a command", compact=True)
            yield HelpList(self._entries)

    def on_key(self, event: events.Key) -> None:
        """Take what was typed before the entry had the focus."""
        entry = self.query_one(Input)
        if not entry.has_focus and event.is_printable and event.character:
            event.stop()
            event.prevent_default()
            entry.insert_text_at_cursor(event.character)

    @property
    def _list(self) -> HelpList:
        return self.query_one(HelpList)

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        self._list.filter_by(event.value)

    @on(Input.Submitted)
    def _run_chosen(self) -> None:
        if self._list.shown:
            self.dismiss(self._list.shown[self._list.cursor].command)

    @on(RowsView.Chosen)
    def _run_clicked(self, event: RowsView.Chosen) -> None:
        self.dismiss(self._list.shown[event.index].command)

    def action_close(self) -> None:
        """Leave without running anything."""
        self.dismiss(None)

    def action_move(self, rows: int) -> None:
        """Move the cursor of the list."""
        self._list.action_move(rows)

    def action_page(self, direction: int) -> None:
        """Move the cursor of the list by a page."""
        self._list.action_page(direction)
