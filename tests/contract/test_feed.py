"""The event feed: up, changes as they happen, down when the server goes, up again; and it goes with its reader."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator

from tests.contract.helpers import Gateways, client_tasks, connection_to, until

from daytona_tui.client.feed import event_from
from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.domain.ports import FeedDown, FeedEvent, FeedUp, SandboxChanged, StateChanged
from daytona_tui.domain.sandbox import SandboxId, SandboxState
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator, EmulatorOptions


async def following(feed: AsyncIterator[FeedEvent], kind: type[FeedEvent], *, within_s: float = 5.0) -> FeedEvent:
    """Return the next event of ``kind``."""
    async with asyncio.timeout(within_s):
        async for event in feed:
            if isinstance(event, kind):
                return event
    raise AssertionError("the feed ended")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_changes_arrive_within_a_second(emulator: Emulator, gateway: DaytonaGateway, started: SandboxId) -> None:
    feed = gateway.feed()
    assert isinstance(await anext(feed), FeedUp)
    began = time.monotonic()
    await gateway.stop(started, timeout_s=10)
    states: list[SandboxState] = []
    while not states or states[-1] is not SandboxState.STOPPED:
        event = await following(feed, SandboxChanged)
        assert isinstance(event, SandboxChanged)
        assert event.sandbox.id == started
        assert event.sandbox.created_at is not None  # a whole record
        states.append(event.sandbox.state)
    assert time.monotonic() - began < 1


async def test_down_when_the_server_goes_and_up_again(open_gateways: Gateways) -> None:
    options = EmulatorOptions(seed="fleet:5", pace="instant", port=free_port())
    async with Emulator(options) as emulator:
        gateway = open_gateways(connection_to(emulator))
        feed = gateway.feed()
        assert isinstance(await anext(feed), FeedUp)
    down = await following(feed, FeedDown)
    assert isinstance(down, FeedDown)
    assert down.reason
    assert isinstance(await anext(feed), FeedDown)  # still down: it was tried again
    async with Emulator(options):
        assert isinstance(await following(feed, FeedUp, within_s=20), FeedUp)
        await gateway.close()


async def test_a_refusal_says_why_and_keeps_the_key(emulator: Emulator, open_gateways: Gateways) -> None:
    key = "dtn_abcdef0123456789abcdef0123456789"
    feed = open_gateways(Connection(emulator.api_url, Secret(key))).feed()
    down = await anext(feed)
    assert isinstance(down, FeedDown)
    assert "Unauthorized" in down.reason
    assert key not in down.reason
    retry = asyncio.ensure_future(anext(feed))
    done, _ = await asyncio.wait({retry}, timeout=1.2)  # an ordinary loss would have been retried by now
    assert not done
    retry.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await retry


async def test_a_server_without_a_feed_is_down_and_harms_nothing(emulator: Emulator, gateway: DaytonaGateway) -> None:
    emulator.faults.add(FaultRule(path="*/socket.io/*", status=404))
    assert isinstance(await anext(gateway.feed()), FeedDown)
    assert (await gateway.identify()).organization_id


async def test_no_task_outlives_its_reader(emulator: Emulator, gateway: DaytonaGateway) -> None:
    await gateway.identify()

    before = client_tasks()
    for _ in range(3):
        feed = gateway.feed()
        assert isinstance(await anext(feed), FeedUp)
        reading = asyncio.ensure_future(anext(feed))
        await asyncio.sleep(0)
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reading
    other = gateway.feed()
    assert isinstance(await anext(other), FeedUp)
    await other.aclose()  # type: ignore[attr-defined] # an async generator, as its users rely on
    await until(lambda: client_tasks() <= before)


async def test_closing_the_gateway_ends_the_feed(emulator: Emulator, gateway: DaytonaGateway) -> None:
    feed = gateway.feed()
    assert isinstance(await anext(feed), FeedUp)
    rest = asyncio.ensure_future(_drain(feed))
    await asyncio.sleep(0)
    await gateway.close()
    async with asyncio.timeout(5):
        assert await rest == []


async def _drain(feed: AsyncIterator[FeedEvent]) -> list[FeedEvent]:
    return [event async for event in feed]


def test_what_events_mean() -> None:
    record = {"id": "x", "name": "n", "organizationId": "o", "state": "started", "labels": {}}
    whole = event_from("sandbox.state.updated", {"sandbox": record, "newState": "started"})
    assert isinstance(whole, SandboxChanged)
    assert isinstance(event_from("sandbox.created", record), SandboxChanged)
    part = event_from("sandbox.state.updated", {"sandbox": {"id": "x"}, "newState": "hibernating"})
    assert part == StateChanged(SandboxId("x"), SandboxState.UNKNOWN, "hibernating")
    assert event_from("sandbox.state.updated", {"id": "x", "newState": "stopped"}) == StateChanged(
        SandboxId("x"), SandboxState.STOPPED, "stopped"
    )
    payloads: tuple[object, ...] = (None, [], "x", {}, {"sandbox": None}, {"sandbox": {"id": 5}}, {"id": "x"})
    for nothing in payloads:
        assert event_from("sandbox.state.updated", nothing) is None
    assert event_from("snapshot.created", record) is None
