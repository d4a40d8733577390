"""Taking back what a bulk act did, where Daytona allows it, and saying why where it does not."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from daytona_tui.domain.deeds import Deed, LabelEdit, LifetimeEdit, Verb
from daytona_tui.domain.sandbox import Lifetimes, Sandbox, SandboxState
from daytona_tui.domain.sizes import SizeEdit, change_for
from daytona_tui.operations.bulk.plan import STOPPING, Plan, plan_of
from daytona_tui.operations.bulk.rows import BulkRow, RowStatus
from daytona_tui.operations.bulk.run import BulkRun

_BACK_TO = {
    SandboxState.STOPPED: Verb.STOP,
    SandboxState.PAUSED: Verb.PAUSE,
    SandboxState.ARCHIVED: Verb.ARCHIVE,
}
"""What brings a sandbox that was started back to the state it was in."""

_NEVER = {
    Verb.DELETE: "it is deleted, and nothing brings it back",
    Verb.RECOVER: "its error is mended, and nothing brings that back",
    Verb.FORK: "the fork is a sandbox of its own: delete it if it is not wanted",
    Verb.EXECUTE: "nobody but you knows what takes back a command",
    Verb.PULL: "nothing changed in the sandbox; the copies on this machine are yours to remove",
}
_INTERVALS = ("auto_stop_min", "auto_pause_min", "auto_archive_min", "auto_delete_min")


@dataclass(frozen=True, slots=True)
class Undo:
    """How to take back a bulk act.

    Attributes:
        plan: what takes it back; a sandbox that has changed since will be left alone.
        cannot: the sandboxes for which nothing does, each with the reason in words.
    """

    plan: Plan
    cannot: tuple[tuple[Sandbox, str], ...]


def undo_of(run: BulkRun, now: datetime) -> Undo:
    """Return how to take back what ``run`` has done so far.

    Only rows that are done count: of one that failed nobody knows for certain what it came to.
    """
    pairs: list[tuple[Sandbox, Deed]] = []
    cannot: list[tuple[Sandbox, str]] = []
    for row in run.rows:
        if row.status is not RowStatus.DONE:
            continue
        deed = _opposite(row, now)
        if isinstance(deed, Deed):
            pairs.append((row.latest, deed))
        elif deed:
            cannot.append((row.latest, deed))
    plan = plan_of(_called(run.plan.deed, [deed for _, deed in pairs]), pairs, now)
    return Undo(plan, tuple(cannot))


def _called(done: Deed, deeds: list[Deed]) -> Deed:
    """Return the deed by which the whole is called: the one that most rows have."""
    verbs = Counter(deed.verb for deed in deeds)
    most = verbs.most_common(1)[0][0] if verbs else done.verb
    return next((deed for deed in deeds if deed.verb is most), done)


def _opposite(row: BulkRow, now: datetime) -> Deed | str:
    """Return the deed that takes a row back, or why there is none; empty where nothing was changed."""
    verb, before, after = row.deed.verb, row.before, row.after
    if verb in _NEVER:
        return _NEVER[verb]
    if before is None:
        return ""
    if after is None:
        return "stopping deleted it, and nothing brings it back"
    if verb is Verb.LABELS:
        return _old_labels(before, after)
    if verb is Verb.LIFETIMES:
        return _old_lifetimes(before.lifetimes, after.lifetimes, now)
    if verb is Verb.RESIZE:
        return _old_size(before, after)
    return _old_state(verb, before.state)


def _old_state(verb: Verb, before: SandboxState) -> Deed | str:
    if verb is Verb.START:
        return Deed(_BACK_TO.get(before, Verb.STOP))
    if verb is Verb.ARCHIVE and before is not SandboxState.STARTED:
        return "it was stopped, and an archived one can only be started, which costs"
    if verb in STOPPING and before is SandboxState.PAUSED:
        return "it was paused, and stopping has lost its memory"
    return Deed(Verb.START)


def _old_size(before: Sandbox, after: Sandbox) -> Deed | str:
    was, now = before.resources, after.resources
    if was.disk_gib is not None and now.disk_gib is not None and now.disk_gib > was.disk_gib:
        return "its disk has grown, and no disk gets smaller"
    edit = change_for(SizeEdit(was.cpu, was.memory_gib), after)
    return Deed(Verb.RESIZE, size=edit) if edit else ""


def _old_labels(before: Sandbox, after: Sandbox) -> Deed | str:
    was, now = before.labels, after.labels
    edit = LabelEdit(
        {key: value for key, value in was.items() if now.get(key) != value}, frozenset(now.keys() - was.keys())
    )
    return Deed(Verb.LABELS, labels=edit) if edit else ""


def _old_lifetimes(was: Lifetimes, now: Lifetimes, at: datetime) -> Deed | str:
    """Return the intervals that were, those too that others switched off; a time to live ends when it would have."""
    changed = {
        name: getattr(was, name)
        for name in _INTERVALS
        if getattr(was, name) is not None and getattr(was, name) != getattr(now, name)
    }
    if was.destroy_at != now.destroy_at:
        left_s = 0.0 if was.destroy_at is None else (was.destroy_at - at).total_seconds()
        if was.destroy_at is not None and left_s <= 0:
            return "the time to live that it had would be over"
        changed["ttl_min"] = math.ceil(left_s / 60)
    return Deed(Verb.LIFETIMES, lifetimes=LifetimeEdit(**changed)) if changed else ""
