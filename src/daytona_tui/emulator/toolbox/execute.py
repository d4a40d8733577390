"""One command, run to its end: ``process/execute``."""

from __future__ import annotations

import os
from typing import Any

from aiohttp import web

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.body.processes import StartError
from daytona_tui.emulator.envelope import ApiError, daemon_error
from daytona_tui.emulator.toolbox.requests import Resolve, env_field, json_body, routes_with, text_field
from daytona_tui.emulator.toolbox.running import Order, run

DEFAULT_TIMEOUT_S = 360.0
"""What Daytona's daemon allows a command for which the client names no limit."""
MAX_COMMAND_BYTES = 128 * 1024 - 1
"""What Linux takes as one argument."""


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
    order = Order(
        argv=[box.shell, "-c", command],
        timeout_s=timeout_field(body),
        cwd=text_field(body, "cwd"),
        env=env_field(body, "envs"),
        is_merged=True,
    )
    try:
        outcome = await run(request, box, order)
    except StartError as error:
        raise start_refusal(error, order.cwd) from error
    return web.json_response({"exitCode": outcome.code, "result": outcome.output.decode("utf-8", "replace")})


def timeout_field(body: dict[str, Any]) -> float:
    """Return the time limit in seconds; zero, null and absent mean the daemon's default.

    Raises:
        ApiError: 400, it is no number of seconds.
    """
    value = body.get("timeout") or 0
    if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
        raise daemon_error(400, "timeout must be a number of seconds")
    return float(value) or DEFAULT_TIMEOUT_S


def start_refusal(error: StartError, cwd: str) -> ApiError:
    """Return the refusal for a program that could not be started: 503 when the box is full, else the daemon's 400."""
    if error.stage == "fork":
        return daemon_error(503, "failed to start command: the sandbox has as many processes as it may")
    where = f"working directory {cwd}" if error.stage == "cwd" else "shell"
    return daemon_error(400, f"failed to start command: {where}: {os.strerror(error.number).lower()}")
