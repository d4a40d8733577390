"""Reasons of sandboxes that do not run: stopped ones hold quota, failed ones want attention, archived ones are clutter.

A change of state is activity, so the last activity says since when one rests.
"""

from __future__ import annotations

from typing import Final

from daytona_tui.domain.deadlines import FAILED_KEPT, MAX_ARCHIVE_MIN, is_archivable, purge_at
from daytona_tui.domain.leaks.codes import LONGER
from daytona_tui.domain.leaks.scene import Case, Finding, Rule, Scene, minutes_since
from daytona_tui.domain.leaks.wording import age, excerpt, gib
from daytona_tui.domain.sandbox import SETTLED_STATES, Lifetimes, Sandbox
from daytona_tui.domain.transitions import AT_ODDS_AFTER, is_buried, transition_since, wanted_state

_DAY_MIN = 1440
_MOST_FOR_DAYS = 20


def stuck_min(sandbox: Sandbox, scene: Scene) -> float | None:
    """Return for how many minutes a sandbox has been changing, if that is longer than can be right."""
    if sandbox.desired_state == sandbox.state and sandbox.state in SETTLED_STATES:
        return None  # as nearly all of them
    lasts = minutes_since(transition_since(sandbox), scene.now)
    if lasts is None:
        return None
    limit = scene.policy.stuck_min.get(sandbox.state, AT_ODDS_AFTER.total_seconds() / 60)
    return lasts if lasts > limit else None


def archives_first(sandbox: Sandbox, life: Lifetimes) -> bool:
    """Return whether it is archived before auto-delete is due, which then never comes."""
    delete, archive = life.auto_delete_min, life.auto_archive_min
    if delete is None or archive is None or delete <= 0 or not is_archivable(sandbox):
        return False
    return delete >= (archive or MAX_ARCHIVE_MIN)


def _stuck(case: Case, scene: Scene) -> Finding | None:
    lasts = stuck_min(case.sandbox, scene)
    if lasts is None:
        return None
    wanted = wanted_state(case.sandbox)
    what = f"wanted {wanted} and still {case.sandbox.state}" if wanted else case.sandbox.state.replace("_", " ")
    return 0, f"{what} for {age(lasts)}"


def _unrecoverable(case: Case, scene: Scene) -> Finding | None:
    idle = case.idle_min
    if case.sandbox.recoverable or is_buried(case.sandbox) or idle is None or idle < scene.policy.error_min:
        return None
    why = case.sandbox.error_reason
    longer = idle >= scene.policy.error_long_min
    return LONGER * longer, f"error for {age(idle)}" + (f": {excerpt(why)}" if why else ", no reason given")


def _recoverable(case: Case, scene: Scene) -> Finding | None:
    idle = case.idle_min
    if not case.sandbox.recoverable or is_buried(case.sandbox) or idle is None:
        return None
    return (0, f"error for {age(idle)}, can be recovered") if idle >= scene.policy.recoverable_min else None


def _build(case: Case, scene: Scene) -> Finding | None:
    idle = case.idle_min
    if idle is None or idle < scene.policy.build_min:
        return None
    return 0, f"build failed {age(idle)} ago{_forgotten(case, scene)}"


def _hidden(case: Case, scene: Scene) -> Finding | None:
    if not is_buried(case.sandbox):
        return None
    return 0, f"deleted but failed{_forgotten(case, scene)}"


def _forgotten(case: Case, scene: Scene) -> str:
    end = purge_at(case.sandbox)
    left = (end - scene.now).total_seconds() / 60 if end is not None else FAILED_KEPT.total_seconds() / 60
    return f", the server forgets it in {age(left)}"


def _no_delete(case: Case, scene: Scene) -> Finding | None:
    idle, life = case.idle_min, case.life
    if life.auto_delete_min is None or life.auto_delete_min >= 0 or life.destroy_at is not None:
        return None
    if idle is None or idle < scene.policy.stopped_min:
        return None
    days = min(_MOST_FOR_DAYS, int((idle - scene.policy.stopped_min) // _DAY_MIN))
    disk = gib(case.sandbox.resources.disk_gib)
    return days, f"{case.sandbox.state} {age(idle)}, auto-delete is off{disk}"


def _quota(case: Case, scene: Scene) -> Finding | None:
    used = scene.siblings.short.get(case.sandbox.id)
    if used is None:
        return None
    return 0, f"the region's disk is used to {used:.0%}, this holds {case.sandbox.resources.disk_gib} GiB"


def _unreachable_delete(case: Case, _scene: Scene) -> Finding | None:
    if case.life.destroy_at is not None or not archives_first(case.sandbox, case.life):
        return None
    return 0, "will be archived first, then auto-delete never fires"


def _forever(case: Case, scene: Scene) -> Finding | None:
    idle = case.idle_min
    if case.life.destroy_at is not None or idle is None or idle < scene.policy.archived_min:
        return None
    return 0, f"archived {age(idle)}, free, nothing will remove it"


STUCK: Final = Rule("stuck.transition", _stuck)
FAILED: Final = (
    Rule("err.unrecoverable", _unrecoverable),
    Rule("err.recoverable", _recoverable),
    Rule("err.hidden", _hidden),
)
UNBUILT: Final = (Rule("err.build", _build), Rule("err.hidden", _hidden))
STOPPED: Final = (
    Rule("stop.no-delete", _no_delete),
    Rule("stop.quota", _quota, lambda scene: bool(scene.siblings.short)),
    Rule("stop.unreachable-delete", _unreachable_delete),
)
ARCHIVED: Final = (Rule("arch.forever", _forever),)
