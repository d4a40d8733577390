"""One sandbox of a bulk act while it is carried out."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum

from daytona_tui.domain.deeds import Deed
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.bulk.plan import PlannedRow


class RowStatus(StrEnum):
    """How far a row is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a deed on one sandbox.

    Attributes:
        after: the sandbox after it; None where it is gone.
        detail: what is worth saying of it, in a few words; may hold hostile text.
        output: what a command wrote, its end where that is long; hostile text.
        exit_code: of a command; None where there is none.
        made: another sandbox that came of it: a fork.
        is_success: False where the deed was carried out and its outcome is a failure, such as another exit code than 0.
    """

    after: Sandbox | None = None
    detail: str = ""
    output: str = ""
    exit_code: int | None = None
    is_success: bool = True
    made: Sandbox | None = None


class BulkRow:
    """What happens to one sandbox.

    Attributes:
        sandbox: as it was when the plan was made.
        deed: what is to happen to it.
        status: how far it is.
        step: what happens now, or happened last: ``stopping``.
        detail: why it was skipped, what failed, how far it is, what came of it; may hold hostile text.
        error: what made it fail, where that was an error.
        before: as it was right before the deed; None while nothing was asked for.
        after: as it was after the deed, or is now as far as is known; None where that is not known or it is gone.
        is_gone: it does not exist any more.
        is_doubtful: the deed was asked for and no answer came, so that it may have happened.
        output: what a command wrote.
        exit_code: of a command.
        made: another sandbox that came of it: a fork.
    """

    def __init__(self, planned: PlannedRow) -> None:
        self.sandbox: Sandbox = planned.sandbox
        self.deed: Deed = planned.deed
        self.warning = planned.warning
        self.status = RowStatus.SKIPPED if planned.skip else RowStatus.WAITING
        self.step = ""
        self.detail = planned.skip
        self.error: DaytonaTuiError | None = None
        self.before: Sandbox | None = None
        self.after: Sandbox | None = None
        self.is_gone = False
        self.is_doubtful = False
        self.output = ""
        self.exit_code: int | None = None
        self.made: Sandbox | None = None
        self._steps = 0
        self._is_part_done = False
        self._began: float | None = None
        self._ended: float | None = None

    def __repr__(self) -> str:
        """Name and status, for tests and logs."""
        return f"<BulkRow {self.sandbox.id} {self.status} {self.step!r} {self.detail!r}>"

    @property
    def seconds(self) -> float | None:
        """How long it takes, or took; None while it waits, and where nothing was begun."""
        if self._began is None:
            return None
        return (time.monotonic() if self._ended is None else self._ended) - self._began

    @property
    def latest(self) -> Sandbox:
        """The most recent record that is known of the sandbox."""
        return self.after or self.before or self.sandbox

    @property
    def is_over(self) -> bool:
        """True when nothing more happens to it."""
        return self.status not in (RowStatus.WAITING, RowStatus.RUNNING)

    def begin(self) -> None:
        """It is its turn."""
        self.status, self._began = RowStatus.RUNNING, time.monotonic()

    @property
    def is_part_done(self) -> bool:
        """True when an earlier step of the deed was carried out, so that the sandbox is not as planned by our doing."""
        return self._is_part_done or self._steps > 1

    def begin_deed(self) -> None:
        """The deed is asked for, perhaps once more."""
        self._is_part_done, self._steps = self.is_part_done, 0

    def take_step(self, step: str) -> None:
        """A step of the deed begins."""
        self.hold(step)
        self._steps += 1

    def hold(self, step: str) -> None:
        """It waits, for the reason told."""
        self.step, self.detail = step, ""

    def succeed(self, result: Result) -> None:
        """The deed was carried out."""
        self.after, self.is_gone = result.after, result.after is None
        self.output, self.exit_code, self.made = result.output, result.exit_code, result.made
        self.end(RowStatus.DONE if result.is_success else RowStatus.FAILED, result.detail)

    def fail(self, error: DaytonaTuiError, detail: str = "") -> None:
        """The deed was not carried out, or nobody knows."""
        self.error = error
        self.end(RowStatus.FAILED, detail or error.message)

    def end(self, status: RowStatus, detail: str) -> None:
        """Nothing more happens to it."""
        self.status, self.detail, self._ended = status, detail, time.monotonic()
