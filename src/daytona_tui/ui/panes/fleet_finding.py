"""Finding sandboxes: filter and folded groups."""

from __future__ import annotations

from textual import on
from textual.actions import SkipAction

from daytona_tui.domain.grouping import Heading
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.ui.commands import layout
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.fleet_arrangement import FleetArrangement
from daytona_tui.ui.widgets.filter_bar import FilterBar
from daytona_tui.ui.widgets.sandbox_table import SandboxTable


class FleetFinding(FleetArrangement):
    """Filters and folds."""

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        if command in (layout.FOLD, layout.UNFOLD):
            return self._fold_refusal(is_folded=command == layout.FOLD)
        return super().refusal(command)

    def _fold_refusal(self, *, is_folded: bool) -> str:
        if not self.view.group:
            return "the rows are in no groups: & groups them"
        heading = self._heading()
        if heading is None:
            return "there is no group under the cursor"
        if heading.is_folded == is_folded:
            return "it is folded already" if is_folded else "it is open already"
        return ""

    def do_clear(self) -> None:
        """Leave the range that is being made; else clear the filter; without one, the marks."""
        if self.table.range_anchor is not None:
            self.table.end_range()
            self.view_changed()
        elif self.view.filter_text:
            self.filter_by("")
        elif self.view.marks:
            self.view.marks.clear()
            self.view_changed()
        else:
            raise SkipAction  # escape may mean something to the screen

    def do_filter(self) -> None:
        """Open the filter line."""
        self.query_one(FilterBar).open(self.view.filter_text, lambda: self.store.fleet, self.table)

    def do_fold(self) -> None:
        """Fold the group away in which the cursor is; the cursor goes to its heading."""
        heading = self._heading()
        if heading is not None:
            self._fold(heading, is_folded=True)

    def do_unfold(self) -> None:
        """Show the sandboxes of the group again."""
        heading = self._heading()
        if heading is not None:
            self._fold(heading, is_folded=False)

    def _heading(self) -> Heading | None:
        row = self.table.current_row
        return self.view.heading_of(row) if isinstance(row, Sandbox) else row

    def _fold(self, heading: Heading, *, is_folded: bool) -> None:
        self.table.move_to(heading.id)
        self.view.fold(heading, is_folded)
        self.view_changed()

    @on(SandboxTable.FoldRequested)
    def _fold_or_unfold(self, event: SandboxTable.FoldRequested) -> None:
        self._fold(event.heading, is_folded=not event.heading.is_folded)

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
