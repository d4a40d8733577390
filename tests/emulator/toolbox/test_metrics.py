"""What a sandbox uses, measured on its real processes and its real directory."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from daytona import AsyncDaytona, AsyncSandbox, CreateSandboxFromSnapshotParams

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.body.isolation import Isolation
from daytona_tui.emulator.body.meter import DISK_SLICE_S, WINDOW_S, Meter
from daytona_tui.emulator.server import Emulator

Open = Callable[..., Awaitable[Emulator]]
Connect = Callable[..., Awaitable[AsyncDaytona]]

MIB = 1 << 20
GIB = 1 << 30


@pytest.fixture
async def measured(open_emulator: Open, connect: Connect, isolation: Isolation) -> AsyncSandbox:
    daytona = await connect(await open_emulator(isolation=isolation.name))
    return await daytona.create(CreateSandboxFromSnapshotParams(snapshot="daytona-medium"))


async def test_limits_are_those_of_the_record(measured: AsyncSandbox) -> None:
    metrics = await measured.get_metrics_latest()
    assert metrics.cpu_count == measured.cpu
    assert metrics.mem_total == measured.memory * GIB
    assert metrics.disk_total == measured.disk * GIB


async def test_memory_is_that_of_the_processes(measured: AsyncSandbox) -> None:
    before = (await measured.get_metrics_latest()).mem_used or 0
    script = "x = b'x' * (200 << 20); open('full', 'w').close(); import time; time.sleep(600)"
    await measured.process.exec(f'cd; setsid python3 -c "{script}" >/dev/null 2>&1 </dev/null & echo')
    await _exists(measured, "full")
    after = (await measured.get_metrics_latest()).mem_used or 0
    assert 190 * MIB < after - before < 300 * MIB


async def test_processor_use_is_an_average_between_two_looks(measured: AsyncSandbox) -> None:
    assert await _cpu(measured) == 0
    await measured.process.exec("setsid sh -c 'while :; do :; done' >/dev/null 2>&1 </dev/null & echo")
    async with asyncio.timeout(30):
        while await _cpu(measured) < 10:  # noqa: ASYNC110 - one of its two processors, on a busy machine
            await asyncio.sleep(WINDOW_S / 2)
    assert await _cpu(measured) <= 101


async def _cpu(sandbox: AsyncSandbox) -> float:
    used = (await sandbox.get_metrics_latest()).cpu_used_pct
    assert used is not None
    return used


async def test_disk_is_that_of_the_directory(box: Box) -> None:
    meter = Meter()
    empty = await _size(meter, box)
    (box.home / "big").write_bytes(b"x" * (8 * MIB))
    os.link(box.home / "big", box.home / "again")
    (box.home / "out").symlink_to("/usr")
    fresh = Meter()
    full = await _size(fresh, box)
    assert 8 * MIB <= full - empty < 9 * MIB


async def test_a_large_directory_is_sized_in_slices(tmp_path: Path, isolation: Isolation) -> None:
    root = tmp_path / "boxes" / "b"
    box = Box("b" * 36, root, env={}, isolation=isolation)
    await box.create()
    for number in range(200):
        place = box.home / f"d{number}"
        place.mkdir()
        for name in range(100):
            (place / f"f{name}").write_bytes(b"x")
    meter = Meter()
    loop = asyncio.get_running_loop()
    sizes: list[int] = []
    longest = 0.0
    while not sizes or meter._walk is not None:
        before = loop.time()
        sizes.append((await asyncio.to_thread(meter.read, box))[2])
        longest = max(longest, loop.time() - before)
    assert sizes == sorted(sizes)
    assert sizes[-1] >= 200 * 100 * 4096
    assert longest < DISK_SLICE_S * 20


async def test_a_stopped_sandbox_uses_nothing_but_disk(box: Box) -> None:
    await box.close(force=True)
    cores, memory, disk = await asyncio.to_thread(Meter().read, box)
    assert (cores, memory) == (0, 0)
    assert disk > 0


async def _size(meter: Meter, box: Box) -> int:
    size = (await asyncio.to_thread(meter.read, box))[2]
    while meter._walk is not None:
        size = (await asyncio.to_thread(meter.read, box))[2]
    return size


async def _exists(sandbox: AsyncSandbox, name: str) -> None:
    async with asyncio.timeout(20):
        while (await sandbox.process.exec(f"test -e ~/{name}")).exit_code != 0:  # noqa: ASYNC110 - in another process
            await asyncio.sleep(0.02)
