"""What came of each row of a sweep."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from daytona_tui.domain.leaks import Action
from daytona_tui.domain.sandbox import Sandbox, SandboxState
from daytona_tui.domain.transitions import is_buried
from daytona_tui.errors import OperationTimeoutError
from daytona_tui.operations.bulk import BulkRow, RowStatus
from daytona_tui.operations.sweep.checks import happened
from daytona_tui.operations.sweep.rows import SweepRow


class Outcome(StrEnum):
    """What came of a row."""

    DELETED = "deleted"
    STOPPED = "stopped"
    ARCHIVED = "archived"
    REPAIRED = "repaired"
    """It got a time to live, or its error was mended."""
    NOT_CONFIRMED = "accepted_not_confirmed"
    """Daytona took the request, and the end of it was not seen."""
    HIDDEN = "hidden_errored"
    """It was in error and is deleted: hidden from ordinary listings, purged after some days."""
    CHANGED = "skipped_changed"
    GUARDED = "skipped_guard"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_success(self) -> bool:
        """True if what was planned has happened, as far as Daytona lets it."""
        return self in _SUCCESSES

    @property
    def words(self) -> str:
        """The outcome as it is told, after a number: ``3 skipped: protected``."""
        return _WORDS[self]


_WORDS = {
    Outcome.DELETED: "deleted",
    Outcome.STOPPED: "stopped",
    Outcome.ARCHIVED: "archived",
    Outcome.REPAIRED: "repaired",
    Outcome.NOT_CONFIRMED: "accepted but not confirmed",
    Outcome.HIDDEN: "deleted and hidden (were in error)",
    Outcome.CHANGED: "skipped: changed since the plan",
    Outcome.GUARDED: "skipped: protected",
    Outcome.FAILED: "failed",
    Outcome.CANCELLED: "not done",
}
_SUCCESSES = frozenset({Outcome.DELETED, Outcome.STOPPED, Outcome.ARCHIVED, Outcome.REPAIRED, Outcome.HIDDEN})

DONE = {
    Action.DELETE: Outcome.DELETED,
    Action.STOP: Outcome.STOPPED,
    Action.ARCHIVE: Outcome.ARCHIVED,
    Action.TTL: Outcome.REPAIRED,
    Action.RECOVER: Outcome.REPAIRED,
}
"""What an action comes to when all goes well."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A row that is over.

    Attributes:
        row: what was planned.
        outcome: what came of it.
        detail: why, or what is worth saying of it; may hold hostile text.
        exit_code: of the error that made it fail; 0 where there was none.
        was_gone: it was deleted before anything was asked: nothing is freed by this sweep.
    """

    row: SweepRow
    outcome: Outcome
    detail: str = ""
    exit_code: int = 0
    was_gone: bool = False


@dataclass(frozen=True, slots=True)
class Last:
    """What was seen of a sandbox after everything was done.

    Attributes:
        sandbox: its record; None where it does not exist any more.
    """

    sandbox: Sandbox | None

    @property
    def is_hidden(self) -> bool:
        """True if it failed and was deleted, so that ordinary listings hide it."""
        return self.sandbox is not None and is_buried(self.sandbox)

    @property
    def is_gone(self) -> bool:
        """True if it is deleted, hidden or not."""
        return self.sandbox is None or self.sandbox.state is SandboxState.DESTROYED or self.is_hidden


_HIDDEN = "it was in error: Daytona hides it, and purges it after some days"
_FAILED = frozenset({SandboxState.ERROR, SandboxState.BUILD_FAILED})


def outcome_of(row: SweepRow, bulk: BulkRow, skipped: Outcome, last: Last | None) -> tuple[Outcome, str]:
    """Return what came of a row, and why in words.

    Args:
        row: what was planned.
        bulk: how it was carried out.
        skipped: what it comes to if it was left alone.
        last: what was seen of it at the end; None where nothing could be seen.
    """
    if row.action is Action.DELETE and last is not None and last.is_gone and _was_touched(bulk):
        return (Outcome.HIDDEN, _HIDDEN) if last.is_hidden else (Outcome.DELETED, _whose(bulk))
    if bulk.status is RowStatus.DONE:
        return _of_done(row, bulk, last)
    if bulk.is_doubtful or isinstance(bulk.error, OperationTimeoutError):
        return _of_doubtful(row, bulk, skipped, last)
    if bulk.status is RowStatus.SKIPPED:
        return skipped, bulk.detail
    if bulk.status is RowStatus.FAILED:
        return Outcome.FAILED, bulk.detail
    return Outcome.CANCELLED, bulk.detail or "not begun"


def _was_touched(bulk: BulkRow) -> bool:
    """False for a row that was never looked at, whatever became of its sandbox meanwhile."""
    return bulk.before is not None or bulk.after is not None or bulk.is_gone


def _whose(bulk: BulkRow) -> str:
    if bulk.status is RowStatus.DONE:
        return bulk.detail
    return "the answer was lost" if bulk.before is not None else "somebody else deleted it"


def _of_done(row: SweepRow, bulk: BulkRow, last: Last | None) -> tuple[Outcome, str]:
    if row.action is Action.DELETE and (last is not None or row.sandbox.state in _FAILED):
        # It is listed still, or nobody could look whether it hides.
        return Outcome.NOT_CONFIRMED, _how_it_is(last)
    if bulk.is_gone:
        return Outcome.DELETED, bulk.detail
    if row.action is Action.TTL and last is not None and last.sandbox and last.sandbox.lifetimes.destroy_at is None:
        return Outcome.NOT_CONFIRMED, "it has no time to live"
    return DONE[row.action], bulk.detail


def _of_doubtful(row: SweepRow, bulk: BulkRow, skipped: Outcome, last: Last | None) -> tuple[Outcome, str]:
    """It was asked for, and nobody said how it ended."""
    if last is None:
        return Outcome.NOT_CONFIRMED, bulk.detail
    if last.is_gone:
        return (Outcome.DELETED, "the answer was lost") if row.destroys else (Outcome.FAILED, "it is gone")
    assert last.sandbox is not None  # it would be gone
    if not happened(row, last.sandbox):
        undone = {RowStatus.CANCELLED: Outcome.CANCELLED, RowStatus.SKIPPED: skipped}
        return undone.get(bulk.status, Outcome.FAILED), bulk.detail
    if last.sandbox.state.is_transitional or row.action is Action.DELETE:
        return Outcome.NOT_CONFIRMED, _how_it_is(last)
    return DONE[row.action], "the answer was lost"


def _how_it_is(last: Last | None) -> str:
    if last is None or last.sandbox is None:
        return "nobody could look at the end"
    return f"it is {(last.sandbox.state_word or last.sandbox.state.value).replace('_', ' ')} still"
