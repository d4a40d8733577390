"""Routes of the person who asks."""

from __future__ import annotations

from aiohttp import web

from daytona_tui.emulator import wire
from daytona_tui.emulator.fleet.records import utcnow
from daytona_tui.emulator.gate.access import ACTOR

_BORN = utcnow()


class UserRoutes:
    """The routes under ``/api/users``, all of them for reading."""

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/api/users/me", self.me),
            web.get("/api/users/me/pending-sso-links", self.nothing),
            web.get("/api/users/account-providers", self.nothing),
        ]

    async def me(self, request: web.Request) -> web.Response:
        """Answer the person whose key this is."""
        actor = request[ACTOR]
        body = {
            "id": actor.user_id,
            "name": actor.user_name,
            "email": actor.email,
            "emailVerified": True,
            "publicKeys": [],
            "createdAt": wire.instant(_BORN),
        }
        return web.json_response(body)

    async def nothing(self, _request: web.Request) -> web.Response:
        """Answer that there are none."""
        return web.json_response([])
