"""Tasks as the program keeps them: everything that was begun and may take a while, until it is dismissed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count

from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tasks import (
    ENDED,
    Status,
    Tally,
    TaskPart,
    elapsed,
    glyph,
    outcome_text,
    part_cell,
)
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui.widgets.task_list import TaskLine

KEPT = 100
"""Tasks that are kept until somebody dismisses them."""

_NUMBERS = count(1)


class Task:
    """Something that was begun: a bulk act, a pull. Subclasses say what its parts are and how it is given up.

    Attributes:
        number: tells it from all others of this run of the program.
        title: what it does, to what; safe for a terminal.
        note: what it frees or takes; empty where that is nothing.
        done: what a part that succeeded is called: ``stopped``.
        is_open: its parts are shown.
        on_change: called whenever anything of it is different.
    """

    def __init__(self, title: str, *, done: str, note: str = "") -> None:
        self.number = next(_NUMBERS)
        self.title = title
        self.note = note
        self.done = done
        self.is_open = False
        self.on_change: Callable[[], None] = _nobody

    @property
    def parts(self) -> Sequence[TaskPart]:
        """One for each sandbox."""
        raise NotImplementedError

    @property
    def seconds(self) -> float:
        """How long it took, or takes."""
        raise NotImplementedError

    @property
    def fraction(self) -> float | None:
        """How far it is, between 0 and 1; None where that is not known."""
        tally = self.tally
        return tally.answered / tally.asked if tally.asked else None

    @property
    def has_results(self) -> bool:
        """True when its parts have something to read beyond one line."""
        return bool(self.parts)

    @property
    def can_retry(self) -> bool:
        """True when there is something failed or given up that can be tried again."""
        return False

    @property
    def can_pause(self) -> bool:
        """True when it can be made to wait, or go on."""
        return False

    @property
    def is_paused(self) -> bool:
        """True while it was told to wait."""
        return False

    def pause(self) -> None:
        """Wait until ``resume``."""

    def resume(self) -> None:
        """Go on."""

    def cancel(self) -> None:
        """Begin nothing more; what is in flight is finished."""

    def retry(self) -> None:
        """Try again what failed."""

    # What follows from those

    @property
    def tally(self) -> Tally:
        """How many parts are how far."""
        return Tally.of(part.status for part in self.parts)

    @property
    def is_over(self) -> bool:
        """True when nothing more happens."""
        return all(part.status in ENDED for part in self.parts)

    @property
    def outcome(self) -> str:
        """What came of it, for a notice."""
        return outcome_text(self.parts, self.done)

    def lines(self) -> list[TaskLine]:
        """Return its row, and while it is open one for each part."""
        tally, is_over = self.tally, self.is_over
        head = TaskLine(
            self.number,
            "",
            glyph(tally.status),
            self.title,
            self._detail(tally),
            elapsed(self.seconds),
            None if is_over else self.fraction,
            self.is_open,
        )
        if not self.is_open:
            return [head]
        notes = [TaskLine(self.number, "note", Cell(" "), "", Cell(self.note, Tone.DIM))] if self.note else []
        return [head, *notes, *self.part_lines()]

    def part_lines(self) -> list[TaskLine]:
        """Return a row for each part."""
        return [self.part_line(part) for part in self.parts]

    def _detail(self, tally: Tally) -> Cell:
        if tally.total == 1:
            return part_cell(self.parts[0], self.done)
        if tally.status is Status.RUNNING:
            failed = f" · {tally.failed:,} failed" if tally.failed else ""
            return Cell(f"{tally.answered:,} of {tally.asked:,}{failed}", Tone.WARN if failed else Tone.BUSY)
        return Cell(tally.words(self.done), Tone.BAD if tally.failed else Tone.DIM, tally.marks())

    def part_line(self, part: TaskPart) -> TaskLine:
        """Return the row of a part."""
        return TaskLine(
            self.number,
            part.key,
            glyph(part.status),
            safe(part.name),
            part_cell(part, self.done),
            elapsed(part.seconds),
        )


def _nobody() -> None:
    """Tell nobody."""


class TaskBook:
    """All tasks, the newest first."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []

    def add(self, task: Task) -> None:
        """Keep a task; of very many, the oldest that is over goes."""
        self.tasks.insert(0, task)
        if len(self.tasks) > KEPT:
            oldest = next((each for each in reversed(self.tasks) if each.is_over), None)
            if oldest is not None:
                self.tasks.remove(oldest)

    def get(self, number: int) -> Task | None:
        """Return the task with a number, if it is still kept."""
        return next((task for task in self.tasks if task.number == number), None)

    def dismiss_finished(self) -> int:
        """Forget what is over; return how many tasks that were."""
        before = len(self.tasks)
        self.tasks = [task for task in self.tasks if not task.is_over]
        return before - len(self.tasks)

    def lines(self) -> list[TaskLine]:
        """Return the rows of all tasks."""
        return [line for task in self.tasks for line in task.lines()]
