"""Routes of the keys: what the caller's allows, which there are, new ones, and the end of one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web

from daytona_tui.emulator import wire
from daytona_tui.emulator.api.control import Control
from daytona_tui.emulator.api.reading import json_object, moment
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.fleet.records import ORGANIZATION_ID
from daytona_tui.emulator.gate.access import ACTOR, Actor
from daytona_tui.emulator.gate.keys import Key, User, key_of, new_value
from daytona_tui.emulator.gate.permissions import PERMISSIONS

_LONGEST_NAME = 200


class KeyRoutes:
    """The routes under ``/api/api-keys``; everyone sees their own keys, and the operator everyone's."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/api/api-keys", self.keys),
            web.post("/api/api-keys", self.create),
            web.get("/api/api-keys/current", self.current),
            web.get("/api/api-keys/{name}", self.key),
            web.delete("/api/api-keys/{name}", self.delete),
            web.delete("/api/api-keys/{user}/{name}", self.delete_for_user),
        ]

    async def current(self, request: web.Request) -> web.Response:
        """Answer what the caller's key may do; its value only masked."""
        actor = request[ACTOR]
        return web.json_response(next(_body(key) for key in self._control.access.keys if key.id == actor.key_id))

    async def keys(self, request: web.Request) -> web.Response:
        """Answer the caller's keys, and with the emulator's own key everyone's."""
        return web.json_response([_body(key) for key in self._seen_by(request[ACTOR])])

    async def key(self, request: web.Request) -> web.Response:
        """Answer one key."""
        return web.json_response(_body(self._find(request[ACTOR], request.match_info["name"])))

    async def create(self, request: web.Request) -> web.Response:
        """Make a key; this answer alone carries its value."""
        actor, body = request[ACTOR], await json_object(request)
        name, permissions, expires_at = _name(body), _permissions(body), _expiry(body)
        refused = [each for each in permissions if not actor.may(each)]
        if refused:
            raise ApiError(403, f"Insufficient permissions for assigning: {', '.join(refused)}")
        if any(key.name == name and key.user.id == actor.user_id for key in self._control.access.keys):
            raise ApiError(409, "API key with this name already exists")
        value = new_value()
        key = key_of(
            name,
            value,
            permissions=permissions,
            user=User(actor.user_id, actor.user_name, actor.email),
            created_at=self._control.fleet.clock.now(),
            expires_at=expires_at,
            is_created=True,
        )
        self._control.access.created.add(key)
        answer = {name: _body(key)[name] for name in ("name", "createdAt", "permissions", "expiresAt")}
        return web.json_response({**answer, "value": value}, status=201)

    async def delete(self, request: web.Request) -> web.Response:
        """End a key."""
        return self._end(self._find(request[ACTOR], request.match_info["name"]))

    async def delete_for_user(self, request: web.Request) -> web.Response:
        """End a key of somebody else; only with the emulator's own key."""
        actor, user_id = request[ACTOR], request.match_info["user"]
        if not actor.is_admin and user_id != actor.user_id:
            raise ApiError(403, "Access denied")
        name = request.match_info["name"]
        for key in self._control.access.keys:
            if key.name == name and key.user.id == user_id:
                return self._end(key)
        raise ApiError(404, "API key not found")

    def _end(self, key: Key) -> web.Response:
        if not key.is_created:
            raise ApiError(403, "A key that the emulator was started with lasts as long as the emulator")
        self._control.access.created.remove(key)
        return web.Response(status=204)

    def _seen_by(self, actor: Actor) -> list[Key]:
        return [key for key in self._control.access.keys if actor.is_admin or key.user.id == actor.user_id]

    def _find(self, actor: Actor, name: str) -> Key:
        found = [key for key in self._seen_by(actor) if key.name == name]
        found.sort(key=lambda key: key.user.id != actor.user_id)
        if not found:
            raise ApiError(404, "API key not found")
        return found[0]


def _name(body: dict[str, Any]) -> str:
    name = body.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > _LONGEST_NAME:
        raise ApiError(400, "name should not be empty")
    return name


def _permissions(body: dict[str, Any]) -> tuple[str, ...]:
    given = body.get("permissions")
    if not isinstance(given, list):
        raise ApiError(400, "permissions must be an array")
    if not all(isinstance(each, str) and each in PERMISSIONS for each in given):
        raise ApiError(400, f"each value in permissions must be one of the following values: {', '.join(PERMISSIONS)}")
    return tuple(each for each in PERMISSIONS if each in given)


def _expiry(body: dict[str, Any]) -> datetime | None:
    given = body.get("expiresAt")
    if given is None:
        return None
    try:
        return moment(given)
    except (TypeError, ValueError, OverflowError):
        raise ApiError(400, "expiresAt must be a Date instance") from None


def _body(key: Key) -> wire.Json:
    return {
        "name": key.name,
        "value": key.masked,
        "createdAt": wire.instant(key.created_at),
        "permissions": list(key.permissions),
        "lastUsedAt": None if key.last_used_at is None else wire.instant(key.last_used_at),
        "expiresAt": None if key.expires_at is None else wire.instant(key.expires_at),
        "userId": key.user.id,
        "organizationId": ORGANIZATION_ID,
    }
