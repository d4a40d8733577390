"""What is offered, the least destructive first, and what the words of an offer promise."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.leak_fleet import EPHEMERAL, NEVER_STOPPED, NOW, USUAL, ago, box, judged, known

from daytona_tui.domain.deeds import LifetimeEdit
from daytona_tui.domain.leaks import Action, Band, Offer, judge
from daytona_tui.domain.lifetimes import edited, forecast, is_deleted_at_once
from daytona_tui.domain.sandbox import Lifetimes, Resources, Sandbox, SandboxId, SandboxState
from daytona_tui.domain.usage import Quota, Quotas, RegionQuotas

R, T, S, A, D, W = Action.RECOVER, Action.TTL, Action.STOP, Action.ARCHIVE, Action.DELETE, Action.WAIT
SHORT = Quotas((RegionQuotas("eu", disk_gib=Quota(95, 100)),))
STOPPED, ERROR = SandboxState.STOPPED, SandboxState.ERROR


def offers(sandbox: Sandbox, **evidence: Any) -> list[Action]:
    return [offer.action for offer in judged(sandbox, **evidence).offers]


def offer(sandbox: Sandbox, action: Action) -> Offer:
    return next(each for each in judged(sandbox).offers if each.action is action)


@pytest.mark.parametrize(
    ("sandbox", "expected"),
    [
        (box(lifetimes=NEVER_STOPPED, last_activity_at=ago(hours=9)), [T, S, D]),
        (box(last_activity_at=ago(hours=9)), [S, D]),
        (box(STOPPED, last_activity_at=ago(days=9)), [T, A, D]),
        (box(STOPPED, last_activity_at=ago(days=9), sandbox_class="linux-vm"), [T, D]),
        (box(STOPPED, last_activity_at=ago(days=9), lifetimes=Lifetimes(15, 0, 1, 0)), [T, D]),
        (box(SandboxState.PAUSED, last_activity_at=ago(days=9), sandbox_class="linux-vm"), [T, D]),
        (box(SandboxState.ARCHIVED, last_activity_at=ago(days=40)), [T, D]),
        (box(ERROR, last_activity_at=ago(days=2), recoverable=True), [R, A, D]),
        (box(ERROR, last_activity_at=ago(days=2)), [D]),
        (box(SandboxState.BUILD_FAILED, last_activity_at=ago(days=2)), [D]),
        (box(SandboxState.CREATING, updated_at=ago(hours=2)), [W]),
        (box(desired_state="stopped", updated_at=ago(hours=2), last_activity_at=ago(hours=2)), [W]),
    ],
)
def test_the_least_destructive_comes_first(sandbox: Sandbox, expected: list[Action]) -> None:
    assert offers(sandbox) == expected


def test_where_disk_is_short_archiving_comes_first() -> None:
    assert offers(box(STOPPED, last_activity_at=ago(days=9)), quotas=SHORT) == [A, T, D]


def test_an_end_that_is_set_is_not_put_off() -> None:
    ends = replace(NEVER_STOPPED, destroy_at=NOW + timedelta(days=3))
    assert T not in offers(box(lifetimes=ends, last_activity_at=ago(hours=9)))
    assert T not in offers(box(STOPPED, lifetimes=ends, last_activity_at=ago(days=9)))


@pytest.mark.parametrize(
    ("lifetimes", "words"),
    [
        (EPHEMERAL, "deleted at once with all its files: it is set to be deleted when it stops"),
        (NEVER_STOPPED, "what runs in it ends, its files stay and its disk costs on"),
        (Lifetimes(0, 0, 0, 90), "what runs in it ends, its files stay and its disk costs on; deleted 90m later"),
    ],
)
def test_stopping_says_whether_it_deletes(lifetimes: Lifetimes, words: str) -> None:
    assert offer(box(lifetimes=lifetimes, last_activity_at=ago(hours=9)), S).consequence == words


@pytest.mark.parametrize("state", [SandboxState.STARTED, STOPPED, SandboxState.ARCHIVED, SandboxState.PAUSED])
def test_a_time_to_live_destroys_nothing_now(state: SandboxState) -> None:
    sandbox = box(state, lifetimes=NEVER_STOPPED, last_activity_at=ago(days=40))
    repair = offer(sandbox, T)
    after = forecast(edited(sandbox, LifetimeEdit(ttl_min=repair.ttl_min), NOW), NOW)
    assert not is_deleted_at_once(after, NOW)
    assert after.deletion is not None
    assert after.deletion.at == NOW + timedelta(minutes=repair.ttl_min)
    assert f"destroyed in {'24h' if state is SandboxState.STARTED else '7d'}" in repair.consequence


def test_money_and_resources_are_those_of_the_state() -> None:
    running = judged(box(lifetimes=NEVER_STOPPED, last_activity_at=ago(days=2)))
    assert running.per_day == pytest.approx((2 * 0.0504 + 4 * 0.0162 + 10 * 0.000108) * 24)
    assert (running.frees.cpu, running.frees.memory_gib, running.frees.disk_gib) == (2, 4, 10)
    stopped = judged(box(STOPPED, last_activity_at=ago(days=2)))
    assert (stopped.frees.cpu, stopped.frees.memory_gib, stopped.frees.disk_gib) == (0, 0, 10)
    archived = judged(box(SandboxState.ARCHIVED, last_activity_at=ago(days=50)))
    assert (archived.per_day, bool(archived.frees)) == (0.0, False)
    unpriced = judged(box(resources=Resources(1, 1, 1, 1, "T800"), last_activity_at=ago(days=2)))
    assert unpriced.per_day is None


def test_the_dearest_comes_first_and_the_total_counts_leaks_and_suspects() -> None:
    idle: dict[str, Any] = {"lifetimes": EPHEMERAL, "last_activity_at": ago(hours=30)}
    small = box(id=SandboxId("small"), resources=Resources(1, 1, 3, 0), **idle)
    large = box(id=SandboxId("large"), resources=Resources(4, 8, 10, 0), **idle)
    late = box(id=SandboxId("late"), last_activity_at=ago(hours=3))
    lying = box(STOPPED, id=SandboxId("lying"), last_activity_at=ago(days=3))
    fine = box(id=SandboxId("fine"))
    held = box(id=SandboxId("held"), **idle)
    verdicts = judge([lying, small, fine, held, late, large], known(pins={held.id}), USUAL)
    assert [each.sandbox.id for each in verdicts.ranked()] == ["large", "late", "small", "lying"]
    assert [each.sandbox.id for each in verdicts.held_back()] == ["held"]
    assert [verdicts[each.id].band for each in (large, late, lying, fine)] == [
        Band.LEAK,
        Band.SUSPECT,
        Band.UNTIDY,
        Band.FINE,
    ]
    total = verdicts.total
    assert (total.leaks, total.suspects, total.untidy, total.count) == (2, 1, 1, 3)
    assert total.per_day == pytest.approx(sum(verdicts[each.id].per_day or 0 for each in (small, large, late)))
    assert (total.frees.cpu, total.frees.disk_gib, total.unknown) == (7, 23, 0)


def test_an_empty_fleet_has_no_leaks() -> None:
    verdicts = judge([], known(), USUAL)
    assert (len(verdicts), verdicts.ranked(), verdicts.held_back(), verdicts.total.count) == (0, (), (), 0)
