"""Commands that do something to sandboxes: to the marked ones, or to the one under the cursor."""

from __future__ import annotations

from daytona_tui.ui.commands.base import Command, Scope

START = Command("start", "s", "Start", "Start, resume or restore: the marked sandboxes, or this one.", Scope.FLEET, 10,
                everywhere=True)  # fmt: skip
STOP = Command("stop", "x", "Stop", "Stop the marked sandboxes, or this one; its files stay.", Scope.FLEET, 11,
               everywhere=True)  # fmt: skip
FORCE_STOP = Command(
    "force-stop",
    "X",
    "Force stop",
    "Kill what runs and stop at once; asks first.",
    Scope.FLEET,
    danger=True,
)
PAUSE = Command("pause", "S", "Pause", "Suspend virtual machines with their memory; start goes on.", Scope.FLEET)
ARCHIVE = Command(
    "archive", "a", "Archive", "Move to cheap storage; one that runs is stopped first.", Scope.FLEET, 12,
    everywhere=True,
)  # fmt: skip
DELETE = Command(
    "delete", "D,delete", "Delete", "Delete for good, with all files; asks first.", Scope.FLEET, 13, danger=True,
    everywhere=True,
)  # fmt: skip
RECOVER = Command("recover", "R", "Recover", "Put right what failed in a way that Daytona can mend.", Scope.FLEET)
EXECUTE = Command(
    "execute", "e", "Run", "Run a command in the marked sandboxes; without marks, go to the console.", Scope.FLEET, 20,
)  # fmt: skip
PULL_MARKED = Command(
    "pull-marked", "p", "Pull", "Copy a directory of the marked sandboxes, or of this one, to this machine.",
    Scope.FLEET, 22,
)  # fmt: skip
UNDO = Command(
    "undo", "z", "Undo", "Take back what was done last, as far as Daytona allows it; asks first.", Scope.FLEET,
    everywhere=True,
)  # fmt: skip

ACTS_COMMANDS = (START, STOP, FORCE_STOP, PAUSE, ARCHIVE, DELETE, RECOVER, EXECUTE, PULL_MARKED, UNDO)
