"""Pulls as the files pane runs them: one after the other, told about, cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
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
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.ui.workers import TRANSFER


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


class PullQueue:
    """Runs pulls one after the other, so that each has the whole connection.

    ``owner`` is the widget with which they end; ``tell`` is told how far the running one is, with an empty text when
    none runs, and ``tell_ended`` what came of one that did not copy everything.
    """

    def __init__(
        self,
        owner: Widget,
        files: RemoteFiles,
        *,
        tell: Callable[[str], object],
        tell_ended: Callable[[PullOrder, TransferReport], object],
    ) -> None:
        self._owner = owner
        self._files = files
        self._tell = tell
        self._tell_ended = tell_ended
        self._turn = asyncio.Lock()
        self._workers: list[Worker[None]] = []

    @property
    def is_busy(self) -> bool:
        """True while a pull runs or waits."""
        return bool(self._workers)

    def start(self, order: PullOrder) -> None:
        """Pull as soon as those before are over."""
        name = f"pull {safe(order.path)}"
        self._workers.append(self._owner.run_worker(self._pull(order), name=name, group=TRANSFER, exit_on_error=False))

    def cancel(self) -> bool:
        """Cancel the running pull; False if there is none."""
        if self._workers:
            self._workers[0].cancel()
        return self.is_busy

    async def _pull(self, order: PullOrder) -> None:
        owner = self._owner
        try:
            async with self._turn:
                report = await self._copy(order)
        except asyncio.CancelledError:
            if owner.is_attached:
                owner.app.notify(f"{safe(order.path)}: nothing was left behind", title="Pull cancelled", markup=False)
            raise
        except DaytonaTuiError as error:
            said = phrase(error, f"pull {order.path}")
            text = " · ".join(part for part in (said.detail, said.hint) if part)
            owner.app.notify(text, title=said.title, severity="error", timeout=10, markup=False)
        else:
            title = "Pulled in part" if report.failed else "Pulled"
            owner.app.notify(report_line(report), title=title, timeout=8, markup=False)
            if report.failed or report.left_out:
                self._tell_ended(order, report)
        finally:
            self._workers.remove(get_current_worker())
            if not self._workers and owner.is_attached:
                self._tell("")

    async def _copy(self, order: PullOrder) -> TransferReport:
        loop = asyncio.get_running_loop()
        began = loop.time()

        def tell(progress: TransferProgress) -> None:
            self._tell(progress_line(order, progress, loop.time() - began, len(self._workers) - 1))

        destination = await asyncio.to_thread(_final_path, order)
        return await pull(
            self._files, order.sandbox.id, order.path, destination, conflict=order.conflict, on_progress=tell
        )


def spelt(n: int) -> str:
    """Return a number of bytes with its unit: ``812 B``, ``1.3 MB``."""
    text = size(n)
    return f"{text[:-1]} {text[-1]}B" if text[-1].isalpha() else f"{text} B"


def progress_line(order: PullOrder, progress: TransferProgress, elapsed_s: float, waiting: int) -> str:
    """Return how far a pull is, in one line: ``⇣ api-1 43 % 12 MB/s 8 s left · esc cancels``."""
    parts = [f"⇣ {clip(safe(order.sandbox.name), 24)}"]
    if progress.fraction is None:
        parts.append("listing …")
    else:
        parts.append(f"{progress.fraction:.0%}".replace("%", " %"))
        if progress.bytes_done and elapsed_s > 0.5:
            speed = progress.bytes_done / elapsed_s
            parts.append(rate(speed))
            left_s = (progress.bytes_total - progress.bytes_done) / speed
            parts.append(f"{duration(left_s)} left")
    queued = f" · {waiting} waiting" if waiting else ""
    return f"{' '.join(parts)}{queued} · esc cancels"


def report_line(report: TransferReport) -> str:
    """Return what came of a pull, in one line."""
    files = "1 file" if report.files == 1 else f"{report.files} files"
    parts = [f"{files}, {spelt(report.size_bytes)} in {duration(report.seconds)} to {safe(report.destination)}"]
    if report.left_out:
        parts.append(f"{len(report.left_out)} left out")
    if report.failed:
        parts.append(f"{len(report.failed)} failed")
    return " · ".join(parts)


def _final_path(order: PullOrder) -> Path:
    """Return where to copy to: a file that is to go into a directory keeps its name."""
    destination = order.destination.expanduser()
    if not order.is_dir and destination.is_dir():
        return destination / default_destination(order.sandbox, order.path, parent_path(order.path), Path()).name
    return destination
