"""Tasks as lines: what a bulk act or a pull has done so far, for the list of tasks and for a notice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from daytona_tui.presentation.human import age
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Cell, Tone

FEW = 5
"""Failures that a notice lists; of more, the number is told."""


class Status(StrEnum):
    """How far something is: one sandbox of a task, or the task."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    CANCELLED = "cancelled"


_GLYPHS = {
    Status.WAITING: Cell("·", Tone.FAINT),
    Status.RUNNING: Cell("◐", Tone.BUSY),
    Status.DONE: Cell("✓", Tone.GOOD),
    Status.SKIPPED: Cell("–", Tone.WARN),
    Status.FAILED: Cell("✗", Tone.BAD),
    Status.CANCELLED: Cell("⊘", Tone.DIM),
}
ENDED = frozenset({Status.DONE, Status.SKIPPED, Status.FAILED, Status.CANCELLED})


@dataclass(frozen=True, slots=True)
class TaskPart:
    """What became of one sandbox (or one pull) of a task.

    Attributes:
        key: tells it from the other parts of the task.
        name: of the sandbox: hostile text.
        status: how far it is.
        step: what happens now, or happened last: ``stopping``.
        detail: what came of it: why it was skipped, what failed, the exit code: hostile text.
        hint: what to do next; empty where nothing useful can be said.
        output: what a command wrote: hostile text.
        exit_code: of a command; None where there is none.
        seconds: how long it took, or takes; None while it waits.
    """

    key: str
    name: str
    status: Status
    step: str = ""
    detail: str = ""
    hint: str = ""
    output: str = ""
    exit_code: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many parts of a task are how far."""

    waiting: int = 0
    running: int = 0
    done: int = 0
    skipped: int = 0
    failed: int = 0
    cancelled: int = 0

    @classmethod
    def of(cls, statuses: Iterable[Status]) -> Tally:
        """Count ``statuses``."""
        counts = dict.fromkeys(Status, 0)
        for status in statuses:
            counts[status] += 1
        return cls(*(counts[status] for status in Status))

    @property
    def total(self) -> int:
        """All of them."""
        return self.waiting + self.running + self.done + self.skipped + self.failed + self.cancelled

    @property
    def ended(self) -> int:
        """Those with which nothing more happens."""
        return self.total - self.waiting - self.running

    @property
    def asked(self) -> int:
        """Those to which something is or was done: all but the skipped."""
        return self.total - self.skipped

    @property
    def answered(self) -> int:
        """Those of them with which nothing more happens."""
        return self.ended - self.skipped

    @property
    def status(self) -> Status:
        """The task's own: what is worst of an ended one."""
        if self.waiting or self.running:
            return Status.RUNNING
        if self.failed:
            return Status.FAILED
        if self.cancelled:
            return Status.CANCELLED
        return Status.SKIPPED if self.skipped and not self.done else Status.DONE

    def words(self, done: str = "done") -> str:
        """Return the numbers in words, without those that are nought: ``8 stopped, 1 failed``."""
        return ", ".join(f"{count:,} {word or done}" for count, word, _mark in self._counted() if count)

    def marks(self) -> str:
        """Return the numbers with marks in the place of words: ``✓8 ✗1``."""
        return " ".join(f"{mark}{count:,}" for count, _word, mark in self._counted() if count)

    def _counted(self) -> tuple[tuple[int, str, str], ...]:
        return (
            (self.done, "", "✓"),
            (self.failed, "failed", "✗"),
            (self.skipped, "skipped", "–"),
            (self.cancelled, "cancelled", "⊘"),
        )


def glyph(status: Status) -> Cell:
    """Return the mark of a status."""
    return _GLYPHS[status]


def part_cell(part: TaskPart, done: str) -> Cell:
    """Return in a few words what happens to a part, or happened; ``done`` is what a success is called."""
    match part.status:
        case Status.WAITING:
            return Cell(safe(part.detail) or "waiting", Tone.FAINT)
        case Status.RUNNING:
            return Cell(safe(part.detail) or part.step or "running", Tone.BUSY)
        case Status.DONE if part.exit_code is not None:
            return Cell(f"exit {part.exit_code}", Tone.BAD if part.exit_code else Tone.DIM)
        case Status.DONE:
            return Cell(safe(part.detail) or done, Tone.DIM)
        case Status.FAILED:
            way_out = f" · {safe(part.hint)}" if part.hint else ""
            return Cell(f"{safe(part.detail)}{way_out}", Tone.BAD)
        case Status.SKIPPED:
            return Cell(f"skipped: {safe(part.detail)}" if part.detail else "skipped", Tone.WARN)
    return Cell(safe(part.detail) or "cancelled", Tone.DIM)


def elapsed(seconds: float | None) -> str:
    """Return how long something takes, short: ``14s``; empty while it has not begun."""
    return "" if seconds is None else age(seconds)


def outcome_text(parts: Sequence[TaskPart], done: str) -> str:
    """Return what came of a task: the numbers, then who failed and why, then who was skipped."""
    lines = [Tally.of(part.status for part in parts).words(done)]
    for status in (Status.FAILED, Status.SKIPPED):
        found = [part for part in parts if part.status is status]
        lines += [f"{safe(part.name)}: {safe(part.detail) or status.value}" for part in found[:FEW]]
        if len(found) > FEW:
            lines.append(f"and {len(found) - FEW} more {status.value}")
    return "\n".join(lines)


def part_text(part: TaskPart, done: str) -> str:
    """Return everything that is known of a part, with its output at the end; may have several lines."""
    lines = [part_cell(part, done).text]
    if part.seconds is not None:
        lines[0] += f" · {elapsed(part.seconds)}"
    if part.status is Status.FAILED and part.step and part.exit_code is None:
        lines.append(f"while {part.step}")
    if part.output:
        lines += ["", safe(part.output.rstrip("\n"), keep_newlines=True)]
    elif part.exit_code is not None:
        lines += ["", "It wrote nothing."]
    return "\n".join(lines)
