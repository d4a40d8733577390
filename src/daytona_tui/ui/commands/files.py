"""Commands of the files pane."""

from __future__ import annotations

from daytona_tui.ui.commands.base import Command, Scope
from daytona_tui.ui.commands.file_acts import FILE_ACTS_COMMANDS

OPEN = Command("open-entry", "enter,right,l", "Open", "Open a directory, or preview a file.", Scope.FILES, 14)
COLLAPSE = Command(
    "collapse", "left,h", "Collapse", "Close the directory, or go to the one that holds the entry.", Scope.FILES
)
PREVIEW = Command("preview", "v", "Preview", "Show the beginning of the file.", Scope.FILES, 15)
PLAIN = Command(
    "plain", "T", "As it is", "Show the previewed file as it is; once more, laid out and in colours.", Scope.FILES, 32
)
BACK = Command(
    "back-to-files", "escape", "Back", "Leave the preview; clear the marks; cancel the running transfer.", Scope.FILES
)
MARK_ENTRY = Command(
    "mark-entry", "space", "Mark", "Mark the file or directory, or take its mark away.", Scope.FILES, 30
)
MARK_SIBLINGS = Command(
    "mark-siblings", "ctrl+a", "Mark all", "Mark all that is shown of the directory; once more, none of it.",
    Scope.FILES,
)  # fmt: skip
INVERT_SIBLINGS = Command(
    "invert-siblings", "asterisk", "Invert", "Mark what of the directory is not marked, and the other way round.",
    Scope.FILES,
)  # fmt: skip
FIND_FILE = Command(
    "find-file", "slash", "Find", "Go to a file or directory by a few letters of its path.", Scope.FILES, 16
)
SEARCH_FILES = Command(
    "search-files", "ctrl+f", "Search", "Look for a text in the files of this directory, and go where it stands.",
    Scope.FILES, 17,
)  # fmt: skip
GO_TO = Command("go-to", "ctrl+g", "Go to", "Type a path: tab completes it.", Scope.FILES)
GO_BACK = Command("go-back", "minus", "Go back", "Go back to where the cursor was before it was led here.", Scope.FILES)
BIG_FILES = Command(
    "big-files", "percent_sign", "Big", "Say what takes the room in this directory, the largest first.", Scope.FILES, 18
)
NEWEST_FILES = Command(
    "newest-files", "ctrl+n", "Newest", "Show the files that were written last, the newest first.", Scope.FILES
)
RECIPES = Command(
    "recipes", "J", "Jump", "Go to what its owner keeps: reward, trajectory, agent log, test output.", Scope.FILES, 19
)
SORT_FILES = Command("sort-files", "o", "Sort", "Sort by name, by size, by age: the next of these.", Scope.FILES, 31)
REVERSE_FILES = Command("reverse-files", "O", "Reverse", "Sort the other way round.", Scope.FILES)
HIDDEN = Command("hidden", "full_stop", "Hidden", "Show or hide names that begin with a dot.", Scope.FILES, 24)
REFRESH_FILES = Command("refresh-files", "r", "Refresh", "Read the open directories again.", Scope.FILES, 25)
COPY_PATH = Command(
    "copy-path", "y", "Copy path", "Copy the paths of what is marked, or of the entry.", Scope.FILES, 26
)
PULL = Command("pull", "p", "Pull", "Copy what is marked, or the entry, to this machine.", Scope.FILES, 22,
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

FILES_COMMANDS = (
    OPEN,
    COLLAPSE,
    PREVIEW,
    PLAIN,
    BACK,
    MARK_ENTRY,
    MARK_SIBLINGS,
    INVERT_SIBLINGS,
    FIND_FILE,
    SEARCH_FILES,
    GO_TO,
    GO_BACK,
    BIG_FILES,
    NEWEST_FILES,
    RECIPES,
    SORT_FILES,
    REVERSE_FILES,
    HIDDEN,
    REFRESH_FILES,
    COPY_PATH,
    PULL,
    PULL_WORKSPACE,
    *FILE_ACTS_COMMANDS,
)
"""Everything the user can ask for: the one source of key, footer, help and README row."""
