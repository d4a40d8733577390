"""What an action on one sandbox will come to, as a sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from daytona_tui.domain.deeds import LifetimeEdit
from daytona_tui.domain.leaks import Action
from daytona_tui.domain.leaks.ties import named
from daytona_tui.domain.lifetimes import edited, forecast
from daytona_tui.domain.sandbox import Sandbox, SandboxState
from daytona_tui.domain.transitions import is_buried
from daytona_tui.operations.sweep.rows import SweepRow, obstacle
from daytona_tui.presentation.human import interval
from daytona_tui.presentation.lifetimes import story

_FAILED = frozenset({SandboxState.ERROR, SandboxState.BUILD_FAILED})

_LEADS_TO = {
    Action.STOP: SandboxState.STOPPED,
    Action.ARCHIVE: SandboxState.ARCHIVED,
    Action.RECOVER: SandboxState.STARTED,
}
_SAID = {Action.STOP: "It stops now.", Action.ARCHIVE: "It is archived now.", Action.RECOVER: "It runs again."}
_NO_UNDO = "Nothing brings it back."


def consequence(row: SweepRow, now: datetime) -> str:
    """Return what the action of a row will come to, one sentence or two, the loss first.

    A row to which nothing can be done says why.
    """
    sandbox, action = row.sandbox, row.action
    if row.skip or (reason := obstacle(sandbox, action, row.ttl_min, now)):
        return f"Nothing is done: {row.skip or reason}."
    if row.destroys:
        linked = f"What is linked to it is deleted with it: {named(row.ties.linked)}. " if row.ties.linked else ""
        return linked + _destroyed(sandbox, action)
    if action is Action.TTL:
        later = f" Its forks have to be deleted before: {named(row.ties.forks)}." if row.ties.forks else ""
        return _with_ttl(sandbox, row.ttl_min, now) + later
    state = _LEADS_TO[action]
    after = replace(sandbox, state=state, desired_state=state.value, last_activity_at=now)
    return f"{_SAID[action]} {_what_then(after, now)}"


def _destroyed(sandbox: Sandbox, action: Action) -> str:
    if action is Action.STOP:
        return f"Stopping deletes it, with all its files: auto-delete is on stop. {_NO_UNDO}"
    if sandbox.state in _FAILED and not is_buried(sandbox):
        return f"It is deleted, and may stay hidden for some days until Daytona purges it. {_NO_UNDO}"
    return f"It is deleted, with all its files. {_NO_UNDO}"


def _with_ttl(sandbox: Sandbox, ttl_min: int, now: datetime) -> str:
    seen = forecast(edited(sandbox, LifetimeEdit(ttl_min=ttl_min), now), now)
    if seen.at_once(now):
        return f"Nothing changes by this at once. {story(seen, now)}"
    return (
        f"Nothing changes now; it is deleted in {interval(ttl_min)} whatever happens, unless somebody takes that back."
    )


def _what_then(after: Sandbox, now: datetime) -> str:
    seen = forecast(after, now)
    if not seen.steps and after.state is SandboxState.ARCHIVED:
        return "It costs nothing then and stays until somebody deletes it."
    return story(seen, now)
