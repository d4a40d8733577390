"""What can be done about a sandbox, the least destructive first."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Final

from daytona_tui.domain.deadlines import is_archivable
from daytona_tui.domain.leaks.policy import LeakPolicy
from daytona_tui.domain.leaks.scene import Case, Scene
from daytona_tui.domain.leaks.verdict import Action, Offer
from daytona_tui.domain.leaks.wording import interval
from daytona_tui.domain.sandbox import SandboxState

_ARCHIVE: Final = Offer(Action.ARCHIVE, "costs nothing from then on and frees its disk; the next start is slow")
_DELETE: Final = Offer(Action.DELETE, "gone with all its files; there is no undo")
_DELETE_FAILED: Final = Offer(Action.DELETE, "leaves the list at once; the server may keep it for another 7d")
_RECOVER: Final = Offer(Action.RECOVER, "is brought back with its files, and costs as before it failed")
_WAIT: Final = Offer(
    Action.WAIT, "nothing can be done before it settles; the support needs its id, state and since when"
)


def offers_for(case: Case, scene: Scene, codes: Collection[str]) -> tuple[Offer, ...]:
    """Return what can be done about a sandbox that no guard keeps from it, the usual first step first.

    Args:
        case: the sandbox.
        scene: what is known beyond it.
        codes: of its reasons.
    """
    if "stuck.transition" in codes:
        return (_WAIT,)
    offers = _offers(case, scene.policy, codes)
    ties = scene.evidence.ties.get(case.sandbox.id)
    if ties is None or not ties.forks:
        return offers
    # The server refuses to delete what has forks, and stopping where that would delete it.
    return tuple(each for each in offers if each.action is not Action.DELETE and each != _stop(0))


def _offers(case: Case, policy: LeakPolicy, codes: Collection[str]) -> tuple[Offer, ...]:
    sandbox = case.sandbox
    match sandbox.state:
        case SandboxState.STARTED:
            is_broken = "run.overdue" in codes or "run.zombie" in codes
            ttl = () if is_broken or case.life.destroy_at is not None else _ttl(policy.ttl_min)
            return (*ttl, _stop(case.life.auto_delete_min), _DELETE)
        case SandboxState.STOPPED | SandboxState.PAUSED | SandboxState.ARCHIVED:
            return _for_resting(case, policy, "stop.quota" in codes)
        case SandboxState.ERROR:
            recover = (_RECOVER,) if sandbox.recoverable else ()
            archive = (_ARCHIVE,) if sandbox.recoverable and is_archivable(sandbox) else ()
            return (*recover, *archive, _DELETE_FAILED)
        case SandboxState.BUILD_FAILED:
            return (_DELETE_FAILED,)
        case _:
            return ()


def repair(policy: LeakPolicy) -> tuple[Offer, ...]:
    """Return what may be done even to something that is used all the time: give it an end, far off."""
    return _ttl(policy.ttl_min)


def _for_resting(case: Case, policy: LeakPolicy, is_short: bool) -> tuple[Offer, ...]:
    ttl = () if case.life.destroy_at is not None else _ttl(policy.ttl_resting_min)
    can_archive = case.sandbox.state is SandboxState.STOPPED and is_archivable(case.sandbox)
    archive = (_ARCHIVE,) if can_archive else ()
    return (*archive, *ttl, _DELETE) if is_short else (*ttl, *archive, _DELETE)


@lru_cache(maxsize=64)
def _ttl(minutes: int) -> tuple[Offer, ...]:
    words = f"nothing happens now; destroyed in {interval(minutes)} in any state, unless the limit is taken away before"
    return (Offer(Action.TTL, words, minutes),)


@lru_cache(maxsize=256)
def _stop(delete_min: int | None) -> Offer:
    if delete_min == 0:
        return Offer(Action.STOP, "deleted at once with all its files: it is set to be deleted when it stops")
    if delete_min is None:
        return Offer(Action.STOP, "what runs in it ends; whether it is deleted then, the server did not say")
    later = f"; deleted {interval(delete_min)} later" if delete_min > 0 else ""
    return Offer(Action.STOP, f"what runs in it ends, its files stay and its disk costs on{later}")
