"""The event channel: just enough socket.io (v5, over engine.io v4 on a WebSocket) to push changes to clients.

The frames are few and of text, so they are written here by hand; the library that speaks them would cost a third of
the start-up time. Meaning of the frames: engine.io's and socket.io's protocol documents.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import WSMsgType, web

from daytona_tui.emulator import wire
from daytona_tui.emulator.faults import Faults
from daytona_tui.emulator.records import CHANGED, Fleet, SandboxRecord

_log = logging.getLogger(__name__)

PATH = "/api/socket.io/"
PING_INTERVAL_S = 25.0
PING_TIMEOUT_S = 20.0
_CONNECT_TIMEOUT_S = 10.0
_BACKLOG = 2000  # a client that lets this many events wait is cut off


@dataclass(eq=False)
class _Client:
    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    toolbox_url: str
    waiting: asyncio.Queue[str]

    def abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()


class EventChannel:
    """Every connected client, and the pushing of changes to all of them.

    Args:
        fleet: where the changes come from.
        api_key: what a client must show in its CONNECT packet.
        faults: refuses clients on request.
    """

    def __init__(self, fleet: Fleet, api_key: str, faults: Faults) -> None:
        self._fleet = fleet
        self._api_key = api_key
        self._faults = faults
        self._clients: set[_Client] = set()
        self._sockets: set[web.WebSocketResponse] = set()
        fleet.subscribe(self._push)

    @property
    def client_count(self) -> int:
        """How many clients are connected and accepted."""
        return len(self._clients)

    async def close(self) -> None:
        """Say goodbye to every client."""
        for socket in list(self._sockets):
            await socket.close(code=1001)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one client until it leaves, falls silent or is refused."""
        if request.query.get("transport") != "websocket" or request.query.get("EIO") != "4":
            return web.json_response({"code": 0, "message": "Transport unknown"}, status=400)
        socket = web.WebSocketResponse(timeout=1.0, max_msg_size=1 << 16)
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            await self._serve(request, socket)
        except (ConnectionError, TimeoutError):
            _log.debug("an event client went away")
        finally:
            self._sockets.discard(socket)
            await socket.close()
        return socket

    async def _serve(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        handshake = {
            "sid": secrets.token_urlsafe(15),
            "upgrades": [],
            "pingTimeout": int(PING_TIMEOUT_S * 1000),
            "pingInterval": int(PING_INTERVAL_S * 1000),
            "maxPayload": 1_000_000,
        }
        await socket.send_str(f"0{json.dumps(handshake)}")
        async with asyncio.timeout(_CONNECT_TIMEOUT_S):
            first = await socket.receive()
        if first.type is not WSMsgType.TEXT or not first.data.startswith("40"):
            return
        refusal = self._faults.refusal(request.path) or self._refusal(first.data[2:])
        if refusal is not None:
            await socket.send_str(f"44{json.dumps({'message': refusal})}")
            return
        await socket.send_str(f"40{json.dumps({'sid': secrets.token_urlsafe(15)})}")
        await self._converse(_Client(socket, request.transport, toolbox_url(request), asyncio.Queue(_BACKLOG)))

    def _refusal(self, text: str) -> str | None:
        try:
            token = json.loads(text)["token"]
        except (ValueError, KeyError, TypeError):
            return "Unauthorized"
        is_known = isinstance(token, str) and hmac.compare_digest(token.encode(), self._api_key.encode())
        return None if is_known else "Unauthorized"

    async def _converse(self, client: _Client) -> None:
        self._clients.add(client)
        writer = asyncio.create_task(_write(client), name="event client writer")
        try:
            while True:
                async with asyncio.timeout(PING_INTERVAL_S + PING_TIMEOUT_S):
                    message = await client.socket.receive()
                if message.type is not WSMsgType.TEXT or message.data in {"1", "41"}:
                    return
        finally:
            self._clients.discard(client)
            writer.cancel()
            await asyncio.wait([writer])

    def _push(self, event: str, record: SandboxRecord, extra: Mapping[str, object]) -> None:
        if event == CHANGED:
            return
        for client in list(self._clients):
            body = wire.sandbox(record, client.toolbox_url, self._fleet.distortions.get(record.id))
            payload = body if event == "sandbox.created" else {"sandbox": body, **extra}
            try:
                client.waiting.put_nowait(f"42{json.dumps([event, payload])}")
            except asyncio.QueueFull:
                self._clients.discard(client)
                client.abort()


async def _write(client: _Client) -> None:
    loop = asyncio.get_running_loop()
    next_ping = loop.time() + PING_INTERVAL_S
    while True:
        try:
            async with asyncio.timeout_at(next_ping):
                frame = await client.waiting.get()
        except TimeoutError:
            frame = "2"
            next_ping = loop.time() + PING_INTERVAL_S
        try:
            await client.socket.send_str(frame)
        except ConnectionError:
            client.abort()
            return


def toolbox_url(request: web.Request) -> str:
    """Return the address of the toolbox proxy as this client reaches it, without a sandbox's id."""
    return f"{request.scheme}://{request.host}/toolbox"
