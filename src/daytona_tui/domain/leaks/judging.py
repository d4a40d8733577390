"""The judgement itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from daytona_tui.domain.cost import per_day
from daytona_tui.domain.effects import held
from daytona_tui.domain.filtering.context import FilterContext
from daytona_tui.domain.leaks.evidence import Evidence
from daytona_tui.domain.leaks.guarding import GUARDS
from daytona_tui.domain.leaks.offering import offers_for, repair
from daytona_tui.domain.leaks.owning import LEASED, OWNED
from daytona_tui.domain.leaks.policy import MAX_SCORE, LeakPolicy
from daytona_tui.domain.leaks.protecting import protected_by
from daytona_tui.domain.leaks.resting import ARCHIVED, FAILED, STOPPED, STUCK, UNBUILT
from daytona_tui.domain.leaks.running import RUNNING
from daytona_tui.domain.leaks.scene import Case, Rule, Scene, cpu_percent, minutes_since
from daytona_tui.domain.leaks.siblings import siblings_of
from daytona_tui.domain.leaks.verdict import Band, Guard, Offer, Reason, Verdict, Verdicts
from daytona_tui.domain.owners import Owner, owner_of
from daytona_tui.domain.sandbox import Sandbox, SandboxState

_BY_STATE: Mapping[SandboxState, tuple[Rule, ...]] = {
    SandboxState.STARTED: (*RUNNING, STUCK, *OWNED),
    SandboxState.STOPPED: (*STOPPED, STUCK, *OWNED),
    SandboxState.PAUSED: (*STOPPED, STUCK, *OWNED),
    SandboxState.ERROR: (*FAILED, STUCK, *OWNED),
    SandboxState.BUILD_FAILED: (*UNBUILT, STUCK, *OWNED),
    SandboxState.ARCHIVED: (*ARCHIVED, STUCK, *LEASED),
    SandboxState.UNKNOWN: (),
    SandboxState.DESTROYED: (),
}
_CHANGING = (STUCK,)

_WARM = "run.kept-warm"
_ACTIVE = "new.active"

_Weighed = tuple[tuple[Rule, int], ...]


def judge(sandboxes: Iterable[Sandbox], evidence: Evidence, policy: LeakPolicy) -> Verdicts:
    """Return the verdicts of a whole fleet; what some of them tell of others is worked out once."""
    fleet = list(sandboxes)
    owners = [owner_of(sandbox) for sandbox in fleet]
    scene = Scene(
        evidence.now,
        evidence,
        policy,
        siblings_of(zip(fleet, owners, strict=True), evidence.quotas, policy),
        protected_by(policy.protects, fleet, FilterContext(evidence.now, evidence.hourly)),
    )
    rules = {state: _weighed(_BY_STATE.get(state, _CHANGING), policy) for state in SandboxState}
    return Verdicts(
        {
            sandbox.id: _verdict(_case(sandbox, owner, evidence), rules[sandbox.state], scene)
            for sandbox, owner in zip(fleet, owners, strict=True)
        }
    )


def _weighed(rules: Sequence[Rule], policy: LeakPolicy) -> _Weighed:
    return tuple((rule, weight) for rule in rules if (weight := policy.weight(rule.code)) is not None)


def _case(sandbox: Sandbox, owner: Owner, evidence: Evidence) -> Case:
    now, metrics = evidence.now, evidence.metrics
    return Case(
        sandbox,
        sandbox.lifetimes,
        owner,
        minutes_since(sandbox.created_at, now),
        minutes_since(sandbox.last_activity_at, now),
        evidence.hourly(sandbox),
        cpu_percent(metrics.get(sandbox.id), now) if metrics else None,
        evidence.mine(sandbox),
    )


def _verdict(case: Case, rules: _Weighed, scene: Scene) -> Verdict:
    reasons = tuple(_reasons(case, rules, scene))
    guards = tuple([guard for find in GUARDS if (guard := find(case, scene)) is not None])
    suspicion = min(MAX_SCORE, sum(reason.weight for reason in reasons))
    codes = frozenset(reason.code for reason in reasons)
    score, offers = _weigh_up(case, scene, suspicion, codes, guards)
    return Verdict(
        case.sandbox,
        score,
        _band(score, scene.policy),
        reasons,
        guards,
        offers,
        None if case.hourly is None else per_day(case.hourly),
        held(case.sandbox, case.hourly or 0.0),
        case.is_mine,
        suspicion,
    )


def _reasons(case: Case, rules: _Weighed, scene: Scene) -> list[Reason]:
    found = []
    for rule, weight in rules:
        finding = rule.find(case, scene)
        if finding is not None:
            found.append(Reason(rule.code, weight + finding[0], finding[1]))
    if len(found) > 1:
        found.sort(key=lambda reason: -reason.weight)
    return found


def _weigh_up(
    case: Case, scene: Scene, suspicion: int, codes: frozenset[str], guards: tuple[Guard, ...]
) -> tuple[int, tuple[Offer, ...]]:
    score = max(0, suspicion + sum(guard.effect for guard in guards))
    vetoes = {guard.code for guard in guards if guard.vetoes}
    if not vetoes:
        return score, offers_for(case, scene, codes)
    if vetoes == {_ACTIVE} and _WARM in codes:
        return min(score, scene.policy.leak_at - 1), repair(scene.policy) if case.life.destroy_at is None else ()
    return 0, ()


def _band(score: int, policy: LeakPolicy) -> Band:
    if score >= policy.leak_at:
        return Band.LEAK
    if score >= policy.suspect_at:
        return Band.SUSPECT
    return Band.UNTIDY if score >= policy.untidy_at else Band.FINE
