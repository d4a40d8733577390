"""What speaks against doing anything. What is not known protects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from daytona_tui.domain.deadlines import purge_at
from daytona_tui.domain.leaks.keeping import (
    FOREIGN,
    HARBOR_KEPT,
    KEEP,
    by_foreign,
    by_label,
    by_pin,
    by_rule,
    by_shape,
    veto,
)
from daytona_tui.domain.leaks.owning import expiry
from daytona_tui.domain.leaks.resting import archives_first, stuck_min
from daytona_tui.domain.leaks.running import overdue_min
from daytona_tui.domain.leaks.scene import Case, Scene
from daytona_tui.domain.leaks.siblings import EXPIRES
from daytona_tui.domain.leaks.ties import NO_TIES
from daytona_tui.domain.leaks.verdict import Guard
from daytona_tui.domain.leaks.wording import age, excerpt
from daytona_tui.domain.sandbox import SandboxState
from daytona_tui.domain.transitions import wanted_state

_ENDS_SOON, _MANAGED, _TIED, _BUSY = -40, -30, -15, -30
_NEVER: Final = -1
_LATE = timedelta(minutes=10)
"""What should have removed a sandbox for longer than this does not work."""

_Guard = Callable[[Case, Scene], Guard | None]


def removed_at(case: Case, scene: Scene) -> datetime | None:
    """Return when the platform will remove a sandbox by itself, as far as its timers can be trusted."""
    ends = (case.life.destroy_at, purge_at(case.sandbox), _deleted_at(case, scene))
    due = [end for end in ends if end is not None and end > scene.now - _LATE]
    return min(due) if due else None


def _deleted_at(case: Case, scene: Scene) -> datetime | None:
    sandbox, life, since = case.sandbox, case.life, case.sandbox.last_activity_at
    delete = life.auto_delete_min
    if since is None or delete is None or delete < 0 or archives_first(sandbox, life):
        return None
    if sandbox.state is SandboxState.STOPPED:
        return since + timedelta(minutes=delete)
    if sandbox.state is SandboxState.STARTED and life.auto_stop_min and overdue_min(case, scene) is None:
        return since + timedelta(minutes=life.auto_stop_min + delete)
    return None


def _state(case: Case, _scene: Scene) -> Guard | None:
    if case.sandbox.state is not SandboxState.UNKNOWN:
        return None
    return veto("know.state", f"state {excerpt(case.sandbox.state_word) or 'missing'} is not known")


def _time(case: Case, _scene: Scene) -> Guard | None:
    made = case.sandbox.created_at
    if made is not None and case.idle_min is not None:
        return None
    return veto("know.time", f"nobody knows when it was {'made' if made is None else 'used last'}")


def _value(case: Case, _scene: Scene) -> Guard | None:
    odd = case.sandbox.oddities
    return veto("know.value", f"the server said what cannot be understood: {excerpt(odd[0])}") if odd else None


def _lease(case: Case, _scene: Scene) -> Guard | None:
    try:
        expiry(case.sandbox)
    except ValueError:
        return veto("know.value", f"label {EXPIRES} is no time: {excerpt(case.sandbox.labels[EXPIRES])}")
    return None


def _interval(case: Case, _scene: Scene) -> Guard | None:
    if case.sandbox.state not in _TIMED or None not in (case.life.auto_stop_min, case.life.auto_delete_min):
        return None
    return veto("know.interval", "the server did not say when it is stopped or deleted by itself")


_TIMED = frozenset({SandboxState.STARTED, SandboxState.STOPPED, SandboxState.PAUSED})


def _created(case: Case, scene: Scene) -> Guard | None:
    made = case.sandbox.created_at
    if made is None or made <= scene.young_since:
        return None
    return veto("new.created", f"made {age(scene.age_min(case) or 0)} ago")


def _active(case: Case, scene: Scene) -> Guard | None:
    used = case.sandbox.last_activity_at
    if case.sandbox.state is not SandboxState.STARTED or used is None or used <= scene.active_since:
        return None
    return veto("new.active", f"used {age(case.idle_min or 0)} ago")


def _changing(case: Case, scene: Scene) -> Guard | None:
    sandbox = case.sandbox
    what = sandbox.state if sandbox.state.is_transitional else wanted_state(sandbox)
    if not what or stuck_min(sandbox, scene) is not None:
        return None
    return veto("move.changing", f"it is just {'wanted ' if what != sandbox.state else ''}{excerpt(what)}")


def _leaving(case: Case, scene: Scene) -> Guard | None:
    sandbox = case.sandbox
    is_leaving = SandboxState.DESTROYED in (sandbox.state, sandbox.desired_state)
    if not is_leaving or (sandbox.state is SandboxState.DESTROYING and stuck_min(sandbox, scene) is not None):
        return None
    return veto("move.leaving", "it is deleted already")


def _warm(case: Case, _scene: Scene) -> Guard | None:
    return veto("pool.warm", "belongs to the warm pool") if case.sandbox.warm_pool_id else None


def _soon(case: Case, scene: Scene) -> Guard | None:
    end = removed_at(case, scene)
    left = None if end is None else max(0.0, (end - scene.now).total_seconds() / 60)
    if left is None or left > scene.policy.ends_within_min:
        return None
    return Guard("end.soon", _ENDS_SOON, False, f"removes itself in {age(left)}")


def _managed(case: Case, scene: Scene) -> Guard | None:
    name = case.owner.name
    if name == "kortix":
        return Guard("own.managed", _MANAGED, False, "kortix cleans up after itself")
    if name != "crabbox":
        return None
    try:
        end = expiry(case.sandbox)
    except ValueError:
        end = None
    if end is not None and end < scene.now:
        return None
    return Guard("own.managed", _MANAGED, False, "crabbox has leased it and cleans up after itself")


def _other(case: Case, scene: Scene) -> Guard | None:
    trail = scene.evidence.trails.get(case.sandbox.id)
    who = (trail.actor or trail.actor_id) if trail is not None else ""
    if not who or scene.evidence.mine(case.sandbox):
        return None
    return Guard("own.other", 0, False, f"made by {excerpt(who)}")


def _inside(case: Case, scene: Scene) -> Guard | None:
    if case.sandbox.state is not SandboxState.STARTED or case.owner.name not in scene.policy.inside:
        return None
    if scene.is_cpu_idle(case):
        return None
    limit = age(scene.policy.inside_idle_min)
    return Guard("own.inside", 0, False, f"agents of {case.owner.name} may work inside: idle counts from {limit} on")


def _tied(case: Case, scene: Scene) -> Guard | None:
    ties = scene.evidence.ties.get(case.sandbox.id, NO_TIES).words
    words = (*ties, "public preview") if case.sandbox.public else ties
    return Guard("tie.shared", _TIED, False, f"has {', '.join(map(excerpt, words))}") if words else None


def _busy(case: Case, scene: Scene) -> Guard | None:
    cpu = case.cpu_percent
    if cpu is None or cpu < scene.policy.busy_cpu_percent or case.sandbox.state is not SandboxState.STARTED:
        return None
    return Guard("cpu.busy", _BUSY, False, f"CPU {cpu:.0f} %, may be a background job")


_NOTED: Final[tuple[_Guard, ...]] = (by_pin, _other, _tied)
_MARKED: Final[tuple[_Guard, ...]] = (by_label, by_foreign, _lease)
_MARKS: Final = frozenset({KEEP, *FOREIGN, EXPIRES})
_ODD: Final[tuple[_Guard, ...]] = (_state, _time, _value, _interval, _warm)
_MOVING: Final[tuple[_Guard, ...]] = (_changing, _leaving)
_USED: Final[tuple[_Guard, ...]] = (_active, _inside, _busy)
_MANAGERS: Final = frozenset({"kortix", "crabbox"})
EVERY: Final = (*_NOTED, by_rule, *_MARKED, *_ODD, by_shape, _created, *_MOVING, _soon, _managed, *_USED)
"""All guards there are."""


def guards_of(case: Case, scene: Scene) -> tuple[Guard, ...]:
    """Return all guards of a sandbox, those with a veto first."""
    found = [guard for find in _worth_asking(case, scene) if (guard := find(case, scene)) is not None]
    if len(found) > 1:
        found.sort(key=lambda guard: not guard.vetoes)
    return tuple(found)


def _worth_asking(case: Case, scene: Scene) -> list[_Guard]:
    """Return the guards that there may be: most sandboxes have few, and a glance tells which ones there cannot be."""
    sandbox, life, made = case.sandbox, case.life, case.sandbox.created_at
    asked: list[_Guard] = [by_rule] if scene.protectors else []
    if sandbox.id in scene.noted or sandbox.public:
        asked += _NOTED
    if not _MARKS.isdisjoint(sandbox.labels):
        asked += _MARKED
    if is_odd(case):
        asked += _ODD
    if life.auto_stop_min == HARBOR_KEPT[0]:
        asked.append(by_shape)
    if made is not None and made > scene.young_since:
        asked.append(_created)
    if sandbox.desired_state != sandbox.state or sandbox.state not in _TIMED:
        asked += _MOVING
    if life.destroy_at is not None or life.auto_delete_min != _NEVER or sandbox.state not in _TIMED:
        asked.append(_soon)
    if case.owner.name in _MANAGERS:
        asked.append(_managed)
    if sandbox.state is SandboxState.STARTED:
        asked += _USED
    return asked


def is_odd(case: Case) -> bool:
    """Return whether the record leaves out what every record should tell, or tells what few do."""
    sandbox, life = case.sandbox, case.life
    return (
        case.idle_min is None
        or sandbox.created_at is None
        or life.auto_stop_min is None
        or life.auto_delete_min is None
        or sandbox.state is SandboxState.UNKNOWN
        or bool(sandbox.oddities or sandbox.warm_pool_id)
    )
