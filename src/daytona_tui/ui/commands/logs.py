"""Commands of the logs pane."""

from __future__ import annotations

from daytona_tui.ui.commands.base import Command, Scope

LIST = Command("list-logs", "l,escape", "List", "Go back to the list of sessions and commands.", Scope.LOGS, 14)
FOLLOW_LOG = Command("follow-log", "f", "Follow", "Go to the end of the log and stay there.", Scope.LOGS, 15)
COPY_LOG_LINE = Command(
    "copy-log", "y", "Copy line", "Copy the line under the cursor to the clipboard.", Scope.LOGS, 22
)
REFRESH_LOGS = Command("refresh-logs", "r", "Refresh", "Read the list, or the log, again.", Scope.LOGS, 17)

LOGS_COMMANDS = (LIST, FOLLOW_LOG, COPY_LOG_LINE, REFRESH_LOGS)
