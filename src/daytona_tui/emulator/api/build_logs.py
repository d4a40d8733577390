"""Routes of build logs, of sandboxes and of snapshots, and of what builds have at the real service but not here."""

from __future__ import annotations

import asyncio

from aiohttp import web

from daytona_tui.emulator.api.control import Control
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.fleet.records import ORGANIZATION_ID
from daytona_tui.emulator.objects.bucket import BUCKET, REGION
from daytona_tui.emulator.objects.routes import PREFIX

_STALLED_S = 60.0
"""How long a reader may read nothing of a log that is sent to it."""


class BuildLogRoutes:
    """The routes that end in ``build-logs`` and ``build-logs-url``."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/api/sandbox/{sandbox}/build-logs-url", self.url_of_sandbox),
            web.get("/api/sandbox/{sandbox}/build-logs", self.sandbox),
            web.get("/api/snapshots/{snapshot}/build-logs-url", self.url_of_snapshot),
            web.get("/api/snapshots/{snapshot}/build-logs", self.snapshot),
            web.get("/api/docker-registry", self.no_registries),
            web.get("/api/object-storage/push-access", self.push_access),
        ]

    async def url_of_sandbox(self, request: web.Request) -> web.Response:
        """Answer where a sandbox's build log is."""
        return _answer_url(request, f"/api/sandbox/{self._sandbox(request)}/build-logs")

    async def url_of_snapshot(self, request: web.Request) -> web.Response:
        """Answer where a snapshot's build log is."""
        return _answer_url(request, f"/api/snapshots/{self._snapshot(request)}/build-logs")

    async def sandbox(self, request: web.Request) -> web.StreamResponse:
        """Stream a sandbox's build log, with ``follow`` to the end of the build."""
        return await self._stream(request, self._sandbox(request))

    async def snapshot(self, request: web.Request) -> web.StreamResponse:
        """Stream a snapshot's build log, with ``follow`` to the end of the build."""
        return await self._stream(request, self._snapshot(request))

    async def no_registries(self, _request: web.Request) -> web.Response:
        """Answer the registries that images are pulled from: there are none."""
        return web.json_response([])

    async def push_access(self, request: web.Request) -> web.Response:
        """Answer credentials that let files of builds be put into the object storage for an hour."""
        if "object-storage" in self._control.lacks:
            raise ApiError(503, "Object storage is not configured")
        given = self._control.workshop.bucket.access(ORGANIZATION_ID)
        return web.json_response(
            {
                "accessKey": given.access_key,
                "secret": given.secret,
                "sessionToken": given.token,
                "storageUrl": f"{request.scheme}://{request.host}{PREFIX}",
                "organizationId": given.organization_id,
                "bucket": BUCKET,
                "region": REGION,
            }
        )

    def _sandbox(self, request: web.Request) -> str:
        record = self._control.sandbox_of(request)
        if record.build_info is None:
            raise ApiError(404, f"Sandbox with ID {record.id} has no build info")
        return record.id

    def _snapshot(self, request: web.Request) -> str:
        name = request.match_info["snapshot"]
        snapshot = self._control.catalogue.snapshot(name)
        if snapshot is None:
            raise ApiError(404, f"Snapshot with ID or name {name} not found")
        if snapshot.build_info is None:
            raise ApiError(404, f"Snapshot with ID {snapshot.id} has no build info")
        return snapshot.id

    async def _stream(self, request: web.Request, record_id: str) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/plain; charset=utf-8"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        follow = request.query.get("follow") == "true"
        async for piece in self._control.workshop.templates.logs.read(record_id, follow=follow):
            try:
                async with asyncio.timeout(_STALLED_S):
                    await response.write(piece)
            except TimeoutError:
                raise ConnectionResetError("the reader does not read") from None
        await response.write_eof()
        return response


def _answer_url(request: web.Request, path: str) -> web.Response:
    return web.json_response({"url": f"{request.scheme}://{request.host}{path}"})
