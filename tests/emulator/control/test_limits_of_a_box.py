"""What a sandbox may use up: a fork bomb inside leaves the machine, the emulator and its neighbours alive."""

from __future__ import annotations

import asyncio
import os
import resource
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from daytona import AsyncDaytona, AsyncSandbox

from daytona_tui.emulator.body.isolation import PIDS, PLAIN_PIDS, detect_isolation
from daytona_tui.emulator.body.keeper import NOFILE, SPARE
from daytona_tui.emulator.server import Emulator

Open = Callable[..., Awaitable[Emulator]]
Connect = Callable[..., Awaitable[AsyncDaytona]]

BOMB = "bomb() { bomb | bomb & }; bomb"
STORM = "bomb() { if [ $1 -gt 0 ]; then bomb $(($1 - 1)) & bomb $(($1 - 1)) & fi; sleep 971; }; bomb 7 # bomb | bomb"
"""As much, but it ends at 255 by itself: for root in plain isolation, whom nothing limits."""
STORMY = 200
ANSWER_S = 20.0
PLENTY = 100_000


@pytest.fixture
async def daytona(open_emulator: Open, connect: Connect, isolation: str) -> AsyncDaytona:
    return await connect(await open_emulator(isolation=isolation))


async def _number(sandbox: AsyncSandbox, command: str) -> int:
    said = (await sandbox.process.exec(command)).result.strip()
    return int(said) if said.isdigit() else PLENTY


async def _most_processes(sandbox: AsyncSandbox, isolation: str) -> int:
    """Return how many processes the kernel gives to this sandbox, as it says itself; a great number for no limit."""
    own_namespace = isolation == "bubblewrap" and str(Path("/proc/self/ns/pid").readlink()) != (
        (await sandbox.process.exec("readlink /proc/self/ns/pid")).result.strip()
    )
    of_namespace = await _number(sandbox, "cat /proc/sys/kernel/pid_max") if own_namespace else PLENTY
    of_user = await _number(sandbox, "ulimit -u") if os.geteuid() != 0 else PLENTY  # root is not held to it
    return min(of_namespace, of_user)


async def test_programs_have_the_limits_that_need_no_rights(daytona: AsyncDaytona, isolation: str) -> None:
    sandbox = await daytona.create()
    said = (await sandbox.process.exec("ulimit -c; ulimit -Sn; ulimit -Hn; ulimit -u")).result.split()
    most = {which: resource.getrlimit(which)[1] for which in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC)}
    pids = (PIDS if isolation == "bubblewrap" else PLAIN_PIDS) - SPARE

    def at_most(which: int, wanted: int) -> str:
        return str(wanted if most[which] == resource.RLIM_INFINITY else min(wanted, most[which]))

    assert said == [
        "0",
        at_most(resource.RLIMIT_NOFILE, NOFILE[0]),
        at_most(resource.RLIMIT_NOFILE, NOFILE[1]),
        at_most(resource.RLIMIT_NPROC, pids),
    ]


async def test_a_namespace_limits_nobody_else(daytona: AsyncDaytona, isolation: str) -> None:
    def limit_of_the_host() -> str:
        with open("/proc/sys/kernel/pid_max") as file:  # noqa: PTH123 - one line
            return file.read()

    before = limit_of_the_host()
    sandbox = await daytona.create()
    await sandbox.process.exec("true")
    assert limit_of_the_host() == before


async def test_settings_of_the_machine_are_read_only_where_isolated(open_emulator: Open, connect: Connect) -> None:
    if not detect_isolation().is_isolated:
        pytest.skip(f"no bubblewrap here: {detect_isolation().reason}")
    sandbox = await (await connect(await open_emulator(isolation="bubblewrap"))).create()
    names = "kernel/core_pattern kernel/hostname vm/swappiness"
    said = await sandbox.process.exec(f"cd /proc/sys; for name in {names}; do test -w $name && echo $name; done; true")
    assert (said.exit_code, said.result) == (0, "")


async def test_a_fork_bomb_ends_with_its_sandbox(daytona: AsyncDaytona, isolation: str) -> None:
    sandbox = await daytona.create()
    neighbour = await daytona.create()
    most = await _most_processes(sandbox, isolation)
    is_limited = most <= PLAIN_PIDS
    bomb, many = (BOMB, most // 10) if is_limited else (STORM, STORMY)

    await sandbox.process.exec(f"bash -c '{bomb}' >/dev/null 2>&1 </dev/null & echo lit")
    async with asyncio.timeout(60):
        for _ in range(5):
            async with asyncio.timeout(ANSWER_S):
                assert (await neighbour.process.exec("echo alive")).result == "alive\n"
                assert (await daytona.get(neighbour.id)).state == "started"
    async with asyncio.timeout(ANSWER_S):
        while _bombs() < many:  # noqa: ASYNC110 - it is in other processes
            await asyncio.sleep(0.02)

    await sandbox.stop(timeout=30)
    async with asyncio.timeout(ANSWER_S):
        while _bombs():  # noqa: ASYNC110 - it is in other processes
            await asyncio.sleep(0.02)
    await sandbox.start(timeout=30)
    assert (await sandbox.process.exec("echo again")).result == "again\n"


def _bombs() -> int:
    found = 0
    for name in os.listdir("/proc"):  # noqa: PTH208
        if name.isdigit():
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:  # noqa: PTH123
                    found += b"bomb | bomb" in file.read()
            except OSError:
                continue
    return found
