"""How surely somebody has to say that a sweep is meant: the more it could hurt, the more has to be typed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from daytona_tui.operations.sweep.plan import SweepPlan
from daytona_tui.operations.sweep.rows import SweepRow
from daytona_tui.presentation.safe_text import safe

MANY = 20
"""More sandboxes than this at once are many."""

FRESH = timedelta(minutes=30)
"""A running sandbox that was active within this time may be at work."""

MANAGED = frozenset({"own.managed"})
"""Guards of sandboxes that a service looks after by itself: whoever takes them away says so with its name."""


class Kind(StrEnum):
    """What is asked for."""

    NOTHING = "nothing"
    """Nothing would be done."""
    YES = "yes"
    COUNT = "count"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What has to be typed before a sweep begins.

    Attributes:
        kind: what is asked for.
        word: what has to be typed: ``y``, a number, a name; the number where the name cannot be typed.
        why: what makes the sweep dangerous, in words, the worst first; empty where nothing does.
        is_sensitive: it concerns what is not surely ours, looks after itself, or is at work: not many alone.
    """

    kind: Kind
    word: str
    why: tuple[str, ...] = ()
    is_sensitive: bool = False

    def accepts(self, typed: str) -> bool:
        """Return whether ``typed`` is what was asked for; capital letters do not matter."""
        return self.kind is not Kind.NOTHING and typed.strip().casefold() == self.word.casefold()


def danger_of(plan: SweepPlan, now: datetime) -> Confirmation:
    """Return what has to be typed before ``plan`` is carried out."""
    rows = plan.acting
    if not rows:
        return Confirmation(Kind.NOTHING, "")
    foreign = [row for row in rows if not row.is_mine]
    managed = [row for row in rows if any(note.code in MANAGED for note in row.guards)]
    fresh = [row for row in rows if _is_at_work(row, now)]
    destroyed = sum(row.destroys for row in rows)
    named = []
    if foreign:
        named.append(f"{_count(foreign)} not known to be yours")
    if managed:
        named.append(f"{_count(managed)} looked after by a service of {'its' if len(managed) == 1 else 'their'} own")
    if fresh:
        named.append(f"{_count(fresh)} at work within the last 30 minutes")
    if len(rows) > MANY:
        named.append(f"{len(rows):,} sandboxes at once")
    said = (*named, *((f"{destroyed:,} deleted for good: nothing brings them back",) if destroyed else ()))
    if named:
        name = _name(foreign or managed, plan)
        word = name if safe(name) == name else str(len(rows))  # one that is not shown as it is cannot be typed
        return Confirmation(Kind.NAME, word, said, bool(foreign or managed or fresh))
    if len(rows) > 1:
        return Confirmation(Kind.COUNT, str(len(rows)), said)
    return Confirmation(Kind.YES, "y", said)


def _is_at_work(row: SweepRow, now: datetime) -> bool:
    """True for a running sandbox that was active a moment ago, or of which nobody knows when it was."""
    at = row.sandbox.last_activity_at
    return row.sandbox.is_running and (at is None or now - at < FRESH)


def _name(rows: list[SweepRow], plan: SweepPlan) -> str:
    """Return whose name is typed: the owner's where there is one, else that of the organisation or the connection."""
    owners = Counter(row.owner for row in rows)
    if len(owners) == 1 and (owner := next(iter(owners)).strip()):
        return owner
    return plan.label.strip() or plan.connection


def _count(rows: list[SweepRow]) -> str:
    return f"{len(rows):,} {'is' if len(rows) == 1 else 'are'}"
