"""Marking sandboxes."""

from __future__ import annotations

from daytona_tui.domain.grouping import Heading
from daytona_tui.ui.commands import fleet as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.fleet_base import FleetBase


class FleetMarks(FleetBase):
    """Sets marks and takes them away."""

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        if command == commands.MARK and self.table.current_row is None:
            return "there is no sandbox under the cursor"
        if command == commands.RANGE and self.table.current_row is None:
            return "there is no sandbox under the cursor"
        return super().refusal(command)

    def title_of(self, command: Command) -> str:
        """Return the title; of a range that is being made, how many it marks."""
        many = len(self.table.range_sandboxes)
        return f"Mark {many}" if command in (commands.RANGE, commands.MARK) and many else super().title_of(command)

    def do_mark(self) -> None:
        """Mark the row, or take its mark away, and go on to the next; of a heading, all of its group."""
        row = self.table.current_row
        if self.table.range_anchor is not None:
            self.take_range()
            return
        if isinstance(row, Heading):
            self.view.toggle(self.view.members(row))
        elif row is not None:
            self.view.toggle((row,))
        self.table.action_move(1)
        self.view_changed()

    def do_range(self) -> None:
        """Let a range begin here; a second time, mark what is in it."""
        if self.table.range_anchor is None:
            self.table.begin_range()
            self.view_changed()
        else:
            self.take_range()

    def take_range(self) -> None:
        """Mark what is in the range, and end it."""
        self.view.marks = self.chosen
        self.table.end_range()
        self.view_changed()

    def do_mark_all(self) -> None:
        """Mark every sandbox that the filter lets through, also those that are folded away."""
        self.table.end_range()
        self.view.marks |= {sandbox.id for sandbox in self.view.matching}
        self.view_changed()
        self._tell_of_the_rest()

    def do_invert(self) -> None:
        """Turn the marks round of all that the filter lets through."""
        self.take_range()
        self.view.invert(self.view.matching)
        self.view_changed()
        self._tell_of_the_rest()

    def _tell_of_the_rest(self) -> None:
        """All of a fleet that is not whole yet is not all of it."""
        if self.store.listed_at is None:
            so_far = f"the {len(self.store.fleet):,} sandboxes listed so far; those that come are not marked"
            self.app.notify(f"Looked at were {so_far}.", title="Not all are here yet", severity="warning", markup=False)
