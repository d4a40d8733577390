"""What Daytona will do to a sandbox by itself, and when: the death clock.

Rules: the platform's lifecycle documentation. Auto-stop counts from the last activity while started; auto-archive and
auto-delete count from the last activity while stopped; a time to live counts from the clock in any state.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from daytona_tui.domain.sandbox import Sandbox, SandboxState

MAX_ARCHIVE_MIN = 30 * 24 * 60
"""What an auto-archive interval of 0 stands for."""
_ARCHIVED = frozenset({"container", ""})  # virtual machines are not


class Act(StrEnum):
    """What the platform does."""

    STOP = "stop"
    PAUSE = "pause"
    ARCHIVE = "archive"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class NextEvent:
    """The next automatic event of a sandbox."""

    act: Act
    at: datetime


def next_event(sandbox: Sandbox) -> NextEvent | None:
    """Return the earliest automatic event, or None where none is planned or its time cannot be known."""
    candidates = _timers(sandbox)
    if sandbox.lifetimes.destroy_at is not None and sandbox.state is not SandboxState.DESTROYED:
        candidates.append(NextEvent(Act.DELETE, sandbox.lifetimes.destroy_at))
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    return min(candidates, key=lambda event: event.at)


def _timers(sandbox: Sandbox) -> list[NextEvent]:
    since = sandbox.last_activity_at
    if since is None:
        return []
    life = sandbox.lifetimes
    if sandbox.state is SandboxState.STARTED:
        # Deleting on stop makes the stop itself the end.
        ends = Act.DELETE if life.auto_delete_min == 0 else Act.STOP
        return _after(since, ends, life.auto_stop_min) + _after(since, Act.PAUSE, life.auto_pause_min)
    if sandbox.state is SandboxState.STOPPED:
        if life.auto_delete_min == 0:
            return [NextEvent(Act.DELETE, since)]  # it is never archived
        if sandbox.sandbox_class not in _ARCHIVED:
            return _after(since, Act.DELETE, life.auto_delete_min)
        archive_min = MAX_ARCHIVE_MIN if life.auto_archive_min == 0 else life.auto_archive_min
        return _after(since, Act.ARCHIVE, archive_min) + _after(since, Act.DELETE, life.auto_delete_min)
    return []


def _after(since: datetime, act: Act, minutes: int | None) -> list[NextEvent]:
    return [NextEvent(act, since + timedelta(minutes=minutes))] if minutes is not None and minutes > 0 else []
