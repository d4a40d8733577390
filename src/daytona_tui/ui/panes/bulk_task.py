"""A bulk act as the tasks show it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from daytona_tui.domain.deeds import Verb
from daytona_tui.operations.bulk import BulkRow, BulkRun, Plan, RowStatus
from daytona_tui.presentation.deeds import WORDS
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.presentation.tasks import Status, Tally, TaskPart
from daytona_tui.ui.panes.task_book import Task
from daytona_tui.ui.widgets.task_list import TaskLine

_RETRIED = frozenset({RowStatus.FAILED, RowStatus.CANCELLED})


def title_of(plan: Plan) -> str:
    """Return what a plan is called: ``Stop 12 sandboxes``, ``Run “pytest -q” in api-1``."""
    rows = plan.acting or plan.rows
    verb, count = plan.deed.verb, len(rows)
    name = clip(safe(rows[0].sandbox.name), 40) if rows else ""
    if verb is Verb.EXECUTE:
        whom = name if count == 1 else f"{count:,} sandboxes"
        return f"Run “{clip(safe(plan.deed.command), 40)}” in {whom}"
    return WORDS[verb].about(count, name)


class BulkTask(Task):
    """Shows a ``BulkRun``. Rows are counted and drawn when they change, not each time somebody looks.

    Attributes:
        run: what is shown.
    """

    def __init__(self, plan: Plan, start: Callable[[BulkTask, Plan], BulkRun], again: Callable[[Plan], None], *,
                 title: str = "", note: str = "") -> None:  # fmt: skip
        """Prepare.

        Args:
            plan: what is carried out.
            start: makes the run, which tells this task about its rows.
            again: begins another plan: what failed of this one.
            title: how it is called; empty: after its verb.
            note: what it frees or takes.
        """
        super().__init__(title or title_of(plan), done=WORDS[plan.deed.verb].done, note=note)
        self.run = start(self, plan)
        self._again = again
        self._began = time.monotonic()
        self._ended: float | None = None
        self._statuses = {row.sandbox.id: row.status for row in self.run.rows}
        self._counts = dict.fromkeys(RowStatus, 0)
        for status in self._statuses.values():
            self._counts[status] += 1
        self._places = {row.sandbox.id: place for place, row in enumerate(self.run.rows)}
        if self.is_over:  # nobody was left to do it to
            self._ended = self._began
        self._drawn: list[TaskLine | None] = [None] * len(self.run.rows)

    def follow(self, row: BulkRow) -> None:
        """Note that a row is different."""
        before = self._statuses[row.sandbox.id]
        if before is not row.status:
            self._statuses[row.sandbox.id] = row.status
            self._counts[before] -= 1
            self._counts[row.status] += 1
        self._drawn[self._places[row.sandbox.id]] = None
        if self.is_over and self._ended is None:
            self._ended = time.monotonic()
        self.on_change()

    @property
    def parts(self) -> Sequence[TaskPart]:
        """One for each sandbox of the plan."""
        return tuple(map(_part, self.run.rows))

    @property
    def seconds(self) -> float:
        """Since it was begun."""
        return (self._ended or time.monotonic()) - self._began

    @property
    def tally(self) -> Tally:
        """How many sandboxes are how far."""
        return Tally(**{status.value: count for status, count in self._counts.items()})

    @property
    def is_over(self) -> bool:
        """True when nothing more happens to any sandbox."""
        return not (self._counts[RowStatus.WAITING] or self._counts[RowStatus.RUNNING])

    @property
    def has_results(self) -> bool:
        """True: every row says something."""
        return True

    @property
    def can_retry(self) -> bool:
        """True when it is over and something of it failed or was given up."""
        return self.is_over and any(row.status in _RETRIED and not row.is_gone for row in self.run.rows)

    def cancel(self) -> None:
        """Begin nothing more; what is in flight is finished."""
        self.run.cancel()

    def retry(self) -> None:
        """Do again what failed or was given up, as another task."""
        self._again(self.run.unfinished())

    def part_lines(self) -> list[TaskLine]:
        """Return a row for each sandbox; those that did not change are the same objects as before."""
        lines = []
        for place, row in enumerate(self.run.rows):
            line = self._drawn[place]
            if line is None or row.status is RowStatus.RUNNING:
                line = self._drawn[place] = self.part_line(_part(row))
            lines.append(line)
        return lines


def _part(row: BulkRow) -> TaskPart:
    return TaskPart(
        row.sandbox.id,
        row.sandbox.name,
        Status(row.status.value),
        row.step,
        row.detail,
        phrase(row.error).hint if row.error is not None else "",
        row.output,
        row.exit_code,
        row.seconds,
    )
