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
        return super().refusal(command)

    def do_mark(self) -> None:
        """Mark the row, or take its mark away, and go on to the next; of a heading, all of its group."""
        row = self.table.current_row
        if isinstance(row, Heading):
            self.view.toggle(self.view.members(row))
        elif row is not None:
            self.view.toggle((row,))
        self.table.action_move(1)
        self.view_changed()

    def do_mark_all(self) -> None:
        """Mark every sandbox that the filter lets through, also those that are folded away."""
        self.view.marks |= {sandbox.id for sandbox in self.view.matching}
        self.view_changed()

    def do_invert(self) -> None:
        """Turn the marks round of all that the filter lets through."""
        self.view.invert(self.view.matching)
        self.view_changed()
