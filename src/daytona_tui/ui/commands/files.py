"""Commands of the files pane."""

from __future__ import annotations

from daytona_tui.ui.commands.base import Command, Scope

OPEN = Command("open-entry", "enter,right,l", "Open", "Open a directory, or preview a file.", Scope.FILES, 14)
COLLAPSE = Command(
    "collapse", "left,h", "Collapse", "Close the directory, or go to the one that holds the entry.", Scope.FILES
)
PREVIEW = Command("preview", "v", "Preview", "Show the beginning of the file.", Scope.FILES, 15)
BACK = Command("back-to-files", "escape", "Back", "Leave the preview; cancel the running pull.", Scope.FILES)
HIDDEN = Command("hidden", "full_stop", "Hidden", "Show or hide names that begin with a dot.", Scope.FILES, 24)
REFRESH_FILES = Command("refresh-files", "r", "Refresh", "Read the open directories again.", Scope.FILES, 25)
COPY_PATH = Command("copy-path", "y", "Copy path", "Copy the path of the entry to the clipboard.", Scope.FILES, 26)
PULL = Command("pull", "p", "Pull", "Copy the file or directory under the cursor to this machine.", Scope.FILES, 22,
               everywhere=True)  # fmt: skip
PULL_WORKSPACE = Command(
    "pull-workspace",
    "P",
    "Pull workspace",
    "Copy the whole working directory to this machine.",
    Scope.FILES,
    23,
    everywhere=True,
)

FILES_COMMANDS = (OPEN, COLLAPSE, PREVIEW, BACK, HIDDEN, REFRESH_FILES, COPY_PATH, PULL, PULL_WORKSPACE)
