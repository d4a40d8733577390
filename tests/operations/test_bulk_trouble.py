"""What can come between a plan and its deed: changes, limits, conflicts, refusals, and a change of mind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from tests.operations.bulk_helpers import QUICK, done, fleet_of, plan_for, tally, until
from tests.operations.conftest import Bench

from daytona_tui.domain.deeds import Deed, LabelEdit, LifetimeEdit, Verb
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.errors import AuthError, ConflictError, RateLimitedError, RemoteError, UnsupportedError
from daytona_tui.operations.bulk import BulkRow, BulkRun, RowStatus, Tempo, make_plan

STOP = Deed(Verb.STOP)
BUSY = {"statusCode": 409, "message": "Sandbox state change in progress"}


# What has changed since the plan


def _stop(bench: Bench, each: Sandbox) -> None:
    bench.emulator.fleet.change(bench.emulator.fleet.records[each.id], state="stopped", desired_state="stopped")


def _label(bench: Bench, each: Sandbox) -> None:
    bench.emulator.fleet.change(bench.emulator.fleet.records[each.id], labels={**each.labels, "keep": "yes"})


def _use(bench: Bench, each: Sandbox) -> None:
    bench.emulator.fleet.touch(bench.emulator.fleet.records[each.id])


def _want_otherwise(bench: Bench, each: Sandbox) -> None:
    bench.emulator.fleet.change(bench.emulator.fleet.records[each.id], desired_state="destroyed")


def _doom(bench: Bench, each: Sandbox) -> None:
    bench.emulator.fleet.change(bench.emulator.fleet.records[each.id], auto_delete=0)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_stop, "it was started and is stopped"),
        (_label, "its label changed: keep"),
        (_use, "it has been used since"),
        (_want_otherwise, "it is to be destroyed now"),
        (_doom, "its auto-delete is 0 now: stopping would delete it"),
    ],
)
async def test_what_changed_since_the_plan_is_left_alone_and_named(
    bench: Bench, change: Callable[[Bench, Sandbox], None], reason: str
) -> None:
    chosen = await fleet_of(bench, SandboxState.STARTED)
    plan = plan_for(STOP, chosen)
    change(bench, chosen[1])  # the first one was used a moment ago

    run = await done(bench, plan)

    assert run.rows[1].status is RowStatus.SKIPPED
    assert run.rows[1].detail == f"changed since: {reason}"
    assert tally(run) == {RowStatus.SKIPPED: 1, RowStatus.DONE: len(chosen) - 1}
    assert run.rows[1].before is None
    assert run.rows[1].after == await bench.gateway.get(chosen[1].id), "its record of this moment is known now"


async def test_what_is_gone_is_left_alone_and_what_is_deleted_already_is_a_success(bench: Bench) -> None:
    chosen = await fleet_of(bench, SandboxState.STARTED)
    stop, delete = plan_for(STOP, chosen[:1]), plan_for(Deed(Verb.DELETE), chosen[:1])
    await bench.gateway.delete(chosen[0].id, timeout_s=20)

    assert [(row.status, row.detail) for row in (await done(bench, stop)).rows] == [(RowStatus.SKIPPED, "it is gone")]
    deleted = await done(bench, delete)
    assert [(row.status, row.detail) for row in deleted.rows] == [(RowStatus.DONE, "it was gone already")]


async def test_use_does_not_come_in_the_way_of_what_takes_nothing_away(bench: Bench) -> None:
    chosen = await fleet_of(bench, SandboxState.STARTED)
    plans = [
        plan_for(Deed(Verb.LABELS, labels=LabelEdit({"a": "b"})), chosen[:1]),
        plan_for(Deed(Verb.EXECUTE, command="true"), chosen[1:2]),
    ]
    for each in chosen[:2]:
        _use(bench, each)

    for plan in plans:
        assert tally(await done(bench, plan)) == {RowStatus.DONE: 1}


async def test_one_that_was_in_use_when_it_was_chosen_can_be_stopped_while_it_is(bench: Bench) -> None:
    _use(bench, bench.sandbox)
    busy = await bench.gateway.get(bench.sandbox.id)
    plan = plan_for(STOP, [busy])
    _use(bench, bench.sandbox)

    assert tally(await done(bench, plan)) == {RowStatus.DONE: 1}


# Limits


async def test_a_closed_limiter_holds_the_whole_batch_and_then_all_is_done(bench: Bench) -> None:
    chosen = await fleet_of(bench, SandboxState.STARTED)
    rule = FaultRule.rate_limited(path="*/stop", limiter="sandbox-lifecycle", seconds=1, times=2)
    fault = bench.emulator.faults.add(rule)
    steps: list[str] = []
    began = time.monotonic()

    run = await done(bench, plan_for(STOP, chosen), Tempo(jitter_s=0.05, at_once=2), lambda row: steps.append(row.step))

    assert tally(run) == {RowStatus.DONE: len(chosen)}
    assert time.monotonic() - began >= 1.0
    assert fault.hits == 2, "nobody else asked while the limiter was closed"
    assert "waiting 1 s: too many requests (sandbox-lifecycle)" in steps


async def test_a_limiter_of_lifecycles_does_not_hold_edits(bench: Bench) -> None:
    chosen = await fleet_of(bench, SandboxState.STARTED)
    bench.emulator.faults.add(FaultRule.rate_limited(path="*/stop", limiter="sandbox-lifecycle", seconds=600, times=1))
    stopping = BulkRun(plan_for(STOP, chosen[:1]), bench.gateway, tempo=QUICK)
    task = asyncio.create_task(stopping.run())
    await until(lambda: "too many" in stopping.rows[0].step)

    labelled = await done(bench, plan_for(Deed(Verb.LABELS, labels=LabelEdit({"a": "b"})), chosen[1:]))

    assert tally(labelled) == {RowStatus.DONE: len(chosen) - 1}
    stopping.cancel()
    await asyncio.wait_for(task, 5)
    assert [(row.status, row.detail) for row in stopping.rows] == [(RowStatus.CANCELLED, "not begun")]
    assert (await bench.gateway.get(chosen[0].id)).is_running


async def test_a_limiter_that_never_opens_ends_in_a_failure(bench: Bench) -> None:
    bench.emulator.faults.add(FaultRule.rate_limited(path="*/stop", seconds=0))

    run = await done(bench, plan_for(STOP, [await bench.gateway.get(bench.sandbox.id)]))

    assert tally(run) == {RowStatus.FAILED: 1}
    assert isinstance(run.rows[0].error, RateLimitedError)


async def test_nobody_waits_for_hours(bench: Bench) -> None:
    bench.emulator.faults.add(FaultRule.rate_limited(path="*/stop", seconds=7200))

    run = await done(bench, plan_for(STOP, [await bench.gateway.get(bench.sandbox.id)]))

    assert isinstance(run.rows[0].error, RateLimitedError)


# Conflicts


async def test_a_conflict_is_tried_again(bench: Bench) -> None:
    chosen = await fleet_of(bench, SandboxState.STARTED)
    bench.emulator.faults.add(FaultRule(path="*/stop", status=409, body=BUSY, times=3))

    run = await done(bench, plan_for(STOP, chosen))

    assert tally(run) == {RowStatus.DONE: len(chosen)}


async def test_a_conflict_that_lasts_ends_in_a_failure_that_can_be_tried_again(bench: Bench) -> None:
    fault = bench.emulator.faults.add(FaultRule(path="*/stop", status=409, body=BUSY))

    run = await done(bench, plan_for(STOP, [await bench.gateway.get(bench.sandbox.id)]))

    assert fault.hits == 4
    assert isinstance(run.rows[0].error, ConflictError)
    bench.emulator.faults.clear()
    assert tally(await done(bench, run.failed())) == {RowStatus.DONE: 1}


async def test_a_conflict_in_the_middle_of_archiving_goes_on_where_it_was(bench: Bench) -> None:
    bench.emulator.faults.add(FaultRule(path="*/archive", status=409, body=BUSY, times=1))

    run = await done(bench, plan_for(Deed(Verb.ARCHIVE), [await bench.gateway.get(bench.sandbox.id)]))

    assert tally(run) == {RowStatus.DONE: 1}
    assert (await bench.gateway.get(bench.sandbox.id)).state is SandboxState.ARCHIVED


# Refusals


@pytest.mark.parametrize(
    ("deed", "path", "permission"),
    [
        (STOP, "*/stop", "write:sandboxes"),
        (Deed(Verb.DELETE), "/api/sandbox/*", "delete:sandboxes"),
        (Deed(Verb.LABELS, labels=LabelEdit({"a": "b"})), "*/labels", "write:sandboxes"),
        (Deed(Verb.LIFETIMES, lifetimes=LifetimeEdit(ttl_min=5)), "*/ttl/*", "write:sandboxes"),
    ],
)
async def test_a_missing_permission_stops_the_asking_and_is_named(
    bench: Bench, deed: Deed, path: str, permission: str
) -> None:
    chosen = await fleet_of(bench, SandboxState.STARTED)
    method = {Verb.DELETE: "DELETE", Verb.LABELS: "PUT"}.get(deed.verb, "POST")
    body = {"statusCode": 403, "message": "Access denied"}
    fault = bench.emulator.faults.add(FaultRule(method=method, path=path, status=403, body=body))

    run = await done(bench, plan_for(deed, chosen), Tempo(at_once=1))

    assert fault.hits == 1
    assert run.stopped_because == f"the key lacks the permission {permission}"
    assert tally(run) == {RowStatus.FAILED: 1, RowStatus.CANCELLED: len(chosen) - 1}
    assert isinstance(run.rows[0].error, AuthError)
    assert run.rows[0].detail == run.stopped_because
    assert run.rows[-1].detail == f"not asked: the key lacks the permission {permission}"
    assert len(run.failed().rows) == 1
    assert len(run.unfinished().rows) == len(chosen)


async def test_a_permission_that_the_server_names_is_named(bench: Bench) -> None:
    body = {"statusCode": 403, "message": "Missing manage:secrets"}
    bench.emulator.faults.add(FaultRule(path="*/stop", status=403, body=body))

    assert (await done(bench, plan_for(STOP, [await bench.gateway.get(bench.sandbox.id)]))).stopped_because.endswith(
        "manage:secrets"
    )


async def test_a_server_that_is_too_old_is_asked_once(bench: Bench) -> None:
    chosen = await fleet_of(bench, SandboxState.STARTED)
    body = {"message": "Cannot POST /api/sandbox/x/ttl/5", "statusCode": 404}
    fault = bench.emulator.faults.add(FaultRule(path="*/ttl/*", status=404, body=body))

    run = await done(bench, plan_for(Deed(Verb.LIFETIMES, lifetimes=LifetimeEdit(ttl_min=5)), chosen), Tempo(at_once=1))

    assert fault.hits == 1
    assert isinstance(run.rows[0].error, UnsupportedError)
    assert run.stopped_because == "this server has no time to live"


async def test_a_failure_concerns_its_row_only(bench: Bench) -> None:
    chosen = await fleet_of(bench, SandboxState.STARTED)
    bench.emulator.faults.add(FaultRule(path=f"*/{chosen[1].id}/stop", status=500))

    run = await done(bench, plan_for(STOP, chosen))

    assert tally(run) == {RowStatus.FAILED: 1, RowStatus.DONE: len(chosen) - 1}
    assert isinstance(run.rows[1].error, RemoteError)
    bench.emulator.faults.clear()
    retry = run.failed()
    assert [row.sandbox.id for row in retry.acting] == [chosen[1].id]
    assert tally(await done(bench, retry)) == {RowStatus.DONE: 1}


async def test_what_happened_in_spite_of_a_failure_is_not_done_twice(bench: Bench) -> None:
    plan = plan_for(STOP, [await bench.gateway.get(bench.sandbox.id)])
    slow = BulkRun(plan, bench.gateway, tempo=Tempo(timeout_s=0.1))
    stopping = {"id": bench.sandbox.id, "name": "n", "state": "stopping", "labels": {}}
    bench.emulator.faults.add(FaultRule(path="*/stop", body=stopping))
    await slow.run()
    assert tally(slow) == {RowStatus.FAILED: 1}
    bench.emulator.faults.clear()
    await bench.gateway.stop(bench.sandbox.id, timeout_s=20)

    retry = await done(bench, slow.failed())

    assert tally(retry) == {RowStatus.SKIPPED: 1}


# A change of mind


async def test_cancelling_finishes_what_is_in_flight_and_begins_nothing_more(bench: Bench) -> None:
    chosen = await fleet_of(bench, SandboxState.STARTED)
    assert len(chosen) > 3
    bench.emulator.faults.add(FaultRule(path="*/stop", delay_s=0.3))
    run = BulkRun(plan_for(STOP, chosen), bench.gateway, tempo=Tempo(at_once=2))
    task = asyncio.create_task(run.run())
    await until(lambda: sum(row.step == "stopping" for row in run.rows) == 2)

    run.cancel()
    await asyncio.wait_for(task, 20)

    assert tally(run) == {RowStatus.DONE: 2, RowStatus.CANCELLED: len(chosen) - 2}
    states = [(await bench.gateway.get(row.sandbox.id)).state for row in run.rows]
    assert states.count(SandboxState.STOPPED) == 2
    assert all(row.seconds is None for row in run.rows if row.status is RowStatus.CANCELLED)


async def test_an_interrupted_run_leaves_no_row_open_and_no_task(bench: Bench) -> None:
    chosen = await fleet_of(bench, SandboxState.STARTED)
    bench.emulator.faults.add(FaultRule(path="*/stop", silent=True))
    run = BulkRun(plan_for(STOP, chosen), bench.gateway, tempo=Tempo(at_once=2))
    tasks = asyncio.all_tasks()
    task = asyncio.create_task(run.run())
    await until(lambda: sum(row.step == "stopping" for row in run.rows) == 2)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert run.is_over
    assert {row.detail for row in run.rows} == {"interrupted: it may still happen", "not begun"}
    ours = {each for each in asyncio.all_tasks() - tasks if "bulk" in str(each.get_coro())}
    assert ours == set()


async def test_a_plan_that_has_nothing_to_do_does_nothing(bench: Bench) -> None:
    hits = bench.emulator.faults.add(FaultRule(delay_s=0.0))
    empty = await done(bench, plan_for(STOP, []))
    refused = await done(bench, plan_for(STOP, await fleet_of(bench, SandboxState.ARCHIVED)))

    assert empty.rows == ()
    assert set(tally(refused)) == {RowStatus.SKIPPED}
    assert hits.hits <= 2, "only the listing asked"


async def test_two_hundred_at_once_leave_the_loop_free_and_eight_are_in_flight(bench: Bench) -> None:
    chosen = [
        Sandbox(SandboxId(f"00000000-0000-4000-8000-{number:012d}"), f"box-{number}", SandboxState.STARTED)
        for number in range(200)
    ]
    bodies = {"name": "n", "state": "started", "desiredState": "started", "labels": {}, "id": "x"}
    bench.emulator.faults.add(FaultRule(method="GET", path="/api/sandbox/*", body=bodies, delay_s=0.01))
    bench.emulator.faults.add(FaultRule(method="PUT", path="*/labels", body={**bodies, "labels": {"a": "b"}}))
    most, seen = 0, 0
    run: BulkRun

    def count(_row: BulkRow) -> None:
        nonlocal most, seen
        seen += 1
        most = max(most, sum(row.status is RowStatus.RUNNING for row in run.rows))

    plan = make_plan(Deed(Verb.LABELS, labels=LabelEdit({"a": "b"})), chosen, datetime.now(UTC) - timedelta(hours=1))
    run = BulkRun(plan, bench.gateway, on_change=count, tempo=QUICK)
    task = asyncio.create_task(run.run())
    turns = 0
    while not task.done():
        await asyncio.sleep(0)
        turns += 1
    await task

    assert tally(run) == {RowStatus.DONE: 200}
    assert most == 8
    assert seen >= 400
    assert turns > 400, "the loop had its turn between the rows"
