"""Commands of the console pane, for when its output has the focus; in the input letters are letters."""

from __future__ import annotations

from daytona_tui.ui.commands.base import Command, Scope

TYPE = Command("type", "i,enter,e", "Type", "Go to the input.", Scope.CONSOLE, 14)
CANCEL = Command("cancel-execution", "ctrl+c", "Cancel", "End the program that runs in the sandbox.", Scope.CONSOLE, 15)
CLEAR_OUTPUT = Command(
    "clear-output", "ctrl+l", "Clear", "Forget the output of this sandbox's console.", Scope.CONSOLE, 22
)
COPY_LINE = Command("copy-output", "y", "Copy line", "Copy the line under the cursor to the clipboard.", Scope.CONSOLE)
FOLLOW = Command("follow-output", "f", "Follow", "Go to the end of the output and stay there.", Scope.CONSOLE, 16)

CONSOLE_COMMANDS = (TYPE, CANCEL, CLEAR_OUTPUT, COPY_LINE, FOLLOW)
