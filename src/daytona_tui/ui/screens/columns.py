"""Choosing columns, their order and their widths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual.binding import Binding, BindingType

from daytona_tui.domain.grouping import LABEL_PREFIX
from daytona_tui.domain.views import ColumnChoice
from daytona_tui.presentation.columns import DEFAULT_COLUMNS, Column, column_named
from daytona_tui.presentation.fitting import GREATEST_WIDTH, LEAST_WIDTH
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui.screens.choosing import ChoosingScreen
from daytona_tui.ui.widgets.choice_list import Choice, ChoiceList


@dataclass(frozen=True, slots=True)
class _Line:
    column: Column
    is_shown: bool
    width: int | None = None


class ColumnsScreen(ChoosingScreen[tuple[ColumnChoice, ...]]):
    """The result is the columns that are to be shown; an empty one stands for the usual ones."""

    TITLE_TEXT = "Columns"
    HINT = "space shows or hides · ← → width, 0 as needed · shift+↑ ↓ place · n label · u the usual · enter keeps"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "show_or_hide", "Show or hide", show=False),
        Binding("left,h", "widen(-1)", "Narrower", show=False),
        Binding("right,l", "widen(1)", "Wider", show=False),
        Binding("backspace,0", "natural", "As needed", show=False),
        Binding("shift+up,K", "shift(-1)", "To the left", show=False),
        Binding("shift+down,J", "shift(1)", "To the right", show=False),
        Binding("n", "name", "A label", show=False),
        Binding("u", "usual", "The usual ones", show=False),
    ]

    def __init__(self, chosen: Sequence[ColumnChoice], columns: Sequence[Column]) -> None:
        super().__init__(ChoiceList((1, 18, 6)))
        self._columns = tuple(columns)
        self._lines: list[_Line] = []
        self._fill(chosen)

    def _fill(self, chosen: Sequence[ColumnChoice]) -> None:
        shown = [(column_named(choice.key), choice.width) for choice in chosen]
        self._lines = [_Line(column, is_shown=True, width=width) for column, width in shown if column is not None]
        keys = {line.column.key for line in self._lines}
        self._lines += [_Line(column, is_shown=False) for column in self._columns if column.key not in keys]
        self._show()

    def _show(self) -> None:
        self.choices.show([Choice(line.column.key, _cells(line)) for line in self._lines])
        count = sum(line.is_shown for line in self._lines)
        self.say(f"{count} shown, as far as there is room" if count else "none is shown: those would be the usual ones")

    @property
    def _at(self) -> int:
        return self.choices.cursor

    def _change(self, line: _Line) -> None:
        self._lines[self._at] = line
        self._show()

    def action_show_or_hide(self) -> None:
        """Show the column, or hide it."""
        line = self._lines[self._at]
        self._change(replace(line, is_shown=not line.is_shown))

    def action_widen(self, by: int) -> None:
        """Make the column wider or narrower, whatever its texts take."""
        line = self._lines[self._at]
        width = line.width if line.width is not None else line.column.ideal
        self._change(replace(line, width=max(LEAST_WIDTH, min(GREATEST_WIDTH, width + by))))

    def action_natural(self) -> None:
        """Let the column be as wide as its texts."""
        self._change(replace(self._lines[self._at], width=None))

    def action_shift(self, by: int) -> None:
        """Move the column among the others."""
        start, end = self._at, self._at + by
        if 0 <= end < len(self._lines):
            self._lines[start], self._lines[end] = self._lines[end], self._lines[start]
            self._show()

    def action_name(self) -> None:
        """Ask for a label."""
        self.ask("Name of a label:")

    def typed(self, text: str) -> None:
        """Show the column of a label."""
        column = column_named(f"{LABEL_PREFIX}{text.removeprefix(LABEL_PREFIX)}")
        if column is None:
            return
        self._lines = [line for line in self._lines if line.column.key != column.key]
        count = sum(line.is_shown for line in self._lines)
        self._lines.insert(count, _Line(column, is_shown=True))
        self._show()
        self.choices.point_at(column.key)

    def action_usual(self) -> None:
        """Choose the usual columns."""
        self._fill([ColumnChoice(column.key) for column in DEFAULT_COLUMNS])

    def take(self) -> None:
        """Keep the choice."""
        chosen = tuple(ColumnChoice(line.column.key, line.width) for line in self._lines if line.is_shown)
        usual = tuple(ColumnChoice(column.key) for column in DEFAULT_COLUMNS)
        self.dismiss(() if chosen == usual else chosen)


def _cells(line: _Line) -> tuple[Cell, ...]:
    width = "auto" if line.width is None else str(line.width)
    return (
        Cell("✓" if line.is_shown else "", Tone.ACCENT),
        Cell(line.column.title, Tone.STRONG if line.is_shown else Tone.NEUTRAL),
        Cell(width, Tone.FAINT if line.width is None else Tone.NEUTRAL),
        Cell(line.column.about, Tone.DIM),
    )
