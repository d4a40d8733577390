"""Labels with the changes that are being made to them."""

from __future__ import annotations

from rich.segment import Segment

from daytona_tui.presentation.labels import LabelRow
from daytona_tui.presentation.safe_text import cell_width, clip, safe
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui.widgets.rows_view import Placeholder, RowsView

_KEY_CELLS = 28
_COUNT_CELLS = 10


class LabelList(RowsView):
    """One row per key: what happens to it, the key, its values, how many sandboxes have it."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[LabelRow, ...] = ()
        self.placeholder = Placeholder("no labels yet", "type key=value below")

    @property
    def current(self) -> LabelRow | None:
        """The row under the cursor."""
        return self._rows[self.cursor] if self.cursor < len(self._rows) else None

    def show(self, rows: tuple[LabelRow, ...], *, key: str = "") -> None:
        """Show ``rows``, with the cursor on ``key`` if it is among them."""
        wanted = key or (self.current.key if self.current else "")
        self._rows = rows
        self.cursor = next((index for index, row in enumerate(rows) if row.key == wanted), self.cursor)
        self.rows_changed()
        self.move_cursor(self.cursor)

    def row_count(self) -> int:
        """Return how many keys there are."""
        return len(self._rows)

    def row_segments(self, index: int, width: int) -> list[Segment]:
        """Return one row."""
        row = self._rows[index]
        key = clip(safe(row.key), _KEY_CELLS - 2)
        count = f"{row.held_by:,} of {row.of:,}" if row.is_mixed else ""
        cells = [
            _mark(row),
            Cell(key + " " * (_KEY_CELLS - cell_width(key)), Tone.FAINT if row.goes else Tone.NEUTRAL),
            *_values(row, max(4, width - _KEY_CELLS - 3 - _COUNT_CELLS)),
            Cell(f"{count:>{_COUNT_CELLS}}", Tone.FAINT),
        ]
        return [self.cell_segment(cell) for cell in cells]


def _mark(row: LabelRow) -> Cell:
    if row.goes:
        return Cell(" - ", Tone.BAD)
    if row.becomes is not None:
        return Cell(" ~ " if row.values else " + ", Tone.GOOD)
    return Cell("   ")


def _values(row: LabelRow, room: int) -> list[Cell]:
    now = row.now_words()
    if row.goes:
        return [_padded(f"taken away (was {now})", room, Tone.BAD)]
    if row.becomes is None:
        return [_padded(now, room, Tone.WARN if len(row.values) > 1 else Tone.DIM)]
    then = safe(row.becomes) or "(empty)"
    if not row.values:
        return [_padded(then, room, Tone.GOOD)]
    return [_padded(f"{clip(now, room // 2)} → {then}", room, Tone.GOOD)]


def _padded(text: str, room: int, tone: Tone) -> Cell:
    text = clip(text, room)
    return Cell(text + " " * (room - cell_width(text)), tone)
