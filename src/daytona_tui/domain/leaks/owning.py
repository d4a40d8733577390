"""Reasons that lie with the owner: gone, done, silent, or trying again with another sandbox."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from daytona_tui.domain.leaks.scene import Case, Finding, Rule, Scene, minutes_since
from daytona_tui.domain.leaks.siblings import EXPIRES
from daytona_tui.domain.leaks.wording import age
from daytona_tui.domain.owners import Confidence
from daytona_tui.domain.sandbox import Lifetimes, Sandbox

_SECONDS = re.compile(r"[0-9]{9,11}")
_USUAL: Final = (15, 10_080, -1)


def expiry(sandbox: Sandbox) -> datetime | None:
    """Return when the lease ends that a label tells of: seconds since 1970, as crabbox writes them, or an ISO time.

    Raises:
        ValueError: the label is no time.
    """
    text = sandbox.labels.get(EXPIRES)
    if text is None:
        return None
    try:
        at = datetime.fromtimestamp(int(text), UTC) if _SECONDS.fullmatch(text) else datetime.fromisoformat(text)
    except (OverflowError, OSError) as error:
        raise ValueError(text) from error
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _run_finished(case: Case, scene: Scene) -> Finding | None:
    ended = scene.evidence.finished_runs.get(case.owner.run) if case.owner.run else None
    ago = minutes_since(ended, scene.now)
    used = case.idle_min
    # What was used after the end of its run has found another use.
    if ago is None or used is None or used < ago - 1:
        return None
    return 0, f"{case.owner.name} run finished {age(ago)} ago"


def _session_gone(case: Case, scene: Scene) -> Finding | None:
    if case.sandbox.id not in scene.evidence.gone_sessions:
        return None
    return 0, f"{case.owner.name} has no session of it on this machine any more"


def _expired(case: Case, scene: Scene) -> Finding | None:
    if EXPIRES not in case.sandbox.labels:
        return None
    try:
        end = expiry(case.sandbox)
    except ValueError:
        return None  # the guard says so
    if end is None or end >= scene.now:
        return None
    return 0, f"lease expired {age(minutes_since(end, scene.now) or 0)} ago"


def _group_dead(case: Case, scene: Scene) -> Finding | None:
    owner = case.owner
    run = scene.siblings.silent.get((owner.name, owner.run)) if owner.run else None
    if run is None:
        return None
    silent = minutes_since(run.last, scene.now) or 0
    if silent < scene.patience(case, scene.policy.group_idle_min):
        return None
    return 0, f"whole run of {run.size} silent for {age(silent)}"


def _retry_twin(case: Case, scene: Scene) -> Finding | None:
    made = scene.siblings.twins.get(case.sandbox.id)
    if made is None:
        return None
    ago = age(minutes_since(made, scene.now) or 0)
    return 0, f"tried again: {case.owner.name or 'its owner'} made another one for the same {ago} ago"


def _none(case: Case, _scene: Scene) -> Finding | None:
    if case.owner.confidence is not Confidence.UNKNOWN or not _is_untouched(case.life):
        return None
    return 0, "no owner marks"


def _is_untouched(life: Lifetimes) -> bool:
    return life.destroy_at is None and (life.auto_stop_min, life.auto_archive_min, life.auto_delete_min) == _USUAL


LEASED: Final = (
    Rule("own.session-gone", _session_gone, lambda scene: bool(scene.evidence.gone_sessions)),
    Rule("own.expired", _expired, lambda scene: scene.siblings.has_leases),
)
"""For archived sandboxes as well; they cost nothing, so that the rest does not matter."""
OWNED: Final = (
    Rule("own.run-finished", _run_finished, lambda scene: bool(scene.evidence.finished_runs)),
    *LEASED,
    Rule("own.group-dead", _group_dead, lambda scene: bool(scene.siblings.silent)),
    Rule("own.retry-twin", _retry_twin, lambda scene: bool(scene.siblings.twins)),
    Rule("own.none", _none),
)
