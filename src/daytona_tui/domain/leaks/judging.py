"""The judgement itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta

from daytona_tui.domain.cost import per_day
from daytona_tui.domain.effects import held
from daytona_tui.domain.filtering.context import FilterContext
from daytona_tui.domain.leaks.evidence import Evidence
from daytona_tui.domain.leaks.guarding import guards_of
from daytona_tui.domain.leaks.offering import offers_for, repair
from daytona_tui.domain.leaks.owning import LEASED, OWNED
from daytona_tui.domain.leaks.policy import MAX_SCORE, LeakPolicy
from daytona_tui.domain.leaks.protecting import protectors
from daytona_tui.domain.leaks.resting import ARCHIVED, FAILED, STOPPED, STUCK, UNBUILT
from daytona_tui.domain.leaks.running import RUNNING
from daytona_tui.domain.leaks.scene import Case, Finding, Rule, Scene, cpu_percent, minutes_since
from daytona_tui.domain.leaks.siblings import Siblings, siblings_of
from daytona_tui.domain.leaks.verdict import Band, Guard, Offer, Reason, Verdict, Verdicts
from daytona_tui.domain.owners import Owner, owner_of
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState

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
_BUSY = "cpu.busy"

_Weighed = tuple[tuple[Callable[[Case, Scene], Finding | None], str, int], ...]


def judge(sandboxes: Iterable[Sandbox], evidence: Evidence, policy: LeakPolicy) -> Verdicts:
    """Return the verdicts of a whole fleet; what some of them tell of others is worked out once.

    What is young or in use is fine, and so is what has too weak reasons, as guards only take away: what there is to say
    of these is worked out when somebody asks.
    """
    fleet = list(sandboxes)
    owners = [owner_of(sandbox) for sandbox in fleet]
    scene = _scene(siblings_of(fleet, owners, evidence.quotas, policy, evidence.now), evidence, policy)
    rules = {state: _weighed(_BY_STATE.get(state, _CHANGING), scene) for state in SandboxState}
    weighed: dict[SandboxId, Verdict] = {}
    others: dict[SandboxId, Sandbox] = {}
    for sandbox, owner in zip(fleet, owners, strict=True):
        case = _case(sandbox, owner, evidence)
        reasons = [] if _is_busy(case, scene) else _reasons(case, rules[sandbox.state], scene)
        if reasons and sum([reason.weight for reason in reasons]) >= policy.untidy_at:
            weighed[sandbox.id] = _verdict(case, reasons, scene)
        else:
            others[sandbox.id] = sandbox

    def of_other(sandbox: Sandbox) -> Verdict:
        case = _case(sandbox, owner_of(sandbox), evidence)
        return _verdict(case, _reasons(case, rules[sandbox.state], scene), scene)

    return Verdicts(weighed, others, of_other)


def _is_busy(case: Case, scene: Scene) -> bool:
    """Return whether a glance tells that it is young or in use, and nobody knows that its use is none."""
    sandbox, idle = case.sandbox, case.idle_min
    if sandbox.created_at is not None and sandbox.created_at > scene.young_since:
        return True
    is_used = sandbox.state is SandboxState.STARTED and idle is not None and idle < scene.policy.active_grace_min
    return is_used and not scene.is_cpu_idle(case)


def _scene(siblings: Siblings, evidence: Evidence, policy: LeakPolicy) -> Scene:
    return Scene(
        evidence.now,
        evidence,
        policy,
        siblings,
        FilterContext(evidence.now, evidence.hourly),
        evidence.now - timedelta(minutes=policy.created_grace_min),
        protectors(policy.protects),
        {*evidence.pins, *evidence.trails, *evidence.ties},
    )


def _weighed(rules: Sequence[Rule], scene: Scene) -> _Weighed:
    return tuple(
        (rule.find, rule.code, weight)
        for rule in rules
        if (weight := scene.policy.weight(rule.code)) is not None and rule.can_find(scene)
    )


def _case(sandbox: Sandbox, owner: Owner, evidence: Evidence) -> Case:
    now, metrics = evidence.now, evidence.metrics
    return Case(
        sandbox,
        sandbox.lifetimes,
        owner,
        minutes_since(sandbox.last_activity_at, now),
        cpu_percent(metrics.get(sandbox.id), now) if metrics else None,
    )


def _verdict(case: Case, reasons: list[Reason], scene: Scene) -> Verdict:
    if len(reasons) > 1:
        reasons.sort(key=lambda reason: -reason.weight)
    guards = guards_of(case, scene)
    suspicion = min(MAX_SCORE, sum([reason.weight for reason in reasons]))
    score, offers = _weigh_up(case, scene, suspicion, reasons, guards)
    hourly = scene.hourly(case)
    return Verdict(
        case.sandbox,
        score,
        _band(score, scene.policy),
        tuple(reasons),
        guards,
        offers,
        None if hourly is None else per_day(hourly),
        held(case.sandbox, hourly or 0.0),
        scene.evidence.mine(case.sandbox),
        suspicion,
    )


def _reasons(case: Case, rules: _Weighed, scene: Scene) -> list[Reason]:
    found = []
    for find, code, weight in rules:
        finding = find(case, scene)
        if finding is not None:
            found.append(Reason(code, weight + finding[0], finding[1]))
    return found


def _weigh_up(
    case: Case, scene: Scene, suspicion: int, reasons: Sequence[Reason], guards: Sequence[Guard]
) -> tuple[int, tuple[Offer, ...]]:
    codes = [reason.code for reason in reasons]
    if not guards:
        return suspicion, offers_for(case, scene, codes)
    score = max(0, suspicion + sum([guard.effect for guard in guards]))
    if not guards[0].vetoes:
        if any(guard.code == _BUSY for guard in guards):
            score = min(score, scene.policy.leak_at - 1)  # what works in it may be what somebody waits for
        return score, offers_for(case, scene, codes)
    if _WARM in codes and guards[0].code == _ACTIVE and not any(guard.vetoes for guard in guards[1:]):
        return min(score, scene.policy.leak_at - 1), repair(scene.policy) if case.life.destroy_at is None else ()
    return 0, ()


def _band(score: int, policy: LeakPolicy) -> Band:
    if score >= policy.leak_at:
        return Band.LEAK
    if score >= policy.suspect_at:
        return Band.SUSPECT
    return Band.UNTIDY if score >= policy.untidy_at else Band.FINE
