"""What a sandbox uses: ``system/metrics``."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from daytona_tui.emulator.accounts.telemetry import Telemetry
from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.fleet.records import Fleet, SandboxRecord
from daytona_tui.emulator.toolbox.requests import Resolve, routes_with

Visit = Callable[[web.Request], SandboxRecord]
"""Finds the started sandbox that a request is for and counts the request as activity, or raises ApiError."""


def metrics_routes(resolve: Resolve, visit: Visit, fleet: Fleet, telemetry: Telemetry) -> list[web.RouteDef]:
    """Return the route of metrics; limits are those of the sandbox's record in ``fleet``."""

    async def of_body(_request: web.Request, box: Box) -> web.Response:
        return web.json_response((await telemetry.measure(box, fleet.find(box.id))).wire())

    measured = routes_with(resolve)(web.get, "/system/metrics", of_body)

    async def metrics(request: web.Request) -> web.StreamResponse:
        """Answer what the sandbox's processes and its directory use, and what it may use."""
        record = visit(request)
        if telemetry.has_body(record):
            return await measured.handler(request)
        return web.json_response((await telemetry.measure(None, record)).wire())

    return [web.get(measured.path, metrics)]
