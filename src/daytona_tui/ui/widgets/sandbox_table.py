"""The sandboxes as rows: keeps the cursor on its sandbox and redraws only what looks different."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.message import Message

from daytona_tui.domain.grouping import Heading, Row
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.presentation.columns import CellContext
from daytona_tui.presentation.fitting import fit
from daytona_tui.presentation.headings import subtotal_cells
from daytona_tui.presentation.safe_text import cell_width
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui.widgets.row_drawing import GUTTER, Layout, Look, draw, room_for
from daytona_tui.ui.widgets.rows_view import Placeholder
from daytona_tui.ui.widgets.table_header import TableHeader
from daytona_tui.ui.widgets.table_rows import TableRows

__all__ = ["SandboxTable", "TableRows"]

_SPARE = 1_000
"""Records that were replaced and are remembered as measured until there are so many."""


class SandboxTable(TableHeader):
    """One line per sandbox or heading. Columns leave by priority where the terminal is narrow."""

    DEFAULT_CSS = "SandboxTable.-stale { color: $text-disabled; }"

    class FoldRequested(Message):
        """The fold mark of a heading was clicked, or Enter pressed on it."""

        def __init__(self, heading: Heading) -> None:
            super().__init__()
            self.heading = heading

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = TableRows()
        self.follows_cursor = False
        """False: the cursor stays on the first row while rows arrive; it ends when the user chooses a row."""
        self.range_anchor: str | None = None
        """Id of the row at which a range begins; the cursor is its other end. None: there is no range."""
        self._natural: dict[str, int] = {}
        self._measured: dict[int, Row] = {}
        """By identity: what lives has one of its own, and this keeps it alive."""
        self._most = 0
        """The most rows there ever were."""
        self._rooms: tuple[int, ...] = ()
        """Cells for each subtotal of the headings."""
        self._layouts: dict[int, Layout] = {}
        """By the width of a line."""
        self._painted: dict[int, Look] = {}
        """By row, as far as it was painted since the last scroll."""
        self._cache: dict[str, tuple[Look, int, list[Segment]]] = {}

    # What the pane calls

    @property
    def current_row(self) -> Row | None:
        """The row under the cursor."""
        return self.rows.rows[self.cursor] if self.cursor < len(self.rows.rows) else None

    @property
    def current(self) -> Sandbox | None:
        """The sandbox under the cursor."""
        row = self.current_row
        return row if isinstance(row, Sandbox) else None

    def show(self, rows: TableRows, placeholder: Placeholder) -> None:
        """Show other rows: the cursor stays on its row, the view on what it shows."""
        before, offset, first = self.current_row, self.cursor - self.top, self._id_at(self.top)
        frame, previous = self._frame(), self.rows
        self.rows, self.placeholder = rows, placeholder
        if rows.columns != previous.columns:
            self._natural, self._measured = {}, {}
            self._layouts.clear()
        if rows.rows is not previous.rows or rows.columns != previous.columns:
            self._measure()
            if self.follows_cursor:
                self._keep_place(before, offset, first)
        if self.range_anchor is not None and rows.index(self.range_anchor) is None:
            self.end_range()
        if rows.marked_in != previous.marked_in or rows.rows is not previous.rows:
            self._measure_headings()
        self.cursor = max(0, min(self.cursor, len(rows.rows) - 1))
        self.top = max(0, min(self.top, len(rows.rows) - self.body_height))
        self._repaint(frame)
        after = self.current_row
        if (before and before.id) != (after and after.id):
            self.post_message(self.CursorMoved(self, self.cursor))

    def move_to(self, row_id: str) -> bool:
        """Put the cursor on a row; False when it is not shown."""
        index = self.rows.index(row_id)
        if index is not None:
            self.move_cursor(index)
        return index is not None

    def move_cursor(self, index: int) -> None:
        """Put the cursor on a row and stay with it from now on."""
        self.follows_cursor = True
        before = self.cursor
        super().move_cursor(index)
        if self.range_anchor is not None:
            for each in range(min(before, self.cursor), max(before, self.cursor) + 1):
                self.refresh_row(each)

    # Ranges

    def begin_range(self) -> None:
        """Let a range begin at the cursor; it ends wherever the cursor goes."""
        row = self.current_row
        self.range_anchor = row.id if row else None
        self.refresh_row(self.cursor)

    def end_range(self) -> None:
        """Forget the range."""
        if self.range_anchor is not None:
            self.range_anchor = None
            self.refresh()

    @property
    def range_sandboxes(self) -> tuple[Sandbox, ...]:
        """The sandboxes from the anchor to the cursor, both included; none without a range."""
        start, end = self._range()
        return tuple(row for row in self.rows.rows[start:end] if isinstance(row, Sandbox))

    def _range(self) -> tuple[int, int]:
        anchor = None if self.range_anchor is None else self.rows.positions.get(self.range_anchor)
        return (0, 0) if anchor is None else (min(anchor, self.cursor), max(anchor, self.cursor) + 1)

    # What RowsView asks

    def row_count(self) -> int:
        """Return how many rows there are, headings among them."""
        return len(self.rows.rows)

    def row_segments(self, index: int, width: int) -> list[Segment]:
        """Return one row: cursor bar, mark, cells."""
        look = self._look(index, self.layout_for(width))
        self._painted[index] = look
        cached = self._cache.get(look.key)
        if cached is None or cached[1] != width or cached[0] != look:
            if len(self._cache) > 4 * max(50, self.body_height):
                self._cache.clear()
            cached = self._cache[look.key] = (look, width, draw(look, self.tone_style, self._rooms, width))
        return cached[2]

    def has_header(self) -> bool:
        """Return whether there is anything to head."""
        return bool(self.rows.rows)

    def header_segments(self, width: int) -> list[Segment]:
        """Return the headings of the columns."""
        return self.title_segments(self.layout_for(width), self.rows.sorts)

    def notify_style_update(self) -> None:
        """Forget drawings: the colours are others."""
        self._cache.clear()
        super().notify_style_update()

    def tone_style(self, tone: Tone) -> Style:
        """Return the style of a tone; stale rows have the faintest whatever they mean."""
        return super().tone_style(Tone.FAINT if self.has_class("-stale") else tone)

    def take_click(self, index: int, x: int) -> bool:
        """Fold or unfold where the mark of a heading was clicked."""
        row = self.rows.rows[index]
        if isinstance(row, Heading) and x < GUTTER:
            self.post_message(self.FoldRequested(row))
            return True
        return False

    def action_choose(self) -> None:
        """Open the row under the cursor; a heading is folded or unfolded."""
        row = self.current_row
        if isinstance(row, Heading):
            self.post_message(self.FoldRequested(row))
        else:
            super().action_choose()

    # How a row comes about

    def _look(self, index: int, layout: Layout) -> Look:
        """What the drawing of a row depends on."""
        rows, row = self.rows, self.rows.rows[index]
        is_current = index == self.cursor
        start, end = self._range()
        is_stale = self.has_class("-stale")
        if isinstance(row, Heading):
            cells = subtotal_cells(row, rows.marked_in.get(row.id, 0))
            return Look(row.id, cells, (), row, is_current, False, start <= index < end, is_stale)
        context = CellContext(rows.now, rows.doing.get(row.id), rows.hourly)
        return Look(
            row.id,
            tuple(column.cell(row, context) for column, _room in layout),
            layout,
            None,
            is_current,
            row.id in rows.marks,
            start <= index < end,
            is_stale or row.id in rows.doubtful,
            rows.words,
        )

    def layout_for(self, width: int) -> Layout:
        """Return the columns that fit into a line, with their widths."""
        if width not in self._layouts:
            columns = self.with_drag(self.rows.columns)
            self._layouts = {width: fit(columns, max(1, width - GUTTER), self._natural)}
        return self._layouts[width]

    def forget_layout(self) -> None:
        """Lay the columns out anew: a width is another."""
        self._layouts.clear()
        self.refresh()

    def _measure(self) -> None:
        """Find how much room the texts take. Widths only grow, so that neither scrolling nor news moves a column."""
        columns = [column for column in self.rows.columns if column.is_measured]
        context, measured, natural = CellContext(self.rows.now, hourly=self.rows.hourly), self._measured, self._natural
        before = dict(natural)
        for column in columns:
            natural.setdefault(column.key, 0)
        self._most = max(self._most, len(self.rows.rows))
        if len(measured) > 1.25 * self._most + _SPARE:
            self._measured = measured = {id(row): row for row in self.rows.rows if id(row) in measured}
        for row in [row for row in self.rows.rows if id(row) not in measured]:
            measured[id(row)] = row
            if isinstance(row, Heading):
                continue
            for column in columns:
                room = room_for(column.cell(row, context), column)
                if room > natural.get(column.key, 0):
                    natural[column.key] = room
        if before != natural:
            self._layouts.clear()

    def _measure_headings(self) -> None:
        if not self.rows.has_headings and not self._rooms:
            return
        marked = self.rows.marked_in
        cells = [subtotal_cells(row, marked.get(row.id, 0)) for row in self.rows.rows if isinstance(row, Heading)]
        self._rooms = tuple(max(map(_width, column)) for column in zip(*cells, strict=True))
        self._cache = {key: entry for key, entry in self._cache.items() if entry[0].heading is None}

    # Keeping still

    def _keep_place(self, before: Row | None, offset: int, first: str | None) -> None:
        index = self.rows.index(before.id) if before else None
        if index is not None:
            self.cursor = index
            is_visible = 0 <= offset < self.body_height
            if is_visible and not (self.top == 0 and index < self.body_height):
                self.top = max(0, index - offset)
            elif not is_visible and first is not None:
                found = self.rows.index(first)
                self.top = self.top if found is None else found

    def _id_at(self, index: int) -> SandboxId | str | None:
        return self.rows.rows[index].id if index < len(self.rows.rows) else None

    def _frame(self) -> object:
        """What every line depends on; if it is another, all of them are painted again."""
        count = len(self.rows.rows)
        bar = self.scrollbar_span(count) if count else None
        layout = self.layout_for(max(1, self.size.width - 1))
        return (layout, self.rows.sorts, bar, min(count, self.body_height), self._rooms, self.top)

    def _repaint(self, frame: object) -> None:
        if frame != self._frame():
            self._painted.clear()
            self.refresh()
            return
        layout = self.layout_for(max(1, self.size.width - 1))
        for index in range(self.top, min(self.top + self.body_height, len(self.rows.rows))):
            if self._painted.get(index) != self._look(index, layout):
                self.refresh_row(index)


def _width(cell: Cell) -> int:
    return cell_width(cell.text)
