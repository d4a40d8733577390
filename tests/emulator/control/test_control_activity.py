"""What counts as activity, and what does not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

import aiohttp
import pytest
from daytona import AsyncDaytona, AsyncSandbox, CreateSandboxFromSnapshotParams, ListSandboxesQuery

from daytona_tui.emulator.fleet.records import SandboxRecord
from daytona_tui.emulator.server import Emulator

Connect = Callable[..., Awaitable[AsyncDaytona]]
Eventually = Callable[..., Awaitable[None]]

_SKIP = {"X-Daytona-Skip-Last-Activity-Update": "true"}


@pytest.fixture
async def sdk(emulator: Emulator, connect: Connect) -> AsyncDaytona:
    return await connect(emulator)


@pytest.fixture
async def sandbox(sdk: AsyncDaytona) -> AsyncSandbox:
    return await sdk.create(CreateSandboxFromSnapshotParams(auto_stop_interval=0))


@pytest.fixture
def record(emulator: Emulator, sandbox: AsyncSandbox) -> SandboxRecord:
    return emulator.fleet.records[sandbox.id]


def _an_hour_later(emulator: Emulator) -> datetime:
    emulator.fleet.clock.advance(3600)
    return emulator.fleet.clock.now()


async def test_changes_of_state_and_work_inside_count(
    emulator: Emulator, sandbox: AsyncSandbox, record: SandboxRecord
) -> None:
    async def work() -> None:
        await sandbox.process.exec("true")

    async def stop() -> None:
        await sandbox.stop(timeout=20)

    async def start() -> None:
        await sandbox.start(timeout=20)

    for act in (work, stop, start, sandbox.refresh_activity, sandbox.get_work_dir):
        later = _an_hour_later(emulator)
        await act()
        assert record.last_activity_at >= later, act


async def test_reading_and_settings_do_not_count(
    emulator: Emulator, sdk: AsyncDaytona, sandbox: AsyncSandbox, record: SandboxRecord
) -> None:
    before = record.last_activity_at
    _an_hour_later(emulator)

    await sandbox.refresh_data()
    await sdk.get(sandbox.id)
    _ = [each async for each in sdk.list(ListSandboxesQuery(limit=10))]
    await sandbox.set_labels({"a": "b"})
    await sandbox.set_autostop_interval(0)
    await sandbox.set_auto_archive_interval(60)
    await sandbox.set_auto_delete_interval(600)
    await sandbox.set_ttl(6000)

    assert record.last_activity_at == before
    assert record.updated_at > before


async def test_a_request_can_ask_not_to_count(
    emulator: Emulator, http: aiohttp.ClientSession, record: SandboxRecord
) -> None:
    before = record.last_activity_at
    later = _an_hour_later(emulator)

    async with http.get(f"/toolbox/{record.id}/files", headers=_SKIP) as response:
        assert response.status == 200
    assert record.last_activity_at == before
    async with http.get(f"/toolbox/{record.id}/files", headers={**_SKIP, next(iter(_SKIP)): "false"}) as response:
        assert response.status == 200

    assert record.last_activity_at >= later


async def test_an_open_socket_keeps_a_sandbox_active_and_its_end_counts(
    emulator: Emulator,
    http: aiohttp.ClientSession,
    sandbox: AsyncSandbox,
    record: SandboxRecord,
    eventually: Eventually,
) -> None:
    await sandbox.set_autostop_interval(15)
    pty = {"id": "p", "cols": 80, "rows": 24}
    async with http.post(f"/toolbox/{record.id}/process/pty", json=pty) as response:
        assert response.status in {200, 201}

    async with http.ws_connect(f"/toolbox/{record.id}/process/pty/p/connect"):
        for _ in range(3):
            later = _an_hour_later(emulator)
            await eventually(lambda later=later: record.last_activity_at >= later)
            assert record.state == "started"

    def is_stopped_a_while_later() -> bool:
        emulator.fleet.clock.advance(15 * 60)
        return record.state == "stopped"

    await eventually(is_stopped_a_while_later)


async def test_an_open_socket_that_asks_not_to_count_does_not(
    emulator: Emulator,
    http: aiohttp.ClientSession,
    sandbox: AsyncSandbox,
    record: SandboxRecord,
    eventually: Eventually,
) -> None:
    await sandbox.set_autostop_interval(15)
    async with http.post(f"/toolbox/{record.id}/process/pty", json={"id": "p"}, headers=_SKIP) as response:
        assert response.status in {200, 201}

    async with http.ws_connect(f"/toolbox/{record.id}/process/pty/p/connect", headers=_SKIP):
        emulator.fleet.clock.advance(15 * 60)
        await eventually(lambda: record.state == "stopped")
