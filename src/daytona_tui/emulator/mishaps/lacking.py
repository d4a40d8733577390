"""An older server, on request: what it does not know is answered as an unknown path, or left out of what is asked."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from daytona_tui.emulator.envelope import ApiError

_ROUTES: dict[str, tuple[str, ...]] = {
    "ttl": (r"POST /api/sandbox/[^/]+/ttl/[^/]+",),
    "auto-pause": (r"POST /api/sandbox/[^/]+/autopause/[^/]+",),
    "pause": (r"POST /api/sandbox/[^/]+/pause",),
    "fork": (r"POST /api/sandbox/[^/]+/fork", r"GET /api/sandbox/[^/]+/(?:forks|parent|ancestors)"),
    "resize": (r"POST /api/sandbox/[^/]+/resize",),
    "recover": (r"POST /api/sandbox/[^/]+/recover",),
    "network": (r"POST /api/sandbox/[^/]+/network-settings",),
    "secrets": (r"\w+ /api/secret(?:/.*)?", r"PUT /api/sandbox/[^/]+/secrets"),
    "snapshots-from-sandbox": (r"POST /api/sandbox/[^/]+/snapshot",),
    "snapshots": (r"\w+ /api/snapshots(?:/.*)?",),
    "volumes": (r"\w+ /api/volumes(?:/.*)?",),
    "previews": (r"GET /api/sandbox/[^/]+/ports/[^/]+/preview-url",),
    "signed-previews": (r"\w+ /api/sandbox/[^/]+/ports/[^/]+/signed-preview-url(?:/.*)?",),
    "ssh": (r"\w+ /api/sandbox/[^/]+/ssh-access",),
    "keys": (r"GET /api/api-keys/current",),
    "regions": (r"GET /api/(?:shared-)?regions",),
    "quotas": (r"GET /api/organizations/[^/]+/usage", r"GET /api/sandbox/[^/]+/region-quota"),
    "usage": (r"GET /analytics/.*",),
    "object-storage": (),  # its route is there and says that nothing is set up
    "audit": (r"GET /api/audit/.*",),
    "events": (r"GET /api/socket\.io/",),
    "environment": (r"POST /toolbox/[^/]+/env",),
    "metrics": (r"GET /toolbox/[^/]+/system/metrics",),
    "sessions": (r"\w+ /toolbox/[^/]+/process/session(?:/.*)?",),
    "ptys": (r"\w+ /toolbox/[^/]+/process/pty(?:/.*)?",),
    "git": (r"\w+ /toolbox/[^/]+/git/.*",),
    "signing-keys": (r"\w+ /api/sandbox/[^/]+/signing-key(?:/.*)?", r"\w+ /toolbox/[^/]+/files/upload-v2"),
    "document": (r"GET /api-json",),
    "fields": (),
    "git-remotes": (r"\w+ /toolbox/[^/]+/git/(?:remotes|reset|restore|init|config|config/user|credentials)",),
}
LACKS = tuple(_ROUTES)
"""What a server can be without; ``fields`` are those of its records, see ``mishaps.ageing``."""

SETS: dict[str, tuple[str, ...]] = {
    "v0.190": (
        "ttl",
        "auto-pause",
        "secrets",
        "resize",
        "environment",
        "metrics",
        "git-remotes",
        "signing-keys",
        "fields",
    ),
}
"""Names for what a version does not know; a server without all of it tells that version as its own."""

_FIELDS = {"ttlMinutes": "ttl", "autoPauseInterval": "auto-pause", "secrets": "secrets"}
"""Fields of a create that such a server does not read."""


def parse_lacks(text: str) -> frozenset[str]:
    """Return what is lacking by its spelling: names of ``LACKS`` or ``SETS``, between commas.

    Raises:
        ValueError: there is no such name.
    """
    names: set[str] = set()
    for word in filter(None, (part.strip() for part in text.split(","))):
        if word not in _ROUTES and word not in SETS:
            raise ValueError(f"no server can lack {word!r}: it is one of {', '.join((*SETS, *LACKS))}")
        names.update(SETS.get(word, (word,)))
    return frozenset(names)


def without_unknown(body: Mapping[str, Any], lacks: Collection[str]) -> Mapping[str, Any]:
    """Return what a server that lacks something reads of a create."""
    if not lacks:
        return body
    return {key: value for key, value in body.items() if _FIELDS.get(key) not in lacks}


class Lacking:
    """Answers for what the server does not know, before anything else looks at the request."""

    def __init__(self, lacks: Collection[str]) -> None:
        unknown = "|".join(pattern for name in sorted(lacks) for pattern in _ROUTES[name])
        self._unknown = re.compile(unknown) if unknown else None

    def knows(self, method: str, path: str) -> bool:
        """Whether the server answers ``method`` on ``path``, whose parameters may be filled in or not."""
        return self._unknown is None or not self._unknown.fullmatch(f"{method} {path}")

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse what is lacking: in the envelope of the main interface, or as the daemon does, in plain text."""
        if self.knows(request.method, request.path):
            return await handler(request)
        if request.path.startswith("/toolbox/"):
            return web.Response(status=404, text="404 page not found")
        raise ApiError(404, f"Cannot {request.method} {request.path}")
