"""The sandboxes: all of them, live, and what can be done to them."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.widgets import Static

from daytona_tui.presentation.safe_text import safe
from daytona_tui.ui.commands import fleet as commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.fleet_bin import FleetBin
from daytona_tui.ui.panes.fleet_capture import FleetCapture
from daytona_tui.ui.panes.fleet_create import FleetCreate
from daytona_tui.ui.panes.fleet_edits import FleetEdits
from daytona_tui.ui.panes.fleet_finding import FleetFinding
from daytona_tui.ui.panes.fleet_hold import FleetHold
from daytona_tui.ui.panes.fleet_live import FleetLive
from daytona_tui.ui.panes.fleet_marks import FleetMarks
from daytona_tui.ui.panes.fleet_rescue import FleetRescue
from daytona_tui.ui.panes.fleet_run_once import FleetRunOnce
from daytona_tui.ui.panes.fleet_sweep import FleetSweep
from daytona_tui.ui.widgets.filter_bar import FilterBar
from daytona_tui.ui.widgets.sandbox_table import SandboxTable


class FleetPane(
    FleetLive,
    FleetBin,
    FleetEdits,
    FleetCreate,
    FleetCapture,
    FleetRunOnce,
    FleetRescue,
    FleetSweep,
    FleetHold,
    FleetFinding,
    FleetMarks,
):
    """Lists, filters, sorts and marks sandboxes; starts, stops, archives and deletes them."""

    COMMANDS = commands.FLEET_COMMANDS
    NUMBER = 1
    NAME: ClassVar[str] = "Sandboxes"

    def compose(self) -> ComposeResult:
        """Make filter line, table, and the line that the leak view has below it."""
        yield FilterBar()
        yield SandboxTable(id="sandboxes")
        yield Static("", id="leak-note", markup=False)

    def on_mount(self) -> None:
        """Show the frame, and begin to fill it."""
        self.draw()
        self.begin_live()

    # Commands

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        if command == commands.COPY_ID and self.current is None:
            return self.nobody
        if command == commands.SHOW_LOGS and not self.targets:
            return self.nobody
        return super().refusal(command)

    def do_show_logs(self) -> None:
        """Go to the logs of the sandbox, or of all that are marked."""
        self.dialogs.go_to_logs(self.targets if len(self.targets) > 1 else ())

    def do_copy_id(self) -> None:
        """Put the id on the clipboard."""
        if self.current is not None:
            self.app.copy_to_clipboard(self.current.id)
            self.app.notify(safe(self.current.id), title="Copied", markup=False, timeout=3)
