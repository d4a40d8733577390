"""A rescue as the tasks show it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from textual.worker import Worker

from daytona_tui.domain.transfers import TransferProgress
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.lifecycle import DELETING
from daytona_tui.operations.rescue import RescueOrder, RescueOutcome
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.presentation.tasks import Status, TaskPart
from daytona_tui.presentation.transfers import progress_words
from daytona_tui.ui.panes.task_book import Task


class RescueTask(Task):
    """One rescue.

    Attributes:
        order: what was asked for.
        worker: carries it out.
    """

    def __init__(self, order: RescueOrder, again: Callable[[RescueOrder], None]) -> None:
        verb = "Rescue and delete" if order.delete else "Rescue"
        super().__init__(
            f"{verb} {clip(safe(order.sandbox.name), 40)}",
            done="rescued",
            note=f"to {safe(order.base.as_posix())}",
        )
        self.order = order
        self.worker: Worker[None] | None = None
        self._again = again
        self._part = TaskPart(order.sandbox.id, order.sandbox.name, Status.RUNNING)
        self._fraction: float | None = None
        self._is_deleting = False
        self._began = self._ended = self._copying_since = time.monotonic()

    @property
    def parts(self) -> Sequence[TaskPart]:
        """One part: the sandbox."""
        return (replace(self._part, seconds=self.seconds),)

    @property
    def seconds(self) -> float:
        """Since it began."""
        return (self._ended if self.is_over else time.monotonic()) - self._began

    @property
    def is_over(self) -> bool:
        """True when nothing more happens."""
        return self._part.status is not Status.RUNNING

    @property
    def fraction(self) -> float | None:
        """How much is copied; None while nothing is."""
        return self._fraction

    @property
    def can_retry(self) -> bool:
        """True when it failed or was cancelled, and the sandbox is there still."""
        return self._part.status in (Status.FAILED, Status.CANCELLED)

    def cancel(self) -> None:
        """Give it up: nothing is deleted, and one that was started for it is put back."""
        if self.worker is not None:
            self.worker.cancel()

    def retry(self) -> None:
        """Begin once more, as another task."""
        self._again(self.order)

    # What the worker tells

    def step(self, step: str) -> None:
        """Note what happens now."""
        self._fraction, self._copying_since = None, time.monotonic()
        self._is_deleting = self._is_deleting or step == DELETING
        self._become(Status.RUNNING, step, step=step)

    def progress(self, progress: TransferProgress) -> None:
        """Note how far the copying is."""
        self._fraction = progress.fraction
        said = progress_words(progress, time.monotonic() - self._copying_since)
        self._become(Status.RUNNING, f"copying {said}", step="copying")

    def finish(self, outcome: RescueOutcome) -> None:
        """Note what came of it; what was found can be read in its results."""
        status = Status.DONE if outcome.is_success else Status.FAILED
        found = [f"{line.light}: {line.text}" for line in outcome.report.lines]
        problems = [f"✗ {problem}" for problem in outcome.rescued.problems] if outcome.rescued else []
        self._part = replace(self._part, output="\n".join([*problems, *found]))
        self._become(status, outcome.text)

    def fail(self, error: DaytonaTuiError) -> None:
        """Note that it failed as a whole; nothing was deleted."""
        said = phrase(error)
        self._part = replace(self._part, hint=said.hint)
        self._become(Status.FAILED, f"not deleted: {said.detail}" if self.order.delete else said.detail)

    def give_up(self) -> None:
        """Note that it was cancelled."""
        if self._is_deleting:
            self._become(Status.CANCELLED, "cancelled while it was being deleted: look whether it is gone")
        else:
            self._become(Status.CANCELLED, "cancelled: nothing was deleted" if self.order.delete else "cancelled")

    def _become(self, status: Status, detail: str, *, step: str = "") -> None:
        self._ended = time.monotonic()
        self._part = replace(self._part, status=status, detail=detail, step=step or self._part.step)
        self.on_change()
