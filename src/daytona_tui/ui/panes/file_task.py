"""Something that is done to several entries of one sandbox, as the tasks show it."""

from __future__ import annotations

from collections.abc import Sequence

from daytona_tui.domain.files import FileEntry
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tasks import Status, TaskPart
from daytona_tui.ui.panes.worked_task import WorkedTask


class FileTask(WorkedTask):
    """One part for each entry; whoever carries it out tells when one is over.

    Attributes:
        focus_path: the last entry that there is now because of it; empty while there is none.
    """

    def __init__(self, title: str, entries: Sequence[FileEntry], *, done: str) -> None:
        super().__init__(title, done=done)
        self.focus_path = ""
        self._parts = {each.path: TaskPart(each.path, each.path, Status.RUNNING) for each in entries}

    @property
    def parts(self) -> Sequence[TaskPart]:
        """One for each entry."""
        return tuple(self._parts.values())

    def tell(self, path: str, error: DaytonaTuiError | None) -> None:
        """Note what came of an entry; None: it went well."""
        if error is None:
            self._become(path, Status.DONE, "")
        else:
            said = phrase(error)
            self._become(path, Status.FAILED, said.detail, said.hint)

    def give_up(self) -> None:
        """Note that nothing more is done to those that are not over: one after the other, the first was on its way."""
        said = "cancelled on its way: it may be done all the same"
        for part in self.parts:
            if part.status is Status.RUNNING:
                self._become(part.key, Status.CANCELLED, said)
                said = "cancelled"

    @property
    def summary(self) -> str:
        """What came of it, in one line."""
        return safe(self.tally.words(self.done))

    def _become(self, path: str, status: Status, detail: str, hint: str = "") -> None:
        self._note_time()
        self._parts[path] = TaskPart(path, path, status, detail=detail, hint=hint, seconds=self._ended - self._began)
        self.on_change()
