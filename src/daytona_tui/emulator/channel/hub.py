"""The socket.io server behind the event channel: python-socketio's own, over WebSockets only, with bounded queues.

Loaded at the first connection, in a thread: it costs a third of the time in which the emulator starts.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import engineio
import socketio
from aiohttp import web
from engineio import packet as engine_packet
from socketio import packet as socket_packet
from socketio.exceptions import ConnectionRefusedError as Refusal

Judge = Callable[[web.Request, object], str | None]
"""Told a client's request and what it shows in its CONNECT packet; returns words of refusal, or None."""

_LARGEST_MESSAGE = 1 << 16
_CONNECT_TIMEOUT_S = 10.0
_FAREWELL_S = 0.3  # for last words to a client, before its connection is cut

_library_log = logging.getLogger(f"{__name__}.library")
_library_log.setLevel(logging.ERROR)  # what it says of packets would show tokens


@dataclass(eq=False)
class _Client:
    request: web.Request
    engine_id: str
    socket: Any
    """The engine's end of it, with the queue of what waits for it."""
    has_joined: bool = False

    def cut(self) -> None:
        if self.request.transport is not None:
            self.request.transport.abort()


class _Engine(engineio.AsyncServer):  # type: ignore[misc]
    """The engine below; it knows its background tasks, so that they can be ended."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.background: dict[asyncio.Task[Any], object] = {}

    def start_background_task(
        self, target: Callable[..., Coroutine[Any, Any, Any]], *args: Any, **options: Any
    ) -> asyncio.Task[Any]:
        """Start a task, and note whose it is."""
        task = asyncio.create_task(target(*args, **options), name="event channel")
        self.background[task] = getattr(target, "__self__", None)
        task.add_done_callback(self.background.pop)
        return task

    def end_tasks_of(self, owner: object) -> None:
        """Cancel what was started for ``owner``."""
        for task in [task for task, whose in self.background.items() if whose is owner]:
            task.cancel()


class Hub(socketio.AsyncServer):  # type: ignore[misc]
    """Every client of the event channel.

    Args:
        judge: decides who may join.
        backlog: a client that lets more packets than this wait is cut off.
        ping_interval_s: seconds from a client's pong to the next ping.
        ping_timeout_s: seconds that it has for its pong.
    """

    def __init__(self, judge: Judge, *, backlog: int, ping_interval_s: float, ping_timeout_s: float) -> None:
        super().__init__(
            async_mode="aiohttp",
            async_handlers=False,
            transports=["websocket"],
            allow_upgrades=False,
            cors_allowed_origins="*",  # a token is asked for, wherever the page is from
            max_http_buffer_size=_LARGEST_MESSAGE,
            monitor_clients=False,  # each client's own loop notices its silence
            ping_interval=ping_interval_s,
            ping_timeout=ping_timeout_s,
            logger=_library_log,
            engineio_logger=_library_log,
        )
        self._judge = judge
        self._backlog = backlog
        self._clients: dict[str, _Client] = {}
        self._everyone_left = asyncio.Event()
        self.on("connect", self._join)

    @property
    def joined(self) -> list[web.Request]:
        """The requests of the clients that were let in."""
        return [client.request for client in self._clients.values() if client.has_joined]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one client until it leaves, falls silent, is refused or is cut off."""
        deadline = asyncio.get_running_loop().call_later(_CONNECT_TIMEOUT_S, self._cut_unless_joined, request)
        try:
            response = await self.handle_request(request)
        except (ConnectionError, ValueError, LookupError, TypeError):  # no engine.io at all, or a client that has gone
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        finally:
            deadline.cancel()
            await self._forget(request)
        assert isinstance(response, web.StreamResponse)
        return response

    def send(self, event: str, payload_for: Callable[[web.Request], tuple[str, object]]) -> None:
        """Send an event to everyone who has joined.

        Args:
            event: its name.
            payload_for: returns for a client what distinguishes its payload from others', and the payload.
        """
        packets: dict[str, Any] = {}
        for client in list(self._clients.values()):
            if not client.has_joined:
                continue
            key, payload = payload_for(client.request)
            if key not in packets:
                text = socket_packet.Packet(socket_packet.EVENT, data=[event, payload]).encode()
                packets[key] = engine_packet.Packet(engine_packet.MESSAGE, text)
            queue = client.socket.queue
            if queue.qsize() >= self._backlog:
                client.has_joined = False
                client.cut()
            else:
                queue.put_nowait(packets[key])

    async def close(self) -> None:
        """Say goodbye to every client, and cut off those who do not answer."""
        for client in list(self._clients.values()):
            self._dismiss(client)
        self._everyone_left.clear()
        if self._clients:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._everyone_left.wait(), _FAREWELL_S)
        for client in list(self._clients.values()):
            client.cut()
        for task in list(self.eio.background):
            task.cancel()

    def _engineio_server_class(self) -> type[_Engine]:
        return _Engine

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        self._clients[eio_sid] = _Client(environ["aiohttp.request"], eio_sid, self.eio.sockets[eio_sid])
        await super()._handle_eio_connect(eio_sid, environ)

    async def _handle_eio_message(self, eio_sid: str, data: object) -> None:
        client = self._clients.get(eio_sid)
        try:
            if not isinstance(data, str):
                raise ValueError("a client has nothing to send but text")
            await super()._handle_eio_message(eio_sid, data)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):  # no socket.io
            if client is not None:
                self._dismiss(client)

    def _join(self, sid: str, environ: dict[str, Any], auth: object = None) -> None:
        client = self._clients[self.manager.eio_sid_from_sid(sid, "/")]
        refusal = self._judge(client.request, auth)
        if refusal is not None:
            asyncio.get_running_loop().call_soon(self._dismiss, client)  # after the refusal has been queued
            raise Refusal(refusal)
        client.has_joined = True

    def _dismiss(self, client: _Client) -> None:
        """Let a client have what waits for it, and close its connection."""
        client.has_joined = False
        client.socket.queue.put_nowait(None)
        asyncio.get_running_loop().call_later(_FAREWELL_S, client.cut)

    def _cut_unless_joined(self, request: web.Request) -> None:
        for client in list(self._clients.values()):
            if client.request is request and not client.has_joined:
                client.cut()

    async def _forget(self, request: web.Request) -> None:
        for client in [client for client in self._clients.values() if client.request is request]:
            del self._clients[client.engine_id]
            self.eio.sockets.pop(client.engine_id, None)
            self.eio.end_tasks_of(client.socket)
            client.socket.queue.put_nowait(None)
            await client.socket.close(wait=False, abort=True)
        if not self._clients:
            self._everyone_left.set()
