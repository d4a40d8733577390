"""Whether a sandbox is still what the plan of a sweep was made for: stricter than for what somebody does by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from daytona_tui.domain.leaks import Action, Evidence, LeakPolicy, judge
from daytona_tui.domain.masking import masked_value
from daytona_tui.domain.sandbox import Sandbox, SandboxState
from daytona_tui.operations.bulk.changes import changes
from daytona_tui.operations.sweep.rows import SweepRow, held_by_forks, verb_of, veto_of

Guard = Callable[[Sandbox, Action], str]
"""Returns what forbids an action on a sandbox as it is now, in words; empty where nothing does."""

KEPT_WARM = "run.kept-warm"
"""The reason whose very finding is that the activity goes on."""

_VEIL = "masked:"
_DIGITS = 4
_INTERVALS = {
    "auto_stop_min": "auto-stop",
    "auto_pause_min": "auto-pause",
    "auto_archive_min": "auto-archive",
    "auto_delete_min": "auto-delete",
}


def guard_of(policy: LeakPolicy, evidence: Evidence, clock: Callable[[], datetime]) -> Guard:
    """Return the guard that judges a sandbox anew, at the moment it is asked.

    Args:
        policy: by what is judged.
        evidence: what is known beside the record.
        clock: the server's time, aware.
    """

    def forbids(sandbox: Sandbox, action: Action) -> str:
        verdict = judge([sandbox], replace(evidence, now=clock()), policy)[sandbox.id]
        veto, permits = veto_of(verdict)
        return held_by_forks(sandbox, action, verdict.ties) if not veto or action in permits else veto

    return forbids


def veiled(labels: Mapping[str, str]) -> dict[str, str]:
    """Return ``labels`` as a file may hold them: for what looks like a secret, a mark that tells changes.

    The mark is so short that it gives nothing away, and veiling twice is veiling once.
    """
    return {key: _veiled(key, value) for key, value in labels.items()}


def _veiled(key: str, value: str) -> str:
    if value.startswith(_VEIL) or masked_value(key, value) == value:
        return value
    return _VEIL + sha256(f"{key}={value}".encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def differences(row: SweepRow, found: Sandbox, made_at: datetime) -> tuple[str, ...]:
    """Return what has become different of a row's sandbox since the plan, in words; empty for nothing.

    Any change counts: of state, of the state it is headed for, of activity, labels and intervals.

    Args:
        row: with the record that was decided on.
        found: the record of the moment.
        made_at: when the plan was made.
    """
    verb = verb_of(row.action)
    assert verb is not None  # rows that wait are not carried out
    planned = replace(row.sandbox, labels=veiled(row.sandbox.labels))
    if _is_another(planned, found):
        return ("it is another sandbox now",)
    told = [*changes(planned, replace(found, labels=veiled(found.labels)), verb, made_at)]
    used = "it has been used since"
    is_same_state = planned.state is found.state
    if is_same_state and used not in told and planned.last_activity_at != found.last_activity_at:
        told.append(used)
    if row.action is Action.TTL and KEPT_WARM in row.codes and used in told:
        told.remove(used)
    told += _intervals(planned, found)
    return tuple(told)


def _is_another(planned: Sandbox, found: Sandbox) -> bool:
    """True if somebody else answers to the id: Daytona finds by name, too, and an id in a file may be mistyped."""
    before, after = planned.created_at, found.created_at
    return planned.id != found.id or (before is not None and after is not None and before != after)


def _intervals(planned: Sandbox, found: Sandbox) -> Iterator[str]:
    before, after = planned.lifetimes, found.lifetimes
    changed = [words for name, words in _INTERVALS.items() if _is_other(getattr(before, name), getattr(after, name))]
    if before.destroy_at != after.destroy_at:
        changed.append("time to live")
    if changed:
        yield f"its {', '.join(changed)} changed"


def _is_other(before: int | None, after: int | None) -> bool:
    """True for another interval; one that the listing did not tell, and the record does, has not changed by that."""
    return before is not None and before != after


def happened(row: SweepRow, found: Sandbox) -> bool:
    """True if the record of the moment shows that ``row`` has been carried out, or is being."""
    state, wanted = found.state, found.desired_state
    match row.action:
        case Action.DELETE:
            return wanted == SandboxState.DESTROYED.value or state in (SandboxState.DESTROYING, SandboxState.DESTROYED)
        case Action.STOP:
            return state in (SandboxState.STOPPING, SandboxState.STOPPED)
        case Action.ARCHIVE:
            return state in (SandboxState.ARCHIVING, SandboxState.ARCHIVED)
        case Action.RECOVER:
            return state in (SandboxState.STARTING, SandboxState.STARTED)
        case Action.TTL:
            end, before = found.lifetimes.destroy_at, row.sandbox.lifetimes.destroy_at
            return end is not None and end != before
    return False
