"""Which permission a key needs for which route, as a real server asks for them.

Sources: the permissions that the published interface lists for keys, and the guards of the last open server. Any valid
key may list and read sandboxes, and work inside them.
"""

from __future__ import annotations

import functools
import re

from aiohttp import web

PERMISSIONS = (
    "write:registries",
    "delete:registries",
    "write:snapshots",
    "delete:snapshots",
    "write:sandboxes",
    "delete:sandboxes",
    "read:volumes",
    "write:volumes",
    "delete:volumes",
    "write:regions",
    "delete:regions",
    "read:runners",
    "write:runners",
    "delete:runners",
    "read:audit_logs",
    "manage:api_keys",
    "manage:secrets",
    "read:limits",
    "manage:sso",
    "read:billing",
    "manage:billing",
)
"""Everything that a key can be allowed, in the order of the published interface."""

READING = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""

_EXACT: dict[tuple[str, str], str | None] = {
    ("DELETE", "/api/sandbox/{}"): "delete:sandboxes",
    ("POST", "/api/sandbox/{}/last-activity"): None,
    ("GET", "/api/organizations/{}/usage"): "read:limits",
    ("GET", "/api/audit/organizations/{}"): "read:audit_logs",
}
"""Routes with a rule of their own; in their patterns ``{}`` stands for any one segment."""

_ROOMS: dict[str, tuple[str | None, str | None, str | None]] = {
    "/api/sandbox": (None, "write:sandboxes", "write:sandboxes"),
    "/api/snapshots": (None, "write:snapshots", "delete:snapshots"),
    "/api/volumes": ("read:volumes", "write:volumes", "delete:volumes"),
    "/api/secret": ("manage:secrets", "manage:secrets", "manage:secrets"),
    "/api/warm-pools": (None, "write:sandboxes", "delete:sandboxes"),
    "/api/api-keys": (None, "manage:api_keys", "manage:api_keys"),
    "/api/docker-registry": (None, "write:registries", "delete:registries"),
    "/api/regions": (None, "write:regions", "delete:regions"),
    "/api/runners": ("read:runners", "write:runners", "delete:runners"),
}
"""What is needed to read, to change and to delete below a path."""

_PARAMETER = re.compile(r"\{[^{}]*\}")


def needed_permission(request: web.Request) -> str | None:
    """Return the permission that the matched route needs; None when any valid key will do."""
    return permission_of(request.method, route_pattern(request))


def route_pattern(request: web.Request) -> str:
    """Return the pattern of the matched route, with ``{}`` for each parameter; "" when none matched."""
    resource = request.match_info.route.resource
    return "" if resource is None else _pattern(resource.canonical)


@functools.lru_cache(maxsize=1024)  # clients may think of any number of methods
def permission_of(method: str, pattern: str) -> str | None:
    """Return the permission that ``method`` on a route needs; None when any valid key will do.

    Args:
        method: HTTP method.
        pattern: the route, with ``{}`` for each parameter.
    """
    if (method, pattern) in _EXACT:
        return _EXACT[method, pattern]
    for room, (read, write, delete) in _ROOMS.items():
        if pattern == room or pattern.startswith(f"{room}/"):
            return read if method in READING else delete if method == "DELETE" else write
    return None


@functools.cache
def _pattern(canonical: str) -> str:
    return _PARAMETER.sub("{}", canonical)
