"""What a toolbox tells of itself: its version, its environment, and what the emulator does not have."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.envelope import daemon_error
from daytona_tui.emulator.toolbox.requests import Answer, Desk, Resolve, env_field, json_body, routes_with, text_field
from daytona_tui.emulator.wire import API_VERSION

_METHODS: tuple[Callable[..., web.RouteDef], ...] = (web.get, web.post, web.put, web.delete)

_NO_DESKTOP = "a local sandbox has no desktop"
MISSING = {
    "/lsp/{rest:.+}": "a local sandbox has no language servers",
    "/computeruse/{rest:.+}": _NO_DESKTOP,
    "/init": "a local sandbox has no runner that would need to send it a token",
}
"""Paths of a toolbox that are not served, and why."""


def about_routes(resolve: Resolve, desk: Desk | None) -> list[web.RouteDef]:
    """Return these routes; without a desk, changes of the environment are not kept."""
    route = routes_with(resolve)
    return [
        route(web.get, "/version", get_version),
        route(web.post, "/env", _update_env(desk)),
        route(web.get, "/computeruse/status", get_desktop_status),
        route(web.get, "/computeruse/process-status", get_desktop_status),
        *(route(method, path, _absent(reason)) for path, reason in MISSING.items() for method in _METHODS),
    ]


async def get_version(_request: web.Request, _box: Box) -> web.Response:
    """Answer the version of the daemon that is reproduced."""
    return web.json_response({"version": API_VERSION})


async def get_desktop_status(_request: web.Request, _box: Box) -> web.Response:
    """Answer that no desktop runs, which is the truth."""
    return web.json_response({"status": "inactive"})


def _absent(reason: str) -> Answer:
    """Return an answer that says why a route is not served."""

    async def refuse(request: web.Request, _box: Box) -> web.StreamResponse:
        route = f"{request.method} {request.path}"
        raise daemon_error(501, f"The local emulator does not serve {route}: {reason}", "NOT_IMPLEMENTED")

    return refuse


def _update_env(desk: Desk | None) -> Answer:
    """Return the answer that changes the environment of what is started from here on."""

    async def update(request: web.Request, box: Box) -> web.Response:
        """Add and remove variables of the programs that start from here on."""
        body = await json_body(request)
        added, prefix = env_field(body, "set"), text_field(body, "unsetValuePrefix")
        removed = [] if body.get("unset") is None else body["unset"]
        if not isinstance(removed, list) or not all(isinstance(name, str) for name in removed):
            raise daemon_error(400, "unset must be a list of strings")
        gone = {*removed, *(name for name, value in box.env.items() if prefix and value.startswith(prefix))}
        box.update_env(added, gone - set(added))
        if desk is not None:
            desk.update_env(request.match_info["sandbox_id"], added, gone - set(added))
        return web.json_response({"message": "environment updated"})

    return update
