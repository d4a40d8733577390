"""Commands that make sandboxes."""

from __future__ import annotations

from daytona_tui.ui.commands.base import Command, Scope

NEW = Command(
    "new", "n", "New", "Create a sandbox: from a snapshot, an image, a Dockerfile or parts of one.", Scope.FLEET, 14
)
NEW_LIKE = Command(
    "new-like", "N", "New like it", "Create another sandbox like this one; says what its record does not tell.",
    Scope.FLEET,
)  # fmt: skip
CAPTURE = Command(
    "capture", "C", "Snapshot", "Keep the files of the sandbox as a snapshot, to make others from.", Scope.FLEET
)

RUN_ONCE = Command(
    "run-once",
    "u",
    "Run once",
    "Run a command in a sandbox that is made for it, and deleted whatever comes.",
    Scope.FLEET,
)

MAKING_COMMANDS = (NEW, NEW_LIKE, CAPTURE, RUN_ONCE)
