"""One command, run to its end: ``process/execute``."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from aiohttp import web

from daytona_tui.emulator.box import Box
from daytona_tui.emulator.envelope import ApiError, daemon_error
from daytona_tui.emulator.processes import Program, StartError
from daytona_tui.emulator.toolbox.pipes import PipeReader
from daytona_tui.emulator.toolbox.requests import Resolve, env_field, json_body, routes_with, text_field

DEFAULT_TIMEOUT_S = 360.0
"""What Daytona's daemon allows a command for which the client names no limit."""
MAX_COMMAND_BYTES = 128 * 1024 - 1
"""What Linux takes as one argument."""
MAX_OUTPUT_BYTES = 64 << 20
LOOK_S = 0.25
"""How often a running command is checked for a client that has gone."""


def execute_routes(resolve: Resolve) -> list[web.RouteDef]:
    """Return the route of single commands."""
    return [routes_with(resolve)(web.post, "/process/execute", execute)]


async def execute(request: web.Request, box: Box) -> web.Response:
    """Run a command with the box's shell and answer its exit code and its output, both streams merged.

    As with the daemon, the answer comes when the last program that holds the output has ended. When the time is up or
    the client has gone, the command and everything it started is killed.
    """
    body = await json_body(request)
    command = text_field(body, "command", required=True)
    if "\0" in command or len(command.encode("utf-8", "replace")) > MAX_COMMAND_BYTES:
        raise daemon_error(400, "the command is too long, or contains a NUL character")
    timeout_s = _timeout(body)
    program, output = await _start(box, command, text_field(body, "cwd"), env_field(body, "envs"))
    running = asyncio.ensure_future(_collect(program, output))
    try:
        code, data = await _wait(request, running, timeout_s)
    finally:
        if not running.done():
            await asyncio.shield(box.kill(program))
            running.cancel()
        output.close()
    return web.json_response({"exitCode": code, "result": data.decode("utf-8", "replace")})


def _timeout(body: dict[str, Any]) -> float:
    """Return the time limit in seconds; zero, null and absent mean the daemon's default."""
    value = body.get("timeout") or 0
    if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
        raise daemon_error(400, "timeout must be a number of seconds")
    return float(value) or DEFAULT_TIMEOUT_S


async def _start(box: Box, command: str, cwd: str, env: dict[str, str]) -> tuple[Program, PipeReader]:
    """Start a shell on ``command`` with both output streams in one pipe."""
    reading, writing = os.pipe()
    null = os.open(os.devnull, os.O_RDONLY)
    try:
        program = await box.start([box.shell, "-c", command], fds=(null, writing, writing), cwd=cwd, env=env)
    except BaseException as error:
        os.close(reading)
        if isinstance(error, StartError):
            raise start_refusal(error, cwd) from error
        raise
    finally:
        os.close(writing)
        os.close(null)
    return program, PipeReader(reading)


def start_refusal(error: StartError, cwd: str) -> ApiError:
    """Return the daemon's refusal for a program that could not be started."""
    where = f"working directory {cwd}" if error.stage == "cwd" else "shell"
    return daemon_error(400, f"failed to start command: {where}: {os.strerror(error.number).lower()}")


async def _collect(program: Program, output: PipeReader) -> tuple[int, bytes]:
    """Return exit code and output once every holder of the output has let go."""
    kept = bytearray()
    while data := await output.read():
        # What is over the limit is read all the same, so that the program can go on.
        kept += data[: MAX_OUTPUT_BYTES - len(kept)]
    return await asyncio.shield(program.exited), bytes(kept)


async def _wait(
    request: web.Request, running: asyncio.Future[tuple[int, bytes]], timeout_s: float
) -> tuple[int, bytes]:
    """Wait for a command within its time, and only while its client is there."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout_s
    while not running.done():
        left = deadline - loop.time()
        if left <= 0:
            raise daemon_error(408, "command execution timeout", "PROCESS_EXECUTION_TIMEOUT")
        if request.transport is None:
            raise ConnectionResetError("the client has gone")
        await asyncio.wait({running}, timeout=min(left, LOOK_S))
    return running.result()
