"""All commands with their keys: to read, to find, and to run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType

from daytona_tui.presentation.tones import Tone
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.screens.chooser import ChooserList, ChooserScreen
from daytona_tui.ui.widgets.rows_view import Placeholder

_WHERE_WIDTH = 11
_TITLE_WIDTH = 18
_KEY_WIDTH = 10


@dataclass(frozen=True, slots=True)
class HelpEntry:
    """A command as help shows it.

    Attributes:
        where: the pane it belongs to.
        reason: why it is not possible now; empty when it is.
        key: its key as a person writes it.
    """

    command: Command
    where: str
    reason: str = ""
    key: str = ""

    @property
    def detail(self) -> str:
        """What it does, or why it is not possible now."""
        return f"not now: {self.reason}" if self.reason else self.command.help


class HelpList(ChooserList):
    """The commands that the filter lets through."""

    def __init__(self, entries: Sequence[HelpEntry]) -> None:
        super().__init__()
        self.entries = tuple(entries)
        self.shown = self.entries
        self.placeholder = Placeholder("No command has these words", "esc closes help")

    def filter_by(self, text: str) -> None:
        """Show the entries with all words of ``text``, and those whose key it is."""
        words = text.casefold().split()
        found = [
            entry
            for entry in self.entries
            if text.strip() == entry.key or all(word in _text_of(entry) for word in words)
        ]
        # A title that begins with what was typed is what was meant.
        self.shown = tuple(sorted(found, key=lambda entry: not _begins(entry, words)))
        self.narrowed()

    def row_count(self) -> int:
        """Return how many entries are shown."""
        return len(self.shown)

    def row_segments(self, index: int, width: int) -> list[Segment]:
        """Return key, place, title and what it does, or why it is not possible now."""
        entry = self.shown[index]
        off = bool(entry.reason)
        return [
            Segment(" "),
            *self.cell(entry.key, _KEY_WIDTH, Tone.FAINT if off else Tone.ACCENT),
            *self.cell(entry.where, _WHERE_WIDTH, Tone.FAINT),
            *self.cell(entry.command.title, _TITLE_WIDTH, Tone.FAINT if off else Tone.NEUTRAL),
            *self.cell(entry.detail, max(0, width - 1 - _KEY_WIDTH - _WHERE_WIDTH - _TITLE_WIDTH), Tone.DIM),
        ]


def _text_of(entry: HelpEntry) -> str:
    return f"{entry.where} {entry.command.title} {entry.command.help}".casefold()


def _begins(entry: HelpEntry, words: list[str]) -> bool:
    return not words or entry.command.title.casefold().startswith(words[0])


class HelpScreen(ChooserScreen[Command]):
    """A list that is filtered by typing; the result is the command to run."""

    TITLE_TEXT = "Help"
    PLACEHOLDER = "find a command"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f1", "close", "Close", show=False)]

    def __init__(self, entries: Sequence[HelpEntry]) -> None:
        self._list = HelpList(entries)
        super().__init__(self._list)

    def choice(self, index: int) -> Command:
        """Return the command of a row, possible or not: the attempt says why not."""
        return self._list.shown[index].command
