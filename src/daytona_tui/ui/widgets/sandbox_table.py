"""The sandboxes as rows: keeps the cursor on its sandbox and redraws only what looks different."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message

from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.presentation.columns import DEFAULT_COLUMNS, Align, CellContext, Column, Doing
from daytona_tui.presentation.fitting import GAP, fit
from daytona_tui.presentation.safe_text import cell_width, clip
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui.widgets.rows_view import Placeholder, RowsView

GUTTER = 4
"""Cells before the first column: cursor bar, mark, and a blank beside each."""

Layout = tuple[tuple[Column, int], ...]

_DAWN = datetime.fromtimestamp(0, UTC)
_MEASURED = tuple(column for column in DEFAULT_COLUMNS if column.is_measured)


@dataclass(frozen=True)
class TableRows:
    """Everything that the table shows, as one value."""

    sandboxes: Sequence[Sandbox] = ()
    doing: Mapping[SandboxId, Doing] = field(default_factory=dict)
    marks: Collection[SandboxId] = frozenset()
    now: datetime = _DAWN
    order: str = "age"
    is_reversed: bool = False


class SandboxTable(RowsView):
    """One line per sandbox. Columns leave by priority where the terminal is narrow."""

    DEFAULT_CSS = "SandboxTable.-stale { color: $text-disabled; }"

    class SortRequested(Message):
        """A heading was clicked."""

        def __init__(self, order: str) -> None:
            super().__init__()
            self.order = order

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = TableRows()
        self.follows_cursor = False
        """True once the user chose a row; until then the cursor stays on the first one while rows arrive."""
        self._index: dict[SandboxId, int] = {}
        self._natural = {column.key: 0 for column in _MEASURED}
        self._measured: dict[SandboxId, Sandbox] = {}
        self._layouts: dict[int, Layout] = {}
        """Columns and their widths, by the width of a line."""
        self._cache: dict[SandboxId, tuple[object, list[Segment]]] = {}

    # What the pane calls

    @property
    def current(self) -> Sandbox | None:
        """The sandbox under the cursor."""
        return self.rows.sandboxes[self.cursor] if self.cursor < len(self.rows.sandboxes) else None

    def show(self, rows: TableRows, placeholder: Placeholder) -> None:
        """Show other rows: the cursor stays on its sandbox, the view on what it shows."""
        before, looks = self.current, self._visible_looks()
        offset, first = self.cursor - self.top, self._id_at(self.top)
        self.rows, self.placeholder = rows, placeholder
        self._index = {sandbox.id: index for index, sandbox in enumerate(rows.sandboxes)}
        self._measure()
        if self.follows_cursor:
            self._keep_place(before, offset, first)
        self.cursor = max(0, min(self.cursor, len(rows.sandboxes) - 1))
        self.top = max(0, min(self.top, len(rows.sandboxes) - self.body_height))
        self._repaint(looks)
        after = self.current
        if (before and before.id) != (after and after.id):
            self.post_message(self.CursorMoved(self, self.cursor))

    def move_to(self, sandbox_id: SandboxId) -> None:
        """Put the cursor on a sandbox, if it is shown."""
        index = self._index.get(sandbox_id)
        if index is not None:
            self.move_cursor(index)

    def move_cursor(self, index: int) -> None:
        """Put the cursor on a row and stay with its sandbox from now on."""
        self.follows_cursor = True
        super().move_cursor(index)

    # What RowsView asks

    def row_count(self) -> int:
        """Return how many sandboxes are shown."""
        return len(self.rows.sandboxes)

    def row_segments(self, index: int, width: int) -> list[Segment]:
        """Return one row: cursor bar, mark, cells."""
        sandbox = self.rows.sandboxes[index]
        is_current = index == self.cursor
        widths = self._layout(width)
        marked, cells = self._look(sandbox, widths)
        look = (marked, cells, is_current, widths, self.has_class("-stale"))
        cached = self._cache.get(sandbox.id)
        if cached is None or cached[0] != look:
            cached = self._cache[sandbox.id] = (look, self._draw(cells, widths, marked, is_current))
        return cached[1]

    def has_header(self) -> bool:
        """Return whether there is anything to head."""
        return bool(self.rows.sandboxes)

    def header_segments(self, width: int) -> list[Segment]:
        """Return the headings; an arrow stands at the one that is sorted by."""
        segments = [Segment(" " * GUTTER)]
        for column, room in self._layout(width):
            is_sorted = column.key == self.rows.order
            arrow = ("↓" if self.rows.is_reversed else "↑") if is_sorted else ""
            title = clip(column.title, room - len(arrow)) + arrow
            text = title.rjust(room) if column.align is Align.RIGHT else title.ljust(room)
            segments.append(Segment(text + " " * GAP, self.tone_style(Tone.ACCENT) if is_sorted else None))
        return segments

    def notify_style_update(self) -> None:
        """Forget drawings: the colours are others."""
        self._cache.clear()
        super().notify_style_update()

    def on_click(self, event: events.Click) -> None:
        """Sort by the heading that was clicked; a click on a row moves the cursor (see the base)."""
        if event.y != 0:
            return
        event.prevent_default()
        start = GUTTER
        for column, room in self._layout(self.size.width - 1):
            if start <= event.x < start + room + GAP:
                self.post_message(self.SortRequested(column.key))
            start += room + GAP

    def tone_style(self, tone: Tone) -> Style:
        """Return the style of a tone; stale rows have the faintest whatever they mean."""
        return super().tone_style(Tone.FAINT if self.has_class("-stale") else tone)

    # How a row comes about

    def _look(self, sandbox: Sandbox, widths: Layout) -> tuple[bool, tuple[Cell, ...]]:
        """What a row's drawing depends on: its mark and its cells."""
        context = CellContext(self.rows.now, self.rows.doing.get(sandbox.id))
        cells = tuple(column.cell(sandbox, context) for column, _room in widths)
        return sandbox.id in self.rows.marks, cells

    def _draw(self, cells: tuple[Cell, ...], widths: Layout, is_marked: bool, is_current: bool) -> list[Segment]:
        bar = self.tone_style(Tone.ACCENT)
        segments = [
            Segment("▌" if is_current else " ", bar),
            Segment("✓ " if is_marked else "  ", self.tone_style(Tone.ACCENT)),
            Segment(" "),
        ]
        for (column, room), cell in zip(widths, cells, strict=True):
            strong = Style(bold=True) if is_current and column.key == "name" else Style()
            segments.append(Segment(_laid_out(cell, column, room) + " " * GAP, self.tone_style(cell.tone) + strong))
        return segments

    def _layout(self, width: int) -> Layout:
        if width not in self._layouts:
            self._layouts = {width: fit(DEFAULT_COLUMNS, max(1, width - GUTTER), self._natural)}
        return self._layouts[width]

    def _measure(self) -> None:
        """Find how much room the texts take. Widths only grow, so that neither scrolling nor news moves a column."""
        context, measured = CellContext(self.rows.now), self._measured
        before = dict(self._natural)
        for sandbox in self.rows.sandboxes:
            if measured.get(sandbox.id) is not sandbox:
                measured[sandbox.id] = sandbox
                for column in _MEASURED:
                    width = _room_for(column.cell(sandbox, context), column)
                    self._natural[column.key] = max(self._natural[column.key], width)
        if before != self._natural:
            self._layouts.clear()

    # Keeping still

    def _keep_place(self, before: Sandbox | None, offset: int, first: SandboxId | None) -> None:
        index = self._index.get(before.id) if before else None
        if index is not None:
            self.cursor = index
            is_visible = 0 <= offset < self.body_height
            if is_visible and not (self.top == 0 and index < self.body_height):
                self.top = max(0, index - offset)
            elif not is_visible and first is not None:
                self.top = self._index.get(first, self.top)

    def _id_at(self, index: int) -> SandboxId | None:
        return self.rows.sandboxes[index].id if index < len(self.rows.sandboxes) else None

    def _visible_looks(self) -> list[object]:
        rows, widths = self.rows.sandboxes[self.top : self.top + self.body_height], self._layout(self.size.width - 1)
        looks: list[object] = [
            (sandbox.id, self._look(sandbox, widths), self.top + line == self.cursor)
            for line, sandbox in enumerate(rows)
        ]
        frame = (widths, self.rows.order, self.rows.is_reversed, len(self.rows.sandboxes), self.placeholder)
        return [frame, *looks]

    def _repaint(self, before: list[object]) -> None:
        after = self._visible_looks()
        if before[0] != after[0] or len(before) != len(after):
            self.refresh()
            return
        for line, (old, new) in enumerate(zip(before[1:], after[1:], strict=True)):
            if old != new:
                self.refresh_row(self.top + line)


def _room_for(cell: Cell, column: Column) -> int:
    """The cells that a text takes; where it cannot be shown whole, those of its short form."""
    width = cell_width(cell.text)
    return cell_width(cell.short) if width > column.most and cell.short else width


def _laid_out(cell: Cell, column: Column, room: int) -> str:
    text = cell.text if not cell.short or cell_width(cell.text) <= room else cell.short
    text = clip(text, room)
    blank = " " * (room - cell_width(text))
    return blank + text if column.align is Align.RIGHT else text + blank
