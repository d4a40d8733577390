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
            ttl_min = 0 if is_broken or case.life.destroy_at is not None else policy.ttl_min
            return _for_running(ttl_min, case.life.auto_delete_min)
        case SandboxState.STOPPED | SandboxState.PAUSED | SandboxState.ARCHIVED:
            ttl_min = 0 if case.life.destroy_at is not None else policy.ttl_resting_min
            can_archive = sandbox.state is SandboxState.STOPPED and is_archivable(sandbox)
            return _for_resting(ttl_min, can_archive, "stop.quota" in codes)
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


@lru_cache(maxsize=256)
def _for_running(ttl_min: int, delete_min: int | None) -> tuple[Offer, ...]:
    """Return the same offers for the same settings; with ``ttl_min`` 0 no time to live."""
    ttl = _ttl(ttl_min) if ttl_min else ()
    return (*ttl, _stop(delete_min), _DELETE)


@lru_cache(maxsize=256)
def _for_resting(ttl_min: int, can_archive: bool, is_short: bool) -> tuple[Offer, ...]:
    """As ``_for_running``; where disk is short, archiving comes first."""
    ttl = _ttl(ttl_min) if ttl_min else ()
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
