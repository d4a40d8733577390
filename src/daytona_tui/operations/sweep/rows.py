"""One sandbox of a sweep: what is to happen to it, why, and what speaks against it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from daytona_tui.domain.deeds import Deed, LifetimeEdit, Verb
from daytona_tui.domain.effects import state_after
from daytona_tui.domain.leaks import NO_TIES, Action, Ties, Verdict
from daytona_tui.domain.leaks.ties import named
from daytona_tui.domain.lifetimes import edited, forecast, is_deleted_at_once
from daytona_tui.domain.sandbox import Sandbox, SandboxState
from daytona_tui.operations.bulk.plan import STOPPING
from daytona_tui.operations.lifecycle import refusal

DEFAULT_TTL_MIN = 24 * 60
"""A day: whoever misses the sandbox has time to say so."""

LONGEST_TTL_MIN = 365 * 24 * 60
"""A longer time to live ends nothing that anybody will remember."""

_VERBS = {
    Action.RECOVER: Verb.RECOVER,
    Action.TTL: Verb.LIFETIMES,
    Action.STOP: Verb.STOP,
    Action.ARCHIVE: Verb.ARCHIVE,
    Action.DELETE: Verb.DELETE,
}


@dataclass(frozen=True, slots=True)
class Note:
    """A reason or a guard of a verdict.

    Attributes:
        code: its stable code, such as ``run.overdue``.
        words: its sentence, with the numbers of the moment; may hold hostile text.
    """

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class SweepRow:
    """One sandbox of a plan.

    Attributes:
        sandbox: the record that was decided on; if it has changed since, nothing is done.
        action: what is to be done.
        ttl_min: for ``ttl``: minutes from the moment it is set until the sandbox is destroyed.
        score: how surely it is a leak, 0 to 100.
        band: the score in a word.
        reasons: why it was found, the strongest first.
        guards: what speaks against it.
        veto: the guard that forbids to touch it, in words; empty where none does.
        permits: actions that the veto lets pass all the same.
        owner: who made it; empty where nobody knows.
        run: of the owner.
        is_mine: whether it is ours.
        per_day: what it costs a day, in dollars, an estimate; None where that is not known.
        ties: what else hangs on it, as far as somebody looked.
        is_looked_into: somebody looked for more than the record tells: what it uses, who made it, what hangs on it.
        skip: why ``action`` is not done to it; such a row is never acted on.
        is_chosen: whether ``action`` is to be done.
    """

    sandbox: Sandbox
    action: Action
    ttl_min: int = DEFAULT_TTL_MIN
    score: int = 0
    band: str = ""
    reasons: tuple[Note, ...] = ()
    guards: tuple[Note, ...] = ()
    veto: str = ""
    permits: frozenset[Action] = frozenset()
    owner: str = ""
    run: str = ""
    is_mine: bool = False
    per_day: float | None = None
    ties: Ties = NO_TIES
    is_looked_into: bool = True
    skip: str = ""
    is_chosen: bool = False

    @property
    def is_acting(self) -> bool:
        """True if something will be done to it."""
        return self.is_chosen and not self.skip

    @property
    def destroys(self) -> bool:
        """True if the sandbox is gone when the action is done, whatever the action is called."""
        return destroys(self.sandbox, self.action)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of its reasons."""
        return tuple(note.code for note in self.reasons)


def veto_of(verdict: Verdict) -> tuple[str, frozenset[Action]]:
    """Return the guard that forbids to touch a sandbox, in words, and the actions that it lets pass all the same.

    What somebody keeps warm has the veto of the activity, and may yet be given a time to live: that is the offer.
    """
    veto = next((guard.sentence for guard in verdict.guards if guard.vetoes), "")
    offered = frozenset(offer.action for offer in verdict.offers)
    return veto, offered & {Action.TTL} if veto else frozenset()


def verb_of(action: Action) -> Verb | None:
    """Return the verb that an action is carried out by; None for waiting."""
    return _VERBS.get(action)


def deed_of(row: SweepRow) -> Deed | None:
    """Return what is to be done to a row; None where that is nothing."""
    verb = verb_of(row.action)
    if verb is None:
        return None
    edit = LifetimeEdit(ttl_min=row.ttl_min) if row.action is Action.TTL else None
    return Deed(verb, lifetimes=edit)


def destroys(sandbox: Sandbox, action: Action) -> bool:
    """True if ``action`` ends the sandbox itself: deleting does, and stopping where auto-delete is 0."""
    verb = verb_of(action)
    if verb in STOPPING or verb is Verb.DELETE:
        return state_after(verb, sandbox) is SandboxState.DESTROYED
    return False


def held_by_forks(sandbox: Sandbox, action: Action, ties: Ties) -> str:
    """Return that ``action`` would end a sandbox whose forks live, which Daytona refuses; empty where it would not."""
    if not ties.forks or not destroys(sandbox, action):
        return ""
    return f"it has forks, which Daytona wants deleted first: {named(ties.forks)}"


def obstacle(sandbox: Sandbox, action: Action, ttl_min: int, now: datetime) -> str:
    """Return why ``action`` cannot or must not be done to ``sandbox``, in words; empty where it may.

    An edit of an interval that would destroy the sandbox within moments is no repair and is refused here.
    """
    verb = verb_of(action)
    if verb is None:
        return "there is nothing to do but wait"
    if sandbox.warm_pool_id:
        return "it belongs to a warm pool"
    if sandbox.state is SandboxState.UNKNOWN:
        return "nobody knows what its state means"
    if action is Action.TTL:
        return _obstacle_to_ttl(sandbox, ttl_min, now)
    return refusal(verb, sandbox)


def _obstacle_to_ttl(sandbox: Sandbox, ttl_min: int, now: datetime) -> str:
    if ttl_min <= 0:
        return "a time to live has to be a number of minutes above 0"
    if ttl_min > LONGEST_TTL_MIN:
        return "a time to live of more than a year ends nothing"
    if reason := refusal(Verb.LIFETIMES, sandbox) or _gone(sandbox):
        return reason
    end = sandbox.lifetimes.destroy_at
    after = edited(sandbox, LifetimeEdit(ttl_min=ttl_min), now)
    if end is not None and after.lifetimes.destroy_at is not None and end <= after.lifetimes.destroy_at:
        return "its time to live ends sooner than that already"
    if is_deleted_at_once(forecast(after, now), now):
        return "it would be destroyed at once"
    return ""


def _gone(sandbox: Sandbox) -> str:
    return "it is to be deleted already" if sandbox.desired_state == SandboxState.DESTROYED.value else ""
