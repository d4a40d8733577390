"""A snapshot of the sandbox under the cursor: asked for here, made on the shelf."""

from __future__ import annotations

from textual.message import Message

from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.domain.snapshots import capture_problem
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.commands.making import CAPTURE
from daytona_tui.ui.panes.fleet_acts import FleetActs


class FleetCapture(FleetActs):
    """Asks for a snapshot."""

    class CaptureRequested(Message):
        """A snapshot of a sandbox is wanted."""

        def __init__(self, sandbox: Sandbox) -> None:
            super().__init__()
            self.sandbox = sandbox

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        if command != CAPTURE:
            return super().refusal(command)
        services = self.services
        reason = services.read_only or services.abilities.lacks(Ability.SNAPSHOT_OF_SANDBOX)
        if reason or self.current is None:
            return reason or self.nobody
        return capture_problem(self.current)

    def do_capture(self) -> None:
        """Ask for its name."""
        if self.current is not None:
            self.post_message(self.CaptureRequested(self.current))
