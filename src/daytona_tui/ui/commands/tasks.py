"""Commands of the tasks pane."""

from __future__ import annotations

from daytona_tui.ui.commands.base import Command, Scope

OPEN_TASK = Command(
    "open-task", "enter,right,l", "Open", "Show how far each part of the task is; on one of them, all that came of it.",
    Scope.TASKS, 14,
)  # fmt: skip
FOLD_TASK = Command("fold-task", "left,h", "Fold", "Show the task as one line again.", Scope.TASKS)
RESULTS = Command(
    "results", "o", "Results", "Read what came of each sandbox: errors, exit codes, output.", Scope.TASKS, 16
)
CANCEL_TASK = Command(
    "cancel-task", "ctrl+c", "Cancel", "Give up a transfer; of other tasks, begin nothing more.", Scope.TASKS, 15
)
PAUSE_TASK = Command(
    "pause-task", "space", "Pause", "Let a transfer wait, and another one go first; or let it go on.", Scope.TASKS, 19
)
HISTORY = Command(
    "history", "H", "History", "List the transfers of the past: open one, do it again, show it in the files.",
    Scope.TASKS, 20,
)  # fmt: skip
RETRY = Command(
    "retry", "R", "Retry failed", "Do again what failed or was cancelled, and nothing else.", Scope.TASKS, 17
)
DISMISS = Command("dismiss", "ctrl+l", "Dismiss", "Forget the tasks that are over.", Scope.TASKS, 18)
COPY_TASK = Command("copy-task", "y", "Copy line", "Copy the line under the cursor to the clipboard.", Scope.TASKS)

TASKS_COMMANDS = (OPEN_TASK, FOLD_TASK, RESULTS, CANCEL_TASK, PAUSE_TASK, RETRY, HISTORY, DISMISS, COPY_TASK)
