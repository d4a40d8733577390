"""Commands about what belongs to the fleet and how fresh it is."""

from __future__ import annotations

from daytona_tui.ui.commands.base import Command, Scope

GRAVEYARD = Command(
    "graveyard", "E", "Graveyard", "Show, or hide again, what failed and was deleted; Daytona hides it otherwise.",
    Scope.FLEET,
)  # fmt: skip

LIVE_COMMANDS = (GRAVEYARD,)
