"""A terminal's screen, read by bittty. Nobody else knows which emulator it is."""

from __future__ import annotations

from typing import Any

from bittty.devices.modes import MouseEncoding, MouseProtocol
from bittty.present import Bell, ClipboardChanged, PresentEvent, RowsScrolledOff, ScrollbackCleared

from daytona_tui.domain.ptys import PtySize
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.presentation.terminal.board import PLAIN_ANSWER, feed, make_board
from daytona_tui.presentation.terminal.flood import cut
from daytona_tui.presentation.terminal.history import LINES, History
from daytona_tui.presentation.terminal.rows import row_of_cells, within
from daytona_tui.presentation.terminal.screen import Cursor, CursorShape, Modes, MouseCode, MouseWish, Row

_TITLE_CELLS = 80
_ANSWERS_MOST = 4096
"""Bytes of answers that may wait: a program that asks without end gets no more than that at once."""
_CLIPBOARD_MOST = 50_000

_WISHES = {
    MouseProtocol.X10: MouseWish.PRESSES,
    MouseProtocol.NORMAL: MouseWish.CLICKS,
    MouseProtocol.BUTTON: MouseWish.DRAGS,
    MouseProtocol.ANY: MouseWish.MOVES,
}
_CODES = {
    MouseEncoding.UTF8: MouseCode.UTF8,
    MouseEncoding.SGR: MouseCode.SGR,
    MouseEncoding.URXVT: MouseCode.URXVT,
}


class BitttyScreen:
    """A ``TerminalScreen``; what that promises is said there.

    Args:
        size: columns and rows, each 1 to 1000.
        lines: how many lines of history are kept.
    """

    def __init__(self, size: PtySize, lines: int = LINES) -> None:
        self._told = _Told(lines)
        self._answers = _Answers()
        self._board = make_board(size, self._told, self._answers)
        self._seen: tuple[Any, int] = (None, 0)

    @property
    def size(self) -> PtySize:
        """Columns and rows."""
        return PtySize(self._board.width, self._board.height)

    @property
    def cursor(self) -> Cursor:
        """Where the cursor is."""
        cursor = self._board.cursor
        return Cursor(cursor.display_x, cursor.y, self._board.modes.cursor_visible, CursorShape(cursor.shape))

    @property
    def modes(self) -> Modes:
        """What the program asked for."""
        modes, mouse = self._board.modes, self._board.mouse
        return Modes(
            alternate=self._board.blitter.in_alt_screen,
            application_cursor=modes.cursor_application_mode,
            application_keypad=modes.application_keypad,
            bracketed_paste=modes.bracketed_paste,
            focus_reports=modes.focus_reporting,
            alternate_scroll=modes.alternate_scroll_mode,
            newline_mode=modes.linefeed_newline_mode,
            mouse=_WISHES.get(mouse.protocol, MouseWish.NONE),
            mouse_code=_CODES.get(mouse.encoding, MouseCode.LEGACY),
        )

    @property
    def title(self) -> str:
        """What the program calls itself."""
        return clip(safe(self._board.title.title[: 4 * _TITLE_CELLS]), _TITLE_CELLS)

    @property
    def bells(self) -> int:
        """How often it rang the bell."""
        return self._told.bells

    @property
    def is_reversed(self) -> bool:
        """Whether the whole screen has its colours exchanged."""
        return bool(self._board.modes.reverse_screen)

    @property
    def is_drawing(self) -> bool:
        """Whether the program is in the middle of a frame."""
        return bool(self._board.modes.synchronized_output)

    def feed(self, data: bytes) -> None:
        """Read what the program wrote."""
        feed(self._board, data)

    def catch_up(self, data: bytes) -> bytes:
        """Put lines into the history undrawn that nobody would see; return what is left to be fed."""
        flood = cut(data, self._board.height) if self._scrolls_plainly else None
        if flood is None:
            return data
        self.feed(flood.head)
        if self._board.parser.buffer or not self._scrolls_plainly:
            return data[len(flood.head) :]  # the line end was part of a sequence, or what came before acts
        page = self._board.blitter.main_page
        self._told.history.add([self._row(page, y) for y in range(self._board.cursor.y)])
        self._told.history.add_text(flood.skipped)
        self._board.blitter.clear_screen(2)
        self._board.cursor.set_position(0, 0)
        return flood.colours + flood.tail

    @property
    def _scrolls_plainly(self) -> bool:
        blitter = self._board.blitter
        margins = (blitter.scroll_top, blitter.scroll_bottom, blitter.left_margin, blitter.right_margin)
        return not blitter.in_alt_screen and margins == (0, self._board.height - 1, 0, self._board.width - 1)

    def resize(self, size: PtySize) -> None:
        """Take another size."""
        if size == self.size:
            return
        board = self._board
        excess = board.cursor.y - size.rows + 1
        if excess > 0 and not board.blitter.in_alt_screen:  # otherwise the emulator would cut the lines at the cursor
            board.blitter.set_scroll_region(0, board.height - 1)
            board.blitter.scroll(excess)
            board.cursor.set_position(board.cursor.display_x, board.cursor.y - excess)
        board.resize(size.cols, size.rows)

    def take_dirty_rows(self) -> tuple[int, ...]:
        """Return the rows that changed since this was last called."""
        page = self._board.blitter.main_page
        seen_page, seen = self._seen
        dirty = page.dirty_rows(seen) if page is seen_page else range(self._board.height)
        self._seen = (page, page.observe())
        return tuple(dirty)

    def take_answers(self) -> bytes:
        """Return what is to be sent to the program, once."""
        return self._answers.take()

    def take_clipboard(self) -> str | None:
        """Return what the program wants in the clipboard, once."""
        text, self._told.clipboard = self._told.clipboard, None
        return text

    @property
    def first_line(self) -> int:
        """Number of the oldest line that is kept."""
        return self._told.history.first

    @property
    def top_line(self) -> int:
        """Number of the line in the first row of the screen."""
        return self._told.history.end

    @property
    def end_line(self) -> int:
        """One more than the number of the last row's line."""
        return self.top_line + int(self._board.height)

    def line(self, number: int) -> Row:
        """Return a line of the history or the screen."""
        y = number - self.top_line
        if y >= self._board.height or number < self.first_line:
            return Row(())
        if y < 0:
            return self._told.history.line(number)
        return within(self._row(self._board.blitter.main_page, y), self._board.width)

    def clear_history(self) -> None:
        """Forget the lines above the screen."""
        self._told.history.clear()

    @staticmethod
    def _row(page: Any, y: int) -> Row:
        return row_of_cells(page.grid[y], page.is_line_wrapped(y))


class _Told:
    """What the emulator tells whoever shows it; the names are its own."""

    keeps_scrollback = True

    def __init__(self, lines: int) -> None:
        self.history = History(lines)
        self.bells = 0
        self.clipboard: str | None = None

    def present(self, event: PresentEvent) -> None:
        """Take what would be lost otherwise."""
        if isinstance(event, RowsScrolledOff):
            self.history.add([row_of_cells(line.cells, line.wrapped) for line in event.lines])
        elif isinstance(event, Bell):
            self.bells += 1
        elif isinstance(event, ClipboardChanged):
            self.clipboard = event.text[:_CLIPBOARD_MOST]
        elif isinstance(event, ScrollbackCleared):
            self.history.clear()


class _Answers:
    """Takes what the emulator writes to its program; the names are its own."""

    closed = False

    def __init__(self) -> None:
        self._waiting = bytearray()

    def write(self, data: str) -> int:
        """Take an answer; one that is not plain is dropped."""
        if PLAIN_ANSWER.fullmatch(data) is not None and len(self._waiting) < _ANSWERS_MOST:
            self._waiting += data.encode()
        return len(data)

    def flush(self) -> None:
        """Nothing waits elsewhere."""

    def resize(self, rows: int, cols: int) -> None:
        """The program is told by whoever owns its terminal."""

    def take(self) -> bytes:
        """Return all answers, once."""
        answers = bytes(self._waiting)
        self._waiting.clear()
        return answers
