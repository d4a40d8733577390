"""Reading requests: which box, which path, which JSON, with the daemon's refusals."""

from __future__ import annotations

import errno
import os
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Protocol

from aiohttp import web

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.body.processes import BoxClosedError
from daytona_tui.emulator.envelope import daemon_error
from daytona_tui.emulator.jsontext import decode_json

Resolve = Callable[[web.Request], Awaitable[Box]]
"""Finds the open box a request is meant for, or raises ApiError."""

Answer = Callable[[web.Request, Box], Awaitable[web.StreamResponse]]
"""A handler that already knows its box."""

MAX_JSON = 16 << 20
"""Longest JSON body that is read, in bytes: it is in memory as a whole."""


class Desk(Protocol):
    """What the toolbox asks of the control plane."""

    def now(self) -> datetime:
        """Return the emulator's time."""

    def signing_key(self, sandbox_id: str) -> str:
        """Return the key that signs file addresses of a sandbox; raises ApiError when there is none."""

    def update_env(self, sandbox_id: str, added: Mapping[str, str], removed: Collection[str]) -> None:
        """Keep a change of a sandbox's environment."""


_USED_UP = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.ENOSPC)
"""What is wrong when a request is one too many for this machine."""

Route = Callable[[Callable[..., web.RouteDef], str, Answer], web.RouteDef]


def routes_with(resolve: Resolve) -> Route:
    """Return a function that makes a route of a method, a path below the sandbox, and an :data:`Answer`."""

    def route(method: Callable[..., web.RouteDef], path: str, answer: Answer) -> web.RouteDef:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                return await answer(request, await resolve(request))
            except BoxClosedError as error:  # it was stopped while the request was on its way
                raise daemon_error(400, "Sandbox is not running") from error
            except OSError as error:
                if error.errno not in _USED_UP:
                    raise
                raise daemon_error(503, f"the emulator has used up what it may: {os.strerror(error.errno)}") from error

        handle.__doc__ = answer.__doc__  # the table of routes tells it
        return method("/{sandbox_id}" + path, handle)

    return route


async def json_body(request: web.Request) -> dict[str, Any]:
    """Return the request's JSON object; an empty body is an empty object.

    Raises:
        ApiError: 400, it is something else; 413, it is longer than :data:`MAX_JSON`.
    """
    raw = bytearray()
    while data := await request.content.readany():
        raw += data
        if len(raw) > MAX_JSON:
            raise daemon_error(413, f"request body too large: more than {MAX_JSON} bytes")
    try:
        body = decode_json(bytes(raw)) if raw.strip() else {}
    except ValueError as error:
        raise daemon_error(400, f"invalid request body: {error}") from error
    if not isinstance(body, dict):
        raise daemon_error(400, "invalid request body: not an object")
    return body


def text_field(body: dict[str, Any], name: str, *, required: bool = False) -> str:
    """Return a string field; absent or null is the empty string.

    Raises:
        ApiError: 400, it has another type, or is required and empty.
    """
    value = body.get(name)
    if value is None:
        value = ""
    if not isinstance(value, str) or (required and not value.strip()):
        raise daemon_error(400, f"{name} is required" if required else f"{name} must be a string")
    return value


def env_field(body: dict[str, Any], name: str) -> dict[str, str]:
    """Return an object of strings usable as environment; absent or null is empty.

    Raises:
        ApiError: 400, it is not such an object.
    """
    value = body.get(name)
    if value is None:
        return {}
    fits = isinstance(value, dict) and all(
        isinstance(key, str) and isinstance(text, str) and key and not set("=\0") & set(key) and "\0" not in text
        for key, text in value.items()
    )
    if not fits:
        raise daemon_error(400, f"{name} must be an object of strings")
    return dict(value)


def query_path(request: web.Request, name: str = "path", default: str | None = None) -> str:
    """Return a path given in the query.

    Raises:
        ApiError: 400, it is missing and there is no default.
    """
    path = request.query.get(name) or default
    if path is None:
        raise daemon_error(400, f"{name} is required", "INVALID_FILE_PATH")
    return path
