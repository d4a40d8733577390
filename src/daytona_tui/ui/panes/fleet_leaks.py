"""The leak view: the same table, showing what probably costs money for nothing."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.content import Content
from textual.widgets import Static

from daytona_tui.domain.leaks import Verdict
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.domain.views import NamedView, Sort
from daytona_tui.presentation.columns import Column
from daytona_tui.presentation.leaks import leak_columns, total_words, verdict_lines
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui import workers
from daytona_tui.ui.commands import layout
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.commands.leaks import BIN, HOLD, LEAKS, SWEEP
from daytona_tui.ui.commands.safety import CHECK
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.fleet_arrangement import FleetArrangement
from daytona_tui.ui.panes.fleet_drawing import FleetDrawing
from daytona_tui.ui.panes.leak_watch import LeakWatch
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.rows_view import Placeholder, RowsView
from daytona_tui.ui.widgets.status_line import StatusPart

_FIXED = (layout.SORT, layout.REVERSE, layout.COLUMNS, layout.GROUP, layout.COST)
"""What the leak view has of its own."""

_OWN_FOOTER = {LEAKS: 1, SWEEP: 2, HOLD: 3, BIN: 4, CHECK: 5}
"""What the footer begins with in the leak view."""

_RANK, _RANK_SHORT = 1, 1
"""Of the total in the status line, and of its short form, where leaks are looked for."""

_RANK_ASIDE, _RANK_SHORT_ASIDE = 4, 3
"""The same elsewhere: the short form is worth more than what the fleet costs, and less than how many there are."""


class FleetLeaks(FleetArrangement, FleetDrawing):
    """Shows leaks instead of everything, as long as that is wanted.

    Attributes:
        leaks: judges the fleet while somebody wants to know.
        shows_leaks: the leak view is on.
    """

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.leaks = LeakWatch(services)
        self.shows_leaks = False
        self._leak_columns = leak_columns(self.leaks.verdict_of)
        self._is_judging = self._is_looking = False
        self._lands = False
        """The leak view was opened, and the cursor has not come to its first row yet."""

    # Commands

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        if command in _FIXED and self.shows_leaks:
            hint = self.services.keymap.hint(LEAKS.id, "leaves it")
            return f"the leak view has columns, order and groups of its own{f': {hint}' if hint else ''}"
        return super().refusal(command)

    def title_of(self, command: Command) -> str:
        """Return what the footer calls ``command`` now: the key to the leaks is the way back from them."""
        return "All" if command == LEAKS and self.shows_leaks else super().title_of(command)

    def footer_of(self, command: Command) -> int:
        """Return the place of ``command`` in the footer: in the leak view its own keys come first."""
        own = _OWN_FOOTER.get(command, 0) if self.shows_leaks else 0
        return own or super().footer_of(command)

    def do_leaks(self) -> None:
        """Show leaks, or everything again."""
        self.show_leaks(not self.shows_leaks)

    def show_leaks(self, shows: bool) -> None:
        """Show leaks, or everything."""
        self.shows_leaks = self._lands = shows
        self.table.end_range()
        self.view_changed()

    def load_view(self, view: NamedView) -> None:
        """Show what a saved view shows, which is never the leak view."""
        self.shows_leaks = False
        super().load_view(view)

    # Drawing

    def draw(self) -> None:
        """Show the store as it is now, as leaks where they are wanted."""
        # The total is there from the start, but rows come first: not before the fleet was read ahead.
        if self.shows_leaks or self.is_warm:
            self.judge_soon(is_watched=self.shows_leaks)
        self.view.ranking = self.leaks.ranking if self.shows_leaks else None
        super().draw()
        self.tell_of_row()
        if self._lands and self.table.row_count() > 1 and self.leaks.verdicts is not None:
            self._lands = False
            self.table.scroll_rows(0)
            self.table.move_cursor(1)  # below the heading

    @on(RowsView.CursorMoved)
    def tell_of_row(self) -> None:
        """Say below the rows what the one under the cursor has no room for."""
        note = self.query_one("#leak-note", Static)
        note.display = self.shows_leaks
        if self.shows_leaks:
            sandbox = self.table.current
            verdict = self.leaks.verdict_of(sandbox) if sandbox is not None else None
            note.update(Content("\n".join(verdict_lines(verdict)) if verdict is not None else ""), layout=False)

    @property
    def why_hidden(self) -> str:
        """Why some sandboxes are not shown, in words behind their number."""
        if not self.shows_leaks:
            return super().why_hidden
        return "fine or hidden by filter" if self.view.filter_text else "fine"

    def columns(self) -> Sequence[Column]:
        """Return what is shown of each sandbox."""
        return self._leak_columns if self.shows_leaks else super().columns()

    def order_words(self, sorts: tuple[Sort, ...]) -> str:
        """Return how the rows are sorted, where no heading of a column says so."""
        return "leaks, by money then score" if self.shows_leaks else super().order_words(sorts)

    def notes(self) -> list[str]:
        """Return what the frame says of the rows, and of what can be done about leaks."""
        notes = super().notes()
        if not self.shows_leaks:
            return notes
        hint = self.services.keymap.hint(SWEEP.id, "plans a sweep")
        return [*notes, *(["the pins cannot be read"] if self.leaks.trouble else []), *([hint] if hint else [])]

    def placeholder(self) -> Placeholder:
        """Return what stands there without rows."""
        if not self.shows_leaks or self.view.filter_text or self.store.listed_at is None:
            return super().placeholder()
        if self.leaks.verdicts is None:
            return Placeholder("Judging the sandboxes …")
        back = self.services.keymap.hint(LEAKS.id, "shows all sandboxes")
        return Placeholder("Nothing looks like a leak", back, Tone.GOOD)

    def leak_parts(self) -> tuple[StatusPart, ...]:
        """Return what the status line says of leaks; that there are none it says only where they are looked for."""
        total = None if self.leaks.verdicts is None else self.leaks.verdicts.total
        if total is None or not (total.count or self.shows_leaks):
            return ()
        tone = Tone.WARN if total.count else Tone.GOOD
        rank, rank_short = (_RANK, _RANK_SHORT) if self.shows_leaks else (_RANK_ASIDE, _RANK_SHORT_ASIDE)
        short = StatusPart((Cell(total_words(total, is_short=True), tone),), rank_short)
        return (StatusPart((Cell(total_words(total), tone),), rank, short),)

    # Judging

    def verdict_of(self, sandbox: Sandbox) -> Verdict | None:
        """Return the verdict on a sandbox as it is by now; asking for it has the fleet judged if it is time."""
        self.judge_soon()
        return self.leaks.verdict_of(sandbox)

    def judge_soon(self, *, is_watched: bool = True) -> None:
        """Judge in the background, if it is time; not before the fleet was listed whole."""
        if is_leaving(self) or not self.is_mounted or self.store.listed_at is None:
            return
        if not self._is_judging and self.leaks.is_due(self.store.fleet, is_watched=is_watched):
            self._is_judging = True
            workers.start(self, self._judge, name="judge the fleet", group=workers.LEAKS)
        if self.shows_leaks and not self._is_looking and self.leaks.unseen():
            self._is_looking = True
            workers.start(self, self._look_into, name="look into suspects", group=workers.LEAKS_LOOK)

    async def _judge(self) -> None:
        try:
            await self.leaks.judge(self.store.fleet)
        finally:
            self._is_judging = False
        if self.shows_leaks:
            self.changed()

    async def _look_into(self) -> None:
        try:
            await self.leaks.look_into(self.leaks.unseen())
        finally:
            self._is_looking = False
