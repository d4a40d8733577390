"""A sweep as the tasks show it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from daytona_tui.operations.bulk import RowStatus
from daytona_tui.operations.sweep import Ended, Guard, Outcome, Report, SweepPlan, SweepRowRun, SweepRun
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.tasks import Status, TaskPart
from daytona_tui.ui.panes.task_book import Task

_STATUSES = {
    Outcome.CHANGED: Status.SKIPPED,
    Outcome.GUARDED: Status.SKIPPED,
    Outcome.FAILED: Status.FAILED,
    Outcome.NOT_CONFIRMED: Status.FAILED,
    Outcome.CANCELLED: Status.CANCELLED,
}
_RETRIED = frozenset({Outcome.FAILED, Outcome.NOT_CONFIRMED, Outcome.CANCELLED})


@dataclass(frozen=True, slots=True)
class SweepOrder:
    """A plan that somebody has said yes to.

    Attributes:
        guard: what is asked of every sandbox at its turn.
    """

    plan: SweepPlan
    guard: Guard


class SweepTask(Task):
    """Shows a ``SweepRun``.

    Attributes:
        order: what is carried out.
        run: it being carried out.
        report: what came of it; None as long as it is under way.
    """

    def __init__(self, order: SweepOrder, run: SweepRun, again: Callable[[SweepOrder], None]) -> None:
        many = len(run.rows)
        super().__init__(f"Sweep {'1 sandbox' if many == 1 else f'{many:,} sandboxes'}", done="done")
        self.order = order
        self.run = run
        self.report: Report | None = None
        self._again = again
        self._began = time.monotonic()
        self._ended: float | None = None

    @property
    def parts(self) -> Sequence[TaskPart]:
        """One for each sandbox that is acted on."""
        if self.report is None:
            return tuple(_under_way(row, is_verifying=self.run.is_verifying) for row in self.run.rows)
        runs = {row.row.sandbox.id: row for row in self.run.rows}
        return tuple(_over(each, runs[each.row.sandbox.id]) for each in self.report.ended)

    @property
    def seconds(self) -> float:
        """Since it was begun."""
        return (self._ended or time.monotonic()) - self._began

    @property
    def is_over(self) -> bool:
        """True when the end is verified, or nobody looks any more."""
        return self.report is not None

    @property
    def can_retry(self) -> bool:
        """True when something of it failed or was given up."""
        return bool(self.unfinished)

    @property
    def unfinished(self) -> frozenset[str]:
        """Ids of what failed, was not confirmed, or was given up."""
        if self.report is None:
            return frozenset()
        return frozenset(each.row.sandbox.id for each in self.report.ended if each.outcome in _RETRIED)

    def cancel(self) -> None:
        """Begin nothing more; what is in flight is finished and verified."""
        self.run.cancel()

    def retry(self) -> None:
        """Do again what is not done, as another task; every sandbox is looked at once more."""
        plan = self.order.plan
        left = tuple(row.sandbox.id for row in plan.rows if row.sandbox.id in self.unfinished)
        self._again(SweepOrder(plan.only(left), self.order.guard))

    def finish(self, report: Report) -> None:
        """Note what came of it."""
        self.report = report
        self._ended = time.monotonic()
        self.on_change()


def _under_way(each: SweepRowRun, *, is_verifying: bool) -> TaskPart:
    bulk, row = each.bulk, each.row
    status, step = Status(bulk.status.value), bulk.step
    if is_verifying and bulk.status is RowStatus.DONE:
        status, step = Status.RUNNING, "verifying"
    return TaskPart(row.sandbox.id, row.sandbox.name, status, step, bulk.detail, seconds=bulk.seconds)


def _over(ended: Ended, each: SweepRowRun) -> TaskPart:
    said = ended.outcome.value.replace("_", " ")
    status = _STATUSES.get(ended.outcome, Status.DONE)
    detail = ended.detail if status is Status.SKIPPED else ": ".join(filter(None, (said, ended.detail)))
    error = each.bulk.error
    hint = phrase(error).hint if error is not None and status is Status.FAILED else ""
    return TaskPart(ended.row.sandbox.id, ended.row.sandbox.name, status, each.bulk.step, detail, hint,
                    seconds=each.bulk.seconds)  # fmt: skip
