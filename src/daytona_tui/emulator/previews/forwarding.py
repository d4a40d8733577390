"""Carrying a request to a port of a sandbox and its answer back: HTTP as a stream, WebSockets message by message."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import aiohttp
from aiohttp import ClientRequest, ClientTimeout, WSCloseCode, WSMsgType, web
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from daytona_tui.emulator.envelope import ApiError, hang_up

if TYPE_CHECKING:
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.tracing import Trace

    from daytona_tui.emulator.body.box import Box

LARGEST_MESSAGE = 16 << 20
"""Longest WebSocket message that is carried; it is held in memory as a whole."""
LOOK_S = 0.5
"""How often a quiet answer is checked for a client that has gone."""
CLOSE_S = 5.0
"""Longest wait for the other side to answer a WebSocket's goodbye."""

_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_OURS = frozenset({"host", "expect", "x-daytona-preview-token", "x-daytona-skip-last-activity-update"})
_WEBSOCKET = frozenset({"sec-websocket-key", "sec-websocket-version", "sec-websocket-extensions"})
_UNSENDABLE = frozenset({0, 1005, 1006, 1015})  # codes that stand for what happened, and never travel

T = TypeVar("T")


class BoxConnector(aiohttp.BaseConnector):
    """Connects a client to one port of a box instead of a host.

    Args:
        box: an open box.
        port: the port on its loopback.
    """

    def __init__(self, box: Box, port: int) -> None:
        super().__init__(force_close=True)
        self._box = box
        self._port = port

    async def _create_connection(
        self, req: ClientRequest, traces: list[Trace], timeout: ClientTimeout
    ) -> ResponseHandler:
        """Return a protocol on a new connection to the port."""
        connected = await self._box.connect(self._port)
        try:
            _transport, protocol = await self._loop.create_connection(self._factory, sock=connected)
        except BaseException:
            connected.close()
            raise
        return protocol


@dataclass
class Errand:
    """What is asked of a program in a sandbox, and how.

    Attributes:
        port: the port on its loopback.
        path: the path to ask for there, as it is written in a request.
        query: the query, likewise.
        prefix: what the path begins with on this side; "" at the top.
        omit: names of further headers to leave out, in small letters.
        answer: headers to add to the answer.
    """

    port: int
    path: str
    query: str
    prefix: str
    omit: set[str] = field(default_factory=set)
    answer: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> URL:
        """What a client asks for."""
        return URL.build(
            scheme="http", host="localhost", port=self.port, path=self.path, query_string=self.query, encoded=True
        )


async def forward(request: web.Request, box: Box, errand: Errand) -> web.StreamResponse:
    """Carry ``request`` to a port of an open box, and the answer back.

    Raises:
        ApiError: 502, nothing listens there, or what does is no web server.
        ConnectionResetError: the client has gone.
    """
    async with aiohttp.ClientSession(
        connector=BoxConnector(box, errand.port),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        timeout=ClientTimeout(total=None),
    ) as client:
        try:
            if _wants_websocket(request):
                return await _websocket(request, client, errand)
            return await _http(request, client, errand)
        except aiohttp.WSServerHandshakeError as error:
            return web.Response(status=error.status)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if request.transport is None:
                raise ConnectionResetError("the client has gone") from error
            reason = f"bad gateway: port {errand.port} of the sandbox does not answer"
            raise ApiError(502, reason, code="BAD_GATEWAY") from error


async def _http(request: web.Request, client: aiohttp.ClientSession, errand: Errand) -> web.StreamResponse:
    body = request.content.iter_any() if request.can_read_body else None
    asked = client.request(
        request.method,
        errand.address,
        headers=_headers_in(request, errand),
        data=body,
        allow_redirects=False,
        skip_auto_headers=("User-Agent", "Content-Type", "Accept", "Accept-Encoding"),
    )
    upstream = await _while_there(request, asked)
    async with upstream:
        answer = web.StreamResponse(status=upstream.status, reason=upstream.reason)
        answer.headers.clear()
        answer.headers.extend(_carried(upstream.headers))
        answer.headers.extend(errand.answer)
        await answer.prepare(request)
        try:
            while chunk := await _while_there(request, upstream.content.readany()):
                await answer.write(chunk)
            await answer.write_eof()
        except (aiohttp.ClientError, OSError):
            return hang_up(request)  # whoever has the beginning must not take it for the whole
        return answer


async def _websocket(request: web.Request, client: aiohttp.ClientSession, errand: Errand) -> web.StreamResponse:
    headers = _headers_in(request, errand)
    offered = [word.strip() for word in headers.pop("Sec-WebSocket-Protocol", "").split(",") if word.strip()]
    for name in _WEBSOCKET:
        headers.popall(name, None)
    upstream = await client.ws_connect(
        errand.address,
        headers=headers,
        protocols=offered,
        autoclose=False,
        autoping=False,
        max_msg_size=LARGEST_MESSAGE,
    )
    chosen = [upstream.protocol] if upstream.protocol else []
    downstream = web.WebSocketResponse(
        protocols=chosen, autoclose=False, autoping=False, compress=False, max_msg_size=LARGEST_MESSAGE
    )
    await downstream.prepare(request)
    pumps = [asyncio.ensure_future(_pump(upstream, downstream)), asyncio.ensure_future(_pump(downstream, upstream))]
    try:
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait(pumps, timeout=CLOSE_S)
    finally:
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        await upstream.close()
        with contextlib.suppress(OSError):
            await downstream.close()
    return downstream


Side = aiohttp.ClientWebSocketResponse | web.WebSocketResponse


async def _pump(source: Side, sink: Side) -> None:
    """Carry messages one way until one side says goodbye or is gone, and pass that on."""
    with contextlib.suppress(OSError, aiohttp.ClientError):
        while True:
            message = await source.receive()
            match message.type:
                case WSMsgType.TEXT:
                    await sink.send_str(message.data)
                case WSMsgType.BINARY:
                    await sink.send_bytes(message.data)
                case WSMsgType.PING:
                    await sink.ping(message.data)
                case WSMsgType.PONG:
                    await sink.pong(message.data)
                case WSMsgType.CLOSE:
                    await _say_goodbye(sink, message.data or 0, message.extra or "")
                    await _say_goodbye(source, message.data or 0, "")
                    return
                case _:
                    await _say_goodbye(sink, WSCloseCode.GOING_AWAY, "")
                    return


async def _say_goodbye(side: Side, code: int, reason: str) -> None:
    if not side.closed:
        sent = WSCloseCode.OK if code in _UNSENDABLE else code
        async with asyncio.timeout(CLOSE_S):
            await side.close(code=sent, message=reason.encode())


def _wants_websocket(request: web.Request) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket" and request.method == "GET"


def _headers_in(request: web.Request, errand: Errand) -> CIMultiDict[str]:
    """Return what the program in the sandbox is told: the client's headers, and how it was asked."""
    headers = _carried(request.headers)
    for name in _OURS | errand.omit:
        headers.popall(name, None)
    known = [*request.headers.getall("X-Forwarded-For", []), *([request.remote] if request.remote else [])]
    headers["X-Forwarded-For"] = ", ".join(known)
    headers["X-Forwarded-Host"] = request.host
    headers["X-Forwarded-Proto"] = request.scheme
    if errand.prefix:
        headers["X-Forwarded-Prefix"] = errand.prefix
    return headers


def _carried(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """Return the headers that are not about one connection only."""
    named = {word.strip().lower() for value in headers.getall("Connection", []) for word in value.split(",")}
    left_out = _HOP_BY_HOP | named
    return CIMultiDict((name, _sendable(value)) for name, value in headers.items() if name.lower() not in left_out)


def _sendable(value: str) -> str:
    """Return a header's value with what is no text in it made visible."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


async def _while_there(request: web.Request, waiting: Awaitable[T]) -> T:
    """Wait for the program in the sandbox only while somebody waits for its answer.

    Raises:
        ConnectionResetError: the client has gone.
    """
    task = asyncio.ensure_future(waiting)
    try:
        while not (await asyncio.wait({task}, timeout=LOOK_S))[0]:
            if request.transport is None:
                raise ConnectionResetError("the client has gone")
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
