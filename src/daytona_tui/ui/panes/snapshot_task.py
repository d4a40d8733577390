"""A snapshot that is being made, as the tasks show it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from daytona_tui.errors import DaytonaTuiError
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tasks import Status, TaskPart
from daytona_tui.ui.panes.worked_task import WorkedTask

_KEPT = 256 * 1024
"""Characters of the log that are shown: the end."""


class SnapshotTask(WorkedTask):
    """One part: the snapshot, with the log of its build.

    Giving it up ends the waiting; the server goes on.
    """

    def __init__(self, name: str, log: Callable[[], str]) -> None:
        """Remember what is made; ``log`` returns what its build has said so far: hostile text."""
        super().__init__(f"Snapshot {safe(name)}", done="made")
        self._name = name
        self._log = log
        self._step = "asking"
        self._status = Status.RUNNING
        self._why = self._next = ""

    @property
    def parts(self) -> Sequence[TaskPart]:
        """One."""
        output = self._log()[-_KEPT:]
        return (
            TaskPart("snapshot", self._name, self._status, self._step, self._why, self._next, output,
                     seconds=self.seconds),
        )  # fmt: skip

    @property
    def is_over(self) -> bool:
        """True when nothing more happens."""
        return self._status is not Status.RUNNING

    def take_step(self, words: str) -> None:
        """Note what happens now; safe words."""
        self._step = words
        self.on_change()

    def succeed(self, words: str) -> None:
        """Note that it is there; safe words."""
        self._end(Status.DONE, words)

    def fail(self, error: DaytonaTuiError) -> None:
        """Note why it failed."""
        said = phrase(error)
        self._end(Status.FAILED, said.detail, said.hint)

    def give_up(self) -> None:
        """Note that nobody waits any more, where nothing else was noted."""
        if not self.is_over:
            self._end(Status.CANCELLED, "not waited for any more; the server goes on with it")

    def _end(self, status: Status, detail: str, hint: str = "") -> None:
        self._note_time()
        self._status, self._why, self._next = status, detail, hint
        self.on_change()
