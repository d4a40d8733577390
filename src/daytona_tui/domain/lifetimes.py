"""What the timers of a sandbox will do to it, and what another setting of them would: rules without any I/O.

The rules are those of the platform's lifecycle documentation and of the last open server (v0.190). Every timer but the
time to live compares the *last activity* with its interval, about every ten seconds; setting an interval is no
activity, so a shorter one can fire at the next look. A change of state is activity. Stopping deletes where auto-delete
is 0. Auto-delete looks at stopped sandboxes only, so it never comes where archiving comes first. Virtual machines and
those that are deleted on stop are never archived; only virtual machines are paused. A time to live counts from the
moment it is set, whatever is done, in any state.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from daytona_tui.domain.deadlines import MAX_ARCHIVE_MIN, Act, NextEvent, is_archivable, next_event, planned_events
from daytona_tui.domain.deeds import LifetimeEdit
from daytona_tui.domain.sandbox import Sandbox, SandboxState
from daytona_tui.domain.transitions import wanted_state

AT_ONCE = timedelta(minutes=1)
"""What happens within this time is said to happen at once: the platform looks about every ten seconds."""

_ALMOST = {
    SandboxState.CREATING: SandboxState.STARTED,
    SandboxState.STARTING: SandboxState.STARTED,
    SandboxState.RESTORING: SandboxState.STARTED,
    SandboxState.RESUMING: SandboxState.STARTED,
    SandboxState.STOPPING: SandboxState.STOPPED,
    SandboxState.PAUSING: SandboxState.PAUSED,
    SandboxState.ARCHIVING: SandboxState.ARCHIVED,
}
"""Where a transition that is nearly over ends. Its end is a change of state, so the timers begin anew."""

_AFTER = {Act.STOP: SandboxState.STOPPED, Act.PAUSE: SandboxState.PAUSED, Act.ARCHIVE: SandboxState.ARCHIVED}


class Timer(StrEnum):
    """What can end something by itself."""

    AUTO_STOP = "auto-stop"
    AUTO_PAUSE = "auto-pause"
    AUTO_ARCHIVE = "auto-archive"
    AUTO_DELETE = "auto-delete"
    TTL = "TTL"


class Trap(StrEnum):
    """A setting that does not do what its words promise."""

    NEVER_DIES = "never dies"
    """It is to be deleted when it stops, and nothing stops it."""
    DELETE_UNREACHABLE = "auto-delete never fires"
    """Archiving comes first, and what is archived is never deleted by a timer."""
    STOP_DELETES = "stopping deletes"
    """The automatic stop is the end of it, with all files."""


class Refusal(StrEnum):
    """Why the server will not take an edit for a sandbox."""

    PAUSE_OF_CONTAINER = "containers cannot be paused"
    BOTH_STOP_AND_PAUSE = "auto-stop and auto-pause exclude each other"
    MUST_STAY_EPHEMERAL = "a sandbox with a GPU has to be deleted when it stops"


@dataclass(frozen=True, slots=True)
class Step:
    """Something that will happen by itself.

    Attributes:
        at: when, not before the time the forecast was made.
        because: the timer that brings it about.
    """

    act: Act
    at: datetime
    because: Timer


@dataclass(frozen=True, slots=True)
class Forecast:
    """What will happen if nobody touches the sandbox.

    Attributes:
        steps: in order; nothing follows a deletion.
        rests: the state in which it stays at the end; None if it is deleted.
        is_certain: false where the server did not say enough, or something keeps the timers from it.
    """

    steps: tuple[Step, ...]
    rests: SandboxState | None
    traps: frozenset[Trap] = frozenset()
    is_certain: bool = True

    @property
    def deletion(self) -> Step | None:
        """The step that ends it, if there is one."""
        return self.steps[-1] if self.steps and self.steps[-1].act is Act.DELETE else None

    def at_once(self, now: datetime) -> tuple[Step, ...]:
        """Return the steps that come within moments."""
        return tuple(step for step in self.steps if step.at - now <= AT_ONCE)


def is_deleted_at_once(forecast: Forecast, now: datetime) -> bool:
    """True if nothing can be done about it any more: files and all are gone within moments."""
    return forecast.deletion is not None and forecast.deletion.at - now <= AT_ONCE


def forecast(sandbox: Sandbox, now: datetime) -> Forecast:
    """Return what will happen to ``sandbox`` from ``now`` on if nobody touches it."""
    settled = _settled(sandbox, now)
    steps = tuple(_steps(settled, now))
    last = steps[-1].act if steps else None
    rests = None if last is Act.DELETE else _AFTER[last] if last else settled.state
    return Forecast(steps, rests, frozenset(_traps(settled, steps)), _is_certain(sandbox))


def edited(sandbox: Sandbox, edit: LifetimeEdit, now: datetime) -> Sandbox:
    """Return ``sandbox`` as it would be after ``edit``, with what the server changes along, without what it refuses."""
    life = sandbox.lifetimes
    refused = refusals(sandbox, edit)
    if edit.auto_stop_min is not None:
        life = replace(life, auto_stop_min=edit.auto_stop_min)
        life = replace(life, auto_pause_min=0) if edit.auto_stop_min else life
    if edit.auto_pause_min is not None and Refusal.PAUSE_OF_CONTAINER not in refused:
        life = replace(life, auto_pause_min=edit.auto_pause_min)
        life = replace(life, auto_stop_min=0) if edit.auto_pause_min else life
    if edit.auto_archive_min is not None:
        life = replace(life, auto_archive_min=min(edit.auto_archive_min or MAX_ARCHIVE_MIN, MAX_ARCHIVE_MIN))
    if edit.auto_delete_min is not None and Refusal.MUST_STAY_EPHEMERAL not in refused:
        life = replace(life, auto_delete_min=edit.auto_delete_min)
    if edit.ttl_min is not None:
        life = replace(life, destroy_at=now + timedelta(minutes=edit.ttl_min) if edit.ttl_min > 0 else None)
    return replace(sandbox, lifetimes=life)


def refusals(sandbox: Sandbox, edit: LifetimeEdit) -> tuple[Refusal, ...]:
    """Return why the server would refuse ``edit`` for ``sandbox``, or take back a part of it; empty: it would not."""
    found = []
    if edit.auto_pause_min and sandbox.sandbox_class == "container":
        found.append(Refusal.PAUSE_OF_CONTAINER)
    if edit.auto_pause_min and edit.auto_stop_min:
        found.append(Refusal.BOTH_STOP_AND_PAUSE)
    if edit.auto_delete_min and sandbox.resources.gpu:
        found.append(Refusal.MUST_STAY_EPHEMERAL)
    return tuple(found)


def in_safe_order(sandbox: Sandbox, edit: LifetimeEdit) -> tuple[tuple[str, int], ...]:
    """Return the fields of ``edit`` with their minutes, in an order in which no half-made edit does harm.

    Each interval is a request of its own, and the platform may look between two of them: what gives a sandbox more time
    comes before what takes some away, and archiving between a later deletion and an earlier one.
    """
    life = sandbox.lifetimes

    def harm(item: tuple[str, int]) -> int:
        name, minutes = item
        if name == "ttl_min":
            return 0
        if name == "auto_archive_min":  # it keeps a deletion off that would come later
            return 3
        before: int | None = getattr(life, name)
        gives_time = before is None or _length(name, minutes) >= _length(name, before)
        if name == "auto_delete_min":
            return 1 if gives_time else 5
        return 2 if gives_time else 4

    return tuple(sorted(edit.minutes.items(), key=harm))


def counting(sandbox: Sandbox, timer: Timer) -> datetime | None:
    """Return when ``timer`` fires if it is counting now and nothing else fires before; None if it does not count."""
    return next((event.at for event in planned_events(sandbox) if _cause(sandbox, event) is timer), None)


def _length(name: str, minutes: int) -> float:
    is_off = minutes < 0 if name == "auto_delete_min" else minutes == 0
    return float("inf") if is_off else minutes


def _settled(sandbox: Sandbox, now: datetime) -> Sandbox:
    state = _ALMOST.get(sandbox.state)
    if state is None:
        return sandbox
    return replace(sandbox, state=state, desired_state=state.value, last_activity_at=now)


def _is_certain(sandbox: Sandbox) -> bool:
    life = sandbox.lifetimes
    told = None not in (life.auto_stop_min, life.auto_archive_min, life.auto_delete_min)
    if not told or sandbox.last_activity_at is None or sandbox.state is SandboxState.UNKNOWN:
        return False
    return not wanted_state(sandbox)  # the timers pass by what is on its way elsewhere


def _steps(sandbox: Sandbox, now: datetime) -> Iterator[Step]:
    end = sandbox.lifetimes.destroy_at
    while True:
        if end is not None and end <= now:
            # Whatever else is due as well: the time to live is looked at first.
            yield Step(Act.DELETE, now, Timer.TTL)
            return
        event = next_event(sandbox)
        if event is None:
            return
        now = max(now, event.at)
        yield Step(event.act, now, _cause(sandbox, event))
        if event.act is Act.DELETE:
            return
        state = _AFTER[event.act]
        sandbox = replace(sandbox, state=state, desired_state=state.value, last_activity_at=now)


def _cause(sandbox: Sandbox, event: NextEvent) -> Timer:
    if event.at == sandbox.lifetimes.destroy_at and event.act is Act.DELETE:
        return Timer.TTL
    if sandbox.state is SandboxState.STARTED:
        return Timer.AUTO_PAUSE if event.act is Act.PAUSE else Timer.AUTO_STOP
    return Timer.AUTO_ARCHIVE if event.act is Act.ARCHIVE else Timer.AUTO_DELETE


def _traps(sandbox: Sandbox, steps: tuple[Step, ...]) -> Iterator[Trap]:
    life = sandbox.lifetimes
    runs = sandbox.state is SandboxState.STARTED
    if runs and not steps and life.auto_delete_min == 0 and life.auto_stop_min == 0:
        yield Trap.NEVER_DIES
    if any(step.act is Act.DELETE and step.because is Timer.AUTO_STOP for step in steps):
        yield Trap.STOP_DELETES
    if life.auto_delete_min and life.auto_delete_min > 0 and _archives_first(sandbox):
        yield Trap.DELETE_UNREACHABLE


def _archives_first(sandbox: Sandbox) -> bool:
    life = sandbox.lifetimes
    if sandbox.state is SandboxState.ARCHIVED:
        return True
    if not is_archivable(sandbox) or life.auto_archive_min is None or life.auto_delete_min is None:
        return False
    return life.auto_delete_min >= (life.auto_archive_min or MAX_ARCHIVE_MIN)
