"""Transfers as the program runs them: two at once, the others in their order; told about, paused, cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from textual.widget import Widget
from textual.worker import Worker

from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.transfers import ConflictPolicy, TransferProgress
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.transferring import Planned, Steering, TransferOrder, carry_out
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.transfers import footer_line, progress_words
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.transfer_task import TransferTask, what
from daytona_tui.ui.workers import DIALOG, TRANSFER

AT_ONCE = 2
"""Transfers that copy at the same time: more would only share the same line."""

_ARROWS = {True: "⇣", False: "⇡"}


@dataclass(frozen=True, slots=True)
class Tell:
    """Who is told of transfers.

    Attributes:
        progress: how far those are that run, in a line; empty when none does.
        begun: each that is asked for.
        ended: each that is over, also one that failed or was cancelled.
        ask_again: an order of which nothing came, to be asked about once more.
        decide: asks about what exists already, or is very much, where nobody was asked before; None: leave it.
        as_of_now: gives an order for its sandbox as it is by now.
    """

    progress: Callable[[str], object]
    begun: Callable[[TransferTask], object]
    ended: Callable[[TransferTask], object]
    ask_again: Callable[[TransferOrder], object]
    decide: Callable[[Planned], Awaitable[TransferOrder | None]]
    as_of_now: Callable[[TransferOrder], TransferOrder]


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

    @property
    def has_pulls(self) -> bool:
        """True while something is being pulled."""
        return any(task.order.is_pull and task.has_begun for task in self._workers)

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
            self.start(self._tell.as_of_now(task.order))

    @property
    def foremost(self) -> TransferTask | None:
        """The transfer that runs longest, or else waits longest."""
        return next((each for each in self._workers if each.holds_slot), next(iter(self._workers), None))

    def cancel(self, task: TransferTask) -> None:
        """Give up a transfer."""
        if task in self._workers:
            task.is_dropped = True
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

        def step(text: str) -> None:
            task.step(text)
            self._say()

        async def decide(planned: Planned) -> TransferOrder:
            task.wait_for_answer(planned)
            self._say()
            answer = await self._tell.decide(planned)
            if answer is None:
                task.is_dropped = True
                raise asyncio.CancelledError  # as if it had been cancelled among the tasks
            return answer

        try:
            await self._take_turn(task)
            task.begin()
            self._say()
            report = await carry_out(
                self._gateway,
                order,
                planned=task.planned,
                steering=Steering(task.running, decide, keeps=lambda: not task.is_dropped),
                on_progress=tell,
                on_step=step,
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
        arrow = _ARROWS[shown[0].order.is_pull]
        if len(shown) == 1:
            name = shown[0].order.sandbox.name
            self._tell.progress(footer_line(arrow, name, shown[0].said or "waiting", waiting))
        else:
            elapsed = max(task.seconds for task in shown)
            said = progress_words(in_all([task.last for task in shown]), elapsed)
            self._tell.progress(footer_line(arrow, f"{len(shown)} transfers", said, waiting))


def in_all(each: Sequence[TransferProgress]) -> TransferProgress:
    """Return how far several transfers are together, as far as they are listed; how long it takes once all are."""
    is_whole = all(one.fraction is not None for one in each)
    each = [one for one in each if one.fraction is not None]
    left = [one.eta_s for one in each if one.eta_s is not None]
    return TransferProgress(
        sum(one.files_done for one in each),
        sum(one.files_total for one in each),
        sum(one.bytes_done for one in each),
        sum(one.bytes_total for one in each),
        bytes_per_s=sum(one.bytes_per_s for one in each),
        eta_s=max(left, default=None) if is_whole and len(left) == len(each) else None,
    )
