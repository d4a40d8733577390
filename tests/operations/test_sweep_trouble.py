"""What can go wrong in the middle of a sweep, and what it comes to."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.operations.bulk_helpers import until
from tests.operations.conftest import Bench
from tests.operations.cutting_proxy import CuttingProxy
from tests.operations.sweep_helpers import BOOK, QUICK, fleet, leaks, mixed, outcomes, planned, swept, usual_guard

from daytona_tui.client import open_gateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.domain.leaks import Action
from daytona_tui.domain.sandbox import SandboxState
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.operations.bulk import Tempo
from daytona_tui.operations.journal import Journal
from daytona_tui.operations.sweep import Outcome, SweepRowRun, SweepRun
from daytona_tui.operations.sweep.plan import ORDER
from daytona_tui.operations.sweep.planfile import read_plan, write_plan

BUSY = {"statusCode": 409, "message": "Sandbox state change in progress"}
DENIED = {"statusCode": 403, "message": "Missing permission delete:sandboxes", "error": "Forbidden"}


async def test_a_limiter_that_closes_in_the_middle(bench: Bench) -> None:
    chosen = await leaks(bench)
    rule = FaultRule.rate_limited(path="*/stop", limiter="sandbox-lifecycle", seconds=1, times=2)
    bench.emulator.faults.add(rule)

    report = await swept(bench, await planned(bench, chosen, Action.STOP))

    assert set(outcomes(report).values()) == {Outcome.STOPPED}


async def test_a_conflict_passes_or_is_told(bench: Bench) -> None:
    chosen = await leaks(bench, 2)
    bench.emulator.faults.add(FaultRule(path=f"*/{chosen[0].id}/stop", status=409, body=BUSY, times=2))
    bench.emulator.faults.add(FaultRule(path=f"*/{chosen[1].id}/stop", status=409, body=BUSY))

    report = await swept(bench, await planned(bench, chosen, Action.STOP))

    assert outcomes(report) == {chosen[0].name: Outcome.STOPPED, chosen[1].name: Outcome.FAILED}
    assert report.ended[0].outcome is Outcome.FAILED, "failures come first"
    assert "in progress" in report.ended[0].detail


@pytest.mark.parametrize("action", [Action.STOP, Action.DELETE, Action.TTL])
async def test_a_server_that_fails_twice(bench: Bench, action: Action) -> None:
    chosen = await leaks(bench, 3)
    for each in chosen:
        for method in ("POST", "PUT", "DELETE"):
            bench.emulator.faults.add(FaultRule(method=method, path=f"*/{each.id}*", status=500, times=2))

    report = await swept(bench, await planned(bench, chosen, action))

    assert all(outcome.is_success for outcome in outcomes(report).values()), report.ended


async def test_a_server_that_goes_on_failing(bench: Bench) -> None:
    (chosen,) = await leaks(bench, 1)
    fault = bench.emulator.faults.add(FaultRule(method="DELETE", status=500))

    report = await swept(bench, await planned(bench, [chosen], Action.DELETE))

    assert list(outcomes(report).values()) == [Outcome.FAILED]
    assert fault.hits == 4
    assert await bench.gateway.get(chosen.id) == chosen


async def test_what_changed_after_the_server_failed_is_left_alone_and_said_to_be(bench: Bench) -> None:
    (chosen,) = await leaks(bench, 1)
    bench.emulator.faults.add(FaultRule(method="DELETE", status=500, times=1))

    def meddle(each: SweepRowRun) -> None:
        if "the server failed" in each.bulk.step:
            record = bench.emulator.fleet.records[chosen.id]
            bench.emulator.fleet.change(record, labels={**record.labels, "team": "core"})

    report = await swept(bench, await planned(bench, [chosen], Action.DELETE), on_change=meddle)

    assert list(outcomes(report).values()) == [Outcome.CHANGED], report.ended
    assert "its label changed: team" in report.ended[0].detail


async def test_a_key_that_may_not_delete_stops_the_deleting_and_nothing_else(bench: Bench) -> None:
    chosen = await leaks(bench, 4)
    plan = mixed(await planned(bench, chosen, Action.TTL))
    more = await planned(bench, chosen, Action.DELETE)
    fault = bench.emulator.faults.add(FaultRule(method="DELETE", status=403, body=DENIED))

    report = await swept(bench, plan)

    by_action = {each.row.action: each.outcome for each in report.ended}
    assert by_action == {
        Action.TTL: Outcome.REPAIRED,
        Action.STOP: Outcome.STOPPED,
        Action.ARCHIVE: Outcome.ARCHIVED,
        Action.DELETE: Outcome.FAILED,
    }
    assert fault.hits == 1
    assert "delete:sandboxes" in report.denied
    denied = await swept(bench, more, tempo=Tempo(timeout_s=5, at_once=1))
    assert fault.hits == 2, "one refusal is enough"
    assert set(outcomes(denied).values()) <= {Outcome.FAILED, Outcome.CANCELLED, Outcome.CHANGED}


@pytest.mark.parametrize(("action", "outcome"), [(Action.STOP, Outcome.STOPPED), (Action.TTL, Outcome.REPAIRED)])
async def test_what_may_not_be_deleted_can_be_stopped_or_given_an_end(
    bench: Bench, action: Action, outcome: Outcome
) -> None:
    chosen = await leaks(bench, 2)
    bench.emulator.faults.add(FaultRule(method="DELETE", status=403, body=DENIED))
    denied = await swept(bench, await planned(bench, chosen, Action.DELETE))

    fallback = denied.fallback(action, datetime.now(UTC))

    assert len(fallback.acting) == 2
    assert set(outcomes(await swept(bench, fallback)).values()) == {outcome}


async def test_stopping_is_no_way_round_a_refusal_to_delete(bench: Bench) -> None:
    chosen = await leaks(bench, 2, auto_delete=0)
    bench.emulator.faults.add(FaultRule(method="DELETE", status=403, body=DENIED))
    denied = await swept(bench, await planned(bench, chosen, Action.DELETE))

    fallback = denied.fallback(Action.STOP, datetime.now(UTC))

    assert not fallback.acting
    assert all("which the key may not" in row.skip for row in fallback.rows)


async def test_a_key_that_is_refused_ends_everything(bench: Bench) -> None:
    plan = mixed(await planned(bench, await leaks(bench), Action.TTL))
    fault = bench.emulator.faults.add(FaultRule(status=401, body={"statusCode": 401, "message": "Invalid credentials"}))

    report = await swept(bench, plan)

    assert set(outcomes(report).values()) == {Outcome.FAILED, Outcome.CANCELLED}
    assert fault.hits <= 3
    assert not report.denied
    assert "could not be verified" in report.trouble or not report.trouble


@pytest.mark.parametrize("action", [Action.STOP, Action.DELETE])
async def test_a_connection_that_is_lost_for_a_while(bench: Bench, action: Action) -> None:
    """Every connection breaks in the middle of the sweep and none can be made for a while; then all goes on."""
    chosen = await leaks(bench, 4)
    plan = await planned(bench, chosen, action)
    dark = FaultRule(drop=True)
    seen: list[str] = []
    fault = None

    def go_dark(row: object) -> None:
        nonlocal fault
        seen.append(repr(row))
        if len(seen) == 3:
            fault = bench.emulator.faults.add(dark)

    task = asyncio.create_task(swept(bench, plan, on_change=go_dark))
    await until(lambda: fault is not None and fault.hits >= 6, within_s=20)
    bench.emulator.faults.clear()
    report = await task

    assert all(outcome.is_success for outcome in outcomes(report).values()), report.ended


async def test_a_connection_that_stays_lost_ends_the_sweep_in_its_time(bench: Bench) -> None:
    chosen = await leaks(bench, 4)
    plan = await planned(bench, chosen, Action.STOP)
    bench.emulator.faults.add(FaultRule(drop=True))

    report = await swept(bench, plan, tempo=Tempo(timeout_s=2, conflict_pause_s=0.01, patience_s=0.5))

    assert set(outcomes(report).values()) == {Outcome.FAILED}
    assert report.freed(BOOK).hourly == 0


async def test_a_connection_that_stays_lost_is_waited_for_once_and_not_for_each_action(bench: Bench) -> None:
    plan = mixed(await planned(bench, await leaks(bench, 6), Action.TTL))
    first, *later = [action for action in ORDER if any(row.action is action for row in plan.acting)]
    assert later
    bench.emulator.faults.add(FaultRule(drop=True))

    report = await swept(bench, plan, tempo=Tempo(timeout_s=2, conflict_pause_s=0.01, patience_s=0.5))

    assert {each.row.sandbox.id for each in report.ended} == {row.sandbox.id for row in plan.acting}
    assert all((each.outcome is Outcome.FAILED) == (each.row.action is first) for each in report.ended)
    assert {each.outcome for each in report.ended if each.row.action in later} == {Outcome.CANCELLED}


async def test_an_answer_that_is_lost_although_the_deed_was_done(bench: Bench) -> None:
    """The request arrives and the connection breaks before the answer: nobody else has changed the sandbox."""
    chosen = await leaks(bench, 2)
    async with CuttingProxy(urlsplit(bench.emulator.api_url).port or 0) as proxy:
        gateway = open_gateway(Connection(f"http://127.0.0.1:{proxy.port}/api", Secret(bench.emulator.api_key)))
        plan = await planned(bench, chosen, Action.DELETE)
        run = SweepRun(plan, gateway, usual_guard(), tempo=QUICK)
        task = asyncio.create_task(run.run())
        await until(lambda: any(row.bulk.step == "deleting" for row in run.rows))
        proxy.cut()
        async with asyncio.timeout(30):
            report = await task
        await gateway.close()

    assert set(outcomes(report).values()) == {Outcome.DELETED}


async def test_an_end_that_cannot_be_verified_is_told(bench: Bench) -> None:
    broken = await bench.in_state(SandboxState.ERROR)
    (chosen,) = await leaks(bench, 1)
    old = {"created_at": chosen.created_at, "last_activity_at": chosen.last_activity_at}
    bench.emulator.fleet.change(bench.emulator.fleet.records[broken.id], **old)
    plan = await planned(bench, [chosen, broken], Action.DELETE)
    bench.emulator.faults.add(FaultRule(method="GET", path="/api/sandbox", status=500))

    report = await swept(bench, plan)

    assert "could not be verified" in report.trouble
    assert outcomes(report) == {chosen.name: Outcome.DELETED, broken.name: Outcome.NOT_CONFIRMED}


async def test_a_deletion_that_takes_for_ever_is_accepted_and_not_confirmed(bench: Bench) -> None:
    (chosen,) = await leaks(bench, 1)
    plan = await planned(bench, [chosen], Action.DELETE)
    record = bench.emulator.fleet.records[chosen.id]
    fault = bench.emulator.faults.add(FaultRule(method="DELETE", body={"id": chosen.id}))  # accepted, and that is all

    task = asyncio.create_task(swept(bench, plan, tempo=Tempo(timeout_s=1.0)))
    await until(lambda: fault.hits > 0)
    bench.emulator.fleet.change(record, state="destroying", desired_state="destroyed")
    report = await task

    assert [(each.outcome, each.detail) for each in report.ended] == [(Outcome.NOT_CONFIRMED, "it is destroying still")]


async def test_a_plan_whose_program_was_killed_does_only_the_rest_when_it_is_applied_again(
    bench: Bench, tmp_path: Path
) -> None:
    chosen = await leaks(bench, 6)
    plan, path = mixed(await planned(bench, chosen, Action.TTL)), tmp_path / "plan.json"
    write_plan(path, plan)
    journal = Journal(tmp_path / "journal.jsonl")

    def kill(each: SweepRowRun) -> None:
        if not each.is_over and sum(row.is_over for row in run.rows) >= 2:  # in the middle of the third
            task.cancel()

    tempo = Tempo(timeout_s=10, at_once=1)
    run = SweepRun(plan, bench.gateway, usual_guard(), on_change=kill, journal=journal, tempo=tempo)
    task = asyncio.create_task(run.run())
    await asyncio.gather(task, return_exceptions=True)
    done = {entry.sandbox_id for entry in await journal.recent(99) if entry.outcome == "done"}
    assert done
    told = [json.loads(line) for line in journal.path.read_text().splitlines()]
    assert {each["id"] for each in told if each["outcome"] == "done"} == done
    assert (told[0]["verb"], told[0]["outcome"], told[0]["name"]) == (
        "sweep",
        "begun",
        f"{len(plan.acting)} sandboxes",
    )
    between = {each.id: each for each in await fleet(bench)}

    again = read_plan(path, connection=plan.connection, now=datetime.now(UTC))
    report = await swept(bench, again)

    for each in report.ended:
        after = {found.id: found for found in await fleet(bench)}.get(each.row.sandbox.id)
        if each.row.sandbox.id in done:
            assert after == between.get(each.row.sandbox.id), "what was done is not done twice"
        else:
            assert each.outcome.is_success or each.outcome is Outcome.CHANGED
    interrupted = {row.row.sandbox.id for row in run.rows if "interrupted" in row.bulk.detail}
    rest = {row.sandbox.id for row in plan.acting} - done - interrupted
    assert rest
    assert {each.row.sandbox.id for each in report.ended if each.outcome.is_success} >= rest
