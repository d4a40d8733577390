"""The way from the main screen to the shelf."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on

from daytona_tui.domain.abilities import Ability
from daytona_tui.ui.commands import app as app_commands
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.fleet_capture import FleetCapture
from daytona_tui.ui.screens.commanding import FleetCommanding

if TYPE_CHECKING:
    from daytona_tui.ui.screens.shelf_keeper import ShelfKeeper

_NEEDS = {
    app_commands.SNAPSHOTS: Ability.SNAPSHOTS,
    app_commands.VOLUMES: Ability.VOLUMES,
    app_commands.SECRETS: Ability.SECRETS,
}
"""Commands that open a tab, and without what the tab has nothing to show."""


class ShelfDoor(FleetCommanding):
    """Opens the shelf."""

    _keeper: ShelfKeeper | None = None

    @property
    def shelf(self) -> ShelfKeeper:
        """The tabs of this connection."""
        if self._keeper is None:
            from daytona_tui.ui.screens.shelf_keeper import ShelfKeeper

            self._keeper = ShelfKeeper(self)
        return self._keeper

    def _refusal(self, command: Command) -> str:
        """Return why a command is not possible now; of a tab, what the server was found to lack."""
        needs = _NEEDS.get(command)
        return (self.services.abilities.lacks(needs) if needs is not None else "") or super()._refusal(command)

    def open_shelf(self, first: str = "") -> None:
        """Show the shelf with one of its tabs; the one of the last time where none is named."""
        from daytona_tui.ui.screens.shelf import ShelfScreen

        if any(isinstance(screen, ShelfScreen) for screen in self.app.screen_stack):
            return
        screen = ShelfScreen(self.shelf.tabs, first or self._last)

        def closed(_: None) -> None:
            self._last = screen.front.NAME

        self.app.push_screen(screen, closed)

    _last = ""

    def do_shelf(self) -> None:
        """Show what the organisation keeps beside its sandboxes."""
        self.open_shelf()

    @on(FleetCapture.CaptureRequested)
    def _capture(self, event: FleetCapture.CaptureRequested) -> None:
        """Ask for the name of a snapshot of a sandbox, on the shelf."""
        from daytona_tui.ui.screens.shelf_snapshots import SnapshotsTab

        self.open_shelf(SnapshotsTab.NAME)
        tab = next(tab for tab in self.shelf.tabs if isinstance(tab, SnapshotsTab))
        self.call_after_refresh(tab.ask_new, {"sandbox": event.sandbox.name})

    def do_snapshots(self) -> None:
        """Show the snapshots."""
        self.open_shelf("Snapshots")

    def do_volumes(self) -> None:
        """Show the volumes."""
        self.open_shelf("Volumes")

    def do_secrets(self) -> None:
        """Show the secrets."""
        self.open_shelf("Secrets")

    def do_regions(self) -> None:
        """Show the regions."""
        self.open_shelf("Regions")

    def do_quotas(self) -> None:
        """Show the quotas."""
        self.open_shelf("Quotas")

    def do_usage(self) -> None:
        """Show what sandboxes used and cost."""
        self.open_shelf("Usage")

    def do_audit(self) -> None:
        """Show the audit log."""
        self.open_shelf("Audit")
