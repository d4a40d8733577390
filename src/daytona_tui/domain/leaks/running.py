"""Reasons of sandboxes that run: they cost most."""

from __future__ import annotations

from typing import Final

from daytona_tui.domain.leaks.codes import LONGER
from daytona_tui.domain.leaks.scene import Case, Finding, Rule, Scene
from daytona_tui.domain.leaks.wording import age, an_hour
from daytona_tui.domain.sandbox import Sandbox

_CONTAINER = "container"


def is_never_stopped(sandbox: Sandbox) -> bool:
    """Return whether it is known that no timer stops, pauses or destroys what runs here."""
    life = sandbox.lifetimes
    return life.auto_stop_min == 0 and life.destroy_at is None and not is_paused_by_timer(sandbox)


def is_paused_by_timer(sandbox: Sandbox) -> bool:
    """Return whether a timer may pause it: never a container; a virtual machine also where the server does not say."""
    pause = sandbox.lifetimes.auto_pause_min
    if sandbox.sandbox_class == _CONTAINER:
        return False
    return bool(sandbox.sandbox_class) if pause is None else pause > 0


def overdue_min(case: Case, scene: Scene) -> float | None:
    """Return how many minutes ago the timer should have stopped it at the latest; None if it need not have."""
    stop, idle = case.life.auto_stop_min, case.idle_min
    if not stop or stop < 0 or idle is None:
        return None
    policy = scene.policy
    return idle - stop if idle > policy.overdue_factor * stop + policy.overdue_grace_min else None


def _no_autostop_idle(case: Case, scene: Scene) -> Finding | None:
    idle = case.idle_min
    if case.life.auto_stop_min != 0 or idle is None or idle < scene.policy.idle_min:
        return None
    if idle < scene.patience(case, scene.policy.idle_min) or not is_never_stopped(case.sandbox):
        return None
    longer = (idle >= scene.policy.idle_long_min) + (idle >= scene.policy.idle_day_min)
    return LONGER * longer, f"idle {age(idle)}, auto-stop is off{an_hour(scene.hourly(case))}"


def _delete_on_stop_trap(case: Case, _scene: Scene) -> Finding | None:
    if case.life.auto_delete_min != 0 or not is_never_stopped(case.sandbox):
        return None
    return 0, "would be deleted when it stops, but nothing stops it"


def _overdue(case: Case, scene: Scene) -> Finding | None:
    late = overdue_min(case, scene)
    return None if late is None else (0, f"should have stopped {age(late)} ago{an_hour(scene.hourly(case))}")


def _kept_warm(case: Case, scene: Scene) -> Finding | None:
    if not is_kept_warm(case, scene):
        return None
    made, cost = age(scene.age_min(case) or 0), an_hour(scene.hourly(case))
    return 0, f"something resets the timer, the CPU is idle, made {made} ago{cost}"


def is_kept_warm(case: Case, scene: Scene) -> bool:
    """Return whether a timer would stop it, were it not used all the time without doing anything."""
    made = scene.age_min(case)
    if not scene.is_cpu_idle(case) or made is None or case.idle_min is None:
        return False
    is_fresh = case.idle_min < scene.policy.active_grace_min
    has_timer = bool(case.life.auto_stop_min) or is_paused_by_timer(case.sandbox)
    return is_fresh and has_timer and made >= scene.policy.warm_after_min


def _zombie(case: Case, scene: Scene) -> Finding | None:
    missed = scene.evidence.unreachable.get(case.sandbox.id)
    if not missed or (missed[-1] - missed[0]).total_seconds() < scene.policy.zombie_s:
        return None
    return 0, "says that it runs, its toolbox does not answer"


def _gpu_idle(case: Case, scene: Scene) -> Finding | None:
    size, idle = case.sandbox.resources, case.idle_min
    if not size.gpu or idle is None or idle < scene.patience(case, scene.policy.gpu_idle_min):
        return None
    if case.cpu_percent is not None and case.cpu_percent >= scene.policy.busy_cpu_percent:
        return None  # what feeds a GPU keeps the processors busy
    what = size.gpu_type or "GPU"
    return 0, f"idle {what if size.gpu == 1 else f'{size.gpu} × {what}'}{an_hour(scene.hourly(case))}"


RUNNING: Final = (
    Rule("run.no-autostop-idle", _no_autostop_idle),
    Rule("run.delete-on-stop-trap", _delete_on_stop_trap),
    Rule("run.overdue", _overdue),
    Rule("run.kept-warm", _kept_warm, lambda scene: bool(scene.evidence.metrics)),
    Rule("run.zombie", _zombie, lambda scene: bool(scene.evidence.unreachable)),
    Rule("run.gpu-idle", _gpu_idle),
)
