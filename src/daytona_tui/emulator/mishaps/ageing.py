"""An older server's answers: the version that it tells, and the fields that it does not know of.

The fields are those that v0.190.0 was seen to answer, in lists and alone.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from daytona_tui.emulator.mishaps.lacking import SETS
from daytona_tui.emulator.wire import API_VERSION

VERSIONS = {"v0.190": "0.190.0"}
"""What a server of a set of ``SETS`` tells as its version."""

_NOWHERE = frozenset(
    {
        "autoDestroyAt",
        "autoPauseInterval",
        "gpuType",
        "kvm",
        "linkedSandboxId",
        "otelEndpointOverride",
        "outboundProxyUrl",
        "queueTimeout",
        "sourceSandboxId",
        "spot",
        "warmPoolId",
    }
)
_NOT_IN_LISTS = frozenset({"networkBlockAll", "networkAllowList", "domainAllowList"})
_OF_ERRORS = frozenset({"code", "source"})


class Ageing:
    """Makes what is answered an older server's.

    Args:
        lacks: what the server is without; ``fields`` among it drops fields, a whole set of ``SETS`` tells its version.
    """

    def __init__(self, lacks: Collection[str]) -> None:
        told = [VERSIONS[name] for name, parts in SETS.items() if set(parts) <= set(lacks)]
        self.version = told[0] if told else API_VERSION
        self._drops = "fields" in lacks

    @property
    def is_new(self) -> bool:
        """Whether answers are left as they are."""
        return not self._drops and self.version == API_VERSION

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Stamp answers with the version, and leave out of them what the server does not know."""
        response = await handler(request)
        if self.is_new or response.prepared or not isinstance(response, web.Response):
            return response
        if "X-Daytona-Api-Version" in response.headers:
            response.headers["X-Daytona-Api-Version"] = self.version
        if response.content_type == "application/json" and isinstance(response.body, bytes):
            response.text = json.dumps(self._aged(request.path, response.status, json.loads(response.body)))
        return response

    def body(self, told: object) -> object:
        """Return what is told of a sandbox, a snapshot or a volume, or of several, as an older server does."""
        if isinstance(told, list):
            return [self.body(each) for each in told]
        if not isinstance(told, dict):
            return told
        if isinstance(told.get("items"), list):
            return {**told, "items": [self._item(each) for each in told["items"]]}
        kept = {key: value for key, value in told.items() if not self._drops or key not in _NOWHERE}
        for kind in ("sandbox", "snapshot"):  # an event's
            if isinstance(kept.get(kind), dict):
                kept[kind] = self.body(kept[kind])
        return {**kept, **{key: self.version for key in ("daemonVersion", "appVersion") if key in kept}}

    def _item(self, told: object) -> object:
        aged = self.body(told)
        if not isinstance(aged, dict) or not self._drops:
            return aged
        return {key: value for key, value in aged.items() if key not in _NOT_IN_LISTS}

    def _aged(self, path: str, status: int, told: Any) -> Any:
        if isinstance(told, dict) and status >= 400:
            return {key: value for key, value in told.items() if not self._drops or key not in _OF_ERRORS}
        if path == "/api/config" or (path.startswith("/toolbox/") and path.endswith("/version")):
            return {**told, "version": self.version}
        is_record = path.startswith(("/api/sandbox", "/api/snapshots", "/api/runners"))
        return self.body(told) if is_record else told
