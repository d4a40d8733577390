"""The bin: in, looked at, out again; and what must not be lost on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.operations.conftest import Bench

from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.errors import ConflictError, RemoteError
from daytona_tui.operations.bin import (
    BIN_LABEL,
    WAS_LABEL,
    bin_of,
    bin_refusal,
    is_in_bin,
    put_all_in_bin,
    put_in_bin,
    take_out,
)
from daytona_tui.operations.journal import Journal

DAY = 24 * 60


async def test_what_runs_is_stopped_labelled_and_given_a_time_to_live(bench: Bench) -> None:
    before = await bench.gateway.get(bench.sandbox.id)

    await put_in_bin(bench.gateway, before, DAY)

    after = await bench.gateway.get(before.id)
    assert after.state is SandboxState.STOPPED
    assert is_in_bin(after)
    assert after.labels.items() >= before.labels.items(), "no label of anybody else is lost"
    assert after.lifetimes.destroy_at is not None
    assert timedelta(hours=23) < after.lifetimes.destroy_at - datetime.now(UTC) < timedelta(hours=25)
    assert after.lifetimes.auto_delete_min == -1, "nothing ends it before its time"


async def test_what_stopping_would_delete_survives_the_bin_and_is_as_it_was_afterwards(bench: Bench) -> None:
    bench.emulator.fleet.change(bench.emulator.fleet.records[bench.sandbox.id], auto_delete=0, auto_stop=0)
    before = await bench.gateway.get(bench.sandbox.id)

    await put_in_bin(bench.gateway, before, DAY)
    assert (await bench.gateway.get(before.id)).state is SandboxState.STOPPED
    out = await take_out(bench.gateway, before)

    after = await bench.gateway.get(before.id)
    assert after.labels == before.labels
    assert after.lifetimes.destroy_at is None
    assert after.lifetimes.auto_delete_min == -1, "0 would delete the stopped one at once"
    assert "auto-delete stays off" in out.told


async def test_taken_out_and_started_it_is_as_it_was(bench: Bench) -> None:
    bench.emulator.fleet.change(bench.emulator.fleet.records[bench.sandbox.id], auto_delete=0)
    before = await bench.gateway.get(bench.sandbox.id)
    await put_in_bin(bench.gateway, before, DAY)

    out = await take_out(bench.gateway, before, start=True)

    assert out.told == ""
    after = await bench.gateway.get(before.id)
    assert (after.state, after.labels, after.lifetimes) == (SandboxState.STARTED, before.labels, before.lifetimes)


async def test_a_time_to_live_that_it_had_is_given_back(bench: Bench) -> None:
    before = await bench.gateway.set_ttl(bench.sandbox.id, 3 * DAY)
    await put_in_bin(bench.gateway, before, 60)

    await take_out(bench.gateway, before)

    end = (await bench.gateway.get(before.id)).lifetimes.destroy_at
    assert end is not None
    assert before.lifetimes.destroy_at is not None
    assert abs(end - before.lifetimes.destroy_at) < timedelta(minutes=2)


@pytest.mark.parametrize("state", [SandboxState.STOPPED, SandboxState.ARCHIVED])
async def test_what_rests_stays_at_rest(bench: Bench, state: SandboxState) -> None:
    resting = await bench.in_state(state)

    await put_in_bin(bench.gateway, resting, DAY)

    after = await bench.gateway.get(resting.id)
    assert after.state is state
    assert after.lifetimes.destroy_at is not None


async def test_what_has_changed_since_is_not_put_in(bench: Bench) -> None:
    before = await bench.gateway.get(bench.sandbox.id)
    old = replace(before, last_activity_at=datetime.now(UTC) - timedelta(hours=2))

    with pytest.raises(ConflictError, match="it has been used since"):
        await put_in_bin(bench.gateway, old, DAY)

    assert await bench.gateway.get(before.id) == before


async def test_a_step_that_fails_leaves_it_running_and_it_can_be_taken_out(bench: Bench) -> None:
    before = await bench.gateway.get(bench.sandbox.id)
    bench.emulator.faults.add(FaultRule(path="*/ttl/*", status=500, times=1))

    with pytest.raises(RemoteError):
        await put_in_bin(bench.gateway, before, DAY)

    half = await bench.gateway.get(before.id)
    assert half.is_running
    await take_out(bench.gateway, half)
    assert (await bench.gateway.get(before.id)).labels == before.labels


async def test_the_bin_is_told_in_the_order_of_death(bench: Bench) -> None:
    fleet = [each async for page in bench.gateway.list_pages() for each in page]
    resting = [each for each in fleet if each.state is SandboxState.STOPPED and each.lifetimes.auto_delete_min != 0][:2]
    for each, minutes in zip(resting, (2 * DAY, DAY), strict=True):
        await put_in_bin(bench.gateway, each, minutes)

    fleet = [each async for page in bench.gateway.list_pages() for each in page]
    binned = bin_of(fleet, datetime.now(UTC))

    assert [each.sandbox.id for each in binned] == [resting[1].id, resting[0].id]
    assert all(each.put_at is not None and each.dies_at == each.sandbox.lifetimes.destroy_at for each in binned)


async def test_several_at_once_with_one_that_fails(bench: Bench) -> None:
    fleet = [each async for page in bench.gateway.list_pages() for each in page]
    resting = [each for each in fleet if each.state is SandboxState.STOPPED][:2]
    gone = replace(resting[0], id=SandboxId("not-there"), name="not-there")
    journal = Journal(bench.home.parent / "journal.jsonl")

    put = await put_all_in_bin(bench.gateway, [gone, *resting], DAY, journal=journal)

    assert [each.error is None for each in put] == [False, True, True]
    entries = await journal.recent(9)
    assert sorted((entry.verb, entry.outcome) for entry in entries) == [("bin", "done")] * 2 + [("bin", "failed")]


@pytest.mark.parametrize("ttl_min", [0, -5, 366 * DAY])
async def test_times_that_make_no_sense(bench: Bench, ttl_min: int) -> None:
    with pytest.raises(ConflictError, match="for some minutes"):
        await put_in_bin(bench.gateway, bench.sandbox, ttl_min)


async def test_who_is_not_in_the_bin_cannot_be_taken_out(bench: Bench) -> None:
    with pytest.raises(ConflictError, match="not in the bin"):
        await take_out(bench.gateway, bench.sandbox)


def test_labels_that_somebody_else_wrote_do_no_harm() -> None:
    odd = Sandbox(
        SandboxId("a"), "a", SandboxState.STOPPED, labels={BIN_LABEL: "yesterday", WAS_LABEL: "auto-delete=x ="}
    )

    (binned,) = bin_of([odd], datetime.now(UTC))

    assert (binned.put_at, binned.dies_at) == (None, None)


def test_who_cannot_be_put_in() -> None:
    running = Sandbox(SandboxId("a"), "a", SandboxState.STARTED)
    assert "nobody knows whether stopping" in bin_refusal(running)
    assert "state" in bin_refusal(replace(running, state=SandboxState.UNKNOWN))
    assert "warm pool" in bin_refusal(replace(running, warm_pool_id="w"))
    assert "wait until" in bin_refusal(replace(running, state=SandboxState.STOPPING))
