"""What a sandbox uses: ``system/metrics``."""

from __future__ import annotations

from aiohttp import web

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.body.metrics import sample
from daytona_tui.emulator.fleet.records import Fleet
from daytona_tui.emulator.toolbox.requests import Resolve, routes_with


def metrics_routes(resolve: Resolve, fleet: Fleet) -> list[web.RouteDef]:
    """Return the route of metrics; limits are those of the sandbox's record in ``fleet``."""

    async def metrics(_request: web.Request, box: Box) -> web.Response:
        """Answer what the sandbox's processes and its directory use, and what it may use."""
        return web.json_response((await sample(box, fleet.find(box.id))).wire())

    return [routes_with(resolve)(web.get, "/system/metrics", metrics)]
