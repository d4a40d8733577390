"""Routes of the places where sandboxes run: the regions, and the one runner, this machine."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import tempfile

from aiohttp import web

from daytona_tui.emulator import wire
from daytona_tui.emulator.accounts.quotas import NOTHING
from daytona_tui.emulator.api.control import Control
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.fleet.catalogue import REGIONS
from daytona_tui.emulator.fleet.records import utcnow

__all__ = ["REGIONS", "RUNNER_ID", "RegionRoutes"]

RUNNER_ID = "local-runner"
"""The one runner."""

_GIB = 1 << 30
_BORN = utcnow()


class RegionRoutes:
    """The routes of regions and runners, all of them for reading."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/api/regions", self.regions),
            web.get("/api/shared-regions", self.regions),
            web.get("/api/regions/{region}", self.region),
            web.get("/api/runners", self.runners),
            web.get("/api/runners/{runner:(?!me$|by-snapshot-ref$)[^/]+}", self.runner),  # these are runners' own
        ]

    async def regions(self, _request: web.Request) -> web.Response:
        """Answer the regions that sandboxes can be created in."""
        return web.json_response([_region(name) for name in REGIONS])

    async def region(self, request: web.Request) -> web.Response:
        """Answer one region."""
        name = request.match_info["region"]
        if name not in REGIONS:
            raise ApiError(404, "Region not found")
        return web.json_response(_region(name))

    async def runners(self, request: web.Request) -> web.Response:
        """Answer the one runner; it stands in every region."""
        region = request.query.get("regionId") or REGIONS[0]
        return web.json_response([await self._runner(region)] if region in REGIONS else [])

    async def runner(self, request: web.Request) -> web.Response:
        """Answer the runner."""
        if request.match_info["runner"] != RUNNER_ID:
            raise ApiError(404, "Runner not found")
        return web.json_response(await self._runner(REGIONS[0]))

    async def _runner(self, region: str) -> wire.Json:
        disk = await asyncio.to_thread(shutil.disk_usage, tempfile.gettempdir())
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _GIB
        used = sum(self._control.quotas.used.values(), NOTHING)
        started = sum(record.state == "started" for record in self._control.fleet.records.values())
        now, cores = wire.instant(self._control.fleet.clock.now()), os.cpu_count() or 1
        return {
            "id": RUNNER_ID,
            "name": platform.node() or RUNNER_ID,
            "region": region,
            "cpu": cores,
            "memory": memory,
            "disk": disk.total // _GIB,
            "gpu": 0,
            "sandboxClass": "container",
            "currentCpuUsagePercentage": round(min(100.0, 100 * os.getloadavg()[0] / cores), 1),
            "currentDiskUsagePercentage": round(100 * disk.used / disk.total, 1),
            "currentAllocatedCpu": used.cpu,
            "currentAllocatedMemoryGiB": used.memory,
            "currentAllocatedDiskGiB": used.disk,
            "currentStartedSandboxes": started,
            "state": "ready",
            "unschedulable": False,
            "tags": [],
            "lastChecked": now,
            "createdAt": wire.instant(_BORN),
            "updatedAt": now,
            "version": "2",
            "apiVersion": "2",
            "appVersion": wire.API_VERSION,
            "runnerClass": "container",
        }


def _region(name: str) -> wire.Json:
    born = wire.instant(_BORN)
    return {"id": name, "name": name, "regionType": "shared", "createdAt": born, "updatedAt": born}
