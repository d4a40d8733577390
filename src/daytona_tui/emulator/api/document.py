"""The document in which a server publishes its interface, as every Daytona does beside it, for anybody to read."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from daytona_tui.emulator.wire import Json

PATH = "/api-json"
_API = "/api/"


class DocumentRoute:
    """Tells which requests of the main interface are answered.

    Args:
        knows: whether this server answers a method on a path.
    """

    def __init__(self, knows: Callable[[str, str], bool]) -> None:
        self._knows = knows

    def route(self) -> web.RouteDef:
        """Return the route."""
        return web.get(PATH, self.document)

    async def document(self, request: web.Request) -> web.Response:
        """Answer which paths there are, and which methods each has; needs no key."""
        paths: dict[str, Json] = {}
        for route in request.app.router.routes():
            path = route.resource.canonical if route.resource is not None else ""
            is_told = path.startswith(_API) and route.method not in ("HEAD", "OPTIONS")
            if is_told and self._knows(route.method, path):
                paths.setdefault(path, {})[route.method.lower()] = {"responses": {"default": {"description": ""}}}
        body = {"openapi": "3.0.0", "info": {"title": "Daytona", "version": "1.0"}, "paths": paths}
        return web.json_response(body)
