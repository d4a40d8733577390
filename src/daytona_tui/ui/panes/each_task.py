"""Something that is done to several sandboxes beside bulk acts, as the tasks show it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from textual.worker import Worker

from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.tasks import Status, TaskPart
from daytona_tui.ui.panes.task_book import Task


class EachTask(Task):
    """One part for each sandbox; whoever carries it out tells when one is over.

    Attributes:
        worker: carries it out.
    """

    def __init__(self, title: str, sandboxes: Sequence[Sandbox], *, done: str, note: str = "") -> None:
        super().__init__(title, done=done, note=note)
        self.worker: Worker[None] | None = None
        self._began = self._ended = time.monotonic()
        self._parts = {each.id: TaskPart(each.id, each.name, Status.RUNNING) for each in sandboxes}

    @property
    def parts(self) -> Sequence[TaskPart]:
        """One for each sandbox."""
        return tuple(self._parts.values())

    @property
    def seconds(self) -> float:
        """Since it began."""
        return (self._ended if self.is_over else time.monotonic()) - self._began

    def cancel(self) -> None:
        """Give up what is not over."""
        if self.worker is not None:
            self.worker.cancel()

    def succeed(self, sandbox_id: SandboxId, detail: str = "") -> None:
        """Note that it is done to a sandbox."""
        self._become(sandbox_id, Status.DONE, detail)

    def fail(self, sandbox_id: SandboxId, error: DaytonaTuiError) -> None:
        """Note that it failed for a sandbox."""
        said = phrase(error)
        self._become(sandbox_id, Status.FAILED, said.detail, said.hint)

    def give_up(self) -> None:
        """Note that nothing more is done to those that are not over."""
        for part in self.parts:
            if part.status is Status.RUNNING:
                self._become(SandboxId(part.key), Status.CANCELLED, "cancelled")

    def _become(self, sandbox_id: SandboxId, status: Status, detail: str, hint: str = "") -> None:
        self._ended = time.monotonic()
        part = self._parts[sandbox_id]
        self._parts[sandbox_id] = TaskPart(
            part.key, part.name, status, detail=detail, hint=hint, seconds=self._ended - self._began
        )
        self.on_change()
