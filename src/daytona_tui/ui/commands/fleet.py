"""Commands of the sandboxes pane."""

from __future__ import annotations

from daytona_tui.ui.commands.base import Command, Scope
from daytona_tui.ui.commands.layout import LAYOUT_COMMANDS
from daytona_tui.ui.commands.live import LIVE_COMMANDS

START = Command("start", "s", "Start", "Start, resume or restore: the marked sandboxes, or this one.", Scope.FLEET, 10,
                everywhere=True)  # fmt: skip
STOP = Command("stop", "x", "Stop", "Stop the marked sandboxes, or this one; its files stay.", Scope.FLEET, 11,
               everywhere=True)  # fmt: skip
ARCHIVE = Command(
    "archive",
    "a",
    "Archive",
    "Move to cheap storage; one that runs is stopped first.",
    Scope.FLEET,
    footer=12,
    everywhere=True,
)
DELETE = Command(
    "delete",
    "D,delete",
    "Delete",
    "Delete for good, with all files; asks first.",
    Scope.FLEET,
    footer=13,
    danger=True,
    everywhere=True,
)
MARK = Command("mark", "space", "Mark", "Mark this sandbox, or take its mark away.", Scope.FLEET, footer=30)
RANGE = Command(
    "range", "v", "Range", "Begin a range here; move, then mark it with v or space, or act on it at once.", Scope.FLEET
)
MARK_ALL = Command("mark-all", "ctrl+a", "Mark all", "Mark every sandbox that the filter shows.", Scope.FLEET)
INVERT = Command("invert", "asterisk", "Invert", "Mark what is not marked, and the other way round.", Scope.FLEET)
CLEAR = Command("clear", "escape", "Clear", "Clear the filter; without one, clear the marks.", Scope.FLEET)
FILTER = Command(
    "filter", "slash", "Filter", "Show sandboxes with all these words in name, id, labels, owner or state.",
    Scope.FLEET, footer=15, moves_focus=True, everywhere=True,
)  # fmt: skip
REFRESH = Command("refresh", "r", "Refresh", "List the sandboxes again now.", Scope.FLEET)
COPY_ID = Command("copy-id", "y", "Copy id", "Copy the sandbox's id to the clipboard.", Scope.FLEET)

FLEET_COMMANDS = (
    START,
    STOP,
    ARCHIVE,
    DELETE,
    MARK,
    RANGE,
    MARK_ALL,
    INVERT,
    CLEAR,
    FILTER,
    *LAYOUT_COMMANDS,
    *LIVE_COMMANDS,
    REFRESH,
    COPY_ID,
)
