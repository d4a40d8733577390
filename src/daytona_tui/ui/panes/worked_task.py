"""A task that one worker carries out."""

from __future__ import annotations

import time

from textual.worker import Worker

from daytona_tui.ui.panes.task_book import Task


class WorkedTask(Task):
    """Knows how long it took, and how it is given up; subclasses note each end of a part by ``_note_time``.

    Attributes:
        worker: carries it out.
    """

    def __init__(self, title: str, *, done: str, note: str = "") -> None:
        super().__init__(title, done=done, note=note)
        self.worker: Worker[None] | None = None
        self._began = self._ended = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since it began."""
        return (self._ended if self.is_over else time.monotonic()) - self._began

    def cancel(self) -> None:
        """Give up what is not over; what a server has begun stays."""
        if self.worker is not None:
            self.worker.cancel()

    def _note_time(self) -> None:
        """Note that something of it ended now."""
        self._ended = time.monotonic()
