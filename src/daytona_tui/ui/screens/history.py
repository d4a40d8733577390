"""The transfers of the past, the newest first: open where one went, do it again, show it in the files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from rich.segment import Segment
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from daytona_tui.operations.journal import Entry, Journal
from daytona_tui.operations.transfer_history import local_place, remote_place
from daytona_tui.presentation.safe_text import cell_width, clip, clip_name, safe
from daytona_tui.presentation.tasks import Status, glyph
from daytona_tui.presentation.tones import Tone
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.widgets.rows_view import Placeholder, RowsView
from daytona_tui.ui.workers import DIALOG, FailureFunnel

MOST = 500
"""Transfers that are read."""


class Wish(StrEnum):
    """What to do with a transfer of the past."""

    OPEN = "open"
    AGAIN = "again"
    SHOW = "show"


@dataclass(frozen=True, slots=True)
class HistoryChoice:
    """What the user chose."""

    wish: Wish
    entry: Entry


class HistoryList(RowsView):
    """One line per transfer."""

    def __init__(self, now: datetime) -> None:
        super().__init__(id="transfers")
        self.entries: Sequence[Entry] = ()
        self._today = now.astimezone().date()
        self.placeholder = Placeholder("Reading …")

    @property
    def current(self) -> Entry | None:
        """The transfer under the cursor."""
        return self.entries[self.cursor] if self.cursor < len(self.entries) else None

    def show(self, entries: Sequence[Entry]) -> None:
        """Show transfers."""
        self.entries = entries
        self.placeholder = Placeholder("Nothing was copied yet", "Pulls and pushes stand here once they are over.")
        self.rows_changed()

    def row_count(self) -> int:
        """Return how many there are."""
        return len(self.entries)

    def row_segments(self, index: int, width: int) -> list[Segment]:
        """Return one line: when, how it ended, which way, whose, what came of it."""
        entry = self.entries[index]
        at = entry.at.astimezone()
        when = f"{at:%H:%M:%S}" if at.date() == self._today else f"{at:%b %d %H:%M}"
        mark = glyph(Status(entry.outcome) if entry.outcome in set(Status) else Status.WAITING)
        arrow = "⇣" if entry.verb == "pull" else "⇡"
        column = min(26, max(8, width // 4))
        name = clip_name(safe(entry.name), column)
        room = max(0, width - 20 - column)
        return [
            Segment(f" {when:<12}", self.tone_style(Tone.FAINT)),
            Segment(f"{mark.text} ", self.tone_style(mark.tone)),
            Segment(f"{arrow} ", self.tone_style(Tone.ACCENT)),
            Segment(name + " " * (column - cell_width(name) + 2), self.tone_style(Tone.NEUTRAL)),
            Segment(clip(safe(entry.detail), room), self.tone_style(Tone.DIM)),
        ]


class HistoryScreen(FailureFunnel, ModalScreen[HistoryChoice | None]):
    """Shows the history; the result is what to do with one of it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,H", "close", "Close", show=False),
        Binding("o", "choose('open')", show=False),
        Binding("R", "choose('again')", show=False),
        Binding("f", "choose('show')", show=False),
        Binding("y", "copy", show=False),
    ]
    AUTO_FOCUS = "#transfers"
    CSS_PATH = "../styles/history.tcss"

    def __init__(self, history: Journal, now: datetime) -> None:
        super().__init__()
        self._history = history
        self._now = now

    def compose(self) -> ComposeResult:
        """Make the list, and below it all that is known of one."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Transfers"
            dialog.border_subtitle = "o opens it · R again · f in the files · y copies · esc closes"
            yield HistoryList(self._now)
            yield Static(id="about")

    def on_mount(self) -> None:
        """Read what there is."""
        self.run_worker(self._read(), name="read the history", group=DIALOG, exclusive=True, exit_on_error=False)

    async def _read(self) -> None:
        entries = await self._history.recent(MOST)
        if not is_leaving(self):
            self._list.show(entries)
            self._tell_of_row()

    @property
    def _list(self) -> HistoryList:
        return self.query_one(HistoryList)

    @on(RowsView.CursorMoved)
    def _tell_of_row(self) -> None:
        entry = self._list.current
        text = ""
        if entry is not None:
            here, there = safe(local_place(entry)), f"{safe(entry.name)}:{safe(remote_place(entry))}"
            way = f"{there} → {here}" if entry.verb == "pull" else f"{here} → {there}"
            text = f"{way}\n{safe(entry.detail)}"
        self.query_one("#about", Static).update(Content(text))

    @on(RowsView.Chosen)
    def _open_clicked(self, event: RowsView.Chosen) -> None:
        event.stop()
        self.action_choose(Wish.OPEN)

    def action_choose(self, wish: str) -> None:
        """Close with what to do with the transfer under the cursor."""
        entry = self._list.current
        if entry is None:
            self.app.notify("there is no transfer under the cursor", severity="warning", markup=False)
        else:
            self.dismiss(HistoryChoice(Wish(wish), entry))

    def action_copy(self) -> None:
        """Put the line for a shell on the clipboard."""
        entry = self._list.current
        if entry is None:
            self.app.notify("there is no transfer under the cursor", severity="warning", markup=False)
        else:
            self.app.copy_to_clipboard(entry.line)
            self.app.notify(clip(safe(entry.line), 200), title="Copied", markup=False, timeout=3)

    def action_close(self) -> None:
        """Close."""
        self.dismiss(None)
