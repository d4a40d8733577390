"""Files of separated values as a table."""

from __future__ import annotations

import csv
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
    """Rows in columns; the first one stays at the top. Widths are those of the first rows."""

    kind = "table"

    def __init__(self, delimiter: str) -> None:
        super().__init__()
        self._delimiter = delimiter
        self._reader = LineReader()
        self._open: list[str] = []
        self._rows: list[list[str]] = []
        self._widths: list[int] = []
        self._numeric: list[bool] = []

    def __len__(self) -> int:
        """Return how many rows there are, the heading not counted."""
        return len(self._rows)

    def __getitem__(self, index: int) -> PreviewLine:
        """Return a row."""
        return self._row(self._rows[index], Tone.NEUTRAL)

    def _take(self, data: bytes, is_last: bool) -> None:
        rows = list(self._parsed(self._whole_lines(self._reader.lines(data, is_last=is_last), is_last)))
        if not self._widths and rows:
            self._measure(rows[:_SAMPLE_ROWS])
            self.header = self._row(rows[0], Tone.STRONG)
            del rows[0]
        self._rows += rows

    def _whole_lines(self, lines: Iterable[str], is_last: bool) -> list[str]:
        """Return the lines up to the last one at which no quoted value is open."""
        whole: list[str] = []
        is_quoted = False
        for line in [*self._open, *lines]:
            is_quoted ^= line.count('"') % 2 == 1
            whole.append(line.partition("\0")[0].removesuffix("\r"))
        self._open = []
        if is_quoted and not is_last:
            # From the line in which the value begins: the last one with an odd number of quotes.
            first = next(at for at in reversed(range(len(whole))) if whole[at].count('"') % 2)
            if len(whole) - first <= _MAX_OPEN_LINES:
                self._open = whole[first:]
                del whole[first:]
        return whole

    def _parsed(self, lines: list[str]) -> Iterator[list[str]]:
        reader = csv.reader((f"{line}\n" for line in lines), delimiter=self._delimiter)
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error:
                row = ["a row that is not separated values"]
            if row:
                yield [_flat(value) for value in row[:_MAX_COLUMNS]]

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


def _is_number(value: str) -> bool:
    try:
        float(value or "0")
    except ValueError:
        return False
    return True
