"""Rows of which each may take several lines of the screen: wrapped, or opened to show what is in them."""

from __future__ import annotations

from textual import events
from textual.geometry import Region
from textual.strip import Strip

from daytona_tui.ui.widgets.rows_view import RowsView


class TallRows(RowsView):
    """As ``RowsView``; ``top`` is the first visible row still, of which the first ``skip`` lines may be above the view.

    Only the heights of rows that are visible, or about to be, are ever asked for.
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.skip = 0
        self._laid_out: list[tuple[int, int]] | None = None
        """What each line shows, while several are drawn: empty until the first of them needs it."""

    # What subclasses give

    @property
    def is_even(self) -> bool:
        """True while every row is one line: then none is asked for its height."""
        return True

    def row_lines(self, index: int, width: int) -> list[Strip]:
        """Return the drawing of a row: at least one line, each at most ``width`` cells."""
        raise NotImplementedError

    # Where things are

    def _height(self, index: int) -> int:
        return 1 if self.is_even else len(self.row_lines(index, self.size.width - 1))

    def _visible_lines(self) -> list[tuple[int, int]]:
        """Return row and line of it for each line of the view."""
        found: list[tuple[int, int]] = []
        index, line = self.top, self.skip
        while len(found) < self.body_height and index < self.row_count():
            height = self._height(index)
            found.extend((index, each) for each in range(line, height))
            index, line = index + 1, 0
        return found[: self.body_height]

    @property
    def is_at_end(self) -> bool:
        """True when the last line of the last row is visible."""
        count = self.row_count()
        if not count:
            return True
        lines = self._visible_lines()
        return bool(lines) and lines[-1] == (count - 1, self._height(count - 1) - 1)

    def _last_top(self) -> tuple[int, int]:
        """Return row and line that are at the top when the end is at the bottom."""
        room, index = self.body_height, self.row_count()
        while index > 0 and room > 0:
            index -= 1
            room -= self._height(index)
        return index, max(0, -room)

    def _set_top(self, top: int, skip: int) -> None:
        if (top, skip) != (self.top, self.skip):
            self.top, self.skip = top, skip
            self.refresh()

    def show_end(self) -> None:
        """Scroll to the end."""
        self.cursor = max(0, self.row_count() - 1)
        self._set_top(*self._last_top())

    def shift_lines(self, lines: int) -> None:
        """Scroll by so many lines of the screen."""
        top, skip = self.top, self.skip + lines
        while skip < 0 and top > 0:
            top -= 1
            skip += self._height(top)
        while top < self.row_count() - 1 and skip >= (height := self._height(top)):
            top, skip = top + 1, skip - height
        self._set_top(*min((top, max(0, skip)), self._last_top()))

    def _scroll_to_cursor(self) -> bool:
        height = self.body_height
        if not height or not self.row_count():
            return False
        before = (self.top, self.skip)
        if self.cursor < self.top or (self.cursor == self.top and self.skip):
            self._set_top(self.cursor, 0)
        else:
            room, index = height - self._height(self.cursor), self.cursor
            while room > 0 and index > self.top:
                index -= 1
                room -= self._height(index)
            if room < 0 and index == self.cursor:
                self._set_top(self.cursor, 0)  # taller than the view: its beginning
            elif room < 0:
                self._set_top(index, -room)
            elif index > self.top or (index == self.top and room == 0 and self.skip):
                self._set_top(index, 0)
        return before != (self.top, self.skip)

    # Drawing

    def refresh_row(self, index: int) -> None:
        """Repaint one row; all of them where they are not even."""
        if self.is_even:
            super().refresh_row(index)
        else:
            self.refresh()

    def rows_changed(self) -> None:
        """Repaint after rows were added, changed or removed."""
        count = self.row_count()
        self.cursor = min(self.cursor, max(0, count - 1))
        if self.is_even:
            self.skip = 0
        self.top, self.skip = min((self.top, self.skip), self._last_top())
        self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw lines; what each of them shows is worked out once for all."""
        self._laid_out = []
        try:
            return super().render_lines(crop)
        finally:
            self._laid_out = None

    def render_line(self, y: int) -> Strip:
        """Draw line ``y`` of the widget."""
        count, width = self.row_count(), self.size.width
        if not count:
            return super().render_line(y)
        lines = self._laid_out or self._visible_lines()
        if self._laid_out is not None:
            self._laid_out = lines
        if y >= len(lines):
            return Strip.blank(width, self.base_style)
        index, line = lines[y]
        drawn = self.row_lines(index, width - 1)
        body = drawn[min(line, len(drawn) - 1)].adjust_cell_length(width - 1)
        return Strip.join([body.apply_style(self._row_style(index)), self._scrollbar_cell(y, count)])

    # What the user does

    def _row_at(self, y: int) -> int | None:
        lines = self._visible_lines()
        return lines[y][0] if y < len(lines) else None

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll three lines down."""
        event.stop()
        self.scroll_lines(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll three lines up."""
        event.stop()
        self.scroll_lines(-3)

    def scroll_lines(self, lines: int) -> None:
        """Scroll by lines of the screen; the cursor stays within what is seen."""
        self.shift_lines(lines)
        visible = self._visible_lines()
        if visible:
            self.cursor = max(visible[0][0], min(self.cursor, visible[-1][0]))

    def action_move(self, rows: int) -> None:
        """Move the cursor; a row that is taller than the view is scrolled through first."""
        visible = self._visible_lines()
        if visible and not self.is_even:
            edge = (self.cursor, self._height(self.cursor) - 1) if rows > 0 else (self.cursor, 0)
            if any(index == self.cursor for index, _ in visible) and edge not in visible:
                self.scroll_lines(1 if rows > 0 else -1)
                return
        self.move_cursor(self.cursor + rows)

    def action_page(self, direction: int) -> None:
        """Scroll by a page; the cursor comes along."""
        self.scroll_lines(direction * max(1, self.body_height - 1))

    def action_half_page(self, direction: int) -> None:
        """Scroll by half a page; the cursor comes along."""
        self.scroll_lines(direction * max(1, self.body_height // 2))
