"""Commands of the logs pane."""

from __future__ import annotations

from daytona_tui.ui.commands.base import Command, Scope

OPEN_LOG = Command(
    "open-log", "enter", "Open",
    "Read the log under the cursor; in a log, show all of a line: its JSON laid out, its stack trace, its end.",
    Scope.LOGS, 13,
)  # fmt: skip
LIST = Command("list-logs", "l", "Sources", "Go back to the list of logs.", Scope.LOGS, 14)
BACK = Command(
    "leave-log", "escape", "Back", "Clear the search; without one the filter, then the window; then leave the log.",
    Scope.LOGS,
)  # fmt: skip
FOLLOW_LOG = Command("follow-log", "f", "Follow", "Go to the end of the log and stay there.", Scope.LOGS, 15)
REFRESH_LOGS = Command("refresh-logs", "r", "Refresh", "Read the list, or the log, again.", Scope.LOGS, 27)
OTHER_LOG = Command(
    "other-log", "o", "File", "Read any file of the sandbox as a log: its end, and what is added to it.",
    Scope.LOGS, 16,
)  # fmt: skip
KEPT_LOGS = Command(
    "kept-logs", "E", "Kept", "List the last lines that were kept of logs, also of sandboxes that are gone.", Scope.LOGS
)
MARK_LOG = Command(
    "mark-log", "space,m", "Mark",
    "Mark a line, to come back to it or to copy it; in the list, pick a log to be read with others.", Scope.LOGS, 20,
)  # fmt: skip
NEXT_MARK = Command("next-log-mark", "apostrophe", "Next mark", "Go to the next line that is marked.", Scope.LOGS)
MERGE_LOGS = Command(
    "merge-logs", "J", "Merge", "Read the logs that are picked, of one sandbox or several, as one, by time.",
    Scope.LOGS, 17,
)  # fmt: skip
SEARCH_LOG = Command("search-log", "slash", "Search", "Find a word or a /pattern/ in the log.", Scope.LOGS, 18)
NEXT_MATCH = Command("next-match", "n", "Next match", "Go on to the next place that was searched for.", Scope.LOGS)
PREVIOUS_MATCH = Command("previous-match", "N", "Previous match", "Go back to the match before.", Scope.LOGS)
FILTER_LOG = Command(
    "filter-log", "ampersand", "Filter",
    "Show only lines with a word or a /pattern/, or without: !word; several: this & !that.", Scope.LOGS, 19,
)  # fmt: skip
INVERT_FILTER = Command(
    "invert-log-filter", "exclamation_mark", "Invert", "Show the lines that the filter hides instead.", Scope.LOGS
)
WRAP_LOG = Command("wrap-log", "W", "Wrap", "Break long lines, or cut them.", Scope.LOGS, 23)
FOLD_TRACES = Command("fold-traces", "Z", "Unfold", "Show stack traces whole, or their first lines.", Scope.LOGS)
GO_TO_TIME = Command("go-to-time", "ctrl+g", "Time", "Go to what was written at a time.", Scope.LOGS, 24)
COPY_LOG_LINE = Command(
    "copy-log", "y", "Copy line", "Copy the marked lines to the clipboard, or the one under the cursor.", Scope.LOGS, 22
)
SAVE_LOG = Command(
    "save-log", "ctrl+s", "Save",
    "Save the marked lines to a file, or all that the filter and the window show.", Scope.LOGS, 25,
)  # fmt: skip
SAVE_WHOLE_LOG = Command(
    "save-whole-log", "S", "Save whole", "Save all that came of the log, also what is no longer held here.", Scope.LOGS
)
RUN_IN_SESSION = Command(
    "run-in-session", "c", "Session", "Run a command in a session of its own, which goes on by itself.",
    Scope.LOGS, 21,
)  # fmt: skip
ANSWER_LOG = Command("answer-log", "i", "Answer", "Send a line to the command of the log, while it runs.", Scope.LOGS)
END_SESSION = Command(
    "end-session", "X", "End session", "End the session of the log, with all that runs in it; asks first.", Scope.LOGS,
    danger=True,
)  # fmt: skip

WINDOWS: dict[str, tuple[str, float | None]] = {
    "log-window-2": ("last minute", 60.0),
    "log-window-3": ("last 5 minutes", 300.0),
    "log-window-4": ("last 15 minutes", 900.0),
    "log-window-5": ("last 30 minutes", 1800.0),
    "log-window-6": ("last hour", 3600.0),
}
"""Windows of time by the command that shows them: their name, and their length in seconds."""

TAIL = Command("log-window-0", "0", "Tail", "In a log: show all of it, from its end.", Scope.LOGS, 26)
HEAD = Command("log-window-1", "1", "Head", "In a log: show all of it, from its beginning.", Scope.LOGS)
WINDOW_COMMANDS = tuple(
    Command(id, id[-1], name.capitalize(), f"In a log: show only the {name}.", Scope.LOGS)
    for id, (name, _) in WINDOWS.items()
)
IN_LOG_ONLY = frozenset(command.id for command in (TAIL, HEAD, *WINDOW_COMMANDS))
"""In the list their keys are those of the places, as everywhere."""

LOGS_COMMANDS = (
    OPEN_LOG, LIST, BACK, FOLLOW_LOG, OTHER_LOG, KEPT_LOGS, MERGE_LOGS, SEARCH_LOG, NEXT_MATCH, PREVIOUS_MATCH,
    FILTER_LOG, INVERT_FILTER, MARK_LOG, NEXT_MARK, WRAP_LOG, FOLD_TRACES, GO_TO_TIME, TAIL, HEAD, *WINDOW_COMMANDS,
    COPY_LOG_LINE, SAVE_LOG, SAVE_WHOLE_LOG, REFRESH_LOGS, RUN_IN_SESSION, ANSWER_LOG, END_SESSION,
)  # fmt: skip
