"""What holds of every judgement, whatever the fleet, the evidence and the policy."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.leak_fleet import NOW, known

from daytona_tui.domain.audit import AuditTrail
from daytona_tui.domain.filters import parse
from daytona_tui.domain.leaks import Action, Band, Evidence, LeakPolicy, Protect, Ties, Verdict, judge
from daytona_tui.domain.leaks.codes import GUARDS, WEIGHTS
from daytona_tui.domain.leaks.guarding import EVERY, guards_of
from daytona_tui.domain.leaks.judging import _case, _scene
from daytona_tui.domain.leaks.siblings import siblings_of
from daytona_tui.domain.owners import owner_of
from daytona_tui.domain.sandbox import Lifetimes, Resources, Sandbox, SandboxId, SandboxState
from daytona_tui.domain.usage import Metrics, Quota, Quotas, RegionQuotas

TRIED = settings(deadline=None, max_examples=40)

IDS = st.integers(0, 12).map(lambda number: SandboxId(f"s{number}"))
MOMENTS = st.none() | st.sampled_from([-1, 0, 5, 45, 100, 400, 600, 2000, 10_000, 90_000]).map(
    lambda minutes: NOW - timedelta(minutes=minutes)
)
MINUTES = st.none() | st.sampled_from([-1, 0, 15, 60, 540, 1440, 10_080])
TEXTS = st.sampled_from(["true", "false", "", "2026-11-30", "1700000000", "0001-01-01T00:00:00+14:00", "9999-12-31"])
LABELS = st.dictionaries(
    st.sampled_from(
        [
            "code-toolbox-language",
            "daytona-tui.keep",
            "keep",
            "persistent",
            "expires_at",
            "crabbox",
            "harbor.managed",
            "harbor.session_id",
            "kortix.managed",
            "inspect_run_id",
            "hermes_task_id",
            "team",
        ]
    ),
    TEXTS | st.text(max_size=12),
    max_size=4,
)
SANDBOXES = st.builds(
    Sandbox,
    id=IDS,
    name=st.sampled_from(["a", "prod-1", "hermes-x"]),
    state=st.sampled_from(SandboxState),
    desired_state=st.sampled_from(["", "started", "stopped", "destroyed", "archived", "starting", "nonsense"]),
    region=st.sampled_from(["", "eu"]),
    labels=LABELS,
    resources=st.builds(
        Resources,
        cpu=st.none() | st.integers(0, 8),
        memory_gib=st.none() | st.integers(0, 8),
        disk_gib=st.none() | st.integers(0, 20),
        gpu=st.none() | st.integers(0, 2),
        gpu_type=st.sampled_from(["", "H100", "T800"]),
    ),
    lifetimes=st.builds(
        Lifetimes,
        auto_stop_min=MINUTES,
        auto_pause_min=MINUTES,
        auto_archive_min=MINUTES,
        auto_delete_min=MINUTES,
        destroy_at=st.none() | st.integers(-3000, 3000).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    ),
    created_at=MOMENTS,
    updated_at=MOMENTS,
    last_activity_at=MOMENTS,
    error_reason=st.text(max_size=8),
    recoverable=st.booleans(),
    public=st.booleans(),
    warm_pool_id=st.sampled_from(["", "", "", "pool"]),
    sandbox_class=st.sampled_from(["", "container", "linux-vm"]),
    oddities=st.sampled_from([(), (), (), ("cpu: not a whole number: 'many'",)]),
)
FLEETS = st.lists(SANDBOXES, max_size=7, unique_by=lambda sandbox: sandbox.id)
EVIDENCE = st.builds(
    known,
    metrics=st.dictionaries(IDS, st.builds(Metrics, st.just(NOW), st.none() | st.floats(0, 400)), max_size=5),
    quotas=st.none() | st.just(Quotas((RegionQuotas("eu", disk_gib=Quota(95, 100)),))),
    pins=st.frozensets(IDS, max_size=2),
    trails=st.dictionaries(IDS, st.none() | st.just(AuditTrail(actor="bo", actor_id="u2")), max_size=3),
    mine=st.sampled_from([lambda _: True, lambda _: False, lambda sandbox: sandbox.id < "s5"]),
    unreachable=st.dictionaries(IDS, st.just([NOW - timedelta(minutes=5), NOW]), max_size=3),
    finished_runs=st.dictionaries(TEXTS, st.just(NOW - timedelta(hours=3)), max_size=2),
    gone_sessions=st.frozensets(IDS, max_size=2),
    ties=st.dictionaries(IDS, st.just(Ties(forks=("a", "b"))), max_size=2),
)
PROTECTS = st.lists(
    st.sampled_from(["name:prod-*", "cost>1", "!label:team", "cpu<=4 or disk>5", "label:team=a"]), max_size=2
).map(lambda texts: tuple(Protect(parse(text)) for text in texts))
POLICIES = st.builds(
    LeakPolicy,
    protects=PROTECTS,
    off=st.frozensets(st.sampled_from(sorted(WEIGHTS)), max_size=3),
    weights=st.dictionaries(st.sampled_from(sorted(WEIGHTS)), st.integers(0, 100), max_size=4),
    created_grace_min=st.sampled_from([0, 60]),
    active_grace_min=st.sampled_from([0, 30]),
)


def everyone(fleet: list[Sandbox], evidence: Evidence, policy: LeakPolicy) -> list[Verdict]:
    return list(judge(fleet, evidence, policy).values())


@TRIED
@given(FLEETS, EVIDENCE, POLICIES)
def test_what_a_guard_vetoes_is_never_preselected(fleet: list[Sandbox], evidence: Evidence, policy: LeakPolicy) -> None:
    for verdict in everyone(fleet, evidence, policy):
        if any(guard.vetoes for guard in verdict.guards):
            assert not verdict.preselected
            assert verdict.band in {Band.FINE, Band.UNTIDY, Band.SUSPECT}
            assert {offer.action for offer in verdict.offers} <= {Action.TTL}


@TRIED
@given(FLEETS, EVIDENCE, POLICIES)
def test_only_what_is_ours_is_preselected(fleet: list[Sandbox], evidence: Evidence, policy: LeakPolicy) -> None:
    for verdict in everyone(fleet, evidence, policy):
        assert verdict.is_mine is evidence.mine(verdict.sandbox)
        assert verdict.is_mine or not verdict.preselected


@TRIED
@given(FLEETS, EVIDENCE, POLICIES)
def test_what_is_not_known_is_fine(fleet: list[Sandbox], evidence: Evidence, policy: LeakPolicy) -> None:
    for verdict in everyone(fleet, evidence, policy):
        sandbox = verdict.sandbox
        unknown = sandbox.state is SandboxState.UNKNOWN or None in (sandbox.created_at, sandbox.last_activity_at)
        if unknown or sandbox.oddities:
            assert (verdict.score, verdict.band, verdict.offers) == (0, Band.FINE, ())
            assert verdict.is_vetoed


@TRIED
@given(SANDBOXES, EVIDENCE, POLICIES, st.data())
def test_knowing_less_never_makes_a_leak(
    sandbox: Sandbox, evidence: Evidence, policy: LeakPolicy, data: st.DataObject
) -> None:
    (before,) = everyone([sandbox], evidence, policy)
    hidden: dict[str, Any] = data.draw(
        st.sampled_from(
            [
                {"created_at": None},
                {"last_activity_at": None},
                {"state": SandboxState.UNKNOWN},
                {"oddities": ("x",)},
                {"updated_at": None},
            ]
        )
    )
    (after,) = everyone([replace(sandbox, **hidden)], evidence, policy)
    assert after.preselected <= before.preselected
    assert after.score <= before.score


@TRIED
@given(FLEETS, EVIDENCE, POLICIES)
def test_no_reason_no_score(fleet: list[Sandbox], evidence: Evidence, policy: LeakPolicy) -> None:
    for verdict in everyone(fleet, evidence, policy):
        assert 0 <= verdict.score <= verdict.suspicion <= 100
        assert verdict.suspicion == min(100, sum(reason.weight for reason in verdict.reasons))
        assert {reason.code for reason in verdict.reasons} <= WEIGHTS.keys() - policy.off
        assert {guard.code for guard in verdict.guards} <= GUARDS
        assert all(guard.effect <= 0 for guard in verdict.guards)
        assert all(reason.sentence for reason in verdict.reasons)
        assert all(guard.sentence for guard in verdict.guards)
        assert sorted((reason.weight for reason in verdict.reasons), reverse=True) == [
            reason.weight for reason in verdict.reasons
        ]


@TRIED
@given(FLEETS, EVIDENCE, POLICIES)
def test_every_sandbox_gets_one_verdict(fleet: list[Sandbox], evidence: Evidence, policy: LeakPolicy) -> None:
    verdicts = judge(fleet, evidence, policy)
    assert set(verdicts) == {sandbox.id for sandbox in fleet}
    assert len(verdicts) == len(fleet)
    assert all(verdicts[sandbox.id].sandbox is sandbox for sandbox in fleet)
    assert all(sandbox.id in verdicts for sandbox in fleet)
    assert verdicts.get(SandboxId("nobody")) is None
    ranked = {verdict.sandbox.id for verdict in verdicts.ranked()}
    assert ranked == {each for each, verdict in verdicts.items() if verdict.band is not Band.FINE}
    assert ranked.isdisjoint(verdict.sandbox.id for verdict in verdicts.held_back())


@TRIED
@given(FLEETS, EVIDENCE, POLICIES)
def test_the_total_is_the_sum_of_leaks_and_suspects(
    fleet: list[Sandbox], evidence: Evidence, policy: LeakPolicy
) -> None:
    verdicts = judge(fleet, evidence, policy)
    counted = [each for each in verdicts.values() if each.band in {Band.LEAK, Band.SUSPECT}]
    total = verdicts.total
    assert total.count == len(counted)
    assert total.per_day == pytest.approx(sum(each.per_day or 0 for each in counted))
    assert total.unknown == sum(each.per_day is None for each in counted)
    assert total.frees.disk_gib == sum(each.frees.disk_gib for each in counted)


@TRIED
@given(FLEETS, EVIDENCE, POLICIES)
def test_ranked_by_money_then_score(fleet: list[Sandbox], evidence: Evidence, policy: LeakPolicy) -> None:
    keys = [(-int((each.per_day or 0) * 100 + 0.5), -each.score) for each in judge(fleet, evidence, policy).ranked()]
    assert keys == sorted(keys)


@TRIED
@given(FLEETS, EVIDENCE, POLICIES)
def test_the_glance_misses_no_guard(fleet: list[Sandbox], evidence: Evidence, policy: LeakPolicy) -> None:
    owners = [owner_of(sandbox) for sandbox in fleet]
    scene = _scene(siblings_of(fleet, owners, evidence.quotas, policy, NOW), evidence, policy)
    for sandbox, owner in zip(fleet, owners, strict=True):
        case = _case(sandbox, owner, evidence)
        every = {guard.code for find in EVERY if (guard := find(case, scene)) is not None}
        assert {guard.code for guard in guards_of(case, scene)} == every


@TRIED
@given(FLEETS, EVIDENCE, POLICIES, st.randoms())
def test_the_order_of_the_fleet_does_not_matter(
    fleet: list[Sandbox], evidence: Evidence, policy: LeakPolicy, dice: Any
) -> None:
    shuffled = list(fleet)
    dice.shuffle(shuffled)
    assert dict(judge(fleet, evidence, policy)) == dict(judge(shuffled, evidence, policy))


@TRIED
@given(FLEETS, EVIDENCE)
def test_what_the_policy_protects_is_never_preselected(fleet: list[Sandbox], evidence: Evidence) -> None:
    policy = LeakPolicy(protects=(Protect(parse("name:prod-*")),))
    for verdict in everyone(fleet, evidence, policy):
        if verdict.sandbox.name.startswith("prod-"):
            assert verdict.is_vetoed


NUMBERS = [each.name for each in fields(LeakPolicy) if type(getattr(LeakPolicy(), each.name)) is int]


@pytest.mark.parametrize("name", NUMBERS)
@settings(deadline=None, max_examples=20)
@given(number=st.integers(max_value=-1) | st.floats() | st.text() | st.none() | st.booleans())
def test_ages_that_are_negative_or_none_are_refused(name: str, number: object) -> None:
    given_: dict[str, Any] = {name: number}
    with pytest.raises(ValueError, match=name):
        LeakPolicy(**given_)


@pytest.mark.parametrize("minutes", [-1, 0, 2.5, None])
def test_a_transition_cannot_be_stuck_before_it_began(minutes: Any) -> None:
    with pytest.raises(ValueError, match="starting"):
        LeakPolicy(stuck_min={SandboxState.STARTING: minutes})


@pytest.mark.parametrize(
    "wrong", [{"off": frozenset({"nope"})}, {"weights": {"nope": 1}}, {"weights": {"own.none": -1}}]
)
def test_codes_that_do_not_exist_and_negative_weights_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"nope|own\.none"):
        LeakPolicy(**wrong)


def test_an_empty_filter_protects_nobody_and_is_refused() -> None:
    with pytest.raises(ValueError, match="every sandbox"):
        Protect(parse(""))


@pytest.mark.parametrize("bands", [{"leak_at": 40}, {"suspect_at": 15}, {"untidy_at": 0}, {"leak_at": 101}])
def test_bands_have_to_fall(bands: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at"):
        LeakPolicy(**bands)  # type: ignore[arg-type]
