"""The event channel, as frames, as the library speaks it, and as the SDK uses it."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import socketio
from daytona import AsyncDaytona, CreateSandboxFromSnapshotParams

from daytona_tui.emulator.channel import events
from daytona_tui.emulator.fleet.records import SandboxRecord, new_id
from daytona_tui.emulator.fleet.shelf import Shelf
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator

Open = Callable[..., Awaitable[Emulator]]
Connect = Callable[..., Awaitable[AsyncDaytona]]
Eventually = Callable[..., Awaitable[None]]
QUERY = "?EIO=4&transport=websocket"


@pytest.fixture
async def _nothing_to_report(caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """Fail if the server logs anything worth somebody's attention."""
    yield
    entries = [entry for entry in caplog.records if entry.name.startswith(("aiohttp", "daytona_tui", "asyncio"))]
    assert not [entry.getMessage() for entry in entries if entry.levelno >= logging.WARNING]


async def _join(socket: aiohttp.ClientWebSocketResponse, key: str) -> None:
    await _text(socket)
    await socket.send_str(f"40{json.dumps({'token': key})}")
    assert (await _text(socket)).startswith("40")


async def _text(socket: aiohttp.ClientWebSocketResponse) -> str:
    async with asyncio.timeout(10):
        return str((await socket.receive()).data)


async def test_frames_from_handshake_to_event(emulator: Emulator, http: aiohttp.ClientSession) -> None:
    async with http.ws_connect(f"/api/socket.io/{QUERY}") as socket:
        opening = await _text(socket)
        await socket.send_str(f"40{json.dumps({'token': emulator.api_key})}")
        accepted = await _text(socket)
        emulator.fleet.add(SandboxRecord(new_id(), "one"))
        created = await _text(socket)
        emulator.fleet.change(emulator.fleet.find("one"), state="stopping", desired_state="stopped")
        desired = await _text(socket)
        state = await _text(socket)

    assert json.loads(opening.removeprefix("0")).keys() >= {"sid", "upgrades", "pingInterval", "pingTimeout"}
    assert json.loads(accepted.removeprefix("40")).keys() == {"sid"}
    assert json.loads(created.removeprefix("42"))[0] == "sandbox.created"
    assert json.loads(created.removeprefix("42"))[1].items() >= {"name": "one", "env": {}}.items()
    assert json.loads(desired.removeprefix("42"))[0] == "sandbox.desired-state.updated"
    name, payload = json.loads(state.removeprefix("42"))
    assert (name, payload["oldState"], payload["newState"]) == ("sandbox.state.updated", "started", "stopping")
    assert payload["sandbox"]["desiredState"] == "stopped"


@pytest.mark.parametrize("packet", ['40{"token":"wrong"}', "40", "40[1]", '40{"token":5}'])
async def test_a_wrong_token_is_refused_in_words(http: aiohttp.ClientSession, packet: str) -> None:
    async with http.ws_connect(f"/api/socket.io/{QUERY}") as socket:
        await _text(socket)
        await socket.send_str(packet)

        assert json.loads((await _text(socket)).removeprefix("44")) == {"message": "Unauthorized"}
        async with asyncio.timeout(10):
            assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE


@pytest.mark.parametrize("packet", ["40{", "zz", "", "4", "4zz", "40" + "[" * 5000, "451-[]", b"bytes"])
@pytest.mark.usefixtures("_nothing_to_report")
async def test_what_is_no_packet_ends_the_connection(http: aiohttp.ClientSession, packet: str | bytes) -> None:
    async with http.ws_connect(f"/api/socket.io/{QUERY}") as socket:
        await _text(socket)
        await (socket.send_str(packet) if isinstance(packet, str) else socket.send_bytes(packet))
        async with asyncio.timeout(15):
            assert (await socket.receive()).type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}


@pytest.mark.parametrize("query", ["", "?EIO=4&transport=polling", "?EIO=3&transport=websocket"])
async def test_other_transports_are_refused(http: aiohttp.ClientSession, query: str) -> None:
    async with http.get(f"/api/socket.io/{query}") as response:
        assert response.status == 400


async def test_the_socket_io_library_hears_every_change(
    emulator: Emulator, connect: Connect, eventually: Eventually
) -> None:
    heard: list[tuple[str, str]] = []
    client = socketio.AsyncClient(reconnection=False)
    client.on("sandbox.created", lambda data: heard.append(("created", data["state"])))
    client.on("sandbox.state.updated", lambda data: heard.append((data["oldState"], data["newState"])))
    await client.connect(
        emulator.api_url.removesuffix("/api"),
        socketio_path="/api/socket.io",
        auth={"token": emulator.api_key},
        transports=["websocket"],
    )
    try:
        daytona = await connect(emulator)
        sandbox = await daytona.create()
        await sandbox.stop(timeout=20)
        await sandbox.delete(timeout=20)

        expected = [("created", "creating"), ("creating", "started"), ("started", "stopping"), ("stopping", "stopped")]
        await eventually(lambda: heard == [*expected, ("stopped", "destroying"), ("destroying", "destroyed")])
    finally:
        await client.disconnect()


async def test_a_waiting_sdk_client_is_woken_by_the_event(open_emulator: Open, connect: Connect) -> None:
    emulator = await open_emulator(pace="natural")
    daytona = await connect(emulator, polling=False)
    sandbox = await daytona.create(CreateSandboxFromSnapshotParams(name="one"))

    stopped_at: list[float] = []
    emulator.fleet.subscribe(
        lambda _event, record, _extra: stopped_at.append(time.monotonic()) if record.state == "stopped" else None
    )
    woken_after: list[float] = []
    for _ in range(3):  # one of them will meet a machine that has time for it
        await sandbox.stop(timeout=20)
        woken_after.append(time.monotonic() - stopped_at[-1])
        assert sandbox.state == "stopped"
        await sandbox.start(timeout=20)

    assert min(woken_after) < 0.5  # polling alone looks at whole seconds, and this change ends after 1.3


async def test_a_refusal_by_fault_and_a_refused_upgrade(emulator: Emulator, http: aiohttp.ClientSession) -> None:
    emulator.faults.add(FaultRule(path="/api/socket.io/", refuse_events="Too many connections", times=1))
    async with http.ws_connect(f"/api/socket.io/{QUERY}") as socket:
        await _text(socket)
        await socket.send_str(f"40{json.dumps({'token': emulator.api_key})}")
        assert json.loads((await _text(socket)).removeprefix("44")) == {"message": "Too many connections"}

    emulator.faults.add(FaultRule(path="/api/socket.io/", status=404))
    with pytest.raises(aiohttp.WSServerHandshakeError, match="404"):
        await http.ws_connect(f"/api/socket.io/{QUERY}")


async def test_dead_clients_leave_nothing_behind(open_emulator: Open, eventually: Eventually) -> None:
    emulator = await open_emulator()
    url = f"{emulator.api_url}/socket.io/{QUERY}"
    before = len(asyncio.all_tasks())
    async with aiohttp.ClientSession() as session:
        sockets = []
        for _ in range(5):
            socket = await session.ws_connect(url)
            await _text(socket)
            await socket.send_str(f"40{json.dumps({'token': emulator.api_key})}")
            await _text(socket)
            sockets.append(socket)
        for socket in sockets:  # gone without a word, as after a crash
            transport: Any = socket._response.connection.transport  # type: ignore[union-attr]
            transport.abort()
        for number in range(20):
            emulator.fleet.add(SandboxRecord(new_id(), f"box-{number}"))

    await eventually(lambda: len(asyncio.all_tasks()) <= before)


async def test_closing_does_not_wait_for_connected_clients(open_emulator: Open) -> None:
    emulator = await open_emulator()
    async with aiohttp.ClientSession() as session:
        socket = await session.ws_connect(f"{emulator.api_url}/socket.io/{QUERY}")
        await _text(socket)
        await socket.send_str(f"40{json.dumps({'token': emulator.api_key})}")
        await _text(socket)

        begun = time.monotonic()
        await emulator.close()

        assert time.monotonic() - begun < 10


async def test_a_client_that_does_not_read_is_cut_off_and_others_are_not(
    emulator: Emulator, eventually: Eventually
) -> None:
    heard: list[str] = []
    url = f"{emulator.api_url}/socket.io/{QUERY}"
    labels = {"long": "x" * 4000}
    async with aiohttp.ClientSession() as session, aiohttp.ClientSession(read_bufsize=1) as lazy:
        deaf = await lazy.ws_connect(url)
        await _join(deaf, emulator.api_key)
        connection: Any = deaf._response.connection
        connection.transport.pause_reading()
        keen = await session.ws_connect(url)
        await _join(keen, emulator.api_key)

        async def listen() -> None:
            async for message in keen:
                heard.append(str(message.data))

        listening = asyncio.create_task(listen())
        assert emulator.events.client_count == 2
        for number in range(6000):
            emulator.fleet.add(SandboxRecord(new_id(), f"box-{number}", labels=labels))
            if number % 100 == 0:
                await asyncio.sleep(0)
        await eventually(lambda: emulator.events.client_count == 1)
        await eventually(lambda: len(heard) == 6000)
        listening.cancel()


async def test_a_frozen_channel_stays_open_and_says_nothing(emulator: Emulator, http: aiohttp.ClientSession) -> None:
    async with http.ws_connect(f"/api/socket.io/{QUERY}") as socket:
        await _join(socket, emulator.api_key)
        frozen = emulator.faults.add(FaultRule(path="/api/socket.io/", freeze_events=True))
        emulator.fleet.add(SandboxRecord(new_id(), "unheard"))
        emulator.faults.remove(frozen.id)
        emulator.fleet.add(SandboxRecord(new_id(), "heard"))
        first = json.loads((await _text(socket)).removeprefix("42"))

    assert (first[0], first[1]["name"]) == ("sandbox.created", "heard")
    assert frozen.hits == 1


async def test_the_server_pings_and_drops_who_does_not_answer(
    monkeypatch: pytest.MonkeyPatch, open_emulator: Open, eventually: Eventually
) -> None:
    monkeypatch.setattr(events, "PING_INTERVAL_S", 0.1)
    monkeypatch.setattr(events, "PING_TIMEOUT_S", 0.4)
    emulator = await open_emulator()
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(f"{emulator.api_url}/socket.io/{QUERY}") as socket:
            await _join(socket, emulator.api_key)
            for _ in range(3):
                assert await _text(socket) == "2"
                await socket.send_str("3")
            assert await _text(socket) == "2"
            async with asyncio.timeout(5):
                while (message := await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                    assert message.data in {"1", "2"}
        await eventually(lambda: emulator.events.client_count == 0)


async def test_changes_of_a_shelf_are_events(open_emulator: Open) -> None:
    emulator = await open_emulator()
    shelf: Shelf[_Thing] = Shelf("volume")
    emulator.events.watch_shelf(shelf, lambda _kind, thing: {"id": thing.id, "state": thing.state})
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{emulator.api_url}/socket.io/{QUERY}") as socket,
    ):
        await _join(socket, emulator.api_key)
        thing = _Thing("one")
        shelf.add(thing)
        shelf.change(thing, state="ready")
        shelf.change(thing, note="unseen")
        shelf.change(thing, last_used_at="now")
        shelf.remove(thing)
        heard = [json.loads((await _text(socket)).removeprefix("42")) for _ in range(4)]

    ready = {"id": "one", "state": "ready"}
    assert heard == [
        ["volume.created", {"id": "one", "state": "creating"}],
        ["volume.state.updated", {"volume": ready, "oldState": "creating", "newState": "ready"}],
        ["volume.lastUsedAt.updated", ready],
        ["volume.removed", ready],
    ]


@dataclass
class _Thing:
    id: str
    state: str = "creating"
    note: str = ""
    last_used_at: str | None = None
