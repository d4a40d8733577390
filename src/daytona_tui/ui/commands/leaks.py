"""Commands of the leak hunter."""

from __future__ import annotations

from daytona_tui.ui.commands.base import Command, Scope

LEAKS = Command(
    "leaks", "exclamation_mark", "Leaks",
    "Show what probably costs money for nothing, the most expensive first, with the reason; again, show everything.",
    Scope.FLEET, footer=40,
)  # fmt: skip
SWEEP = Command(
    "sweep", "W", "Sweep", "Plan what to do about leaks, or about the marked; change the plan, then carry it out.",
    Scope.FLEET, danger=True,
)  # fmt: skip
HOLD = Command(
    "hold", "H", "Hold", "Keep the marked sandboxes, or this one, from every sweep, here or for everybody; or let go.",
    Scope.FLEET,
)  # fmt: skip
BIN = Command(
    "bin", "B", "Bin", "Stop the marked sandboxes, or this one, and have them deleted in some days; undo takes out.",
    Scope.FLEET, danger=True,
)  # fmt: skip

LEAKS_COMMANDS = (LEAKS, SWEEP, HOLD, BIN)
