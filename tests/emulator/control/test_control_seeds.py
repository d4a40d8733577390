"""The seeds: believable, quick, and really there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from daytona import AsyncDaytona

from daytona_tui.emulator.seed import files as seed_files
from daytona_tui.emulator.seed.demo import demo
from daytona_tui.emulator.seed.fleet import fleet
from daytona_tui.emulator.seed.parsing import parse_seed
from daytona_tui.emulator.server import Emulator

Open = Callable[..., Awaitable[Emulator]]
Connect = Callable[..., Awaitable[AsyncDaytona]]
Eventually = Callable[..., Awaitable[None]]


def test_the_demo_covers_every_stable_state_and_many_owners() -> None:
    records = [planting.record for planting in demo()]
    labels = {label for record in records for label in record.labels}

    assert len(records) >= 16
    assert {record.state for record in records} == {"started", "stopped", "archived", "paused", "error", "build_failed"}
    assert sum(record.state == "started" for record in records) >= 5
    assert all(record.error_reason for record in records if record.state in {"error", "build_failed"})
    assert {"harbor.managed", "benchflow.managed", "hermes_task_id", "inspect_run_id", "OpenHands_SID"} <= labels
    assert {"crabbox", "mastra-sandbox-id", "kortix.managed"} <= labels
    assert len({record.name for record in records}) == len(records)
    assert all(record.created_at <= record.last_activity_at for record in records)


def test_a_fleet_is_quick_and_the_same_each_time() -> None:
    begun = time.perf_counter()
    rows = fleet(10_000)
    took = time.perf_counter() - begun

    assert len({planting.record.name for planting in rows}) == len({planting.record.id for planting in rows}) == 10_000
    assert [planting.record.name for planting in fleet(5)] == [planting.record.name for planting in rows[:5]]
    assert took < 15  # about 0.1 s on an idle machine


@pytest.mark.parametrize(
    "text",
    [
        *("", "Demo", "demo:3", "fleet", "fleet:", "fleet:x", "fleet:1e3", "fleet:²", "fleet:100001", "fleet:1:2"),
        *("leaky", "leaky:", "leaky:-1", "leaky:1:", "leaky:1:2:3", "leaky:100001", "leaky: 1", "leaky:1:1000000"),
    ],
)
def test_a_bad_seed_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="the seed is empty, demo, fleet:N"):
        parse_seed(text)


async def test_a_demo_sandbox_has_files_a_repository_and_talking_programs(
    open_emulator: Open, connect: Connect, eventually: Eventually
) -> None:
    emulator = await open_emulator(seed="demo")
    daytona = await connect(emulator)
    scratch = await daytona.get("scratch")

    odd = {each.name: each for each in await scratch.fs.list_files("odd names")}
    assert set(seed_files.ODD_NAMES) <= odd.keys()
    assert odd["empty.dat"].size == 0
    image = await scratch.fs.download_file("pictures/waves.png")
    assert image is not None
    assert image.startswith(b"\x89PNG\r\n\x1a\n")
    large = await scratch.fs.get_file_info("data/embeddings.bin")
    assert large.size == seed_files.LARGE_FILE_MIB * seed_files.MEBIBYTE
    status = await scratch.process.exec("cd merge-lab && git status --short && git log --oneline | wc -l")
    assert status.result.split() == ["M", "src/merge.py", "??", "notes.md", "4"]

    sessions = {each.session_id: each.commands[0] for each in await scratch.process.list_sessions()}
    assert sessions.keys() == {"tests", "agent"}
    heard: list[str] = []
    following = asyncio.create_task(
        scratch.process.get_session_command_logs_async("agent", sessions["agent"].id, heard.append, heard.append)
    )
    await eventually(lambda: "".join(heard).count("step") >= 30)  # 26 at once, the rest as they come
    following.cancel()


async def test_closing_the_demo_is_quick_while_its_bodies_are_built(
    open_emulator: Open, eventually: Eventually
) -> None:
    emulator = await open_emulator(seed="demo")
    origin = emulator.api_url.removesuffix("/api")
    place = emulator._directory.root
    started = [record.id for record in emulator.fleet.records.values() if record.state == "started"]

    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {emulator.api_key}"}) as session:
        asking = [asyncio.create_task(session.get(f"{origin}/toolbox/{each}/files")) for each in started]
        await eventually(lambda: any(task.done() for task in asking))
        begun = time.monotonic()
        await emulator.close()
        took = time.monotonic() - begun
        async with asyncio.timeout(20):
            await asyncio.gather(*asking, return_exceptions=True)

    assert took < 15  # about 0.3 s on an idle machine
    assert not place.exists()
