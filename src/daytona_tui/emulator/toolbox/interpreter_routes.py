"""The interpreter routes: JSON for contexts, a WebSocket for each run of code."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from dataclasses import dataclass

from aiohttp import WSCloseCode, WSMsgType, web

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.envelope import ApiError, daemon_error
from daytona_tui.emulator.jsontext import decode_json
from daytona_tui.emulator.toolbox.interpreter import (
    DEFAULT,
    Context,
    ContextEndedError,
    TimeIsUpError,
    create_context,
    find_context,
)
from daytona_tui.emulator.toolbox.requests import Resolve, env_field, json_body, routes_with, text_field
from daytona_tui.emulator.toolbox.sockets import listen, until_one_ends
from daytona_tui.emulator.wire import Json

BASE = "/process/interpreter"
TIMED_OUT = 4008
"""The daemon's own close code."""
DEFAULT_TIMEOUT_S = 600.0
FIRST_WORD_S = 60.0
"""How long a client may take to say what it wants run."""
STALLED_S = 60.0
"""A client that takes nothing for so long is dropped, since the code waits for it."""
MAX_CODE = 16 << 20


def interpreter_routes(resolve: Resolve) -> list[web.RouteDef]:
    """Return the routes of the interpreter."""
    route = routes_with(resolve)
    return [
        route(web.get, BASE + "/context", list_all),
        route(web.post, BASE + "/context", create),
        route(web.delete, BASE + "/context/{context_id}", delete),
        route(web.get, BASE + "/execute", execute),
    ]


async def list_all(_request: web.Request, box: Box) -> web.Response:
    """Answer every context that a client has created."""
    contexts = [context.describe() for context in box.services(Context).values() if context.id != DEFAULT]
    return web.json_response({"contexts": contexts})


async def create(request: web.Request, box: Box) -> web.Response:
    """Create a context, in a directory if one is named."""
    body = await json_body(request)
    language = text_field(body, "language") or "python"
    if language != "python":
        raise daemon_error(400, f"unsupported language: {language} (only 'python' is supported currently)")
    context = await create_context(box, str(uuid.uuid4()), text_field(body, "cwd"))
    return web.json_response(context.describe())


async def delete(request: web.Request, box: Box) -> web.Response:
    """Kill a context and forget its names."""
    context_id = request.match_info["context_id"]
    if context_id == DEFAULT:
        raise daemon_error(400, "cannot delete default context")
    context = await find_context(box, context_id)
    box.services(Context).pop(context_id, None)
    await asyncio.shield(asyncio.ensure_future(context.delete()))
    return web.json_response({"message": "Context deleted successfully"})


@dataclass(frozen=True, slots=True)
class _Order:
    """What a client wants run; ``timeout_s`` is None for no limit."""

    code: str
    context_id: str | None
    envs: dict[str, str]
    timeout_s: float | None


def _order(text: str | bytes) -> _Order:
    """Return what the first message says, or raise ApiError or ValueError."""
    body = decode_json(text.encode() if isinstance(text, str) else text)
    if not isinstance(body, dict):
        raise ValueError("not an object")
    timeout = body.get("timeout", DEFAULT_TIMEOUT_S)
    if timeout is None:
        timeout = DEFAULT_TIMEOUT_S
    if not isinstance(timeout, int | float) or isinstance(timeout, bool) or timeout < 0:
        raise daemon_error(400, "timeout must be greater than or equal to 0")
    code = text_field(body, "code", required=True)
    return _Order(code, text_field(body, "contextId") or None, env_field(body, "envs"), float(timeout) or None)


async def execute(request: web.Request, box: Box) -> web.StreamResponse:
    """Run the code of the client's first message, send what it prints, and close when it is done.

    What is wrong is said as the daemon does, by the code and the reason of the close.
    """
    socket = web.WebSocketResponse(max_msg_size=MAX_CODE)
    if not socket.can_prepare(request):
        raise daemon_error(400, "the interpreter needs a WebSocket")
    await socket.prepare(request)
    try:
        message = await asyncio.wait_for(socket.receive(), FIRST_WORD_S)
        if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            raise ValueError("no order")
        order = _order(message.data)
    except (ValueError, TimeoutError):
        await _close(socket, WSCloseCode.PROTOCOL_ERROR, "invalid JSON payload")
        return socket
    except ApiError as error:
        await _close(socket, WSCloseCode.POLICY_VIOLATION, error.message)
        return socket
    # A client that goes takes its code along, so that the context is free for the next.
    await until_one_ends(_run(socket, box, order), listen(socket))
    return socket


async def _run(socket: web.WebSocketResponse, box: Box, order: _Order) -> None:
    """Run an order and close with the code that says how it ended."""

    async def emit(frame: Json) -> None:
        with contextlib.suppress(ConnectionError):  # the listening task notices, and ends the run
            try:
                await asyncio.wait_for(socket.send_str(json.dumps(frame)), STALLED_S)
            except TimeoutError:
                await socket.close(code=WSCloseCode.POLICY_VIOLATION)

    try:
        context = await find_context(box, order.context_id)
        await context.run(order.code, order.envs, emit, order.timeout_s)
        await _close(socket, WSCloseCode.OK, "")
    except TimeIsUpError:
        await _close(socket, TIMED_OUT, "")
    except ContextEndedError:
        await _close(socket, WSCloseCode.GOING_AWAY, "worker process ended")
    except ApiError as error:
        await _close(socket, WSCloseCode.POLICY_VIOLATION, error.message)
    except OSError:  # the box was closed
        await _close(socket, WSCloseCode.GOING_AWAY, "context shutdown")


async def _close(socket: web.WebSocketResponse, code: int, reason: str) -> None:
    with contextlib.suppress(ConnectionError, TimeoutError):
        await socket.close(code=code, message=reason.encode()[:120])
