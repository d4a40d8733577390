"""The log of a build as it comes: it follows the end until somebody scrolls, and goes on without being looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.presentation.tones import Tone
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.widgets.rows_view import Placeholder, RowsView

MOST_LINES = 20_000
"""Lines that are kept; of a longer log the last ones."""


class BuildLog:
    """What a build has said so far, and how it stands.

    Attributes:
        title: what is built: safe.
        lines: whole lines, as they came: hostile text.
        state: how it stands, in words: safe.
        is_over: nothing more will come.
        has_failed: it came to nothing.
    """

    def __init__(self, title: str) -> None:
        self.title = title
        self.lines: list[str] = []
        self.state = ""
        self.is_over = False
        self.has_failed = False
        self.changed: Callable[[], None] = lambda: None
        self._rest = ""

    def add(self, text: str) -> None:
        """Take in what came, cut anywhere."""
        *lines, self._rest = (self._rest + text).split("\n")
        self.lines += [line.rstrip("\r").rpartition("\r")[2] for line in lines]
        del self.lines[:-MOST_LINES]
        self.changed()

    def text(self) -> str:
        """Return all of it that is kept: hostile text."""
        return "\n".join((*self.lines, *filter(None, (self._rest,))))

    def stand(self, state: str, *, is_over: bool = False, has_failed: bool = False) -> None:
        """Say how it stands."""
        if is_over and self._rest:
            self.add("\n")
        self.state, self.is_over, self.has_failed = state, is_over, has_failed
        self.changed()


class LogLines(RowsView):
    """One line of the log in each row."""

    def __init__(self, log: BuildLog) -> None:
        super().__init__(id="log-lines")
        self.log_shown = log
        self.shows_cursor = False
        self.follows = True
        self.placeholder = Placeholder("Nothing was said yet")

    def row_count(self) -> int:
        """Return how many lines there are."""
        return len(self.log_shown.lines)

    def row_segments(self, index: int, width: int) -> list[Segment]:
        """Return one line."""
        text = safe(self.log_shown.lines[index])
        is_bad = text.startswith(("ERROR", "error:", "failed"))
        return [Segment(" "), Segment(clip(text, width - 1), self.tone_style(Tone.BAD if is_bad else Tone.NEUTRAL))]

    def lines_changed(self) -> None:
        """Draw anew; at the end, unless somebody has gone elsewhere."""
        self.rows_changed()
        if self.follows:
            self.scroll_rows(self.row_count())

    def scroll_rows(self, top: int) -> None:
        """Scroll; to be at the end is to follow."""
        super().scroll_rows(top)
        self.follows = self.is_at_end

    def move_cursor(self, index: int) -> None:
        """Scroll instead: there is no cursor."""
        self.scroll_rows(self.top + (index - self.cursor))

    def action_first(self) -> None:
        """Go to the first line."""
        self.scroll_rows(0)

    def action_last(self) -> None:
        """Go to the end, and follow it."""
        self.scroll_rows(self.row_count())


class BuildLogScreen(ModalScreen[None]):
    """Shows a log; closing it ends nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "close", "Close", show=False),
        Binding("y", "copy", "Copy", show=False),
    ]
    AUTO_FOCUS = "#log-lines"
    CSS_PATH = "../styles/build_log.tcss"

    def __init__(self, log: BuildLog) -> None:
        super().__init__()
        self.log_shown = log

    def compose(self) -> ComposeResult:
        """Make the lines, and how it stands."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(self.log_shown.title).markup
            dialog.border_subtitle = "esc closes it, and it goes on · G follows the end · y copies"
            yield LogLines(self.log_shown)
            yield Static("", id="state", markup=False)

    def on_mount(self) -> None:
        """Follow."""
        self.log_shown.changed = self.draw
        self.draw()

    def on_unmount(self) -> None:
        """Follow no longer."""
        self.log_shown.changed = lambda: None

    def draw(self) -> None:
        """Show the log as it is now."""
        if is_leaving(self) or not self.is_mounted:
            return
        log = self.log_shown
        self.query_one(LogLines).lines_changed()
        state = self.query_one("#state", Static)
        state.set_class(log.has_failed, "bad")
        state.update(Content(log.state + ("" if log.is_over else " …")))

    def action_copy(self) -> None:
        """Put the log on the clipboard."""
        self.app.copy_to_clipboard("\n".join(map(safe, self.log_shown.lines)))
        self.app.notify("the log is on the clipboard", title="Copied", markup=False, timeout=3)

    def action_close(self) -> None:
        """Close."""
        self.dismiss(None)
