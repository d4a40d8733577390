"""A run in a sandbox of its own, as the tasks show it."""

from __future__ import annotations

from collections.abc import Sequence

from daytona_tui.errors import DaytonaTuiError
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.presentation.tasks import Status, TaskPart
from daytona_tui.ui.panes.worked_task import WorkedTask

_KEPT = 256 * 1024
"""Characters of output that are kept: the end."""


class RunOnceTask(WorkedTask):
    """One part: the sandbox, with the output of what ran in it.

    Attributes:
        trouble: why it failed, in words; safe. Empty where it did not.
        is_deleted: the sandbox is gone.
        exit_code: of the program; None while it runs, and where it never began.
    """

    def __init__(self, command: str) -> None:
        super().__init__(f"Run “{clip(safe(command), 30)}” once", done="run")
        self.trouble = ""
        self.is_deleted = False
        self.exit_code: int | None = None
        self._name = "a sandbox"
        self._step = "asking"
        self._status = Status.RUNNING
        self._why = self._next = self._output = ""

    @property
    def parts(self) -> Sequence[TaskPart]:
        """One."""
        return (
            TaskPart("once", self._name, self._status, self._step, self._why, self._next, self._output,
                     self.exit_code, self.seconds),
        )  # fmt: skip

    @property
    def is_over(self) -> bool:
        """True when nothing more happens."""
        return self._status is not Status.RUNNING

    def cancel(self) -> None:
        """Give it up: the sandbox is deleted."""
        if self.worker is not None and not self.is_over:
            self.take_step("given up: deleting the sandbox")
            self.worker.cancel()

    def call(self, name: str) -> None:
        """Note how the sandbox is called."""
        self._name = name

    def take_step(self, words: str) -> None:
        """Note what happens now; safe words."""
        self._step = words
        self.on_change()

    def write(self, text: str) -> None:
        """Keep what the program wrote."""
        self._output = (self._output + text)[-_KEPT:]
        self.on_change()

    def end(self, exit_code: int | None, words: str = "") -> None:
        """Note how the program ended."""
        self.exit_code = exit_code
        lines = self._output.strip().splitlines()
        detail = words or (f"exit {exit_code}: {lines[-1]}" if lines else f"exit {exit_code}")
        self._become(Status.DONE if exit_code == 0 else Status.FAILED, detail)

    def fail(self, error: DaytonaTuiError) -> None:
        """Note why it failed."""
        said = phrase(error, "run once")
        self.trouble = "\n".join(filter(None, (f"{said.title}: {said.detail}", said.hint)))
        self._become(Status.FAILED, said.detail, said.hint)

    def give_up(self) -> None:
        """Note that nothing more happens, where that was not noted."""
        if not self.is_over:
            self._become(Status.CANCELLED, "given up; the sandbox is deleted" if self.is_deleted else
                         "given up; the guardian deletes the sandbox")  # fmt: skip

    def _become(self, status: Status, detail: str, hint: str = "") -> None:
        self._note_time()
        self._status, self._why, self._next = status, detail, hint
        self.on_change()
