"""Commands of the sandboxes pane."""

from __future__ import annotations

from daytona_tui.ui.commands.acts import ACTS_COMMANDS
from daytona_tui.ui.commands.base import Command, Scope
from daytona_tui.ui.commands.edits import EDITS_COMMANDS
from daytona_tui.ui.commands.layout import LAYOUT_COMMANDS
from daytona_tui.ui.commands.leaks import LEAKS_COMMANDS
from daytona_tui.ui.commands.live import LIVE_COMMANDS
from daytona_tui.ui.commands.making import MAKING_COMMANDS
from daytona_tui.ui.commands.safety import SAFETY_COMMANDS

MARK = Command("mark", "space", "Mark", "Mark this sandbox, or take its mark away.", Scope.FLEET, footer=30)
RANGE = Command(
    "range", "v", "Range", "Begin a range here; move, then mark it with v or space, or act on it at once.", Scope.FLEET
)
MARK_ALL = Command("mark-all", "ctrl+a", "Mark all", "Mark every sandbox that the filter shows.", Scope.FLEET)
INVERT = Command("invert", "asterisk", "Invert", "Mark what is not marked, and the other way round.", Scope.FLEET)
CLEAR = Command("clear", "escape", "Clear", "Clear the filter; without one, clear the marks.", Scope.FLEET)
FILTER = Command(
    "filter", "slash", "Filter",
    "Show whom a sentence means: words, state:started, idle>1h, !label:keep; tab completes.",
    Scope.FLEET, footer=15, everywhere=True,
)  # fmt: skip
REFRESH = Command("refresh", "r", "Refresh", "List the sandboxes again now.", Scope.FLEET)
SHOW_LOGS = Command(
    "show-logs", "l", "Logs", "Go to the sandbox's logs; with marks, read those of all marked as one, by time.",
    Scope.FLEET, footer=22,
)  # fmt: skip
COPY_ID = Command("copy-id", "y", "Copy id", "Copy the sandbox's id to the clipboard.", Scope.FLEET)

FLEET_COMMANDS = (
    *ACTS_COMMANDS,
    *MAKING_COMMANDS,
    *EDITS_COMMANDS,
    *SAFETY_COMMANDS,
    *LEAKS_COMMANDS,
    MARK,
    RANGE,
    MARK_ALL,
    INVERT,
    CLEAR,
    FILTER,
    *LAYOUT_COMMANDS,
    *LIVE_COMMANDS,
    SHOW_LOGS,
    REFRESH,
    COPY_ID,
)
