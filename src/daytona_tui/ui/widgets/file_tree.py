"""The rows of a file tree: names at the left; git's mark, size, age, mode and owner at the right, as there is room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from daytona_tui.domain.files import FileEntry
from daytona_tui.domain.tree import Arrangement, GitMark, RowKind, SortBy, TreeRow
from daytona_tui.presentation.human import age, size
from daytona_tui.presentation.safe_text import cell_width, clip, clip_name, safe
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui.widgets.rows_view import RowsView

_SIZE_CELLS = 7
_AGE_CELLS = 6
_MODE_CELLS = 12
_OWNER_CELLS = 18
_INDENT = 2
_NAME_AT = 3
_WIDTH_FOR_AGE = 24
_WIDTH_FOR_MODE = 66
_WIDTH_FOR_OWNER = 88
_RETRY = " · r tries again"

_GIT_TONES = {
    GitMark.MODIFIED: Tone.WARN,
    GitMark.ADDED: Tone.GOOD,
    GitMark.UNTRACKED: Tone.GOOD,
    GitMark.CONFLICT: Tone.BAD,
    GitMark.IGNORED: Tone.FAINT,
    GitMark.BELOW: Tone.WARN,
}


class EntryLook(NamedTuple):
    """What is known of an entry beyond its listing.

    Attributes:
        is_marked: it is marked.
        git: how it differs from the last commit.
        size_bytes: of a directory with all that is in it; None where it was not measured.
    """

    is_marked: bool = False
    git: GitMark | None = None
    size_bytes: int | None = None


class FileTree(RowsView):
    """Shows rows that it is given; opening and reading directories is the pane's business."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("backspace", "climb", "Up a directory", show=False)]

    class Climbed(Message):
        """The user wants the parent directory at the top."""

    class SortRequested(Message):
        """A heading was clicked."""

        def __init__(self, by: SortBy) -> None:
            super().__init__()
            self.by = by

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: Sequence[TreeRow] = ()
        self._now: datetime | None = None
        self._look: Callable[[FileEntry], EntryLook] = lambda _entry: EntryLook()
        self._arrangement = Arrangement()

    @property
    def current(self) -> TreeRow | None:
        """The row under the cursor; None when there are no rows."""
        return self._rows[self.cursor] if self.cursor < len(self._rows) else None

    def show(
        self,
        rows: Sequence[TreeRow],
        now: datetime,
        *,
        focus_path: str = "",
        look: Callable[[FileEntry], EntryLook] | None = None,
        arrangement: Arrangement | None = None,
    ) -> None:
        """Show ``rows``; the cursor stays on its path, or goes to ``focus_path``.

        Args:
            rows: all of them.
            now: ages are counted from here.
            focus_path: where the cursor is to be, if that is among the rows.
            look: tells what else is known of an entry; asked for what is drawn alone.
            arrangement: what the headings say.
        """
        current = self.current
        self._rows, self._now = rows, now
        self._look = look or self._look
        self._arrangement = arrangement or self._arrangement
        index = _place_of(rows, focus_path) if focus_path else _place_again(rows, current)
        if index is not None and index != self.cursor:
            # Where rows came or went above it, it is the view that moves along, and not the cursor in it.
            if not focus_path:
                self.top = max(0, self.top + index - self.cursor)
            self.move_cursor(index)
        self.rows_changed()

    def row_count(self) -> int:
        """Return how many rows there are."""
        return len(self._rows)

    def has_header(self) -> bool:
        """Return whether there is room for columns that do not speak for themselves."""
        return bool(self._rows) and self.size.width > _WIDTH_FOR_MODE

    def header_segments(self, width: int) -> list[Segment]:
        """Return the headings; an arrow stands at the one that is sorted by."""
        order = self._arrangement
        arrow = "↑" if (order.by is SortBy.NAME) != order.is_reversed else "↓"
        segments = []
        for by, title, cells in self._headings(width):
            text = f"{title}{arrow}" if by is order.by else title
            is_number = by in (SortBy.SIZE, SortBy.AGE)
            style = self.tone_style(Tone.ACCENT) if by is order.by else None
            segments.append(Segment(f"{text:>{cells}}" if is_number else f"{text:<{cells}}", style))
        return segments

    def on_click(self, event: events.Click) -> None:
        """Sort by the heading that was clicked; a click on a row moves the cursor (see the base)."""
        if event.y or not self.has_header():
            return
        event.prevent_default()
        start = 0
        for by, _title, cells in self._headings(self.size.width - 1):
            if by is not None and start <= event.x < start + cells:
                self.post_message(self.SortRequested(by))
            start += cells

    def _headings(self, width: int) -> list[tuple[SortBy | None, str, int]]:
        """Return what each heading sorts by, its text and its cells."""
        right: list[tuple[SortBy | None, str, int]] = [
            (SortBy.SIZE, "SIZE", _SIZE_CELLS),
            (SortBy.AGE, "AGE", _AGE_CELLS),
            (None, "  MODE", _MODE_CELLS),
        ]
        if width >= _WIDTH_FOR_OWNER:
            right.append((None, "  OWNER", _OWNER_CELLS))
        left = width - 1 - sum(cells for _by, _title, cells in right)
        return [(None, "", _NAME_AT), (SortBy.NAME, "NAME", max(1, left - _NAME_AT)), *right, (None, "", 1)]

    def row_segments(self, index: int, width: int) -> list[Segment]:
        """Return one row, cut to ``width`` cells."""
        row = self._rows[index]
        entry, indent = row.entry, " " * self._indent(row, width)
        if entry is None:
            return self._remark(row, " " + indent, width)
        look = self._look(entry)
        glyph = ("▾ " if row.is_open else "▸ ") if row.kind is RowKind.DIRECTORY else "  "
        right = self._right(entry, look, width)
        git = f" {look.git}" if look.git else ""
        room = max(4, width - 1 - len(indent) - len(glyph) - len(git) - len(right))
        name = _name_cell(entry, look, room)
        gap = " " * max(0, room - cell_width(name.text))
        return [
            self.cell_segment(Cell("✓" if look.is_marked else " ", Tone.ACCENT)),
            self.cell_segment(Cell(indent + glyph, Tone.FAINT)),
            self.cell_segment(name),
            *([self.cell_segment(Cell(gap + git, _GIT_TONES[look.git]))] if look.git else []),
            self.cell_segment(Cell(right if look.git else gap + right, Tone.FAINT)),
        ]

    def move_cursor(self, index: int) -> None:
        """Put the cursor on a row; among the deep ones all rows move to the left, so that their names have room."""
        former = self._shift
        super().move_cursor(index)
        if self._shift != former:
            self.refresh()

    @property
    def _shift(self) -> int:
        """By how many cells less the rows are indented, so that the one under the cursor is not too far right."""
        current = self.current
        room = self.size.width // 3 // _INDENT * _INDENT
        return max(0, _INDENT * current.depth - room) if current else 0

    def _indent(self, row: TreeRow, width: int) -> int:
        return max(0, min(_INDENT * row.depth - self._shift, width // 2))

    def action_climb(self) -> None:
        """Ask for the parent directory."""
        self.post_message(self.Climbed())

    def _right(self, entry: FileEntry, look: EntryLook, width: int) -> str:
        """Return the columns for which there is room."""
        if entry.is_dir:
            text = "" if look.size_bytes is None else size(look.size_bytes)
        else:
            text = "" if entry.is_link else size(entry.size_bytes)
        columns = f"{text:>{_SIZE_CELLS}}"
        if width >= _WIDTH_FOR_AGE:
            columns += f"{self._age(entry):>{_AGE_CELLS}}"
        if width >= _WIDTH_FOR_MODE:
            columns += f"  {clip(safe(entry.mode), _MODE_CELLS - 2):<{_MODE_CELLS - 2}}"
        if width >= _WIDTH_FOR_OWNER:
            who = f"{safe(entry.owner)}:{safe(entry.group)}" if entry.group else safe(entry.owner)
            who = clip(who, _OWNER_CELLS - 2)
            columns += "  " + who + " " * (_OWNER_CELLS - 2 - cell_width(who))
        return columns + " "

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


def _place_again(rows: Sequence[TreeRow], row: TreeRow | None) -> int | None:
    """Return where a row is now; for a remark that is gone, where what it was about is."""
    if row is None:
        return None
    same = (index for index, each in enumerate(rows) if each.path == row.path and each.kind is row.kind)
    place = next(same, None)
    return _place_of(rows, row.path) if place is None else place


def _place_of(rows: Sequence[TreeRow], path: str) -> int | None:
    return next((index for index, row in enumerate(rows) if row.path == path), None)


def _name_cell(entry: FileEntry, look: EntryLook, room: int) -> Cell:
    suffix = "/" if entry.is_dir else " ↪" if entry.is_link else ""
    text = clip_name(safe(entry.name), room - len(suffix)) + suffix
    if look.is_marked:
        return Cell(text, Tone.STRONG)
    if look.git is GitMark.IGNORED or entry.name.startswith("."):
        return Cell(text, Tone.BUSY if entry.is_link else Tone.FAINT)
    if entry.is_dir:
        return Cell(text, Tone.ACCENT)
    if entry.is_link:
        return Cell(text, Tone.BUSY)
    return Cell(text, Tone.FAINT if entry.is_special else Tone.NEUTRAL)
