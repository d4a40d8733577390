"""Transfers as the program runs them: two at once, the others in their order; told about, paused, cancelled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from textual.widget import Widget
from textual.worker import Worker

from daytona_tui.domain.files import file_name
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.transfers import ConflictPolicy, TransferProgress, TransferReport
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.transferring import Planned, TransferOrder, carry_out
from daytona_tui.presentation.phrases import Phrase, phrase
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.presentation.tasks import Status, TaskPart
from daytona_tui.presentation.transfers import (
    footer_line,
    item_lines,
    progress_detail,
    progress_words,
    report_line,
    report_notes,
)
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.task_book import Task
from daytona_tui.ui.workers import DIALOG, TRANSFER

AT_ONCE = 2
"""Transfers that copy at the same time: more would only share the same line."""

_WORDS = {True: ("Pull", "pulled", "from", "⇣"), False: ("Push", "pushed", "to", "⇡")}


class TransferTask(Task):
    """One transfer, as the tasks show it.

    Attributes:
        order: what was asked for.
        planned: its plan, as the user saw it; None where it was not waited for.
        report: what came of it; None while nothing did.
        running: while it is not set, nothing more is copied.
        holds_slot: it is one of those that copy.
        wants_turn: it is not paused, or is to go on as soon as there is a turn.
        said: how far it is, in a few words.
        last: how far it is, in numbers.
    """

    def __init__(self, order: TransferOrder, queue: TransferQueue, planned: Planned | None = None) -> None:
        verb, done, side, _arrow = _WORDS[order.is_pull]
        super().__init__(
            f"{verb} {what(order)} {side} {clip(safe(order.sandbox.name), 40)}",
            done=done,
            note=f"{', '.join(map(safe, order.sources[:3])) or 'the working directory'} → {safe(order.destination)}",
        )
        self.order = order
        self.planned = planned
        self.report: TransferReport | None = None
        self.running = asyncio.Event()
        self.running.set()
        self.holds_slot = False
        self.wants_turn = True
        self.said = ""
        self.last = TransferProgress()
        self._queue = queue
        self._part = TaskPart(order.direction.value, order.sandbox.name, Status.WAITING)
        self._began = self._ended = time.monotonic()

    @property
    def parts(self) -> Sequence[TaskPart]:
        """One part: the transfer itself."""
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
        """How much of the bytes has arrived."""
        return self.last.fraction

    @property
    def can_retry(self) -> bool:
        """True when it failed, in part or as a whole, or was cancelled."""
        return self._part.status in (Status.FAILED, Status.CANCELLED)

    @property
    def has_begun(self) -> bool:
        """True once its turn has come."""
        return self._part.status is not Status.WAITING

    @property
    def can_pause(self) -> bool:
        """True while it waits or copies."""
        return not self.is_over

    @property
    def is_paused(self) -> bool:
        """True while it was told to wait."""
        return not self.wants_turn

    def cancel(self) -> None:
        """Give it up: nothing half is left behind."""
        self._queue.cancel(self)

    def retry(self) -> None:
        """Begin once more, as another task; where nothing came of it, ask what is to be different."""
        self._queue.again(self)

    def pause(self) -> None:
        """Stop asking for more, and let another one have the turn."""
        self._queue.pause(self)

    def resume(self) -> None:
        """Go on when there is a turn."""
        self._queue.resume(self)

    # What the queue tells

    def begin(self) -> None:
        """Note that its turn has come."""
        self._began = time.monotonic()
        self._become(Status.RUNNING, "listing …")

    def step(self, step: str) -> None:
        """Note what happens to a sandbox that does not run."""
        self.said = step
        self._become(Status.RUNNING, step)

    def progress(self, progress: TransferProgress) -> None:
        """Note how far it is."""
        self.last = progress
        self.said = progress_words(progress, time.monotonic() - self._began)
        if not self.is_paused:
            self._become(Status.RUNNING, progress_detail(progress, self.said))

    def halt(self) -> None:
        """Note that it is paused."""
        at = f" at {self.fraction:.0%}".replace("%", " %") if self.fraction is not None else ""
        self.said = f"paused{at}"
        self._become(self._part.status, f"{self.said} · space goes on")

    def go_on(self) -> None:
        """Note that it goes on, or will when there is a turn."""
        self._become(self._part.status, "going on …" if self._part.status is Status.RUNNING else "")

    def finish(self, report: TransferReport) -> None:
        """Note what came of it."""
        self.report = report
        status = Status.FAILED if report.failed else Status.DONE
        self._part = replace(self._part, output="\n".join([*report_notes(report), *item_lines(report)]))
        self._become(status, report_line(report))

    def fail(self, said: Phrase) -> None:
        """Note that it failed as a whole."""
        self._part = replace(self._part, hint=said.hint)
        self._become(Status.FAILED, said.detail)

    def give_up(self) -> None:
        """Note that it was cancelled."""
        self._become(Status.CANCELLED, "cancelled: nothing half was left behind")

    def _become(self, status: Status, detail: str) -> None:
        self._ended = time.monotonic()
        self._part = replace(self._part, status=status, detail=detail)
        self.on_change()


def what(order: TransferOrder) -> str:
    """Return what is copied, in a few safe words."""
    if len(order.sources) == 1:
        return safe(file_name(order.sources[0]) or order.sources[0]) or "the working directory"
    return f"{len(order.sources):,} entries"


@dataclass(frozen=True, slots=True)
class Tell:
    """Who is told of transfers.

    Attributes:
        progress: how far those are that run, in a line; empty when none does.
        begun: each that is asked for.
        ended: each that is over, also one that failed or was cancelled.
        ask_again: an order of which nothing came, to be asked about once more.
    """

    progress: Callable[[str], object]
    begun: Callable[[TransferTask], object]
    ended: Callable[[TransferTask], object]
    ask_again: Callable[[TransferOrder], object]


class TransferQueue:
    """Runs transfers, ``AT_ONCE`` of them at the same time; ``owner`` is the widget with which they end."""

    def __init__(self, owner: Widget, gateway: Gateway, tell: Tell) -> None:
        self._owner = owner
        self._gateway = gateway
        self._tell = tell
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._workers: dict[TransferTask, Worker[None]] = {}

    @property
    def is_busy(self) -> bool:
        """True while a transfer runs or waits."""
        return bool(self._workers)

    def start(self, order: TransferOrder, planned: Planned | None = None) -> TransferTask:
        """Copy as soon as there is a turn."""
        task = TransferTask(order, self, planned)
        self._workers[task] = self._owner.run_worker(
            self._carry_out(task), name=task.title, group=TRANSFER, exit_on_error=False
        )
        self._tell.begun(task)
        return task

    def again(self, task: TransferTask) -> None:
        """Do one again that is over."""
        if task.report is None and task.order.options.conflict is ConflictPolicy.FAIL:
            self._tell.ask_again(task.order)
        else:
            self.start(task.order)

    def cancel_one(self) -> bool:
        """Cancel the transfer that runs longest, or else waits longest; False if there is none."""
        task = next((each for each in self._workers if each.holds_slot), next(iter(self._workers), None))
        if task is not None:
            self.cancel(task)
        return task is not None

    def cancel(self, task: TransferTask) -> None:
        """Give up a transfer."""
        if task in self._workers:
            self._workers[task].cancel()

    def pause(self, task: TransferTask) -> None:
        """Let a transfer wait until ``resume``; another one has its turn meanwhile."""
        task.wants_turn = False
        task.running.clear()
        self._give_back(task)
        task.halt()
        self._say()

    def resume(self, task: TransferTask) -> None:
        """Let a transfer go on, as soon as there is a turn for it."""
        if task.wants_turn or task not in self._workers:
            return
        task.wants_turn = True
        task.go_on()
        if task.has_begun:
            self._owner.run_worker(self._go_on(task), name=f"go on: {task.title}", group=DIALOG, exit_on_error=False)
        else:
            task.running.set()

    async def _go_on(self, task: TransferTask) -> None:
        await self._slots.acquire()
        if task.wants_turn and task in self._workers and not task.holds_slot:
            task.holds_slot = True
            task.running.set()
        else:
            self._slots.release()

    def _give_back(self, task: TransferTask) -> None:
        if task.holds_slot:
            task.holds_slot = False
            self._slots.release()

    async def _take_turn(self, task: TransferTask) -> None:
        while not task.holds_slot:
            await task.running.wait()
            await self._slots.acquire()
            if task.running.is_set():
                task.holds_slot = True
            else:
                self._slots.release()  # it was paused while it waited

    async def _carry_out(self, task: TransferTask) -> None:
        owner, order = self._owner, task.order

        def tell(progress: TransferProgress) -> None:
            task.progress(progress)
            self._say()

        try:
            await self._take_turn(task)
            task.begin()
            self._say()
            report = await carry_out(
                self._gateway, order, planned=task.planned, running=task.running, on_progress=tell, on_step=task.step
            )
            task.finish(report)
        except DaytonaTuiError as error:
            task.fail(phrase(error, f"{order.direction.value} {what(order)}"))
        finally:
            if not task.is_over:
                task.give_up()
            self._give_back(task)
            self._workers.pop(task, None)
            if not is_leaving(owner):
                self._say()
            self._tell.ended(task)

    def _say(self) -> None:
        """Tell how far those are that copy; those that are paused are told of while nothing else runs."""
        tasks = list(self._workers)
        shown = [task for task in tasks if task.holds_slot] or tasks[:1]
        if not shown:
            self._tell.progress("")
            return
        waiting = len(tasks) - len(shown)
        arrow = _WORDS[shown[0].order.is_pull][3]
        if len(shown) == 1:
            name = shown[0].order.sandbox.name
            self._tell.progress(footer_line(arrow, name, shown[0].said or "waiting", waiting))
        else:
            elapsed = max(task.seconds for task in shown)
            said = progress_words(in_all([task.last for task in shown]), elapsed)
            self._tell.progress(footer_line(arrow, f"{len(shown)} transfers", said, waiting))


def in_all(each: Sequence[TransferProgress]) -> TransferProgress:
    """Return how far several transfers are together; nothing is known while one of them is being listed."""
    if any(one.fraction is None for one in each):
        return TransferProgress()
    left = [one.eta_s for one in each if one.eta_s is not None]
    return TransferProgress(
        sum(one.files_done for one in each),
        sum(one.files_total for one in each),
        sum(one.bytes_done for one in each),
        sum(one.bytes_total for one in each),
        bytes_per_s=sum(one.bytes_per_s for one in each),
        eta_s=max(left) if len(left) == len(each) else None,
    )
