"""Sections of fields, one below the other: what a value does not fit into its line, the next lines hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.segment import Segment

from daytona_tui.presentation.details import Field, Section
from daytona_tui.presentation.safe_text import cell_width, clip
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui.widgets.rows_view import RowsView
from daytona_tui.ui.widgets.tone_styles import tone_style

LABEL_CELLS = 14
MOST_LINES = 8
"""Lines that one value takes; copying gives all of it."""


class _Line(NamedTuple):
    """A line: of a field, the title of a section (without a field), or a gap (without a text)."""

    section: str
    field: Field | None
    label: str
    text: Cell
    note: str = ""


class DetailsView(RowsView):
    """Shows sections; the cursor is on a field."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._sections: tuple[Section, ...] = ()
        self._lines: list[_Line] = []
        self._laid_out_for = 0

    @property
    def current(self) -> Field | None:
        """The field under the cursor."""
        return self._lines[self.cursor].field if self.cursor < len(self._lines) else None

    def show(self, sections: Sequence[Section], *, keeps_place: bool) -> None:
        """Show ``sections``; the cursor stays on its field, or goes to the first where ``keeps_place`` is false."""
        if tuple(sections) == self._sections and keeps_place:
            return
        self._sections = tuple(sections)
        self._lay_out(keeps_place=keeps_place)

    def on_resize(self) -> None:
        """Break the lines anew."""
        if self.size.width != self._laid_out_for:
            self._lay_out(keeps_place=True)
        super().on_resize()

    def row_count(self) -> int:
        """Return how many lines there are."""
        return len(self._lines)

    def row_segments(self, index: int, width: int) -> list[Segment]:
        """Return one line."""
        line = self._lines[index]
        if line.field is None:
            return [Segment(f" {line.label}", tone_style(self.app.theme_variables, Tone.DIM, bold=True))]
        segments = [
            Segment(f"   {clip(line.label, LABEL_CELLS - 1):<{LABEL_CELLS}}", self.tone_style(Tone.DIM)),
            self.cell_segment(line.text),
        ]
        room = width - _used(line) - 2
        if line.note and room > 3:
            segments.append(Segment(f"  {clip(line.note, room)}", self.tone_style(Tone.FAINT)))
        return segments

    def _lay_out(self, *, keeps_place: bool) -> None:
        before = self._lines[self.cursor] if keeps_place and self.cursor < len(self._lines) else None
        self._laid_out_for = self.size.width
        self._lines = list(_lines(self._sections, max(10, self.size.width - LABEL_CELLS - 5)))
        if not keeps_place:
            self.cursor, self.top = min(1, max(0, len(self._lines) - 1)), 0
        elif before is not None:
            same = (i for i, line in enumerate(self._lines) if line[:1] + line[2:3] == before[:1] + before[2:3])
            self.cursor = next(same, self.cursor)
        self.rows_changed()


def _lines(sections: Sequence[Section], room: int) -> Iterator[_Line]:
    for number, section in enumerate(sections):
        if number:
            yield _Line(section.title, None, "", Cell(""))
        yield _Line(section.title, None, section.title, Cell(""))
        for field in section.fields:
            pieces = _pieces(field.cell.text, room)
            for index, piece in enumerate(pieces):
                is_last = index == len(pieces) - 1
                label = "" if index else field.label
                yield _Line(section.title, field, label, Cell(piece, field.cell.tone), field.note if is_last else "")


def _pieces(text: str, room: int) -> list[str]:
    """Break ``text`` into lines of at most ``room`` cells, at blanks where there are some."""
    pieces: list[str] = []
    rest = text
    while cell_width(rest) > room:
        if len(pieces) == MOST_LINES - 1:
            return [*pieces, clip(rest, room)]
        head = clip(rest, room + 1)[:-1]
        at = head.rfind(" ")
        cut = at + 1 if at > room // 2 else max(1, len(head))
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:]
    return [*pieces, rest]


def _used(line: _Line) -> int:
    return 3 + LABEL_CELLS + cell_width(line.text.text)
