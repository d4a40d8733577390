"""Rows of what a repository has, and the lines of a difference."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.actions import SkipAction

from daytona_tui.presentation.columns import Column
from daytona_tui.presentation.git_rows import broken
from daytona_tui.presentation.tones import Cell
from daytona_tui.ui.widgets.cell_table import CellTable
from daytona_tui.ui.widgets.rows_view import Placeholder, RowsView


class GitTable(CellTable):
    """Rows under headings that change with what is shown."""

    DEFAULT_CSS = """
    GitTable .rows-view--cursor-unfocused { background: $block-cursor-blurred-background; }
    """

    def __init__(self, *, id: str) -> None:
        super().__init__((), id=id, placeholder=Placeholder(""))

    def present(self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], *, cursor: int) -> None:
        """Show rows of other columns, with the cursor on one of them."""
        if tuple(columns) != self._columns:
            self._columns = tuple(columns)
            self._natural = {}
            self.top = 0
        self.cursor = max(0, min(cursor, len(rows) - 1))
        self.show(rows)
        self._scroll_to_cursor()


class DiffView(RowsView):
    """Lines of a difference; long ones go on in the next row."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.shows_cursor = False
        self._lines: Sequence[Cell] = ()
        self._rows: list[tuple[int, Cell]] = []

    def show(self, lines: Sequence[Cell], *, keeps_place: bool) -> None:
        """Show lines; from the beginning unless the place is to be kept."""
        self._lines = lines
        if not keeps_place:
            self.top = self.cursor = 0
        self._break()

    @property
    def text(self) -> str:
        """All of it, as it is shown."""
        return "\n".join(line.text for line in self._lines)

    def row_count(self) -> int:
        """Return how many rows the lines take."""
        return len(self._rows)

    def row_segments(self, index: int, width: int) -> list[Segment]:
        """Return one row."""
        return [Segment(" "), self.cell_segment(self._rows[index][1])]

    def move_cursor(self, index: int) -> None:
        """Scroll: there is no cursor among lines that are only read."""
        self.scroll_rows(self.top + index - self.cursor)

    def take_click(self, index: int, x: int) -> bool:
        """Leave the lines where they are."""
        return True

    def action_choose(self) -> None:
        """Leave the key to whoever is around: nothing is under a cursor."""
        raise SkipAction

    def action_first(self) -> None:
        """Go to the beginning."""
        self.scroll_rows(0)

    def action_last(self) -> None:
        """Go to the end."""
        self.scroll_rows(self.row_count())

    def on_resize(self) -> None:
        """Break the lines anew, and keep the one at the top there."""
        line = self._rows[self.top][0] if self.top < len(self._rows) else 0
        self._break()
        self.top = next((row for row, (index, _) in enumerate(self._rows) if index >= line), 0)
        super().on_resize()

    def _break(self) -> None:
        self._rows = list(broken(self._lines, max(10, self.size.width - 3)))
        self.rows_changed()
