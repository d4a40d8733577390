"""What has become different of a sandbox between the plan and the deed."""

from __future__ import annotations

from datetime import datetime, timedelta

from daytona_tui.domain.deeds import Verb
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.operations.bulk.plan import STOPPING

IN_USE = timedelta(seconds=60)
"""Whoever was active so recently when the plan was made was known to be in use; that it still is, is no change."""

_TAKES_AWAY = frozenset({*STOPPING, Verb.PAUSE, Verb.ARCHIVE, Verb.DELETE, Verb.LIFETIMES})
"""Verbs that hurt whoever works in the sandbox, so that work since the plan is a reason to leave it alone."""


def changes(planned: Sandbox, found: Sandbox, verb: Verb, made_at: datetime) -> tuple[str, ...]:
    """Return what differs between two records of one sandbox and matters to a deed, in words; empty for nothing.

    Args:
        planned: as it was when the plan was made.
        found: as it is now.
        verb: what is to be done to it.
        made_at: when the plan was made.
    """
    told = []
    if planned.state is not found.state:
        told.append(f"it was {_word(planned)} and is {_word(found)}")
    elif _heads_elsewhere(planned, found):
        told.append(f"it is to be {found.desired_state} now")
    labels = sorted(
        key for key in planned.labels.keys() | found.labels.keys() if planned.labels.get(key) != found.labels.get(key)
    )
    if labels:
        few = ", ".join(labels[:3]) + (", …" if len(labels) > 3 else "")
        told.append(f"its label{'s' if len(labels) > 1 else ''} changed: {few}")
    # A change of state counts as use, and is told already.
    if planned.state is found.state and verb in _TAKES_AWAY and _was_used(planned, found, made_at):
        told.append("it has been used since")
    if verb in STOPPING and _deletes(found) and not _deletes(planned):
        told.append("its auto-delete is 0 now: stopping would delete it")
    return tuple(told)


def _word(sandbox: Sandbox) -> str:
    return (sandbox.state_word or sandbox.state.value).replace("_", " ")


def _heads_elsewhere(planned: Sandbox, found: Sandbox) -> bool:
    """True if somebody has asked for another state meanwhile.

    What the feed says of a state alone leaves the desired one of our record behind, so a record that is settled counts
    as settled whatever ours said.
    """
    return found.desired_state not in ("", found.state.value, planned.desired_state)


def _was_used(planned: Sandbox, found: Sandbox, made_at: datetime) -> bool:
    before, after = planned.last_activity_at, found.last_activity_at
    return before is not None and after is not None and after > before and made_at - before > IN_USE


def _deletes(sandbox: Sandbox) -> bool:
    return sandbox.lifetimes.auto_delete_min == 0
