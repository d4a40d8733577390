"""One transfer, as the tasks show it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from daytona_tui.domain.files import file_name
from daytona_tui.domain.transfers import TransferProgress, TransferReport
from daytona_tui.operations.transferring import Planned, TransferOrder
from daytona_tui.presentation.phrases import Phrase
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.presentation.tasks import Status, TaskPart, glyph, part_cell
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.presentation.transfers import (
    item_lines,
    progress_detail,
    progress_parts,
    progress_words,
    report_line,
    report_notes,
)
from daytona_tui.ui.panes.task_book import Task
from daytona_tui.ui.widgets.task_list import TaskLine

if TYPE_CHECKING:
    from daytona_tui.ui.panes.transfers import TransferQueue

_WORDS = {True: ("Pull", "pulled", "from"), False: ("Push", "pushed", "to")}


class TransferTask(Task):
    """One transfer, as the tasks show it.

    Attributes:
        order: what was asked for.
        planned: its plan, as the user saw it; None where it was not waited for.
        report: what came of it; None while nothing did.
        running: while it is not set, nothing more is copied.
        holds_slot: it is one of those that copy.
        is_dropped: somebody has cancelled it; what ends it otherwise only interrupts it.
        wants_turn: it is not paused, or is to go on as soon as there is a turn.
        said: how far it is, in a few words.
        last: how far it is, in numbers.
    """

    def __init__(self, order: TransferOrder, queue: TransferQueue, planned: Planned | None = None) -> None:
        verb, done, side = _WORDS[order.is_pull]
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
        self.is_dropped = False
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

    # How it is shown

    def lines(self) -> list[TaskLine]:
        """Return its row; one that only waits for its turn has the mark of that."""
        head, *rest = super().lines()
        return [replace(head, glyph=glyph(self._part.status)), *rest]

    def part_lines(self) -> list[TaskLine]:
        """Return what is known of it, a row each: it has one part, of which its own row tells already."""
        cell = part_cell(self._part, self.done)
        rows, below = cell.text.split(" · "), cell.tone
        if self._part.status is Status.RUNNING and self.said:
            known = progress_parts(self.last) if self.last.fraction is not None else []
            rows, below = [self.said, *known], Tone.DIM
        return [
            TaskLine(self.number, f"row {place}", Cell(" "), "", Cell(row, below if place else cell.tone))
            for place, row in enumerate(rows)
        ]

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
        if self.is_paused:
            self.halt()  # what was on its way when it was paused arrives yet
            return
        self.said = progress_words(progress, time.monotonic() - self._began)
        self._become(Status.RUNNING, progress_detail(progress, self.said))

    def halt(self) -> None:
        """Note that it is paused."""
        at = f" at {int(self.fraction * 100)} %" if self.fraction is not None else ""
        self.said = f"paused{at}"
        self._become(self._part.status, f"{self.said} · space goes on")

    def wait_for_answer(self, planned: Planned) -> None:
        """Note that the user is asked about what exists already, or how much it is."""
        found = len(planned.summary.conflicts)
        self.said = f"{found:,} there already: which?" if found else "so much?"
        self._become(Status.RUNNING, self.said)

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
        """Note that it was cancelled, or came to its end with the program."""
        if self.is_dropped:
            self._become(Status.CANCELLED, "cancelled: nothing half was left behind")
        else:
            kept = ": the same pull goes on from what has arrived" if self.order.is_pull else ""
            self._become(Status.CANCELLED, f"interrupted{kept}")

    def _become(self, status: Status, detail: str) -> None:
        self._ended = time.monotonic()
        self._part = replace(self._part, status=status, detail=detail)
        self.on_change()


def what(order: TransferOrder) -> str:
    """Return what is copied, in a few safe words."""
    if len(order.sources) == 1:
        return safe(file_name(order.sources[0]) or order.sources[0]) or "the working directory"
    return f"{len(order.sources):,} entries"
