"""Routes of the secrets: names that stand for values.

As on the real service no answer ever tells a value, and sandboxes see a placeholder. Nothing here sends the value in
its place, so it is not kept at all.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from daytona_tui.emulator.api.control import Control
from daytona_tui.emulator.api.reading import check_sorting, json_object, positive
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.fleet.catalogue import Secret
from daytona_tui.emulator.fleet.records import new_id
from daytona_tui.emulator.fleet.shapes import secret_body

_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
_HOST = re.compile(r"(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(:\d{1,5})?|\*")
_LONGEST_VALUE = 1 << 16
_LONGEST_DESCRIPTION = 1024
_MOST_HOSTS = 100
_MOST = 200
_SORTS: Mapping[str, Callable[[Secret], Any]] = {
    "name": lambda each: each.name,
    "createdAt": lambda each: each.created_at,
    "updatedAt": lambda each: each.updated_at,
}


class SecretRoutes:
    """The routes under ``/api/secret``."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/api/secret", self.list),
            web.get("/api/secret/paginated", self.page),
            web.post("/api/secret", self.create),
            web.get("/api/secret/{secret}", self.get),
            web.patch("/api/secret/{secret}", self.update),
            web.delete("/api/secret/{secret}", self.delete),
        ]

    async def list(self, _request: web.Request) -> web.Response:
        """Answer every secret, the newest first."""
        every = self._control.catalogue.secrets.records.values()
        return web.json_response(
            [secret_body(each) for each in sorted(every, key=lambda each: each.created_at, reverse=True)]
        )

    async def page(self, request: web.Request) -> web.Response:
        """Answer one page of the secrets whose names hold ``name``."""
        query = request.query
        limit = positive(query, "limit", 100, most=_MOST)
        sort, order = query.get("sort") or "createdAt", query.get("order", "desc")
        check_sorting(sort, order, _SORTS)
        name, every = query.get("name", "").lower(), self._control.catalogue.secrets.records.values()
        found = [each for each in every if name in each.name.lower()]
        keyed = sorted(((_text(_SORTS[sort](each)), each.id, each) for each in found), key=lambda row: row[:2])
        rows = keyed if order == "asc" else keyed[::-1]
        after = _after(query.get("cursor"))
        if after is not None:
            rows = [row for row in rows if (row[:2] > after if order == "asc" else row[:2] < after)]
        shown = rows[:limit]
        cursor = _cursor(shown[-1][:2]) if len(rows) > limit else None
        items = [secret_body(each) for _key, _id, each in shown]
        return web.json_response({"items": items, "total": len(found), "nextCursor": cursor})

    async def create(self, request: web.Request) -> web.Response:
        """Make a secret; no answer ever tells its value."""
        body = await json_object(request)
        name = body.get("name")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ApiError(400, "name must contain only letters, numbers, hyphens and underscores")
        fields = _fields(body, needs_value=True)
        shelf = self._control.catalogue.secrets
        self._control.quotas.admit_secret(len(shelf.records))
        if any(each.name == name for each in shelf.records.values()):
            raise ApiError(409, f"Secret with name {name} already exists")
        now = self._control.fleet.clock.now()
        secret = Secret(new_id(), name, created_at=now, updated_at=now, **fields)
        shelf.add(secret)
        return web.json_response(secret_body(secret), status=201)

    async def get(self, request: web.Request) -> web.Response:
        """Answer one secret, without its value."""
        return web.json_response(secret_body(self._secret(request)))

    async def update(self, request: web.Request) -> web.Response:
        """Change a secret's value, description or hosts; its placeholder stays."""
        secret = self._secret(request)
        fields = _fields(await json_object(request), needs_value=False)
        self._control.catalogue.secrets.change(secret, **fields, updated_at=self._control.fleet.clock.now())
        return web.json_response(secret_body(secret))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a secret; sandboxes that have it see it no more from their next start."""
        self._control.catalogue.secrets.remove(self._secret(request))
        return web.Response(status=204)

    def _secret(self, request: web.Request) -> Secret:
        secret = self._control.catalogue.secrets.records.get(request.match_info["secret"])
        if secret is None:
            raise ApiError(404, f"Secret with ID {request.match_info['secret']} not found")
        return secret


def _fields(body: Mapping[str, Any], *, needs_value: bool) -> dict[str, Any]:
    """Return what a request says of a secret, but for its name and its value."""
    value = body.get("value")
    fields: dict[str, Any] = {}
    if value is None and needs_value:
        raise ApiError(400, "value should not be empty")
    if value is not None and (not isinstance(value, str) or not 0 < len(value) <= _LONGEST_VALUE):
        raise ApiError(400, f"value must be a string of 1 to {_LONGEST_VALUE} characters")
    description = body.get("description")
    if description is not None:
        if not isinstance(description, str) or len(description) > _LONGEST_DESCRIPTION:
            raise ApiError(400, f"description must be a string of at most {_LONGEST_DESCRIPTION} characters")
        fields["description"] = description
    hosts = body.get("hosts")
    if hosts is not None:
        if not isinstance(hosts, list) or len(hosts) > _MOST_HOSTS:
            raise ApiError(400, f"hosts must be an array of at most {_MOST_HOSTS} strings")
        if not all(isinstance(host, str) and _HOST.fullmatch(host) for host in hosts):
            raise ApiError(400, "each value in hosts must be the name of a host")
        fields["hosts"] = list(hosts)
    return fields


def _text(key: object) -> str:
    return key.isoformat() if isinstance(key, datetime) else str(key)


def _cursor(place: tuple[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _after(cursor: str | None) -> tuple[str, str] | None:
    if not cursor:
        return None
    try:
        value = json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
        key, secret_id = value
    except (ValueError, TypeError, RecursionError):
        raise ApiError(400, "Invalid cursor") from None
    if not isinstance(key, str) or not isinstance(secret_id, str):
        raise ApiError(400, "Invalid cursor")
    return key, secret_id
