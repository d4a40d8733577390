"""Every guard: what it protects, what it says, and what it leaves of the score."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.unit.leak_fleet import DEFAULTS, EPHEMERAL, LANGUAGE, NEVER_STOPPED, NOW, USUAL, ago, box, guards, judged

from daytona_tui.domain.audit import AuditTrail
from daytona_tui.domain.filters import parse
from daytona_tui.domain.leaks import NO_TIES, Action, Band, LeakPolicy, Protect, Ties
from daytona_tui.domain.leaks.codes import GUARDS
from daytona_tui.domain.sandbox import Lifetimes, Resources, Sandbox, SandboxId, SandboxState
from daytona_tui.domain.usage import Metrics

STRANDED = box(lifetimes=EPHEMERAL, last_activity_at=ago(hours=30))
"""A leak beyond doubt, unless something protects it."""

TIES = {STRANDED.id: Ties(forks=("a", "b"), volumes=("/data",))}


def spared(sandbox: Sandbox, code: str, policy: LeakPolicy = USUAL, **evidence: Any) -> str:
    """The words of the guard that keeps everything from a sandbox."""
    verdict = judged(sandbox, policy=policy, **evidence)
    assert (verdict.score, verdict.band, verdict.offers, verdict.preselected) == (0, Band.FINE, (), False)
    assert verdict.guards[0].vetoes
    return next(guard.sentence for guard in verdict.guards if guard.code == code and guard.vetoes)


def test_without_a_guard_it_is_a_leak() -> None:
    verdict = judged(STRANDED)
    assert (verdict.score, verdict.band, verdict.guards, verdict.preselected) == (85, Band.LEAK, (), True)
    assert not judged(STRANDED, mine=lambda _: False).preselected


def test_a_pin_holds() -> None:
    assert spared(STRANDED, "keep.pin", pins={STRANDED.id}) == "held on this machine"
    assert judged(STRANDED, pins={SandboxId("another")}).preselected


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("true", "kept by ana"),
        ("", "kept by ana"),
        ("for good", "kept by ana"),
        ("2026-11-21", "kept by ana until 2026-11-22 00:00 UTC"),
        ("20261121", "kept by ana until 2026-11-22 00:00 UTC"),
        ("2026-11-21T15:30:00+01:00", "kept by ana until 14:30 UTC"),
        ("9999-12-31", "kept by ana"),
    ],
)
def test_the_shared_label_keeps(value: str, words: str) -> None:
    kept = replace(STRANDED, labels={"daytona-tui.keep": value, "daytona-tui.keep-by": "ana"})
    assert spared(kept, "keep.label") == words


@pytest.mark.parametrize("value", ["false", "No", "0", "2026-11-20", "2026-11-21T14:01:59Z"])
def test_the_shared_label_keeps_no_longer(value: str) -> None:
    assert judged(replace(STRANDED, labels={"owner": "ana", "daytona-tui.keep": value})).preselected


@pytest.mark.parametrize("label", [("keep", "true"), ("persistent", "true"), ("keep", "until friday"), ("keep", "")])
def test_foreign_marks_keep(label: tuple[str, str]) -> None:
    assert spared(replace(STRANDED, labels=dict([label])), "keep.foreign") == f"label {label[0]}={label[1]}"


def test_a_foreign_mark_that_says_no_keeps_nothing() -> None:
    assert judged(replace(STRANDED, labels={"owner": "ana", "keep": "false"})).preselected


def test_the_shape_of_what_harbor_keeps() -> None:
    kept = box(lifetimes=Lifetimes(540, 0, 10_080, 1440), last_activity_at=ago(days=3))
    assert "Harbor" in spared(kept, "keep.shape")


def test_rules_of_the_user_protect() -> None:
    policy = LeakPolicy(protects=(Protect(parse("label:team=core"), "the core team's"), Protect(parse("name:prod-*"))))
    assert judged(STRANDED, policy=policy).preselected
    assert spared(replace(STRANDED, labels={"team": "core"}), "keep.rule", policy) == "protected: the core team's"
    assert spared(replace(STRANDED, name="prod-1"), "keep.rule", policy) == "protected: name:prod-*"


def test_a_rule_protects_what_it_may_mean() -> None:
    dear = LeakPolicy(protects=(Protect(parse("cost>100")),))
    assert judged(STRANDED, policy=dear).preselected
    unpriced = replace(STRANDED, resources=Resources(2, 4, 10, 1, "T800"))
    assert spared(unpriced, "keep.rule", dear) == "protected: $>100"
    not_small = LeakPolicy(protects=(Protect(parse("!cpu<4")),))
    assert judged(STRANDED, policy=not_small).preselected
    spared(replace(STRANDED, resources=Resources(None, 4, 10)), "keep.rule", not_small)


def test_a_rule_for_one_owner_is_not_one_for_those_without() -> None:
    policy = LeakPolicy(protects=(Protect(parse("owner:alice and state:started")),))
    assert judged(replace(STRANDED, labels=LANGUAGE), policy=policy).preselected
    spared(replace(STRANDED, labels={"owner": "alice"}), "keep.rule", policy)


def test_a_rule_that_says_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="every sandbox"):
        Protect(parse("  "))


def test_what_is_not_known_protects() -> None:
    odd = replace(STRANDED, state=SandboxState.UNKNOWN, state_word="levitating")
    assert spared(odd, "know.state") == "state levitating is not known"
    assert spared(replace(STRANDED, created_at=None), "know.time") == "nobody knows when it was made"
    assert spared(replace(STRANDED, last_activity_at=None), "know.time") == "nobody knows when it was used last"
    assert "autoStop" in spared(replace(STRANDED, oddities=("autoStopInterval: not a whole number",)), "know.value")
    leased = replace(STRANDED, labels={"expires_at": "next week"})
    assert spared(leased, "know.value") == "label expires_at is no time: next week"
    assert "stopped or deleted" in spared(replace(STRANDED, lifetimes=Lifetimes(0, 0, 0, None)), "know.interval")


def test_the_young_are_left_alone() -> None:
    gpu = replace(STRANDED, resources=Resources(2, 4, 10, 1, "H100"), last_activity_at=ago(minutes=45))
    assert spared(replace(gpu, created_at=ago(minutes=59)), "new.created") == "made 59m ago"
    assert judged(replace(gpu, created_at=ago(minutes=60))).score == 40
    assert spared(replace(gpu, created_at=NOW + timedelta(days=1)), "new.created") == "made 0m ago"


def test_what_is_in_use_is_left_alone() -> None:
    trap = replace(STRANDED, last_activity_at=ago(minutes=29))
    assert spared(trap, "new.active") == "used 29m ago"
    assert judged(replace(trap, last_activity_at=ago(minutes=30))).band is Band.UNTIDY


def test_the_kept_warm_are_suspects_at_most_and_only_get_an_end() -> None:
    warm = box(created_at=ago(days=3))
    heavy = LeakPolicy(weights={"run.kept-warm": 90})
    verdict = judged(warm, policy=heavy, metrics={warm.id: Metrics(NOW, 0.0)})
    assert (verdict.score, verdict.band, verdict.suspicion) == (69, Band.SUSPECT, 90)
    assert [offer.action for offer in verdict.offers] == [Action.TTL]
    assert verdict.is_vetoed
    assert spared(warm, "keep.pin", heavy, metrics={warm.id: Metrics(NOW, 0.0)}, pins={warm.id})


def test_what_changes_is_left_alone_until_it_is_stuck() -> None:
    starting = box(SandboxState.STARTING, updated_at=ago(minutes=10))
    assert spared(starting, "move.changing") == "it is just starting"
    stuck = judged(replace(starting, updated_at=ago(minutes=16)))
    assert (stuck.score, [offer.action for offer in stuck.offers]) == (50, [Action.WAIT])
    refusing = replace(STRANDED, desired_state="stopped", updated_at=ago(minutes=10))
    assert spared(refusing, "move.changing") == "it is just wanted stopped"
    settled = replace(STRANDED, state=SandboxState.STARTING, desired_state="starting", updated_at=None)
    assert spared(settled, "move.changing")


def test_what_is_deleted_is_left_alone() -> None:
    spared(replace(STRANDED, desired_state="destroyed", updated_at=ago(days=1)), "move.leaving")
    spared(box(SandboxState.DESTROYED), "move.leaving")
    spared(box(SandboxState.ERROR, desired_state="destroyed", last_activity_at=ago(days=1)), "move.leaving")
    forever = box(SandboxState.DESTROYING, desired_state="destroyed", updated_at=ago(hours=1))
    assert judged(forever).band is Band.SUSPECT


def test_the_warm_pool_is_never_touched() -> None:
    assert spared(replace(STRANDED, warm_pool_id="w1"), "pool.warm") == "belongs to the warm pool"


@pytest.mark.parametrize(
    ("sandbox", "left"),
    [
        (replace(STRANDED, lifetimes=replace(EPHEMERAL, destroy_at=NOW + timedelta(hours=3))), "3h"),
        (box(SandboxState.STOPPED, lifetimes=Lifetimes(15, 0, 10_080, 600), last_activity_at=ago(hours=5)), "5h"),
        (box(lifetimes=Lifetimes(60, 0, 10_080, 0), last_activity_at=ago(minutes=40)), "20m"),
        (box(lifetimes=Lifetimes(60, 0, 10_080, 60), last_activity_at=ago(minutes=40)), "80m"),
    ],
)
def test_what_removes_itself_soon_counts_less(sandbox: Sandbox, left: str) -> None:
    left = {"80m": "1h"}.get(left, left)
    assert guards(sandbox)["end.soon"] == f"removes itself in {left}"


@pytest.mark.parametrize(
    "lifetimes",
    [
        Lifetimes(15, 0, 10_080, -1),
        Lifetimes(15, 0, 10_080, 2000),
        Lifetimes(15, 0, 60, 600),  # archived before it could be deleted
        Lifetimes(15, 0, 10_080, 60),  # should have been deleted days ago
        replace(DEFAULTS, destroy_at=NOW + timedelta(hours=25)),
        replace(DEFAULTS, destroy_at=ago(hours=1)),
    ],
)
def test_what_does_not_remove_itself_soon(lifetimes: Lifetimes) -> None:
    assert "end.soon" not in guards(box(SandboxState.STOPPED, lifetimes=lifetimes, last_activity_at=ago(hours=5)))


def test_a_timer_that_does_not_work_is_no_end() -> None:
    overdue = box(lifetimes=Lifetimes(15, 0, 10_080, 60), last_activity_at=ago(minutes=50))
    assert "end.soon" not in guards(overdue)


def test_an_end_that_is_near_takes_forty() -> None:
    ends = replace(STRANDED, lifetimes=Lifetimes(15, 0, 10_080, 0, NOW + timedelta(hours=3)))
    verdict = judged(ends)
    assert (verdict.suspicion, verdict.score) == (45, 5)


def test_services_that_clean_up_after_themselves() -> None:
    kortix = judged(replace(STRANDED, labels={"kortix.managed": "true"}))
    assert kortix.score == max(0, kortix.suspicion - 30)
    assert not kortix.is_vetoed
    leased = {"crabbox": "true", "expires_at": str(int(NOW.timestamp()) + 600)}
    assert "own.managed" in guards(replace(STRANDED, labels=leased))
    assert "own.managed" in guards(replace(STRANDED, labels={"crabbox": "true"}))
    over = leased | {"expires_at": str(int(NOW.timestamp()) - 600)}
    assert "own.managed" not in guards(replace(STRANDED, labels=over))


def test_somebody_else_by_the_audit_log_is_never_proposed() -> None:
    trails = {STRANDED.id: AuditTrail(actor="bo@example.org", actor_id="u2")}
    verdict = judged(STRANDED, trails=trails, mine=lambda _: False)
    assert verdict.guards[0].sentence == "made by bo@example.org"
    assert (verdict.band, verdict.is_vetoed, verdict.preselected) == (Band.LEAK, False, False)
    assert "own.other" not in guards(STRANDED, trails=trails)  # it is ours all the same
    assert "own.other" not in guards(STRANDED, trails={STRANDED.id: None}, mine=lambda _: False)


def test_agents_inside_are_told() -> None:
    harbor = replace(STRANDED, labels={"harbor.managed": "true"})
    assert guards(harbor)["own.inside"] == "agents of harbor may work inside: idle counts from 9h on"
    assert "own.inside" not in guards(harbor, metrics={harbor.id: Metrics(NOW, 0.0)})


def test_what_hangs_on_it_counts_less() -> None:
    tied = judged(replace(STRANDED, public=True), ties=TIES)
    assert tied.score == 70
    assert guards(tied.sandbox, ties=TIES)["tie.shared"] == "has 2 forks (a, b), a volume (/data), public preview"
    many = Ties(linked=tuple("abcd"), volumes=("/x", "/y"))
    assert guards(STRANDED, ties={STRANDED.id: many})["tie.shared"] == (
        "has 4 linked sandboxes (a, b, c, …), 2 volumes (/x, /y)"
    )
    assert "tie.shared" not in guards(STRANDED, ties={STRANDED.id: NO_TIES})


def test_what_has_forks_is_offered_nothing_that_deletes_it() -> None:
    lasting = replace(STRANDED, lifetimes=replace(EPHEMERAL, auto_delete_min=-1))
    assert [offer.action for offer in judged(STRANDED).offers] == [Action.TTL, Action.STOP, Action.DELETE]
    assert [offer.action for offer in judged(lasting, ties=TIES).offers] == [Action.TTL, Action.STOP]
    assert [offer.action for offer in judged(STRANDED, ties=TIES).offers] == [Action.TTL], "stopping deletes it"


def test_a_busy_processor_counts_less() -> None:
    busy = judged(STRANDED, metrics={STRANDED.id: Metrics(NOW, 85.0)})
    assert busy.score == 55
    assert guards(STRANDED, metrics={STRANDED.id: Metrics(NOW, 85.0)})["cpu.busy"].startswith("CPU 85 %")
    assert judged(STRANDED, metrics={STRANDED.id: Metrics(ago(hours=2), 85.0)}).score == 85


def test_what_works_is_a_suspect_at_most_and_its_gpu_is_not_idle() -> None:
    """A job that nobody has talked to for days looks like a leak in every other respect."""
    leased = {**STRANDED.labels, "expires_at": "2026-01-01T00:00:00Z"}
    silent = replace(STRANDED, labels=leased, resources=Resources(8, 32, 50, 1), last_activity_at=ago(days=3))
    assert judged(silent, metrics={silent.id: Metrics(NOW, 1.0)}).preselected
    busy = judged(silent, metrics={silent.id: Metrics(NOW, 85.0)})

    assert busy.suspicion - 30 >= USUAL.leak_at
    assert busy.band is Band.SUSPECT
    assert busy.score == USUAL.leak_at - 1
    assert not busy.preselected
    assert "run.gpu-idle" not in {each.code for each in busy.reasons}


def test_those_with_a_veto_come_first() -> None:
    both = judged(replace(STRANDED, public=True), pins={STRANDED.id}, metrics={STRANDED.id: Metrics(NOW, 85.0)})
    assert [guard.vetoes for guard in both.guards] == [True, False, False]


def test_long_hostile_text_is_cut() -> None:
    odd = replace(STRANDED, labels={"keep": "x" * 9000 + "\n"})
    assert len(guards(odd)["keep.foreign"]) < 200


def test_guards_stand_also_with_what_is_fine() -> None:
    fine = judged(box(lifetimes=NEVER_STOPPED), pins={SandboxId("box")})
    assert (fine.reasons, fine.band) == ((), Band.FINE)
    assert [guard.code for guard in fine.guards] == ["keep.pin", "new.active"]


def test_every_guard_is_tried_here() -> None:
    told = Path(__file__).read_text()
    assert sorted(code for code in GUARDS if f'"{code}"' not in told) == []


def test_what_was_made_by_a_clock_that_goes_ahead_is_young_without_any_grace() -> None:
    made = replace(
        STRANDED,
        state=SandboxState.CREATING,
        desired_state="",
        created_at=NOW + timedelta(minutes=1),
        updated_at=NOW - timedelta(minutes=45),
    )
    assert spared(made, "new.created", LeakPolicy(created_grace_min=0)) == "made 0m ago"
