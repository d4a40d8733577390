"""The command that asks what deleting a sandbox would lose."""

from __future__ import annotations

from daytona_tui.ui.commands.base import Command, Scope

CHECK = Command(
    "check", "K", "Check", "See what deleting this sandbox would lose, without keeping it awake; rescue it from there.",
    Scope.FLEET,
)  # fmt: skip

SAFETY_COMMANDS = (CHECK,)
