"""Commands that change what a sandbox is set to: its lifetimes, its labels."""

from __future__ import annotations

from daytona_tui.ui.commands.base import Command, Scope

LIFETIMES = Command(
    "lifetimes",
    "i",
    "Lifetimes",
    "Set when the marked sandboxes, or this one, stop, are archived and deleted by themselves; says what will happen.",
    Scope.FLEET,
)
LABELS = Command(
    "labels",
    "L",
    "Labels",
    "Add, change and take away labels of the marked sandboxes, or of this one; all others stay.",
    Scope.FLEET,
)

EDITS_COMMANDS = (LIFETIMES, LABELS)
