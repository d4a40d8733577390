"""Following output to its end, over a network that drops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from tests.operations.conftest import Bench
from tests.operations.cutting_proxy import CuttingProxy

from daytona_tui.client import open_gateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.domain.executions import OutputChunk
from daytona_tui.domain.ports import Gateway
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.errors import DaytonaTuiError, NotFoundError
from daytona_tui.operations.tail import Dropped, Ended, Patience, Resumed, TailEvent, tail

QUICK = Patience(first_pause_s=0.02, longest_pause_s=0.1, attempts=3, exit_code_s=1.0)
COUNTING = 'for i in $(seq 1 30); do echo "out $i"; echo "err $i" >&2; sleep 0.04; done; (exit 4)'


@pytest.fixture
async def proxy(bench: Bench) -> AsyncIterator[CuttingProxy]:
    async with CuttingProxy(urlsplit(bench.emulator.api_url).port or 0) as proxy:
        yield proxy


@pytest.fixture
async def far_gateway(bench: Bench, proxy: CuttingProxy) -> AsyncIterator[Gateway]:
    """A gateway whose every connection goes through the proxy."""
    url = f"http://127.0.0.1:{proxy.port}/api"
    gateway = open_gateway(Connection(url, Secret(bench.emulator.api_key)))
    yield gateway
    await gateway.close()


async def begin(bench: Bench, command: str) -> str:
    await bench.gateway.open_session(bench.sandbox.id, "work")
    return (await bench.gateway.submit(bench.sandbox.id, "work", command)).id


def output(events: list[TailEvent], stream: str) -> str:
    return "".join(event.text for event in events if isinstance(event, OutputChunk) and event.stream == stream)


async def test_output_and_exit_code_of_a_program_that_is_over(bench: Bench) -> None:
    execution_id = await begin(bench, "echo hello; sh -c 'exit 3'")

    events = [event async for event in tail(bench.gateway, bench.sandbox.id, "work", execution_id)]

    assert output(events, "stdout") == "hello\n"
    assert events[-1] == Ended(3)


async def test_a_cut_connection_loses_and_repeats_nothing(
    bench: Bench, far_gateway: Gateway, proxy: CuttingProxy
) -> None:
    execution_id = await begin(bench, COUNTING)
    events: list[TailEvent] = []
    cuts = 0

    async for event in tail(far_gateway, bench.sandbox.id, "work", execution_id, patience=QUICK):
        events.append(event)
        if f"out {10 * (cuts + 1)}\n" in output(events, "stdout") and cuts < 2:
            cuts += 1
            proxy.cut()

    assert output(events, "stdout") == "".join(f"out {number}\n" for number in range(1, 31))
    assert output(events, "stderr") == "".join(f"err {number}\n" for number in range(1, 31))
    assert sum(isinstance(event, Dropped) for event in events) >= 2
    assert sum(isinstance(event, Resumed) for event in events) == 2
    assert events[-1] == Ended(4)


async def test_a_refusing_server_is_asked_only_so_often(bench: Bench) -> None:
    execution_id = await begin(bench, "sleep 30")
    fault = bench.emulator.faults.add(FaultRule(path="*/logs", status=503))
    dropped: list[TailEvent] = []

    async def follow() -> None:
        async for event in tail(bench.gateway, bench.sandbox.id, "work", execution_id, patience=QUICK):
            dropped.append(event)

    with pytest.raises(DaytonaTuiError):
        await asyncio.wait_for(follow(), 20)

    assert [type(event) for event in dropped] == [Dropped] * QUICK.attempts
    assert fault.hits >= QUICK.attempts + 1


async def test_what_is_not_there_is_said_at_once(bench: Bench) -> None:
    await begin(bench, "true")

    with pytest.raises(NotFoundError):
        async for _ in tail(bench.gateway, bench.sandbox.id, "work", "no-such-command", patience=QUICK):
            pass


async def test_cancelling_ends_the_following(bench: Bench) -> None:
    execution_id = await begin(bench, "echo here; sleep 60")
    seen = asyncio.Event()

    async def follow() -> None:
        async for _ in tail(bench.gateway, bench.sandbox.id, "work", execution_id):
            seen.set()

    following = asyncio.create_task(follow())
    await asyncio.wait_for(seen.wait(), 10)
    following.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(following, 5)
