"""Commands that change what a sandbox is set to: its lifetimes, its labels, its size; and one that doubles it."""

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

RESIZE = Command(
    "resize", "Z", "Resize",
    "Give the marked sandboxes, or this one, other vCPUs, memory or disk; says what that costs.", Scope.FLEET,
)  # fmt: skip
FORK = Command(
    "fork", "f", "Fork", "Make a second one of a virtual machine that runs, with its files.", Scope.FLEET,
)  # fmt: skip

EDITS_COMMANDS = (LIFETIMES, LABELS, RESIZE, FORK)
