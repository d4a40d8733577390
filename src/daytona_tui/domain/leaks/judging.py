"""The judgement itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from operator import attrgetter

from daytona_tui.domain.cost import per_day
from daytona_tui.domain.effects import held
from daytona_tui.domain.filtering.context import FilterContext
from daytona_tui.domain.leaks.codes import KEEPERS
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
from daytona_tui.domain.leaks.ties import NO_TIES
from daytona_tui.domain.leaks.verdict import Band, Guard, Offer, Reason, Verdict, Verdicts
from daytona_tui.domain.owners import Owner, owner_of
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState

_SETTLED: Mapping[SandboxState, tuple[Rule, ...]] = {
    SandboxState.STARTED: (*RUNNING, *OWNED),
    SandboxState.STOPPED: (*STOPPED, *OWNED),
    SandboxState.PAUSED: (*STOPPED, *OWNED),
    SandboxState.ERROR: (*FAILED, *OWNED),
    SandboxState.BUILD_FAILED: (*UNBUILT, *OWNED),
    SandboxState.ARCHIVED: (*ARCHIVED, *LEASED),
}

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
    rules = _Rules(scene)
    weighed: dict[SandboxId, Verdict] = {}
    others: dict[SandboxId, Sandbox] = {}
    for sandbox, owner in zip(fleet, owners, strict=True):
        if not _is_busy(sandbox, scene):
            case = _case(sandbox, owner, evidence)
            reasons = _reasons(case, rules.of(sandbox), scene)
            if reasons and (total := _sum(reasons)) >= policy.untidy_at:
                weighed[sandbox.id] = _verdict(case, reasons, total, scene)
                continue
        others[sandbox.id] = sandbox

    def of_other(sandbox: Sandbox) -> Verdict:
        case = _case(sandbox, owner_of(sandbox), evidence)
        reasons = _reasons(case, rules.of(sandbox), scene)
        return _verdict(case, reasons, _sum(reasons), scene)

    return Verdicts(weighed, others, of_other)


def keepers(sandbox: Sandbox, evidence: Evidence, policy: LeakPolicy) -> tuple[Guard, ...]:
    """Return what keeps one sandbox: a pin, a label, a mark of another tool, its shape, a rule of the settings."""
    guards = judge((sandbox,), evidence, policy)[sandbox.id].guards
    return tuple(guard for guard in guards if guard.code.startswith(KEEPERS))


class _Rules:
    """The rules that are looked for, with their weights, by state."""

    def __init__(self, scene: Scene) -> None:
        self._settled = {state: _weighed(rules, scene) for state, rules in _SETTLED.items()}
        self._stuck = _weighed((STUCK,), scene)
        self._at_odds = {state: (*rules, *self._stuck) for state, rules in self._settled.items()}

    def of(self, sandbox: Sandbox) -> _Weighed:
        """Return the rules for a sandbox; only what is to be in another state can be stuck."""
        by_state = self._settled if sandbox.desired_state == sandbox.state else self._at_odds
        return by_state.get(sandbox.state, self._stuck)


def _is_busy(sandbox: Sandbox, scene: Scene) -> bool:
    """Return whether a glance tells that it is young or in use, and nobody knows that its use is none."""
    made, used = sandbox.created_at, sandbox.last_activity_at
    if made is not None and made > scene.young_since:
        return True
    if used is None or used <= scene.active_since or sandbox.state is not SandboxState.STARTED:
        return False
    return sandbox.id not in scene.evidence.metrics


def _scene(siblings: Siblings, evidence: Evidence, policy: LeakPolicy) -> Scene:
    return Scene(
        evidence.now,
        evidence,
        policy,
        siblings,
        FilterContext(evidence.now, evidence.hourly),
        evidence.now - timedelta(minutes=policy.created_grace_min),
        evidence.now - timedelta(minutes=policy.active_grace_min),
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


def _verdict(case: Case, reasons: list[Reason], total: int, scene: Scene) -> Verdict:
    if len(reasons) > 1:
        reasons.sort(key=_weight, reverse=True)
    guards = guards_of(case, scene)
    suspicion = min(MAX_SCORE, total)
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
        scene.evidence.ties.get(case.sandbox.id, NO_TIES),
    )


_weight = attrgetter("weight")


def _sum(reasons: Sequence[Reason]) -> int:
    return reasons[0].weight if len(reasons) == 1 else sum([reason.weight for reason in reasons])


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
