"""The PTY routes: JSON for management, a WebSocket for the terminal itself."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import json

from aiohttp import WSCloseCode, WSMsgType, web

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.envelope import ApiError, daemon_error
from daytona_tui.emulator.toolbox.pty import Pty, Watcher, checked_size, create_pty, exit_reason, find_pty
from daytona_tui.emulator.toolbox.requests import Resolve, env_field, json_body, routes_with, text_field
from daytona_tui.emulator.toolbox.sockets import until_one_ends

BASE = "/process/pty"
EXIT_CONTROL = "X-Daytona-Pty-Exit-Control"
ENVS_PREFIX = "X-Daytona-Pty-Envs~"
STALLED_S = 5.0
"""A watcher that takes nothing for so long is dropped, since the terminal waits for its slowest watcher."""
MAX_INPUT = 4 << 20


def pty_routes(resolve: Resolve) -> list[web.RouteDef]:
    """Return the routes of pseudo-terminals."""
    route = routes_with(resolve)
    return [
        route(web.get, BASE + "/create-connect", create_connect),
        route(web.get, BASE, list_all),
        route(web.post, BASE, create),
        route(web.get, BASE + "/{pty_id}", get_one),
        route(web.delete, BASE + "/{pty_id}", kill),
        route(web.post, BASE + "/{pty_id}/resize", resize),
        route(web.get, BASE + "/{pty_id}/connect", connect),
    ]


async def list_all(_request: web.Request, box: Box) -> web.Response:
    """Answer every terminal."""
    return web.json_response({"sessions": [pty.describe() for pty in box.services(Pty).values()]})


async def create(request: web.Request, box: Box) -> web.Response:
    """Create a terminal without connecting to it."""
    body = await json_body(request)
    size = checked_size(body.get("cols"), body.get("rows"))
    pty = Pty(box, text_field(body, "id"), size=size, cwd=text_field(body, "cwd"), envs=env_field(body, "envs"))
    await create_pty(box, pty, is_lazy=bool(body.get("lazyStart")))
    return web.json_response({"sessionId": pty.id}, status=201)


async def get_one(request: web.Request, box: Box) -> web.Response:
    """Answer one terminal."""
    return web.json_response(find_pty(box, request.match_info["pty_id"]).describe())


async def kill(request: web.Request, box: Box) -> web.Response:
    """Kill a terminal's shell and everything it started."""
    pty = find_pty(box, request.match_info["pty_id"])
    await asyncio.shield(asyncio.ensure_future(pty.kill()))
    return web.json_response({"message": "PTY session deleted"})


async def resize(request: web.Request, box: Box) -> web.Response:
    """Change a terminal's size and answer its description."""
    pty = find_pty(box, request.match_info["pty_id"])
    body = await json_body(request)
    pty.resize(*checked_size(body.get("cols"), body.get("rows")))
    return web.json_response(pty.describe())


def _query_size(request: web.Request) -> tuple[int, int]:
    """Return the size given in the query, or raise ApiError 400."""
    try:
        cols, rows = (int(request.query.get(name) or 0) for name in ("cols", "rows"))
    except ValueError as error:
        raise daemon_error(400, "cols and rows must be numbers") from error
    return checked_size(cols, rows)


def _offered_envs(request: web.Request) -> dict[str, str]:
    """Return the environment a client hides among its subprotocols, where a browser can put it too."""
    for offer in request.headers.get("Sec-WebSocket-Protocol", "").split(","):
        if offer.strip().startswith(ENVS_PREFIX):
            text = offer.strip().removeprefix(ENVS_PREFIX)
            try:
                envs = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            except (ValueError, binascii.Error) as error:
                raise daemon_error(400, "invalid environment in the subprotocol") from error
            return env_field({"envs": envs}, "envs")
    return {}


async def create_connect(request: web.Request, box: Box) -> web.StreamResponse:
    """Create a terminal and connect to it; what is wrong is said before the upgrade, with a status."""
    socket = _socket(request)
    pty = Pty(
        box,
        request.query.get("id", ""),
        size=_query_size(request),
        cwd=request.query.get("cwd", ""),
        envs=_offered_envs(request),
    )
    await create_pty(box, pty)
    watcher = pty.watch()
    await socket.prepare(request)
    return await _attach(socket, pty, watcher)


async def connect(request: web.Request, box: Box) -> web.StreamResponse:
    """Connect to a terminal; as with the daemon a refusal comes as a control message.

    Whoever comes late first gets the latest output again, which the daemon does not do.
    """
    socket = _socket(request)
    await socket.prepare(request)
    try:
        pty = find_pty(box, request.match_info["pty_id"])
        await pty.start()
    except ApiError as error:
        message = f"Failed to connect to PTY session: {error.message}"
        await _control(socket, status="error", error=message)
        await socket.close(code=WSCloseCode.OK)
        return socket
    return await _attach(socket, pty, pty.watch())


def _socket(request: web.Request) -> web.WebSocketResponse:
    """Return a WebSocket ready to be prepared, or raise ApiError 400."""
    socket = web.WebSocketResponse(protocols=[EXIT_CONTROL], max_msg_size=MAX_INPUT)
    if not socket.can_prepare(request):
        raise daemon_error(400, "a terminal needs a WebSocket")
    return socket


async def _control(socket: web.WebSocketResponse, **fields: object) -> None:
    """Send a control message."""
    await socket.send_str(json.dumps({"type": "control", **fields}))


async def _attach(socket: web.WebSocketResponse, pty: Pty, watcher: Watcher) -> web.WebSocketResponse:
    """Carry a terminal over a connection until either ends."""
    try:
        await until_one_ends(_send(socket, pty, watcher), _receive(socket, pty))
    finally:
        pty.unwatch(watcher)
    return socket


async def _send(socket: web.WebSocketResponse, pty: Pty, watcher: Watcher) -> None:
    """Send output as it comes; at the end the exit code, then close."""
    with contextlib.suppress(ConnectionError, TimeoutError):
        await _control(socket, status="connected")
        while data := await watcher.take():
            await asyncio.wait_for(socket.send_bytes(data), STALLED_S)
        code = 0 if pty.exit_code is None else pty.exit_code
        reason = exit_reason(code)
        await _control(socket, status="exited", exitCode=code, **({"exitReason": reason} if reason else {}))
        await socket.close(code=WSCloseCode.OK)


async def _receive(socket: web.WebSocketResponse, pty: Pty) -> None:
    """Type what the client sends until it closes."""
    while True:
        message = await socket.receive()
        if message.type is WSMsgType.BINARY:
            await pty.type(message.data)
        elif message.type is WSMsgType.TEXT:
            await pty.type(message.data.encode("utf-8", "replace"))
        else:
            return
