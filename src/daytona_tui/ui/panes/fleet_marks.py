"""Marking sandboxes."""

from __future__ import annotations

from daytona_tui.ui.commands import fleet as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.fleet_base import FleetBase


class FleetMarks(FleetBase):
    """Sets marks and takes them away."""

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        if command == commands.MARK and self.current is None:
            return "there is no sandbox under the cursor"
        return super().refusal(command)

    def do_mark(self) -> None:
        """Mark the row, or take its mark away, and go on to the next."""
        if self.current is not None:
            self.view.toggle(self.current.id)
            self.table.action_move(1)
            self.view_changed()

    def do_mark_all(self) -> None:
        """Mark every row that is shown."""
        self.view.marks |= {sandbox.id for sandbox in self.table.rows.sandboxes}
        self.view_changed()

    def do_invert(self) -> None:
        """Turn the marks of the rows that are shown round."""
        self.view.invert(tuple(self.table.rows.sandboxes))
        self.view_changed()
