"""Ports that a sandbox's programs listen on: ``port`` and ``port/{n}/in-use``."""

from __future__ import annotations

import asyncio

from aiohttp import web

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.envelope import daemon_error
from daytona_tui.emulator.toolbox.requests import Resolve, routes_with

LOWEST, HIGHEST = 3000, 9999
"""Ports that Daytona's daemon looks at."""


def port_routes(resolve: Resolve) -> list[web.RouteDef]:
    """Return the routes of listening ports."""
    route = routes_with(resolve)
    return [route(web.get, "/port", ports), route(web.get, "/port/{port}/in-use", in_use)]


async def ports(_request: web.Request, box: Box) -> web.Response:
    """Answer the ports in the daemon's range that programs of the sandbox listen on."""
    found = await asyncio.to_thread(box.listening_ports)
    return web.json_response({"ports": sorted(port for port in found if LOWEST <= port <= HIGHEST)})


async def in_use(request: web.Request, box: Box) -> web.Response:
    """Answer whether a program of the sandbox listens on a port."""
    text = request.match_info["port"]
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        raise daemon_error(400, f"invalid port: must be a number between {LOWEST} and {HIGHEST}", "BAD_REQUEST")
    if len(digits) > len(str(HIGHEST)) or not LOWEST <= int(text) <= HIGHEST:
        raise daemon_error(400, f"port out of range: must be between {LOWEST} and {HIGHEST}", "BAD_REQUEST")
    found = await asyncio.to_thread(box.listening_ports)
    return web.json_response({"isInUse": int(text) in found})
