"""Something that is done to several sandboxes beside bulk acts, as the tasks show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.tasks import Status, TaskPart
from daytona_tui.ui.panes.worked_task import WorkedTask


class EachTask(WorkedTask):
    """One part for each sandbox; whoever carries it out tells when one is over."""

    def __init__(self, title: str, sandboxes: Sequence[Sandbox], *, done: str, note: str = "") -> None:
        super().__init__(title, done=done, note=note)
        self._parts = {each.id: TaskPart(each.id, each.name, Status.RUNNING) for each in sandboxes}

    @property
    def parts(self) -> Sequence[TaskPart]:
        """One for each sandbox."""
        return tuple(self._parts.values())

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
        self._note_time()
        part = self._parts[sandbox_id]
        self._parts[sandbox_id] = replace(
            part, status=status, detail=detail, hint=hint, seconds=self._ended - self._began
        )
        self.on_change()
