"""The console's executions when something goes wrong: sandboxes that go away, lines that drop, hostile output."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from tests.conftest import OpenEmulator
from tests.operations.cutting_proxy import CuttingProxy

from daytona_tui.client import open_gateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.domain.console import Order, RunOptions
from daytona_tui.domain.loglines import DEFAULT_CAPACITY, MAX_LINE_CHARS
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.operations import shell
from daytona_tui.ui.panes.console_executions import Executions


@dataclass
class Desk:
    """Executions over a line that can be cut; ``other`` has a line of its own."""

    executions: Executions
    other: Gateway
    sandbox_id: SandboxId
    proxy: CuttingProxy

    def begin(self, text: str, options: RunOptions | None = None) -> asyncio.Task[None]:
        order = Order(text, options=options or RunOptions())
        return asyncio.create_task(self.executions.carry_out(self.executions.begin(self.sandbox_id, order)))

    async def run(self, text: str) -> list[str]:
        await asyncio.wait_for(self.begin(text), 60)
        return self.lines

    @property
    def lines(self) -> list[str]:
        transcript = self.executions.store.console(self.sandbox_id).transcript
        return [transcript[index].text for index in range(len(transcript))]

    async def until(self, holds: Callable[[], object]) -> None:
        deadline = time.monotonic() + 20
        while not holds():
            assert time.monotonic() < deadline, self.lines[-5:]
            await asyncio.sleep(0.01)


@pytest.fixture
async def desk(open_emulator: OpenEmulator) -> AsyncIterator[Desk]:
    emulator = await open_emulator(seed="fleet:6")
    async with CuttingProxy(urlsplit(emulator.api_url).port or 0) as proxy:
        near = open_gateway(Connection(emulator.api_url, Secret(emulator.api_key)))
        far = open_gateway(Connection(f"http://127.0.0.1:{proxy.port}/api", Secret(emulator.api_key)))
        fleet = [sandbox async for page in near.list_pages() for sandbox in page]
        sandbox = next(each for each in fleet if each.is_running and (each.lifetimes.auto_delete_min or 0) < 0)
        desk = Desk(Executions(far, lambda: None, lambda: asyncio.sleep(0)), near, sandbox.id, proxy)
        yield desk
        await desk.executions.close()
        await far.close()
        await near.close()


async def test_a_dropped_connection_is_said_and_nothing_is_lost(desk: Desk) -> None:
    running = desk.begin("mkfifo gate; echo before; read line <gate; echo after; (exit 3)")
    await desk.until(lambda: "before" in desk.lines)

    desk.proxy.cut()
    await desk.until(lambda: "the connection is lost; the program runs on" in "".join(desk.lines))
    await desk.other.run(desk.sandbox_id, "echo go >gate", timeout_s=10)
    await asyncio.wait_for(running, 30)

    assert [line for line in desk.lines if line in ("before", "after")] == ["before", "after"]
    assert desk.lines[-1].startswith("exit 3")


async def test_what_is_written_before_a_drop_arrives_after_the_program_has_ended(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line comes back when nobody would ask the silent program any more."""
    monkeypatch.setattr(shell, "SILENCES_S", (0.05,))
    running = desk.begin("mkfifo gate; echo before; read line <gate; echo after")
    await desk.until(lambda: "before" in desk.lines)

    desk.proxy.cut()
    await desk.until(lambda: "the connection is lost; the program runs on" in "".join(desk.lines))
    await desk.other.run(desk.sandbox_id, "echo go >gate", timeout_s=10)
    await asyncio.wait_for(running, 30)

    assert "after" in desk.lines


@pytest.mark.parametrize("way", ["stopped", "deleted"])
async def test_a_sandbox_that_goes_away_ends_the_run_with_a_sentence(desk: Desk, way: str) -> None:
    running = desk.begin("echo kept; sleep 300")
    await desk.until(lambda: "kept" in desk.lines)

    if way == "stopped":
        await desk.other.stop(desk.sandbox_id, timeout_s=20, force=True)
    else:
        await desk.other.delete(desk.sandbox_id, timeout_s=20)
    await asyncio.wait_for(running, 40)

    assert "kept" in desk.lines
    assert desk.executions.store.console(desk.sandbox_id).running is None
    # The end of the program may be seen before that of its sandbox; no server tells an exit code then.
    told = " ".join(desk.lines[-2:])
    assert told == "Not possible now: the sandbox is not running not run to its end" or "no exit code" in told


async def test_binary_and_endless_lines_are_bounded_on_screen_and_whole_on_disk(desk: Desk) -> None:
    await desk.run("true")
    output = desk.executions.begin(
        desk.sandbox_id, Order(r"head -c 100000000 /dev/zero | tr '\0' x; echo; printf '\377\376\303'; printf '\251'")
    )
    await asyncio.wait_for(desk.executions.carry_out(output), 60)

    assert output.spool.total_bytes == 100_000_001 + len("\ufffd\ufffdé".encode())
    assert max(map(len, desk.lines)) <= MAX_LINE_CHARS
    assert len(desk.lines) <= DEFAULT_CAPACITY
    assert "\ufffd\ufffdé" in desk.lines


async def test_a_million_lines_are_counted_and_whole(desk: Desk) -> None:
    await desk.run("true")
    output = desk.executions.begin(desk.sandbox_id, Order("seq 1000000"))
    await asyncio.wait_for(desk.executions.carry_out(output), 60)

    transcript = desk.executions.store.console(desk.sandbox_id).transcript
    assert transcript.total - output.first_line == 1_000_002  # with the prompt and the result
    assert len(transcript) <= DEFAULT_CAPACITY
    assert output.spool.line_count == 1_000_000
    assert await output.spool.lines(499_999, 500_001) == [b"500000", b"500001"]


async def test_a_command_that_says_nothing_is_ended_by_its_time_out(desk: Desk) -> None:
    await asyncio.wait_for(desk.begin("sleep 3600", RunOptions(timeout_s=1)), 30)

    assert desk.lines[-2:-1] == ["its time-out of 1 s is over: it is ended"]
    assert desk.lines[-1].startswith("exit 130")


async def test_clearing_while_something_runs_keeps_what_it_writes_from_then_on(desk: Desk) -> None:
    running = desk.begin("mkfifo gate; echo before; read line <gate; echo after")
    await desk.until(lambda: "before" in desk.lines)

    desk.executions.clear(desk.sandbox_id)
    await desk.other.run(desk.sandbox_id, "echo go >gate", timeout_s=10)
    await asyncio.wait_for(running, 30)

    assert desk.lines[0] == "after"
    kept = desk.executions.outputs.at(desk.sandbox_id, 0)
    assert kept is not None
    assert await kept.spool.read(0, 100) == b"before\nafter\n"
