"""Closing: at once, whatever is still connected, and with nothing left."""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
from daytona import AsyncDaytona, SessionExecuteRequest

from daytona_tui.emulator.server import Emulator

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")

Open = Callable[..., Awaitable[Emulator]]
Connect = Callable[..., Awaitable[AsyncDaytona]]
Eventually = Callable[..., Awaitable[None]]


async def test_terminals_followers_and_commands_do_not_hold_it_up(
    open_emulator: Open, connect: Connect, eventually: Eventually
) -> None:
    emulator = await open_emulator()
    daytona = await connect(emulator, polling=False)
    sandbox = await daytona.create()
    shown: list[bytes] = []
    heard: list[str] = []
    terminal = await sandbox.process.create_pty_session("tty", on_data=shown.append)
    await sandbox.process.create_session("work")
    request = SessionExecuteRequest(command="while :; do echo tick; sleep 0.05; done", run_async=True)
    command = await sandbox.process.execute_session_command("work", request)
    following = asyncio.create_task(
        sandbox.process.get_session_command_logs_async("work", command.cmd_id, heard.append, heard.append)
    )
    executing = asyncio.create_task(sandbox.process.exec("sleep 1000"))
    await eventually(lambda: "tick" in "".join(heard))

    begun = time.monotonic()
    await emulator.close()
    took = time.monotonic() - begun

    async with asyncio.timeout(20):
        await asyncio.gather(following, executing, terminal.wait(), return_exceptions=True)
    assert took < 10


async def test_a_request_during_the_close_opens_nothing(open_emulator: Open, connect: Connect, tmp_path: Path) -> None:
    emulator = await open_emulator(state_dir=tmp_path)
    daytona = await connect(emulator)
    boxes = [await daytona.create() for _ in range(3)]

    async def knock(sandbox_id: str) -> None:
        headers = {"Authorization": f"Bearer {emulator.api_key}"}
        url = f"{emulator.api_url.removesuffix('/api')}/toolbox/{sandbox_id}/process/execute"
        async with aiohttp.ClientSession(headers=headers) as session:
            while True:
                async with session.post(url, json={"command": "sleep 300 & true"}) as response:
                    await response.read()

    knocking = [asyncio.create_task(knock(box.id)) for box in boxes]
    await asyncio.sleep(0)
    await emulator.close()
    async with asyncio.timeout(20):
        outcomes = await asyncio.gather(*knocking, return_exceptions=True)

    assert all(isinstance(outcome, aiohttp.ClientError) for outcome in outcomes)
    assert _living_in(tmp_path) == []


@pytest.mark.parametrize("moment", [n * 0.008 for n in range(20)], ids=lambda moment: f"{moment * 1000:.0f}ms")
async def test_closing_at_any_moment_of_a_build_leaves_nothing_open(
    open_emulator: Open, tmp_path: Path, moment: float
) -> None:
    # That a transport was left to the garbage collector would fail this test, or the next, as an unraisable warning.
    emulator = await open_emulator(seed="empty", state_dir=tmp_path)
    headers = {"Authorization": f"Bearer {emulator.api_key}"}
    body = {"buildInfo": {"dockerfileContent": "FROM node:20\nRUN true\n"}}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{emulator.api_url}/sandbox", json=body) as response,
    ):
        assert (await response.json())["state"] == "pending_build"
    await asyncio.sleep(moment)
    await emulator.close()
    gc.collect()
    assert _living_in(tmp_path) == []


async def test_closing_in_the_middle_of_creations_leaves_no_process(open_emulator: Open, tmp_path: Path) -> None:
    emulator = await open_emulator(state_dir=tmp_path, pace="natural")
    headers = {"Authorization": f"Bearer {emulator.api_key}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        for _ in range(4):
            async with session.post(f"{emulator.api_url}/sandbox", json={}) as response:
                assert (await response.json())["state"] == "creating"

        await emulator.close()

    assert _living_in(tmp_path) == []


def _living_in(directory: Path) -> list[int]:
    """Return the processes that know of ``directory`` by their command line: keepers of its boxes."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                command = (process / "cmdline").read_bytes()
            except OSError:
                continue
            if str(directory).encode() in command:
                found.append(int(process.name))
    return found


async def test_files_are_removed_only_when_it_is_kept_that_they_will_be(
    open_emulator: Open, connect: Connect, tmp_path: Path, eventually: Eventually
) -> None:
    emulator = await open_emulator(state_dir=tmp_path)
    daytona = await connect(emulator, polling=False)
    sandbox = await daytona.create()
    body = tmp_path / "sandboxes" / sandbox.id
    await sandbox.fs.upload_file(b"mine", "kept")
    asked, opened = asyncio.Event(), asyncio.Event()
    settle = emulator._journal.settle

    async def held() -> None:
        asked.set()
        await opened.wait()
        await settle()

    emulator._bodies.kept = held
    deleting = asyncio.create_task(daytona.delete(sandbox))
    await asyncio.wait_for(asked.wait(), 20)
    assert (body / "home" / "kept").read_bytes() == b"mine"

    opened.set()
    await deleting
    await eventually(lambda: not body.exists())
