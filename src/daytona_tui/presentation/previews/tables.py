"""Files of separated values as a table."""

from __future__ import annotations

import contextlib
import csv
from collections import deque
from collections.abc import Iterable, Iterator

from daytona_tui.presentation.previews.body import Body, PreviewLine
from daytona_tui.presentation.previews.text import LineReader
from daytona_tui.presentation.safe_text import cell_width, clip, safe
from daytona_tui.presentation.tones import Cell, Tone

_DELIMITERS = ",;\t|"
_SAMPLE_ROWS = 200
_MAX_COLUMNS = 100
_MAX_CELLS = 40
_GAP = "  "
_MAX_OPEN_LINES = 500
"""A value that goes over more lines than this is not believed to be one."""


class TableBody(Body):
    """Rows in columns; the first one stays at the top. Widths are those of the first rows.

    A row is kept as the text that it is, and taken apart when it is seen.
    """

    kind = "table"

    def __init__(self, delimiter: str, encoding: str = "utf-8") -> None:
        super().__init__()
        self._delimiter = delimiter
        self._reader = LineReader(encoding)
        self._open: list[str] = []
        self._rows: list[str] = []
        self._widths: list[int] = []
        self._numeric: list[bool] = []

    def __len__(self) -> int:
        """Return how many rows there are, the heading not counted."""
        return len(self._rows)

    def __getitem__(self, index: int) -> PreviewLine:
        """Return a row."""
        return self._row(self._values(self._rows[index]), Tone.NEUTRAL)

    def _take(self, data: bytes, is_last: bool) -> None:
        rows = list(self._whole_rows(self._reader.lines(data, is_last=is_last), is_last))
        if not self._widths and rows:
            first = [self._values(row) for row in rows[:_SAMPLE_ROWS]]
            self._measure(first)
            self.header = self._row(first[0], Tone.STRONG)
            del rows[0]
        self._rows += rows

    def _whole_rows(self, lines: Iterable[str], is_last: bool) -> Iterator[str]:
        """Yield rows, of several lines where a quoted value goes over them; what is open stays for later."""
        coming = deque(line.partition("\0")[0].removesuffix("\r") for line in lines)
        is_quoted = bool(self._open)
        while coming or (is_last and self._open):
            if coming:
                self._open.append(coming.popleft())
                is_quoted ^= _is_odd(self._open[-1])
            if not is_quoted:
                yield from self._as_rows(self._open)
                self._open = []
            elif len(self._open) > _MAX_OPEN_LINES or (is_last and not coming):
                # No end of that value: its first line is a row of its own, and the others are looked at again.
                yield self._open[0]
                coming.extendleft(reversed(self._open[1:]))
                self._open, is_quoted = [], False

    def _as_rows(self, lines: list[str]) -> list[str]:
        if len(lines) == 1:
            return [lines[0]] if lines[0] else []
        # A quote within a value quotes nothing.
        whole = "\n".join(lines)
        return [whole] if len(list(self._read(whole))) == 1 else [line for line in lines if line]

    def _read(self, row: str) -> Iterator[list[str]]:
        with contextlib.suppress(csv.Error):
            yield from csv.reader((f"{line}\n" for line in row.split("\n")), delimiter=self._delimiter)

    def _values(self, row: str) -> list[str]:
        values = None if _is_odd(row) else next(self._read(row), None)
        return [_flat(value) for value in (values or row.split(self._delimiter))[:_MAX_COLUMNS]]

    def _measure(self, rows: list[list[str]]) -> None:
        columns = max(len(row) for row in rows)
        for column in range(columns):
            values = [row[column] for row in rows if column < len(row)]
            self._widths.append(min(_MAX_CELLS, max(map(cell_width, values), default=0)))
            self._numeric.append(all(_is_number(value) for value in values[1:]) and len(values) > 1)

    def _row(self, values: list[str], tone: Tone) -> PreviewLine:
        cells: list[Cell] = []
        for column, value in enumerate(values):
            width = self._widths[column] if column < len(self._widths) else _MAX_CELLS
            text = clip(value, width)
            blank = " " * (width - cell_width(text))
            is_right = column < len(self._numeric) and self._numeric[column]
            cells.append(Cell(f"{blank}{text}{_GAP}" if is_right else f"{text}{blank}{_GAP}", tone))
        return cells


def delimiter_of(name: str, text: str) -> str:
    """Return what separates the values of a file, by its name and its first line; empty where it is no table."""
    lower = name.casefold()
    if lower.endswith((".tsv", ".tab")):
        return "\t"
    if not lower.endswith(".csv"):
        return ""
    first = text.partition("\n")[0]
    return max(_DELIMITERS, key=first.count)


def _flat(value: str) -> str:
    return safe(value[: 4 * _MAX_CELLS].replace("\n", "⏎"))


def _is_odd(row: str) -> bool:
    return row.count('"') % 2 == 1


def _is_number(value: str) -> bool:
    try:
        float(value or "0")
    except ValueError:
        return False
    return True
