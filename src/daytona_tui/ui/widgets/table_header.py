"""The headings of columns: a click sorts, an edge can be dragged."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual import events
from textual.message import Message

from daytona_tui.domain.views import Sort
from daytona_tui.presentation.columns import Align, Column
from daytona_tui.presentation.fitting import GAP, with_width
from daytona_tui.presentation.safe_text import clip
from daytona_tui.presentation.tones import Tone
from daytona_tui.ui.widgets.row_drawing import GUTTER, Layout
from daytona_tui.ui.widgets.rows_view import RowsView


class TableHeader(RowsView):
    """Rows under the headings of columns."""

    class SortRequested(Message):
        """A heading was clicked.

        Attributes:
            column: key of the column.
            is_further: with shift: the rows stay sorted as they are, what is equal is sorted by this column.
        """

        def __init__(self, column: str, *, is_further: bool) -> None:
            super().__init__()
            self.column = column
            self.is_further = is_further

    class Resized(Message):
        """The edge of a column was dragged."""

        def __init__(self, column: str, width: int) -> None:
            super().__init__()
            self.column = column
            self.width = width

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._dragged: tuple[str, int, int] | None = None
        """Key of the column whose edge is held, the cell at which it begins, and its width now."""
        self._was_dragged = False

    def layout_for(self, width: int) -> Layout:
        """Return the columns that fit into a line, with their widths."""
        raise NotImplementedError

    def forget_layout(self) -> None:
        """Lay the columns out anew."""
        raise NotImplementedError

    def title_segments(self, layout: Layout, sorts: Sequence[Sort]) -> list[Segment]:
        """Return the headings; an arrow stands at those that are sorted by, the first of them stands out."""
        arrows = {sort.column: "↓" if sort.is_reversed else "↑" for sort in sorts}
        first = sorts[0].column if sorts else ""
        segments = [Segment(" " * GUTTER)]
        for column, room in layout:
            arrow = arrows.get(column.key, "")
            title = clip(column.title, room - len(arrow)) + arrow
            text = title.rjust(room) if column.align is Align.RIGHT else title.ljust(room)
            style = self.tone_style(Tone.ACCENT) if column.key == first else None
            segments.append(Segment(text + " " * GAP, style))
        return segments

    def with_drag(self, columns: Sequence[Column]) -> tuple[Column, ...]:
        """Return ``columns``, the one whose edge is held as wide as the mouse wants it."""
        key, _start, width = self._dragged or ("", 0, 0)
        return tuple(with_width(column, width) if column.key == key else column for column in columns)

    def on_click(self, event: events.Click) -> None:
        """Sort by the heading that was clicked; a click on a row moves the cursor (see the base)."""
        if event.y != 0 or not self.has_header():
            return
        event.prevent_default()
        start = GUTTER
        for column, room in () if self._was_dragged else self.layout_for(self.size.width - 1):
            if start <= event.x < start + room + GAP:
                self.post_message(self.SortRequested(column.key, is_further=event.shift))
            start += room + GAP
        self._was_dragged = False

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of the edge of a column."""
        if event.y != 0 or not self.has_header():
            return
        start = GUTTER
        for column, room in self.layout_for(self.size.width - 1):
            if start + room <= event.x < start + room + GAP:
                self._dragged = (column.key, start, room)
                self.capture_mouse()
            start += room + GAP

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Make the column as wide as the mouse is far."""
        if self._dragged is None:
            return
        key, start, width = self._dragged
        wanted = max(1, event.x - start)
        if wanted != width:
            self._was_dragged = True
            self._dragged = (key, start, wanted)
            self.forget_layout()

    def on_mouse_up(self) -> None:
        """Let go of the edge."""
        if self._dragged is None:
            return
        (key, _start, width), self._dragged = self._dragged, None
        self.release_mouse()
        if self._was_dragged:
            self.post_message(self.Resized(key, width))
            self.forget_layout()
