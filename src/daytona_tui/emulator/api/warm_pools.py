"""Routes of the warm pools. Words are those of the server."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from daytona_tui.emulator import wire
from daytona_tui.emulator.api.control import Control
from daytona_tui.emulator.api.materials import region_of, usable_snapshot
from daytona_tui.emulator.api.reading import check_kinds, integer, json_object
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.fleet.catalogue import Snapshot, WarmPool
from daytona_tui.emulator.fleet.records import new_id
from daytona_tui.emulator.fleet.shapes import warm_pool_body
from daytona_tui.emulator.workshop.pools import MOST_SANDBOXES


class WarmPoolRoutes:
    """The routes under ``/api/warm-pools``."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/api/warm-pools", self.list),
            web.post("/api/warm-pools", self.create),
            web.patch("/api/warm-pools/{pool}", self.update),
            web.delete("/api/warm-pools/{pool}", self.delete),
        ]

    async def list(self, _request: web.Request) -> web.Response:
        """Answer every warm pool, the newest first."""
        every = self._control.catalogue.warm_pools.records.values()
        return web.json_response(
            [self._body(pool) for pool in sorted(every, key=lambda pool: pool.created_at, reverse=True)]
        )

    async def create(self, request: web.Request) -> web.Response:
        """Keep a number of sandboxes of a snapshot ready."""
        body = await json_object(request)
        check_kinds(body, {"snapshot": str, "target": str})
        if not body.get("snapshot"):
            raise ApiError(400, "snapshot should not be empty")
        size, target = _size(body, least=1), region_of(body.get("target"))
        snapshot = usable_snapshot(self._control, body["snapshot"], target)
        if snapshot.gpu:
            raise ApiError(400, "Warm pools are not supported for GPU snapshots")
        self._admit(size, snapshot, target)
        shelf = self._control.catalogue.warm_pools
        if any((each.snapshot, each.target) == (snapshot.name, target) for each in shelf.records.values()):
            raise ApiError(409, "A warm pool for this snapshot and region already exists")
        now = self._control.fleet.clock.now()
        pool = WarmPool(new_id(), snapshot.name, target, size, created_at=now, updated_at=now)
        shelf.add(pool)
        return web.json_response(self._body(pool), status=201)

    async def update(self, request: web.Request) -> web.Response:
        """Give a warm pool another size; 0 drains it."""
        pool = self._pool(request)
        size = _size(await json_object(request), least=0)
        self._admit(size, usable_snapshot(self._control, pool.snapshot, pool.target), pool.target)
        self._control.catalogue.warm_pools.change(pool, pool=size, updated_at=self._control.fleet.clock.now())
        return web.json_response(self._body(pool))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a warm pool; its sandboxes go with it."""
        self._control.catalogue.warm_pools.remove(self._pool(request))
        return web.Response(status=204)

    def _pool(self, request: web.Request) -> WarmPool:
        pool = self._control.catalogue.warm_pools.records.get(request.match_info["pool"])
        if pool is None:
            raise ApiError(404, "Warm pool not found")
        return pool

    def _body(self, pool: WarmPool) -> wire.Json:
        snapshot = self._control.catalogue.snapshot(pool.snapshot)
        return warm_pool_body(pool, snapshot, self._control.workshop.pools.ready(pool))

    def _admit(self, size: int, snapshot: Snapshot, region: str) -> None:
        total = self._control.quotas.total((region, snapshot.sandbox_class))
        cpu, memory, disk = (size * each for each in (snapshot.cpu, snapshot.memory, snapshot.disk))
        if cpu > total.cpu or memory > total.memory or disk > total.disk:
            raise ApiError(
                400,
                f"Pool of {size} sandboxes needs {cpu} vCPU / {memory}GiB memory / {disk}GiB disk, exceeding the "
                f"organization quota for region {region} ({total.cpu} vCPU / {total.memory}GiB / {total.disk}GiB)",
            )


def _size(body: dict[str, Any], *, least: int) -> int:
    return integer("pool", body.get("pool"), least=least, most=MOST_SANDBOXES)
