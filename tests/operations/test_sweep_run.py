"""A sweep carried out on a real server: what happens to whom, what is left alone, and what the report says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.operations.bulk_helpers import until
from tests.operations.conftest import Bench
from tests.operations.sweep_helpers import (
    BOOK,
    QUICK,
    evidence,
    fleet,
    forget,
    leaks,
    mixed,
    outcomes,
    planned,
    swept,
    usual_guard,
)
from tests.operations.sweep_helpers import POLICY as USUAL

from daytona_tui.domain.effects import Amount
from daytona_tui.domain.leaks import Action, judge
from daytona_tui.domain.sandbox import Sandbox, SandboxState
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.errors import ConflictError
from daytona_tui.operations.bulk import Tempo
from daytona_tui.operations.journal import Journal
from daytona_tui.operations.sweep import Outcome, Scan, SweepRowRun, SweepRun, make_sweep
from daytona_tui.operations.sweep.plan import freed_by
from daytona_tui.operations.sweep.report import as_json, summary


@pytest.mark.parametrize(
    ("action", "outcome", "state"),
    [
        (Action.TTL, Outcome.REPAIRED, SandboxState.STARTED),
        (Action.STOP, Outcome.STOPPED, SandboxState.STOPPED),
        (Action.ARCHIVE, Outcome.ARCHIVED, SandboxState.ARCHIVED),
    ],
)
async def test_each_action_does_what_it_says(
    bench: Bench, action: Action, outcome: Outcome, state: SandboxState
) -> None:
    chosen = await leaks(bench)

    report = await swept(bench, await planned(bench, chosen, action))

    assert set(outcomes(report).values()) == {outcome}
    after = [await bench.gateway.get(each.id) for each in chosen]
    assert {each.state for each in after} == {state}
    assert all((each.lifetimes.destroy_at is not None) == (action is Action.TTL) for each in after)


async def test_deleting_is_verified_and_what_it_frees_is_the_sum_of_what_succeeded(bench: Bench) -> None:
    chosen = await leaks(bench)
    plan = await planned(bench, chosen, Action.DELETE)

    report = await swept(bench, plan)

    assert set(outcomes(report).values()) == {Outcome.DELETED}
    assert not {each.id for each in chosen} & {each.id for each in await fleet(bench)}
    freed = report.freed(BOOK)
    assert freed == plan.frees(BOOK).frees
    assert freed.cpu == sum(each.resources.cpu or 0 for each in chosen)


async def test_stopping_what_is_deleted_by_it_counts_as_a_deletion(bench: Bench) -> None:
    chosen = await leaks(bench, 1, auto_delete=0)
    plan = await planned(bench, chosen, Action.STOP)
    assert plan.acting[0].destroys

    assert list(outcomes(await swept(bench, plan)).values()) == [Outcome.DELETED]


async def test_what_is_in_error_is_deleted_and_found_hidden(bench: Bench) -> None:
    broken = await bench.in_state(SandboxState.ERROR)
    forget(bench, broken, hours=50)

    report = await swept(bench, await planned(bench, [broken], Action.DELETE))

    (ended,) = report.ended
    assert ended.outcome is Outcome.HIDDEN
    assert "purges it" in ended.detail


async def test_the_gentlest_actions_come_first(bench: Bench) -> None:
    plan = mixed(await planned(bench, await leaks(bench), Action.TTL))
    begun: list[Action] = []

    await swept(bench, plan, on_change=lambda each: begun.append(each.row.action))

    order = list(dict.fromkeys(begun[: begun.index(Action.DELETE) + 1]))
    assert order == [Action.TTL, Action.STOP, Action.ARCHIVE, Action.DELETE]


# What has changed since the plan


def _restart(bench: Bench, each: Sandbox) -> None:
    bench.emulator.fleet.change(bench.emulator.fleet.records[each.id], state="stopped", desired_state="stopped")


def _use(bench: Bench, each: Sandbox) -> None:
    bench.emulator.fleet.touch(bench.emulator.fleet.records[each.id])


def _label(bench: Bench, each: Sandbox) -> None:
    bench.emulator.fleet.change(bench.emulator.fleet.records[each.id], labels={**each.labels, "task": "new"})


def _want(bench: Bench, each: Sandbox) -> None:
    bench.emulator.fleet.change(bench.emulator.fleet.records[each.id], desired_state="archived")


def _give_an_end(bench: Bench, each: Sandbox) -> None:
    end = datetime.now(UTC) + timedelta(days=3)
    bench.emulator.fleet.change(bench.emulator.fleet.records[each.id], auto_destroy_at=end)


def _let_stop(bench: Bench, each: Sandbox) -> None:
    bench.emulator.fleet.change(bench.emulator.fleet.records[each.id], auto_stop=6000)


@pytest.mark.parametrize("action", [Action.TTL, Action.STOP, Action.ARCHIVE, Action.DELETE])
@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_restart, "it was started and is stopped"),
        (_use, "it has been used since"),
        (_label, "its label changed: task"),
        (_want, "it is to be archived now"),
        (_give_an_end, "its time to live changed"),
        (_let_stop, "its auto-stop changed"),
    ],
)
async def test_whatever_changed_since_the_plan_is_left_alone(
    bench: Bench, change: Callable[[Bench, Sandbox], None], told: str, action: Action
) -> None:
    (chosen,) = await leaks(bench, 1)
    plan = await planned(bench, [chosen], action)
    change(bench, chosen)
    before = await bench.gateway.get(chosen.id)

    report = await swept(bench, plan)

    assert [(each.outcome, each.detail) for each in report.ended] == [(Outcome.CHANGED, f"changed since plan: {told}")]
    assert await bench.gateway.get(chosen.id) == before
    assert report.freed(BOOK) == Amount()


async def test_who_is_held_after_the_plan_was_made_is_guarded(bench: Bench) -> None:
    chosen = await leaks(bench, 2)
    plan = await planned(bench, chosen, Action.DELETE)

    report = await swept(bench, plan, guard=usual_guard(pins={chosen[0].id}))

    assert outcomes(report) == {chosen[0].name: Outcome.GUARDED, chosen[1].name: Outcome.DELETED}
    assert await bench.gateway.get(chosen[0].id) == chosen[0]


async def test_somebody_else_deletes_and_restarts_while_the_sweep_runs(bench: Bench) -> None:
    chosen = await leaks(bench, 4)
    plan = await planned(bench, chosen, Action.DELETE)
    first, *_, used, gone = [row.sandbox for row in plan.acting]
    meddled: list[str] = []

    def meddle(each: SweepRowRun) -> None:
        if each.is_over and each.row.sandbox.id == first.id and not meddled:
            meddled.append(first.name)
            _use(bench, used)
            _destroy(bench, gone)

    report = await swept(bench, plan, tempo=replace(QUICK, at_once=1), on_change=meddle)

    assert meddled
    told = {each.row.sandbox.name: (each.outcome, each.detail) for each in report.ended}
    assert told[used.name] == (Outcome.CHANGED, "changed since plan: it has been used since")
    assert told[gone.name][0] is Outcome.DELETED
    assert (await bench.gateway.get(used.id)).is_running


def _destroy(bench: Bench, each: Sandbox) -> None:
    bench.emulator.fleet.change(bench.emulator.fleet.records[each.id], state="destroyed", desired_state="destroyed")


async def test_who_is_held_is_in_no_plan(bench: Bench) -> None:
    chosen = await leaks(bench, 2)

    plan = await planned(bench, chosen, Action.DELETE, pins={chosen[0].id})

    assert [row.sandbox.id for row in plan.acting] == [chosen[1].id]
    assert plan.skipped[0].skip == "held on this machine"


async def test_what_is_gone_when_its_turn_comes(bench: Bench) -> None:
    chosen = await leaks(bench, 2)
    deleting, stopping = await planned(bench, chosen, Action.DELETE), await planned(bench, chosen, Action.STOP)
    await bench.gateway.delete(chosen[0].id, timeout_s=10)

    assert outcomes(await swept(bench, stopping)) == {chosen[0].name: Outcome.CHANGED, chosen[1].name: Outcome.STOPPED}
    assert (await bench.gateway.get(chosen[1].id)).state is SandboxState.STOPPED
    report = await swept(bench, deleting)
    assert outcomes(report) == {chosen[0].name: Outcome.DELETED, chosen[1].name: Outcome.CHANGED}
    assert report.freed(BOOK) == Amount(), "somebody else has freed it"
    assert report.words.endswith(" (1 was gone already)")


# Scans and plans


async def test_nothing_is_planned_from_a_part_of_the_fleet(bench: Bench) -> None:
    verdicts = judge(await fleet(bench), evidence(), USUAL)

    with pytest.raises(ConflictError, match="nothing is planned from a part of the fleet: page 3 failed"):
        make_sweep(Scan(verdicts, datetime.now(UTC), "here", partial="page 3 failed"))


async def test_what_is_proposed_is_a_leak_ours_and_not_vetoed(bench: Bench) -> None:
    await leaks(bench, 6)
    verdicts = judge(await fleet(bench), evidence(), USUAL)
    scan = Scan(verdicts, datetime.now(UTC), "here")

    plan = make_sweep(scan)
    others = judge(await fleet(bench), replace(evidence(), mine=lambda _each: False), USUAL)

    assert {row.sandbox.id for row in plan.acting} == {each for each, said in verdicts.items() if said.preselected}
    assert len(plan.acting) >= 6
    assert not make_sweep(replace(scan, verdicts=others)).acting


# The journal and the report


async def test_the_journal_tells_each_act_with_its_reasons_and_the_report_tells_all(
    bench: Bench, tmp_path: Path
) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    (chosen,) = await leaks(bench, 1)

    report = await swept(bench, await planned(bench, [chosen], Action.STOP), journal=journal)
    *_, first = await journal.recent(9)
    await journal.keep(summary(report, BOOK))

    whole, one = await journal.recent(9)
    assert (first.verb, first.outcome, first.detail) == ("sweep", "begun", "begun: 1 stop")
    assert (one.verb, one.sandbox_id, one.outcome) == ("stop", chosen.id, "done")
    assert one.parameters["reasons"] == list(report.ended[0].row.codes)
    assert "run.no-autostop-idle" in report.ended[0].row.codes
    assert (whole.verb, whole.outcome, whole.parameters["counts"]) == ("sweep", "done", {"stopped": 1})
    told = json.loads(json.dumps(as_json(report, BOOK)))
    assert told["counts"] == {"stopped": 1}
    assert told["freed"]["cpu"] == chosen.resources.cpu
    assert bench.emulator.api_key not in json.dumps(told)


@pytest.mark.parametrize("after", [1, 4, 9])
async def test_a_cancelled_sweep_leaves_no_row_unreported(bench: Bench, after: int) -> None:
    chosen = await leaks(bench, 6)
    plan = await planned(bench, chosen, Action.STOP)
    news: list[SweepRowRun] = []

    def cancel_later(each: SweepRowRun) -> None:
        news.append(each)
        if len(news) == after:
            run.cancel()

    run = SweepRun(plan, bench.gateway, usual_guard(), on_change=cancel_later, tempo=replace(QUICK, at_once=2))

    async with asyncio.timeout(30):
        report = await run.run()

    assert {each.row.sandbox.id for each in report.ended} == {row.sandbox.id for row in plan.acting}
    assert Outcome.CANCELLED in report.counts
    for each in report.ended:
        state = (await bench.gateway.get(each.row.sandbox.id)).state
        assert (state is SandboxState.STOPPED) == (each.outcome is Outcome.STOPPED)
    done = [each.row for each in report.ended if each.outcome.is_success]
    assert report.freed(BOOK) == freed_by(done, BOOK).frees


async def test_an_interrupted_sweep_still_tells_of_every_row(bench: Bench) -> None:
    chosen = await leaks(bench, 4)
    run = SweepRun(mixed(await planned(bench, chosen, Action.STOP)), bench.gateway, usual_guard())
    task = asyncio.create_task(run.run())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert run.report().counts == {Outcome.CANCELLED: 4}
    assert run.is_over


async def test_what_was_asked_for_when_a_sweep_was_interrupted_is_not_called_undone(bench: Bench) -> None:
    chosen = await leaks(bench, 2)
    fault = bench.emulator.faults.add(FaultRule(method="DELETE", delay_s=30))
    plan = await planned(bench, chosen, Action.DELETE)
    run = SweepRun(plan, bench.gateway, usual_guard(), tempo=Tempo(timeout_s=10, at_once=1))
    task = asyncio.create_task(run.run())
    await until(lambda: fault.hits > 0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert run.report().counts == {Outcome.NOT_CONFIRMED: 1, Outcome.CANCELLED: 1}
    assert [each.detail for each in run.report().ended if each.outcome is Outcome.NOT_CONFIRMED] == [
        "interrupted: it may still happen"
    ]
