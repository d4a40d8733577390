"""Commands that change files of a sandbox: the marked ones, or the one under the cursor."""

from __future__ import annotations

from daytona_tui.ui.commands.base import Command, Scope

NEW_FOLDER = Command("new-folder", "n", "New folder", "Make a directory beside the entry under the cursor, or in it.",
                     Scope.FILES, 30)  # fmt: skip
MOVE = Command(
    "move-files", "m", "Move", "Give the entry another name or place; move the marked ones to a directory.",
    Scope.FILES, 31,
)  # fmt: skip
COPY_FILES = Command(
    "copy-files", "C", "Copy", "Copy the entry, or the marked ones, to another place in the sandbox.", Scope.FILES, 32
)
DELETE_FILES = Command(
    "delete-files", "D,delete", "Delete", "Delete the entry, or the marked ones, with all that is in them; asks first.",
    Scope.FILES, 33, danger=True,
)  # fmt: skip
CHMOD = Command(
    "chmod", "equals_sign", "Mode", "Change who may read, write and execute it: 640, u+x, go-w.", Scope.FILES, 34
)
PUSH = Command(
    "push", "u", "Push", "Copy files of this machine to the directory that the cursor is in.", Scope.FILES, 27
)
EDIT = Command(
    "edit", "e", "Edit", "Change the file in $EDITOR; what was changed is shown before it goes back.", Scope.FILES, 28
)

FILE_ACTS_COMMANDS = (NEW_FOLDER, MOVE, COPY_FILES, DELETE_FILES, CHMOD, PUSH, EDIT)
