"""What the sandboxes pane shows: rows, frame, and what stands there when there are no rows."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on

from daytona_tui.domain.filters import FilterContext, FilterError
from daytona_tui.domain.views import Arrangement, Sort
from daytona_tui.presentation.columns import DEFAULT_COLUMNS, Column, Doing, column_named
from daytona_tui.presentation.fitting import with_width
from daytona_tui.presentation.headings import grouping_title
from daytona_tui.presentation.human import nameless_rows
from daytona_tui.presentation.layout_words import sorts_words
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.presentation.tones import Tone
from daytona_tui.ui.commands.fleet import CLEAR, REFRESH
from daytona_tui.ui.panes.fleet_selection import FleetSelection
from daytona_tui.ui.panes.fleet_warming import FleetWarming
from daytona_tui.ui.widgets.filter_bar import FilterBar
from daytona_tui.ui.widgets.rows_view import Placeholder, RowsView
from daytona_tui.ui.widgets.sandbox_table import TableRows


class FleetDrawing(FleetSelection, FleetWarming):
    """Draws the store as the view wants it."""

    def draw(self) -> None:
        """Show the store as it is now."""
        if self._redraw is not None:
            self._redraw.stop()
            self._redraw = None
        now = self.services.now()
        fleet, view = self.store.fleet, self.view
        rows = TableRows(
            rows=view.rows(fleet, FilterContext(now, self.hourly)),
            columns=tuple(self.columns()),
            sorts=view.sorts,
            now=now,
            hourly=self.hourly,
            doing={key: Doing(act.step, act.since) for key, act in self.store.pending.items()},
            marks=frozenset(view.marks),
            marked_in=view.marked_in(),
            doubtful=frozenset(self.store.unconfirmed),
            words=() if view.filter_error else view.filter.words,
        )
        table = self.table
        table.set_class(self.watch_news.health.is_stale(now), "-stale")
        table.show(rows, self.placeholder())
        if self.store.listed_at is not None:
            # From here on what comes is news, and news moves no cursor. Before, the first row is nobody's choice.
            table.follows_cursor = True
        self._entitle()
        self.follow_record()
        self.warm_soon(fleet)
        self.post_message(self.Changed(self.store.fleet, self.watch_news.health))

    def columns(self) -> Sequence[Column]:
        """Return what is shown of each sandbox."""
        return columns_of(self.view.arrangement)

    def order_words(self, sorts: tuple[Sort, ...]) -> str:
        """Return how the rows are sorted, where no heading of a column says so."""
        return f"sorted {sorts_words(sorts)}"

    def _entitle(self) -> None:
        total, shown = len(self.store.fleet), len(self.view.matching)
        self.query_one(FilterBar).count(shown, total)
        known = bool(total) or self.store.listed_at is not None
        count = f"{total:,}" if known else ""
        if self.watch_news.is_listing and self.store.listed_at is None and total:
            count += "…"
        if self.view.filter_text:
            count = f"{shown:,} of {count}   {clip(safe(self.view.filter_text), 40)}"
        if self.view.group:
            count += f"   by {grouping_title(self.view.group)}"
        if not {sort.column for sort in self.view.sorts} & {column.key for column in self.table.rows.columns}:
            count += f"   {self.order_words(self.view.sorts)}"  # no heading of a column says so
        self.entitle(count, " · ".join(self.notes()))

    @property
    def why_hidden(self) -> str:
        """Why some sandboxes are not shown, in words behind their number."""
        return "hidden by filter"

    @on(RowsView.CursorMoved)
    def count_range(self) -> None:
        """Say with each move how many a range that is being made would mark."""
        if self.table.range_anchor is not None:
            self._entitle()

    def notes(self) -> list[str]:
        """Return how many rows are marked, and how many are not there to be seen."""
        notes = super().notes()
        notes += self._marks()
        hidden, hidden_marks = len(self.store.fleet) - len(self.view.matching), len(self.view.hidden(self.chosen))
        if hidden > hidden_marks:
            notes.append(f"{hidden:,} hidden in all" if hidden_marks else f"{hidden:,} {self.why_hidden}")
        if nameless := self.watch_news.health.nameless:
            notes.append(nameless_rows(nameless))
        return notes

    def _marks(self) -> list[str]:
        chosen = self.chosen
        if not chosen:
            return []
        hidden = len(self.view.hidden(chosen))
        who = "it is" if len(chosen) == 1 else f"{hidden:,} of them"
        return [f"{len(chosen):,} marked", *([f"{who} hidden by filter"] if hidden else [])]

    def placeholder(self) -> Placeholder:
        """Return what stands there without rows, and what to press."""
        error = self.watch_news.health.error
        bar = self.query_one(FilterBar)
        if bar.is_offering:
            return Placeholder("")  # the list of what can come next lies over it, and the word is not finished
        if self.view.filter_error is not None:
            # While it is being typed, the line above points at the mistake.
            return Placeholder("") if bar.has_class("-open") else self._unreadable(self.view.filter_error)
        if self.view.filter_text and len(self.store.fleet):
            return Placeholder(f"No sandbox matches “{clip(safe(self.view.filter_text), 40)}”", self._clears)
        if self.store.listed_at is None and error is not None:
            said, refresh = phrase(error), self.services.keymap.hint(REFRESH.id, " ask again now")
            detail = "\n".join(filter(None, (said.detail, said.hint, refresh)))
            return Placeholder(said.title, detail, Tone.BAD)
        if self.store.listed_at is None:
            return Placeholder("Asking for the sandboxes …")
        return Placeholder("No sandboxes", "Whatever is created shows up here by itself.")

    @property
    def _clears(self) -> str:
        return self.services.keymap.hint(CLEAR.id, "clears the filter")

    def _unreadable(self, error: FilterError) -> Placeholder:
        """A filter that nobody understands shows nothing, and says why."""
        expected = f"expected: {safe(', '.join(error.expected))}" if error.expected else ""
        lines = (safe(error.message), expected, self._clears)
        return Placeholder("This filter cannot be read", "\n".join(filter(None, lines)), Tone.WARN)


def columns_of(arrangement: Arrangement) -> tuple[Column, ...]:
    """Return the columns that an arrangement shows; those that there are not are passed over."""
    chosen = [(column_named(choice.key), choice.width) for choice in arrangement.columns]
    columns = tuple(with_width(column, width) for column, width in chosen if column is not None)
    return columns or DEFAULT_COLUMNS
