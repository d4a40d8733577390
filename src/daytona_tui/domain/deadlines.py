"""What Daytona will do to a sandbox by itself, and when: the death clock.

Rules: the platform's lifecycle documentation. Auto-stop counts from the last activity while started; auto-archive and
auto-delete count from the last activity while stopped; a time to live counts from the clock in any state. Only virtual
machines are paused. What failed is forgotten after a while (``purge_at``), which is no timer anybody can set.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from daytona_tui.domain.sandbox import Sandbox, SandboxState

MAX_ARCHIVE_MIN = 30 * 24 * 60
"""What an auto-archive interval of 0 stands for."""
_ARCHIVED = frozenset({"container", ""})  # virtual machines are not
_CONTAINER = "container"
_DESTROYED = "destroyed"

FAILED_KEPT = timedelta(days=7)
"""How long the platform keeps what failed and was deleted, and images that could not be built."""
DELETED_BUILD_KEPT = timedelta(hours=24)
"""How long it keeps the latter once they are deleted."""


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
    candidates = planned_events(sandbox)
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    return min(candidates, key=lambda event: event.at)


def planned_events(sandbox: Sandbox) -> list[NextEvent]:
    """Return what each timer that counts now would do; the time to live first, as it wins where two are due."""
    timers = _timers(sandbox)
    end = sandbox.lifetimes.destroy_at
    if end is not None and sandbox.state is not SandboxState.DESTROYED:
        return [NextEvent(Act.DELETE, end), *timers]
    return timers


def is_archivable(sandbox: Sandbox) -> bool:
    """True if the platform archives sandboxes like this; what is deleted on stop never is."""
    return sandbox.sandbox_class in _ARCHIVED and sandbox.lifetimes.auto_delete_min != 0


def purge_at(sandbox: Sandbox) -> datetime | None:
    """Return when a failed sandbox is forgotten by itself; None if it stays until somebody deletes it."""
    if sandbox.updated_at is None:
        return None
    is_deleted = sandbox.desired_state == _DESTROYED
    if sandbox.state is SandboxState.BUILD_FAILED:
        return sandbox.updated_at + (DELETED_BUILD_KEPT if is_deleted else FAILED_KEPT)
    if sandbox.state is SandboxState.ERROR and is_deleted:
        return sandbox.updated_at + FAILED_KEPT
    return None


def _timers(sandbox: Sandbox) -> list[NextEvent]:
    since = sandbox.last_activity_at
    if since is None:
        return []
    life = sandbox.lifetimes
    if sandbox.state is SandboxState.STARTED:
        # Deleting on stop makes the stop itself the end.
        ends = Act.DELETE if life.auto_delete_min == 0 else Act.STOP
        stops = _after(since, ends, life.auto_stop_min)
        if sandbox.sandbox_class == _CONTAINER:
            return stops
        return stops + _after(since, Act.PAUSE, life.auto_pause_min)
    if sandbox.state is SandboxState.STOPPED:
        if life.auto_delete_min == 0:
            return [NextEvent(Act.DELETE, since)]  # it is never archived
        if not is_archivable(sandbox):
            return _after(since, Act.DELETE, life.auto_delete_min)
        archive_min = MAX_ARCHIVE_MIN if life.auto_archive_min == 0 else life.auto_archive_min
        return _after(since, Act.ARCHIVE, archive_min) + _after(since, Act.DELETE, life.auto_delete_min)
    return []


def _after(since: datetime, act: Act, minutes: int | None) -> list[NextEvent]:
    if minutes is None or minutes <= 0:
        return []
    try:
        return [NextEvent(act, since + timedelta(minutes=minutes))]
    except OverflowError:
        return []  # after the end of all calendars: never
