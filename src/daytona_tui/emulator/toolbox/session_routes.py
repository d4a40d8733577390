"""The session routes, with logs over HTTP and live over a WebSocket."""

from __future__ import annotations

import asyncio
import contextlib

from aiohttp import WSCloseCode, web

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.envelope import daemon_error
from daytona_tui.emulator.toolbox.entrypoint import ENTRYPOINT_COMMAND, ENTRYPOINT_SESSION, entrypoint
from daytona_tui.emulator.toolbox.executions import Execution, Wish
from daytona_tui.emulator.toolbox.logs import Log
from daytona_tui.emulator.toolbox.requests import Resolve, json_body, routes_with, text_field
from daytona_tui.emulator.toolbox.sessions import Session, create_session, find_session
from daytona_tui.emulator.toolbox.sockets import listen, until_one_ends

BASE = "/process/session"
STALLED_S = 60.0
"""A follower that takes nothing for so long is dropped; it never holds up the command or other followers."""


def session_routes(resolve: Resolve) -> list[web.RouteDef]:
    """Return the routes of sessions."""
    route = routes_with(resolve)
    command = BASE + "/{session_id}/command/{command_id}"
    return [
        route(web.post, BASE, create),
        route(web.get, BASE, list_all),
        route(web.get, BASE + "/entrypoint", get_entrypoint),
        route(web.get, BASE + "/entrypoint/logs", get_entrypoint_logs),
        route(web.get, BASE + "/{session_id}", get_one),
        route(web.delete, BASE + "/{session_id}", delete),
        route(web.post, BASE + "/{session_id}/exec", execute),
        route(web.get, command, get_command),
        route(web.get, command + "/logs", get_logs),
        route(web.post, command + "/input", send_input),
    ]


def _session(request: web.Request, box: Box) -> Session:
    """Return the session a request names, or raise ApiError 404."""
    return find_session(box, request.match_info["session_id"])


def _own_session(request: web.Request, box: Box, deed: str) -> Session:
    """Return the session a request names, or raise ApiError: 404, or 400 for the entrypoint's."""
    session = _session(request, box)
    if session.id == ENTRYPOINT_SESSION:
        raise daemon_error(400, f"can't {deed} entrypoint session")
    return session


def _execution(request: web.Request, box: Box) -> Execution:
    """Return the command a request names, or raise ApiError 404."""
    return _session(request, box).execution(request.match_info["command_id"])


async def create(request: web.Request, box: Box) -> web.Response:
    """Create a session."""
    session_id = text_field(await json_body(request), "sessionId", required=True)
    if session_id == ENTRYPOINT_SESSION:
        raise daemon_error(400, "can't create session under the entrypoint session's name")
    await create_session(box, session_id)
    return web.Response(status=201)


async def list_all(_request: web.Request, box: Box) -> web.Response:
    """Answer every session with its commands; the entrypoint's is not among them."""
    sessions = box.services(Session).values()
    return web.json_response([session.describe() for session in sessions if session.id != ENTRYPOINT_SESSION])


async def get_entrypoint(_request: web.Request, box: Box) -> web.Response:
    """Answer the session that the sandbox's entrypoint runs in."""
    return web.json_response((await entrypoint(box)).describe())


async def get_entrypoint_logs(request: web.Request, box: Box) -> web.StreamResponse:
    """Answer the entrypoint's output so far, or stream it."""
    return await _logs(request, (await entrypoint(box)).execution(ENTRYPOINT_COMMAND).log)


async def get_one(request: web.Request, box: Box) -> web.Response:
    """Answer one session with its commands."""
    return web.json_response(_session(request, box).describe())


async def delete(request: web.Request, box: Box) -> web.Response:
    """Kill a session and everything it started, and forget its logs."""
    session = _own_session(request, box, "delete")
    box.services(Session).pop(session.id, None)
    # A client that goes away must not leave half a session behind.
    await asyncio.shield(asyncio.ensure_future(session.delete()))
    return web.Response(status=204)


async def execute(request: web.Request, box: Box) -> web.Response:
    """Run a command in a session: answer its id at once, or with its output when it has ended."""
    session = _own_session(request, box, "execute command in")
    body = await json_body(request)
    command = text_field(body, "command", required=True)
    is_async = bool(body.get("runAsync") or body.get("async"))
    wish = Wish(command=command, is_async=is_async, is_input_hidden=bool(body.get("suppressInputEcho")))
    execution = await session.run(wish)
    if is_async:
        return web.json_response({"cmdId": execution.id}, status=202)
    await execution.ended.wait()
    output, stdout, stderr = (part.decode("utf-8", "replace") for part in await execution.log.read())
    return web.json_response(
        {"cmdId": execution.id, "output": output, "stdout": stdout, "stderr": stderr, "exitCode": execution.exit_code}
    )


async def get_command(request: web.Request, box: Box) -> web.Response:
    """Answer a command; without an exit code while it runs."""
    return web.json_response(_execution(request, box).describe())


async def send_input(request: web.Request, box: Box) -> web.Response:
    """Write to a running command's standard input."""
    _own_session(request, box, "send input to")
    execution = _execution(request, box)
    await execution.send_input(text_field(await json_body(request), "data"))
    return web.Response(status=204)


async def get_logs(request: web.Request, box: Box) -> web.StreamResponse:
    """Answer a command's output so far, or stream it from its start to its end."""
    return await _logs(request, _execution(request, box).log)


async def _logs(request: web.Request, log: Log) -> web.StreamResponse:
    if request.query.get("follow") == "true" or request.headers.get("Upgrade", "").lower() == "websocket":
        return await _stream(request, log)
    output, stdout, stderr = (part.decode("utf-8", "replace") for part in await log.read())
    return web.json_response({"output": output, "stdout": stdout, "stderr": stderr})


async def _stream(request: web.Request, log: Log) -> web.WebSocketResponse:
    """Send a log over a WebSocket: each frame begins with the marker of its stream."""
    socket = web.WebSocketResponse()
    if not socket.can_prepare(request):
        raise daemon_error(400, "following a log needs a WebSocket")
    await socket.prepare(request)
    await until_one_ends(_send(socket, log), listen(socket))
    return socket


async def _send(socket: web.WebSocketResponse, log: Log) -> None:
    """Send the whole log, then close with 1000."""
    with contextlib.suppress(ConnectionError, TimeoutError):
        # A client that leaves while it is sent to must not leave the log's file open.
        async with contextlib.aclosing(log.follow()) as pieces:
            async for stream, data in pieces:
                await asyncio.wait_for(socket.send_bytes(stream * 3 + data), STALLED_S)
        await socket.close(code=WSCloseCode.OK)
