"""Finding sandboxes: filter and order."""

from __future__ import annotations

from textual import on
from textual.actions import SkipAction

from daytona_tui.ui.panes.fleet_base import FleetBase
from daytona_tui.ui.widgets.filter_bar import FilterBar
from daytona_tui.ui.widgets.sandbox_table import SandboxTable


class FleetFinding(FleetBase):
    """Filters and sorts."""

    def do_clear(self) -> None:
        """Clear the filter; without one, the marks."""
        if self.view.filter_text:
            self.filter_by("")
        elif self.view.marks:
            self.view.marks.clear()
            self.view_changed()
        else:
            raise SkipAction  # escape may mean something to the screen

    def do_filter(self) -> None:
        """Open the filter line."""
        self.query_one(FilterBar).open(self.view.filter_text)

    def do_sort(self) -> None:
        """Sort by the next column."""
        self.view.next_order()
        self.view_changed()

    def do_reverse(self) -> None:
        """Turn the order round."""
        self.view.is_reversed = not self.view.is_reversed
        self.view_changed()

    def filter_by(self, text: str) -> None:
        """Show what matches ``text``."""
        self.view.filter_text = text
        self.view_changed()

    @on(FilterBar.Changed)
    def _filter(self, event: FilterBar.Changed) -> None:
        self.filter_by(event.text)

    @on(FilterBar.Left)
    def _focus_rows(self) -> None:
        # Who has filtered has chosen the row that the cursor came to: it stays there when the others come back.
        self.table.follows_cursor = True
        self.table.focus()

    @on(SandboxTable.SortRequested)
    def _sort(self, event: SandboxTable.SortRequested) -> None:
        self.view.sort_by(event.order)
        self.view_changed()
