"""Sections of fields, one below the other: what a value does not fit into its line, the next lines hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.segment import Segment

from daytona_tui.presentation.fields import Field, Section
from daytona_tui.presentation.safe_text import cell_width, clip
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui.widgets.rows_view import RowsView
from daytona_tui.ui.widgets.tone_styles import tone_style

LABEL_CELLS = 13
MOST_LINES = 8
"""Lines that one value takes; copying gives all of it."""


class _Line(NamedTuple):
    """A line: of a field, the title of a section (without a field), or a gap (without a text)."""

    section: str
    field: Field | None
    label: str
    text: Cell
    label_cells: int = 0
    note: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What tells the line's field from others."""
        return self.section, self.field.label if self.field else "\n"


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
            return [Segment(f" {line.label}", tone_style(self.app.theme_variables, Tone.ACCENT, bold=True))]
        label = clip(line.label, max(0, line.label_cells - 1))
        label += " " * (line.label_cells - cell_width(label))
        segments = [Segment(f" {label}", self.tone_style(Tone.DIM)), self.cell_segment(line.text)]
        room = width - 1 - cell_width(label) - cell_width(line.text.text) - 2
        if line.note and room > 3:
            segments.append(Segment(f"  {clip(line.note, room)}", self.tone_style(Tone.FAINT)))
        return segments

    def _lay_out(self, *, keeps_place: bool) -> None:
        place = self._place() if keeps_place else None
        self._laid_out_for = self.size.width
        self._lines = list(_lines(self._sections, max(10, self.size.width - 2)))
        if place is None:
            self.cursor, self.top = min(1, max(0, len(self._lines) - 1)), 0
        else:
            key, nth = place
            same = [index for index, line in enumerate(self._lines) if line.key == key]
            if same:
                moved = same[min(nth, len(same) - 1)] - self.cursor
                # What came in above pushes the rows down, and the eye with them.
                self.cursor, self.top = self.cursor + moved, max(0, self.top + moved)
        self.rows_changed()

    def _place(self) -> tuple[tuple[str, str], int] | None:
        """The field under the cursor, and which of its lines."""
        if self.cursor >= len(self._lines):
            return None
        key = self._lines[self.cursor].key
        return key, sum(line.key == key for line in self._lines[: self.cursor])


def _lines(sections: Sequence[Section], room: int) -> Iterator[_Line]:
    for number, section in enumerate(sections):
        if number:
            yield _Line(section.title, None, "", Cell(""))
        yield _Line(section.title, None, section.title, Cell(""))
        longest = max((cell_width(field.label) + 1 for field in section.fields), default=0)
        label_cells = max(LABEL_CELLS, min(longest, room // 2))
        for field in section.fields:
            yield from _field_lines(section.title, field, room, 0 if field.is_wide else label_cells)


def _field_lines(title: str, field: Field, room: int, label_cells: int) -> Iterator[_Line]:
    room -= label_cells
    pieces = _pieces(field.cell.text, room)
    is_beside = cell_width(pieces[-1]) + 2 + cell_width(field.note) <= room
    for index, piece in enumerate(pieces):
        note = field.note if is_beside and index == len(pieces) - 1 else ""
        yield _Line(title, field, "" if index else field.label, Cell(piece, field.cell.tone), label_cells, note)
    for piece in _pieces(field.note, room) if field.note and not is_beside else ():
        yield _Line(title, field, "", Cell(piece, Tone.FAINT), label_cells)


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
