"""Previews: addresses of a sandbox's ports, who may see them, and the proxy behind them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Handler
from yarl import URL

from daytona_tui.emulator.api.control import Control
from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.fleet.records import SandboxRecord
from daytona_tui.emulator.previews.forwarding import Errand, forward
from daytona_tui.emulator.previews.tokens import COOKIE, COOKIE_S, HIGHEST_PORT, LONGEST_S, TOKEN_QUERY, Previews

PREFIX = "/preview"
"""Where previews are found when the address names no port and sandbox of its own."""
SIGNED_S = 60
"""Life of a signed address for which none is asked."""

_HOST = re.compile(r"^(\d{1,5})-([a-z0-9][a-z0-9-]*)\.[^/]+$", re.IGNORECASE)

Admit = Callable[[web.Request, SandboxRecord], Awaitable[Box]]
"""Opens the body of a started sandbox for a request and counts that as activity, or raises ApiError."""


class PreviewRoutes:
    """The routes of previews.

    Args:
        control: the rooms behind them.
        admit: the way to a sandbox's body.
    """

    def __init__(self, control: Control, admit: Admit) -> None:
        self._control = control
        self._admit = admit
        self._previews = Previews(control.fleet, control.access)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        port = "/api/sandbox/{sandbox}/ports/{port}"
        return [
            web.get(f"{port}/preview-url", self.preview_url),
            web.get(f"{port}/signed-preview-url", self.signed_preview_url),
            web.post(f"{port}/signed-preview-url/{{token}}/expire", self.expire),
            web.get("/api/preview/{sandbox}/public", self.public),
            web.get("/api/preview/{sandbox}/validate/{token}", self.validate),
            web.get("/api/preview/{sandbox}/access", self.access),
            web.get("/api/preview/{sandbox}/signing-key", self.signing_key),
            web.get("/api/preview/{sandbox}/preview-warning", self.preview_warning),
            web.get("/api/preview/{token}/{port}/sandbox-id", self.sandbox_id),
            web.route("*", PREFIX + "/{sandbox}/{port}{path:(/.*)?}", self.by_path),
        ]

    async def preview_url(self, request: web.Request) -> web.Response:
        """Answer the address of a port, and the token that opens it."""
        port = _port(request)
        record = self._control.sandbox_of(request)
        url = _address(request, record.id, port)
        return web.json_response({"sandboxId": record.id, "url": url, "token": record.auth_token})

    async def signed_preview_url(self, request: web.Request) -> web.Response:
        """Answer an address of a port that opens by itself, for a time."""
        port = _port(request)
        text = request.query.get("expiresInSeconds", str(SIGNED_S))
        if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= LONGEST_S):
            raise ApiError(400, "expiresInSeconds must be between 1 second and 24 hours")
        record = self._control.sandbox_of(request)
        token = self._previews.sign(record, port, int(text))
        url = _address(request, token, port)
        return web.json_response({"sandboxId": record.id, "port": port, "token": token, "url": url})

    async def expire(self, request: web.Request) -> web.Response:
        """Let a signed address open nothing any more."""
        self._control.sandbox_of(request)
        self._previews.expire(_port(request), request.match_info["token"])
        return web.Response()

    async def public(self, request: web.Request) -> web.Response:
        """Answer that a sandbox is public; one that is not looks like one that is not there."""
        record = self._control.sandbox_of(request)
        if not record.public:
            raise _not_there(request)
        return web.json_response(True)

    async def validate(self, request: web.Request) -> web.Response:
        """Answer that a token opens a sandbox's previews; a wrong one looks like no sandbox."""
        if self._control.sandbox_of(request).auth_token != request.match_info["token"]:
            raise _not_there(request)
        return web.json_response(True)

    async def access(self, request: web.Request) -> web.Response:
        """Answer that the caller may use a sandbox."""
        self._control.sandbox_of(request)
        return web.json_response(True)

    async def signing_key(self, request: web.Request) -> web.Response:
        """Answer the key that signs a sandbox's file addresses."""
        return web.json_response(self._control.sandbox_of(request).signing_key)

    async def preview_warning(self, request: web.Request) -> web.Response:
        """Answer that no page of warning stands before previews."""
        self._control.sandbox_of(request)
        return web.json_response({"enabled": False})

    async def sandbox_id(self, request: web.Request) -> web.Response:
        """Answer which sandbox a signed address opens."""
        return web.json_response(self._previews.signed_for(_port(request), request.match_info["token"]))

    async def by_path(self, request: web.Request) -> web.StreamResponse:
        """Carry a request to the port that its path names."""
        name, port = request.match_info["sandbox"], _port(request)
        if not request.match_info["path"]:
            place = f"{request.rel_url.raw_path}/?{request.rel_url.raw_query_string}".rstrip("?")
            return web.Response(status=308, headers={"Location": place})
        prefix = f"{PREFIX}/{name}/{port}"
        path = request.rel_url.raw_path.split("/", 4)[4]
        return await self._carry(request, name, port, f"/{path}", prefix)

    @web.middleware
    async def by_host(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Carry a request to the port that its host names, such as ``3000-ID.localhost``; let others pass."""
        named = _HOST.match(request.host)
        if named is None or not 1 <= int(named[1]) <= HIGHEST_PORT:
            return await handler(request)

        async def carry(request: web.Request) -> web.StreamResponse:
            return await self._carry(request, named[2], int(named[1]), request.rel_url.raw_path, "")

        return await self._control.activity.middleware(request, carry)

    async def _carry(self, request: web.Request, name: str, port: int, path: str, prefix: str) -> web.StreamResponse:
        record = self._previews.admit(request, name, port)
        box = await self._admit(request, record)
        errand = Errand(port, path, request.rel_url.raw_query_string, prefix)
        if TOKEN_QUERY in request.query:
            kept = [(key, value) for key, value in request.query.items() if key != TOKEN_QUERY]
            errand.query = URL.build(query=kept).raw_query_string
            cookie = f"{COOKIE}{record.id}={self._previews.cookie(record)}"
            errand.answer["Set-Cookie"] = f"{cookie}; Path={prefix or '/'}; Max-Age={COOKIE_S}; HttpOnly; SameSite=Lax"
        if self._previews.is_key(request):
            errand.omit.add("authorization")  # what opens every sandbox is not for the programs in one
        return await forward(request, box, errand)


def _not_there(request: web.Request) -> ApiError:
    return ApiError(404, f"Sandbox with ID {request.match_info['sandbox']} not found")


def _port(request: web.Request) -> int:
    text = request.match_info["port"]
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= HIGHEST_PORT):
        raise ApiError(400, "Invalid port")
    return int(text)


def _address(request: web.Request, name: str, port: int) -> str:
    return f"{request.scheme}://{request.host}{PREFIX}/{name}/{port}/"
