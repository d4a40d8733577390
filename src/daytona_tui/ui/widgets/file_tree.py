"""The rows of a file tree: names at the left, sizes and ages at the right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.message import Message

from daytona_tui.domain.files import FileEntry
from daytona_tui.domain.tree import RowKind, TreeRow
from daytona_tui.presentation.human import age, size
from daytona_tui.presentation.safe_text import cell_width, clip, safe
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui.widgets.rows_view import RowsView

_SIZE_CELLS = 7
_AGE_CELLS = 6
_RETRY = " · r tries again"


class FileTree(RowsView):
    """Shows rows that it is given; opening and reading directories is the pane's business."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("backspace", "climb", "Up a directory", show=False)]

    class Climbed(Message):
        """The user wants the parent directory at the top."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: Sequence[TreeRow] = ()
        self._now: datetime | None = None

    @property
    def current(self) -> TreeRow | None:
        """The row under the cursor; None when there are no rows."""
        return self._rows[self.cursor] if self.cursor < len(self._rows) else None

    def show(self, rows: Sequence[TreeRow], now: datetime, *, focus_path: str = "") -> None:
        """Show ``rows``; the cursor stays on its path, or goes to ``focus_path``."""
        current = self.current
        path = focus_path or (current.path if current else "")
        self._rows, self._now = rows, now
        index = next((index for index, row in enumerate(rows) if row.path == path), None)
        if index is not None and index != self.cursor:
            self.move_cursor(index)
        self.rows_changed()

    def row_count(self) -> int:
        """Return how many rows there are."""
        return len(self._rows)

    def row_segments(self, index: int, width: int) -> list[Segment]:
        """Return one row, cut to ``width`` cells."""
        row = self._rows[index]
        indent = " " * (1 + 2 * row.depth)
        if row.entry is None:
            return self._remark(row, indent, width)
        glyph = ("▾ " if row.is_open else "▸ ") if row.kind is RowKind.DIRECTORY else "  "
        shows_age = width >= 24
        right = f"{_size(row.entry):>{_SIZE_CELLS}}" + (f"{self._age(row.entry):>{_AGE_CELLS}} " if shows_age else " ")
        room = max(4, width - len(indent) - len(glyph) - len(right))
        name = _name_cell(row.entry, room)
        gap = " " * max(0, room - cell_width(name.text))
        return [
            self.cell_segment(Cell(indent + glyph, Tone.FAINT)),
            self.cell_segment(name),
            self.cell_segment(Cell(gap + right, Tone.FAINT)),
        ]

    def action_climb(self) -> None:
        """Ask for the parent directory."""
        self.post_message(self.Climbed())

    def _remark(self, row: TreeRow, indent: str, width: int) -> list[Segment]:
        text = f"{indent}  {row.text}"
        if row.kind is not RowKind.FAILED:
            return [self.cell_segment(Cell(clip(text, width), Tone.FAINT))]
        reason = Cell(clip(text, max(8, width - len(_RETRY))), Tone.BAD)
        return [self.cell_segment(reason), self.cell_segment(Cell(_RETRY, Tone.FAINT))]

    def _age(self, entry: FileEntry) -> str:
        if entry.modified_at is None or self._now is None:
            return ""
        return age((self._now - entry.modified_at).total_seconds())


def _size(entry: FileEntry) -> str:
    return "" if entry.is_dir or entry.is_link else size(entry.size_bytes)


def _name_cell(entry: FileEntry, room: int) -> Cell:
    suffix = "/" if entry.is_dir else " ↪" if entry.is_link else ""
    text = clip(safe(entry.name), room - len(suffix)) + suffix
    if entry.is_dir:
        tone = Tone.FAINT if entry.name.startswith(".") else Tone.ACCENT
    elif entry.is_link:
        tone = Tone.BUSY
    else:
        tone = Tone.FAINT if entry.is_special or entry.name.startswith(".") else Tone.NEUTRAL
    return Cell(text, tone)
