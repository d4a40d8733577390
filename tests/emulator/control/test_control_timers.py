"""What happens to sandboxes by themselves, as time passes; the clock is advanced, nothing waits for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from daytona import AsyncDaytona, CreateSandboxFromSnapshotParams, DaytonaNotFoundError

from daytona_tui.emulator.fleet.records import RESTING_RUNNER, SandboxRecord, new_id
from daytona_tui.emulator.life.timers import due_change
from daytona_tui.emulator.server import Emulator

Open = Callable[..., Awaitable[Emulator]]
Connect = Callable[..., Awaitable[AsyncDaytona]]
Eventually = Callable[..., Awaitable[None]]

MINUTE, HOUR, DAY = 60, 3600, 86_400


@pytest.fixture
async def sdk(emulator: Emulator, connect: Connect) -> AsyncDaytona:
    return await connect(emulator)


async def _advance(emulator: Emulator, http: aiohttp.ClientSession, seconds: float) -> None:
    """Let time pass, and let the timers look: they have when the request after it is answered."""
    emulator.fleet.clock.advance(seconds)
    for _ in range(3):
        async with http.get("/api/health") as response:
            assert response.status == 200


def _resting(emulator: Emulator, state: str, name: str = "resting", **fields: Any) -> SandboxRecord:
    now = emulator.fleet.clock.now()
    record = SandboxRecord(
        new_id(),
        name,
        state=state,
        **{"desired_state": state, "created_at": now, "updated_at": now, "last_activity_at": now, **fields},
    )
    emulator.fleet.add(record)
    return record


async def test_an_idle_sandbox_stops_and_is_deleted_a_while_later(
    emulator: Emulator, sdk: AsyncDaytona, eventually: Eventually
) -> None:
    sandbox = await sdk.create(CreateSandboxFromSnapshotParams(auto_stop_interval=1, auto_delete_interval=2))
    record = emulator.fleet.records[sandbox.id]

    emulator.fleet.clock.advance(MINUTE)
    await eventually(lambda: record.state == "stopped")
    await sandbox.refresh_data()
    assert sandbox.state == "stopped"
    emulator.fleet.clock.advance(2 * MINUTE)
    await eventually(lambda: sandbox.id not in emulator.fleet.records)

    with pytest.raises(DaytonaNotFoundError):
        await sdk.get(sandbox.id)


async def test_nothing_stops_before_its_time(
    emulator: Emulator, sdk: AsyncDaytona, http: aiohttp.ClientSession
) -> None:
    lasting = await sdk.create(CreateSandboxFromSnapshotParams(auto_stop_interval=0))
    young = await sdk.create(CreateSandboxFromSnapshotParams(auto_stop_interval=15))

    await _advance(emulator, http, 14 * MINUTE)

    states = {record.id: record.state for record in emulator.fleet.records.values()}
    assert states == {lasting.id: "started", young.id: "started"}


async def test_stopping_an_idle_ephemeral_sandbox_destroys_it(
    emulator: Emulator, sdk: AsyncDaytona, eventually: Eventually
) -> None:
    await sdk.create(CreateSandboxFromSnapshotParams(ephemeral=True, auto_stop_interval=5))

    emulator.fleet.clock.advance(5 * MINUTE)

    await eventually(lambda: not emulator.fleet.records)


async def test_an_idle_virtual_machine_pauses(emulator: Emulator, sdk: AsyncDaytona, eventually: Eventually) -> None:
    sandbox = await sdk.create(CreateSandboxFromSnapshotParams(snapshot="daytona-vm", auto_pause_interval=10))
    record = emulator.fleet.records[sandbox.id]

    emulator.fleet.clock.advance(10 * MINUTE)

    await eventually(lambda: record.state == "paused")


async def test_a_stopped_sandbox_is_archived(emulator: Emulator, sdk: AsyncDaytona, eventually: Eventually) -> None:
    sandbox = await sdk.create(CreateSandboxFromSnapshotParams(auto_archive_interval=60))
    await sandbox.stop(timeout=20)
    record = emulator.fleet.records[sandbox.id]

    emulator.fleet.clock.advance(HOUR)

    await eventually(lambda: record.state == "archived")


async def test_deletion_that_comes_after_archiving_never_happens(
    emulator: Emulator, http: aiohttp.ClientSession, eventually: Eventually
) -> None:
    late = _resting(emulator, "stopped", "late", auto_archive=60, auto_delete=60)
    early = _resting(emulator, "stopped", "early", auto_archive=61, auto_delete=60)

    emulator.fleet.clock.advance(90 * DAY)
    await eventually(lambda: late.state == "archived" and early.state == "destroyed")
    await _advance(emulator, http, 90 * DAY)

    assert late.state == "archived"


@pytest.mark.parametrize("state", ["started", "stopped", "archived", "error", "paused"])
async def test_a_time_to_live_ends_in_any_state(emulator: Emulator, eventually: Eventually, state: str) -> None:
    end = emulator.fleet.clock.now() + timedelta(minutes=30)
    record = _resting(emulator, state, auto_stop=0, auto_destroy_at=end)

    emulator.fleet.clock.advance(30 * MINUTE + 1)

    await eventually(lambda: record.id not in emulator.fleet.records)


async def test_a_time_to_live_that_is_set_counts_from_the_call(
    emulator: Emulator, sdk: AsyncDaytona, eventually: Eventually, http: aiohttp.ClientSession
) -> None:
    sandbox = await sdk.create(CreateSandboxFromSnapshotParams(auto_stop_interval=0))
    await _advance(emulator, http, HOUR)
    await sandbox.set_ttl(60)

    await _advance(emulator, http, HOUR - MINUTE)
    assert sandbox.id in emulator.fleet.records
    emulator.fleet.clock.advance(2 * MINUTE)

    await eventually(lambda: sandbox.id not in emulator.fleet.records)


async def test_a_shorter_interval_acts_at_once_on_a_long_idle_sandbox(
    emulator: Emulator, sdk: AsyncDaytona, eventually: Eventually, http: aiohttp.ClientSession
) -> None:
    sandbox = await sdk.create(CreateSandboxFromSnapshotParams(auto_stop_interval=0))
    record = emulator.fleet.records[sandbox.id]
    await _advance(emulator, http, 9 * HOUR)
    assert record.state == "started"

    await sandbox.set_autostop_interval(30)
    emulator.fleet.clock.advance(10)

    await eventually(lambda: record.state == "stopped")


async def test_timers_look_by_themselves_too(open_emulator: Open, eventually: Eventually) -> None:
    emulator = await open_emulator(pace="natural")
    now = emulator.fleet.clock.now()
    record = SandboxRecord(new_id(), "idle", auto_stop=1, last_activity_at=now - timedelta(hours=1))

    emulator.fleet.add(record)

    await eventually(lambda: record.state == "stopped")  # within ten seconds and the way to there


async def test_failed_sandboxes_are_forgotten_after_their_time(
    emulator: Emulator, http: aiohttp.ClientSession, eventually: Eventually
) -> None:
    broken = _resting(emulator, "error", "broken", desired_state="started", error_reason="lost")
    unbuilt = _resting(emulator, "build_failed", "unbuilt", desired_state="started")
    deleted = _resting(emulator, "build_failed", "deleted", desired_state="started")
    failed = _resting(emulator, "error", "failed", desired_state="started")
    for name in ("deleted", "failed"):
        async with http.delete(f"/api/sandbox/{name}") as response:
            assert response.status == 200
    fleet = emulator.fleet

    assert set(fleet.hidden) == {deleted.id, failed.id}
    fleet.clock.advance(25 * HOUR)
    await eventually(lambda: set(fleet.hidden) == {failed.id})
    fleet.clock.advance(7 * DAY)
    await eventually(lambda: not fleet.hidden and unbuilt.id not in fleet.records)

    assert set(fleet.records) == {broken.id}  # an error that nobody deletes stays


async def test_a_destroyed_sandbox_is_remembered_for_a_day(
    emulator: Emulator, sdk: AsyncDaytona, http: aiohttp.ClientSession, eventually: Eventually
) -> None:
    sandbox = await sdk.create()
    await sandbox.delete(timeout=20, wait=True)

    await _advance(emulator, http, 23 * HOUR)
    assert set(emulator.fleet.hidden) == {sandbox.id}
    emulator.fleet.clock.advance(2 * HOUR)

    await eventually(lambda: not emulator.fleet.hidden)


async def test_a_fleet_for_show_keeps_its_overdue_sandboxes(
    open_emulator: Open, connect: Connect, eventually: Eventually
) -> None:
    emulator = await open_emulator(seed="fleet:300")
    sdk = await connect(emulator)
    overdue = [record for record in emulator.fleet.records.values() if record.runner_id == RESTING_RUNNER]
    states = {record.id: record.state for record in overdue}
    started = next(record for record in overdue if record.state == "started" and not record.is_ephemeral)

    assert len(overdue) > 50
    sandbox = await sdk.get(started.id)
    await sandbox.stop(timeout=20)
    del states[started.id]
    assert all(emulator.fleet.records[each].state == state for each, state in states.items())
    await sandbox.start(timeout=20)  # this runner is ready
    emulator.fleet.clock.advance(15 * MINUTE)

    await eventually(lambda: started.state == "stopped")


def test_warm_sandboxes_and_changing_ones_are_left_alone() -> None:
    record = SandboxRecord(new_id(), "one", auto_stop=1)
    later = record.last_activity_at + timedelta(hours=1)

    assert due_change(record, later) == "stop"
    for fields in ({"warm_pool_id": "pool"}, {"pending": True}, {"desired_state": "stopped"}, {"state": "stopping"}):
        before = {name: getattr(record, name) for name in fields}
        for name, value in fields.items():
            setattr(record, name, value)
        assert due_change(record, later) is None
        for name, value in before.items():
            setattr(record, name, value)
