"""A sandbox that is being made, as the tasks and its dialog show it."""

from __future__ import annotations

from collections.abc import Sequence

from daytona_tui.domain.creation import BuildLog, CreateEvent, Ignored, LeftBehind, StageBegun
from daytona_tui.domain.executions import OutputChunk, Stream
from daytona_tui.domain.loglines import LineBuffer
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.presentation.creation_events import event_words
from daytona_tui.presentation.forms import Values
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tasks import Status, TaskPart
from daytona_tui.ui.panes.worked_task import WorkedTask


class CreateTask(WorkedTask):
    """One part: the new sandbox.

    Attributes:
        values: what was ordered, as the form had it.
        log: of the build.
        step: what is done now, in words; safe.
        sandbox: the new one, as soon as the server has told of it.
        left: what a failure left behind.
        trouble: why it failed, in words; safe. Empty where it did not.
        remarks: what does not hold of the order; safe.
        is_watched: a dialog shows how it goes.
    """

    def __init__(self, values: Values) -> None:
        name = values.get("name")
        super().__init__(f"Create {safe(str(name))}" if name else "Create a sandbox", done="created")
        self.values = values
        self.log = LineBuffer()
        self.step = "asking"
        self.sandbox: Sandbox | None = None
        self.left: Sandbox | None = None
        self.trouble = ""
        self.remarks: list[str] = []
        self.is_watched = False
        self._status = Status.RUNNING
        self._why = self._next = ""

    @property
    def parts(self) -> Sequence[TaskPart]:
        """One."""
        name = self.sandbox.name if self.sandbox is not None else str(self.values.get("name") or "a sandbox")
        return (
            TaskPart("new", name, self._status, self.step, self._why, self._next, seconds=self.seconds),
        )  # fmt: skip

    @property
    def is_over(self) -> bool:
        """True when nothing more happens."""
        return self._status is not Status.RUNNING

    @property
    def has_failed(self) -> bool:
        """True when it is over and there is no sandbox as it was ordered."""
        return self.is_over and self._status is not Status.DONE

    def hear(self, event: CreateEvent) -> None:
        """Take note of what happens."""
        match event:
            case BuildLog(text):
                self.log.feed(OutputChunk(Stream.STDOUT, text))
                return
            case StageBegun(_, sandbox, _):
                self.sandbox = sandbox or self.sandbox
                self.step = safe(event_words(event))
            case Ignored(_, words):
                self.remarks.append(safe(words))
            case LeftBehind(sandbox):
                self.left = sandbox
        self.on_change()

    def succeed(self, sandbox: Sandbox) -> None:
        """Note that it runs."""
        self.sandbox = sandbox
        self._end(Status.DONE, "; ".join(self.remarks))

    def fail(self, error: DaytonaTuiError) -> None:
        """Note why it failed."""
        said = phrase(error, "create")
        self.trouble = "\n".join(filter(None, (f"{said.title}: {said.detail}", said.hint)))
        self._end(Status.FAILED, said.detail, said.hint)

    def give_up(self) -> None:
        """Note that nobody waits any more."""
        if not self.is_over:
            left = f"{safe(self.left.name)} is left behind" if self.left is not None else "nothing was seen of it yet"
            self.trouble = f"given up; {left}"
            self._end(Status.CANCELLED, self.trouble)

    def _end(self, status: Status, detail: str, hint: str = "") -> None:
        self.log.end_lines()
        self._note_time()
        self._status, self._why, self._next = status, detail, hint
        self.on_change()
