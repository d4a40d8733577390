"""Pulls as the files pane runs them: one after the other, told about, cancelled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from textual.widget import Widget
from textual.worker import Worker, get_current_worker

from daytona_tui.domain.files import parent_path
from daytona_tui.domain.ports import RemoteFiles
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.domain.transfers import ConflictPolicy, TransferProgress, TransferReport
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.copy import default_destination, pull
from daytona_tui.presentation.human import duration, rate, size
from daytona_tui.presentation.phrases import Phrase, phrase
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.presentation.tasks import Status, TaskPart
from daytona_tui.ui.panes.task_book import Task
from daytona_tui.ui.workers import TRANSFER

MAX_ITEMS = 200
"""Items that a report lists; more are counted."""


@dataclass(frozen=True, slots=True)
class PullDraft:
    """What could be pulled: the dialog asks where to."""

    sandbox: Sandbox
    path: str
    is_dir: bool
    destination: Path


@dataclass(frozen=True, slots=True)
class PullOrder:
    """What is to be pulled, and where to."""

    sandbox: Sandbox
    path: str
    is_dir: bool
    destination: Path
    conflict: ConflictPolicy


class PullTask(Task):
    """One pull, as the tasks show it."""

    def __init__(self, order: PullOrder, again: Callable[[PullOrder], None]) -> None:
        what = safe(order.path) or "the working directory"
        super().__init__(
            f"Pull {what} from {safe(order.sandbox.name)}",
            done="pulled",
            note=f"to {safe(order.destination.as_posix())}",
        )
        self.order = order
        self.worker: Worker[None] | None = None
        self._again = again
        self._part = TaskPart("pull", order.sandbox.name, Status.WAITING)
        self._fraction: float | None = None
        self._began = self._ended = time.monotonic()

    @property
    def parts(self) -> Sequence[TaskPart]:
        """One part: the pull itself."""
        is_timed = self._part.status is not Status.WAITING
        return (replace(self._part, seconds=self.seconds if is_timed else None),)

    @property
    def seconds(self) -> float:
        """Since it began to copy; while it waits its turn, since it was asked for."""
        return (self._ended if self.is_over else time.monotonic()) - self._began

    @property
    def is_over(self) -> bool:
        """True when nothing more is copied."""
        return self._part.status not in (Status.WAITING, Status.RUNNING)

    @property
    def fraction(self) -> float | None:
        """How much of the bytes is here."""
        return self._fraction

    @property
    def can_retry(self) -> bool:
        """True when it failed, in part or as a whole, or was cancelled."""
        return self._part.status in (Status.FAILED, Status.CANCELLED)

    def cancel(self) -> None:
        """Give it up: nothing of it is left behind."""
        if self.worker is not None:
            self.worker.cancel()

    def retry(self) -> None:
        """Pull once more, as another task."""
        self._again(self.order)

    # What the queue tells

    def begin(self) -> None:
        """Note that its turn has come."""
        self._began = time.monotonic()
        self._become(Status.RUNNING, "listing …")

    def progress(self, progress: TransferProgress, line: str) -> None:
        """Note how far it is; ``line`` says it in words."""
        self._fraction = progress.fraction
        self._become(Status.RUNNING, line)

    def finish(self, report: TransferReport) -> None:
        """Note what came of it."""
        status = Status.FAILED if report.failed else Status.DONE
        self._part = replace(self._part, output="\n".join(item_lines(report)))
        self._become(status, report_line(report))

    def fail(self, said: Phrase) -> None:
        """Note that it failed as a whole."""
        self._part = replace(self._part, hint=said.hint)
        self._become(Status.FAILED, said.detail)

    def give_up(self) -> None:
        """Note that it was cancelled."""
        self._become(Status.CANCELLED, "cancelled: nothing was left behind")

    def _become(self, status: Status, detail: str) -> None:
        self._ended = time.monotonic()
        self._part = replace(self._part, status=status, detail=detail)
        self.on_change()


class PullQueue:
    """Runs pulls one after the other, so that each has the whole connection.

    ``owner`` is the widget with which they end; ``tell`` is told how far the running one is, with an empty text when
    none runs, ``tell_begun`` of each that is asked for, and ``tell_ended`` what came of one that did not copy
    everything.
    """

    def __init__(
        self,
        owner: Widget,
        files: RemoteFiles,
        *,
        tell: Callable[[str], object],
        tell_begun: Callable[[PullTask], object],
        tell_ended: Callable[[PullOrder, TransferReport], object],
    ) -> None:
        self._owner = owner
        self._files = files
        self._tell = tell
        self._tell_begun = tell_begun
        self._tell_ended = tell_ended
        self._turn = asyncio.Lock()
        self._workers: list[Worker[None]] = []

    @property
    def is_busy(self) -> bool:
        """True while a pull runs or waits."""
        return bool(self._workers)

    def start(self, order: PullOrder) -> None:
        """Pull as soon as those before are over."""
        task = PullTask(order, self.start)
        name = f"pull {safe(order.path)}"
        task.worker = self._owner.run_worker(self._pull(task), name=name, group=TRANSFER, exit_on_error=False)
        self._workers.append(task.worker)
        self._tell_begun(task)

    def cancel(self) -> bool:
        """Cancel the running pull; False if there is none."""
        if self._workers:
            self._workers[0].cancel()
        return self.is_busy

    async def _pull(self, task: PullTask) -> None:
        owner, order = self._owner, task.order
        try:
            async with self._turn:
                task.begin()
                report = await self._copy(task)
        except asyncio.CancelledError:
            task.give_up()
            if owner.is_attached:
                owner.app.notify(f"{safe(order.path)}: nothing was left behind", title="Pull cancelled", markup=False)
            raise
        except DaytonaTuiError as error:
            said = phrase(error, f"pull {order.path}")
            task.fail(said)
            text = " · ".join(part for part in (said.detail, said.hint) if part)
            owner.app.notify(text, title=said.title, severity="error", timeout=10, markup=False)
        else:
            task.finish(report)
            title = "Pulled in part" if report.failed else "Pulled"
            owner.app.notify(report_line(report), title=title, timeout=8, markup=False)
            if report.failed or report.left_out:
                self._tell_ended(order, report)
        finally:
            self._workers.remove(get_current_worker())
            if not self._workers and owner.is_attached:
                self._tell("")

    async def _copy(self, task: PullTask) -> TransferReport:
        order, loop = task.order, asyncio.get_running_loop()
        began = loop.time()

        def tell(progress: TransferProgress) -> None:
            said = progress_words(progress, loop.time() - began)
            task.progress(progress, said)
            self._tell(progress_line(order, said, len(self._workers) - 1))

        destination = await asyncio.to_thread(_final_path, order)
        return await pull(
            self._files, order.sandbox.id, order.path, destination, conflict=order.conflict, on_progress=tell
        )


def spelt(n: int) -> str:
    """Return a number of bytes with its unit: ``812 B``, ``1.3 MB``."""
    text = size(n)
    return f"{text[:-1]} {text[-1]}B" if text[-1].isalpha() else f"{text} B"


def progress_words(progress: TransferProgress, elapsed_s: float) -> str:
    """Return how far a pull is: ``43 % 12M/s 8.0s left``."""
    if progress.fraction is None:
        return "listing …"
    parts = [f"{progress.fraction:.0%}".replace("%", " %")]
    if progress.bytes_done and elapsed_s > 0.5:
        speed = progress.bytes_done / elapsed_s
        parts.append(rate(speed))
        left_s = (progress.bytes_total - progress.bytes_done) / speed
        parts.append(f"{duration(left_s)} left")
    return " ".join(parts)


def progress_line(order: PullOrder, said: str, waiting: int) -> str:
    """Return how far a pull is, with whose it is: ``⇣ api-1 43 % 12M/s 8.0s left · esc cancels``."""
    queued = f" · {waiting} waiting" if waiting else ""
    return f"⇣ {clip(safe(order.sandbox.name), 24)} {said}{queued} · esc cancels"


def report_line(report: TransferReport) -> str:
    """Return what came of a pull, in one line."""
    files = "1 file" if report.files == 1 else f"{report.files} files"
    parts = [f"{files}, {spelt(report.size_bytes)} in {duration(report.seconds)} to {safe(report.destination)}"]
    if report.left_out:
        parts.append(f"{len(report.left_out)} left out")
    if report.failed:
        parts.append(f"{len(report.failed)} failed")
    return " · ".join(parts)


def item_lines(report: TransferReport) -> list[str]:
    """Return one safe line per item that was not copied, failures first."""
    items = [f"✗ {safe(item.path)}: {safe(item.reason)}" for item in report.failed]
    items += [f"– {safe(item.path)}: {safe(item.reason)}" for item in report.left_out]
    more = len(items) - MAX_ITEMS
    return items if more <= 0 else [*items[:MAX_ITEMS], f"… and {more} more"]


def _final_path(order: PullOrder) -> Path:
    """Return where to copy to: a file that is to go into a directory keeps its name."""
    destination = order.destination.expanduser()
    if not order.is_dir and destination.is_dir():
        return destination / default_destination(order.sandbox, order.path, parent_path(order.path), Path()).name
    return destination
