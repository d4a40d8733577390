"""Rows of cells under headings: what the plan of a sweep and its report are shown in."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment

from daytona_tui.domain.grouping import Hourly
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.presentation.cells import CellContext
from daytona_tui.presentation.columns import Align, Column
from daytona_tui.presentation.fitting import GAP, fit
from daytona_tui.presentation.safe_text import cell_width, clip
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui.widgets.rows_view import Placeholder, RowsView


def heading(key: str, title: str, room: tuple[int, int, int], priority: int, *, right: bool = False) -> Column:
    """Return a column whose cells come with the rows; ``room`` is the least, the usual and the most it takes."""
    least, ideal, most = room
    align = Align.RIGHT if right else Align.LEFT
    return Column(key, title, _no_cell, _no_key, least, ideal, most, priority, align)


def _no_cell(_sandbox: Sandbox, _context: CellContext) -> Cell:
    return Cell("")


def _no_key(_sandbox: Sandbox, _hourly: Hourly) -> None:
    return None


class CellTable(RowsView):
    """Rows of cells, one for each column; columns leave by priority where there is little room."""

    DEFAULT_CSS = """
    CellTable .rows-view--cursor-unfocused { background: $block-cursor-background; }
    """

    def __init__(self, columns: Sequence[Column], *, id: str, placeholder: Placeholder) -> None:
        super().__init__(id=id)
        self.rows: Sequence[Sequence[Cell]] = ()
        self.placeholder = placeholder
        self._columns = tuple(columns)
        self._natural: dict[str, int] = {}

    def show(self, rows: Sequence[Sequence[Cell]]) -> None:
        """Show other rows; the cursor stays where it is, as far as there is a row."""
        self.rows = rows
        for place, column in enumerate(self._columns):
            widest = max((cell_width(row[place].short or row[place].text) for row in rows), default=0)
            self._natural[column.key] = max(column.width, widest)
        self.rows_changed()

    def row_count(self) -> int:
        """Return how many there are."""
        return len(self.rows)

    def row_segments(self, index: int, width: int) -> list[Segment]:
        """Return one row."""
        segments = [Segment("▌ " if index == self.cursor else "  ", self.tone_style(Tone.ACCENT))]
        row = self.rows[index]
        for place, column, room in self._layout(width):
            segments += [self._fitted(row[place], room, column), Segment(" " * GAP)]
        return segments

    def has_header(self) -> bool:
        """Return whether there is anything to head."""
        return bool(self.rows)

    def header_segments(self, width: int) -> list[Segment]:
        """Return the headings."""
        segments = [Segment("  ")]
        for _place, column, room in self._layout(width):
            segments += [Segment(_padded(clip(column.title, room), room, column)), Segment(" " * GAP)]
        return segments

    def _layout(self, width: int) -> list[tuple[int, Column, int]]:
        places = {column.key: place for place, column in enumerate(self._columns)}
        return [(places[column.key], column, room) for column, room in fit(self._columns, width - 2, self._natural)]

    def _fitted(self, cell: Cell, room: int, column: Column) -> Segment:
        return Segment(_padded(cell.within(room), room, column), self.tone_style(cell.tone))


def _padded(text: str, room: int, column: Column) -> str:
    blank = " " * max(0, room - cell_width(text))
    return blank + text if column.align is Align.RIGHT else text + blank
