"""Names of worker groups, and the one place where a bug in a worker ends up."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Iterable

from textual.app import App
from textual.dom import DOMNode
from textual.worker import Worker, WorkerState

from daytona_tui.errors import DaytonaTuiError

CLIPBOARD = "clipboard"
CONNECT = "connect"
FLEET_POLL = "fleet-poll"
FLEET_FEED = "fleet-feed"
FLEET_CACHE = "fleet-cache"
FLEET_WARM = "fleet-warm"
ACCOUNTS = "accounts"
LEAKS = "leaks"
LEAKS_LOOK = "leaks-look"
LIFECYCLE = "lifecycle"
FILE_LOAD = "file-load"
FILE_PREVIEW = "file-preview"
FILE_PREVIEW_ON = "file-preview-on"
FILE_GIT = "file-git"
FILE_COUNT = "file-count"
EXECUTION = "execution"
CONSOLE = "console"
COMPLETION = "completion"
TERMINAL = "terminal"
TERMINAL_ACT = "terminal-act"
TAPE = "tape"
GIT = "git"
GIT_ACT = "git-act"
LOG_LIST = "log-list"
LOG_FOLLOW = "log-follow"
LOG_FIND = "log-find"
LOG_SAVE = "log-save"
DETAILS_RECORD = "details-record"
DETAILS_METRICS = "details-metrics"
PORTS = "ports"
PORTS_ACT = "ports-act"
TRANSFER = "transfer"
DIALOG = "dialog"
LAYOUT = "layout"
SHELF = "shelf"

BACKGROUND_GROUPS = frozenset(
    {
        FLEET_POLL,
        FLEET_FEED,
        FLEET_CACHE,
        FLEET_WARM,
        ACCOUNTS,
        LEAKS,
        LEAKS_LOOK,
        FILE_LOAD,
        FILE_GIT,
        TERMINAL,
        CONSOLE,
        COMPLETION,
        TAPE,
        GIT,
        LOG_LIST,
        LOG_FOLLOW,
        DETAILS_RECORD,
        DETAILS_METRICS,
        PORTS,
    }
)
"""Workers that run as long as their owner: a test that waits for the program to settle does not wait for them."""

TAKES_ITS_TIME = frozenset({LIFECYCLE, TRANSFER})
"""Workers whose end is awaited: whoever leaves meanwhile is asked first."""

_log = logging.getLogger(__name__)


class FailureFunnel:
    """Mixin for every node that starts workers.

    ``Worker.StateChanged`` does not bubble, and ``@on`` is collected on message-pump classes only, so the handler has
    to have this name.
    """

    app: App[object]

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Tell the user that something is wrong with the program itself; details go to the diagnostics."""
        if event.state is not WorkerState.ERROR:
            return
        error = event.worker.error
        _log.error("worker failed", exc_info=error, extra={"worker": event.worker.name, "group": event.worker.group})
        detail = error.message if isinstance(error, DaytonaTuiError) else f"internal error in {event.worker.name}"
        self.app.notify(f"{detail}; see the diagnostics file (daytona-tui doctor)", severity="error", markup=False)


def under_way(running: Iterable[Worker[object]]) -> tuple[str, ...]:
    """Return the names of those of ``running`` that would be given up half-way by leaving now."""
    return tuple(worker.name for worker in running if worker.is_running and worker.group in TAKES_ITS_TIME)


def start(
    owner: DOMNode, work: Callable[[], Coroutine[None, None, None]], *, name: str, group: str, exclusive: bool = False
) -> None:
    """Start ``work`` for ``owner``.

    For what may be given up before it began: of a coroutine that nobody ever awaits Python complains.
    """
    _worker: Worker[None] = owner.run_worker(work, name=name, group=group, exclusive=exclusive, exit_on_error=False)
