"""Warm pools: sandboxes that are kept ready, handed over when somebody asks for one like them, and replaced.

How pools are topped up, trimmed and drained is as on the real server, which looks at them once a minute; here they are
looked at whenever something changes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from typing import Any

from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.fleet.catalogue import Catalogue, Snapshot, WarmPool, shape_of
from daytona_tui.emulator.fleet.records import FAILED, Fleet, SandboxRecord, new_id
from daytona_tui.emulator.life.lifecycle import Lifecycle

_log = logging.getLogger(__name__)

MOST_SANDBOXES = 100
"""Largest pool; all its sandboxes are processes of this machine."""

_AGAIN_S = 5.0


class Pools:
    """Keeps the pools at their sizes.

    Args:
        catalogue: where pools and snapshots are known.
        fleet: the sandboxes.
        lifecycle: makes and destroys them.
    """

    def __init__(self, catalogue: Catalogue, fleet: Fleet, lifecycle: Lifecycle) -> None:
        self._catalogue = catalogue
        self._fleet = fleet
        self._lifecycle = lifecycle
        self._changed = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        fleet.subscribe(self._noticed)
        catalogue.warm_pools.subscribe(lambda *_: self._wake())
        catalogue.snapshots.subscribe(lambda *_: self._wake())

    def start(self) -> None:
        """Begin to look after the pools that are there already."""
        if self._catalogue.warm_pools.records or any(each.warm_pool_id for each in self._fleet.records.values()):
            self._wake()

    def members(self, pool: WarmPool) -> list[SandboxRecord]:
        """Return the sandboxes of a pool that are not on their way out, oldest first."""
        every = [each for each in self._fleet.records.values() if each.warm_pool_id == pool.id]
        living = [each for each in every if each.desired_state != "destroyed"]
        return sorted(living, key=lambda each: each.created_at)

    def ready(self, pool: WarmPool) -> int:
        """Return how many sandboxes of a pool can be handed over now."""
        return sum(_is_ready(each) for each in self.members(pool))

    def claim(self, snapshot: Snapshot, target: str) -> SandboxRecord | None:
        """Return a ready sandbox of a snapshot in a region, which is the caller's to take; None when there is none."""
        for pool in self._catalogue.warm_pools.records.values():
            if (pool.snapshot, pool.target) == (snapshot.name, target):
                return next((each for each in self.members(pool) if _is_ready(each)), None)
        return None

    async def close(self) -> None:
        """Look after nothing any more. Idempotent."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])

    def _noticed(self, _event: str, record: SandboxRecord, _extra: Mapping[str, Any]) -> None:
        if self._keeper is not None or record.warm_pool_id is not None:
            self._wake()

    def _wake(self) -> None:
        self._changed.set()
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep(), name="warm pools")

    async def _keep(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._reconcile()
            except Exception:
                _log.exception("the warm pools could not be looked after")
                await asyncio.sleep(_AGAIN_S)

    async def _reconcile(self) -> None:
        for pool in list(self._catalogue.warm_pools.records.values()):
            snapshot = self._catalogue.snapshot(pool.snapshot)
            if snapshot is None or snapshot.state == "removing":
                self._catalogue.warm_pools.remove(pool)  # its sandboxes are nobody's now
            else:
                await self._level(pool, snapshot)
        pools = self._catalogue.warm_pools.records
        for record in [each for each in self._fleet.records.values() if each.warm_pool_id is not None]:
            if record.warm_pool_id not in pools:
                await self._dismiss(record)

    async def _level(self, pool: WarmPool, snapshot: Snapshot) -> None:
        """Dismiss what is idle or too many, the newest first, and make what is missing."""
        kept: list[SandboxRecord] = []
        for member in self.members(pool):
            if member.desired_state == "started" and len(kept) < pool.pool:
                kept.append(member)
            else:
                await self._dismiss(member)
        failed = [each.error_reason for each in kept if each.state in FAILED]
        if pool.error_reason != (reason := failed[0] if failed else None):
            self._catalogue.warm_pools.change(pool, error_reason=reason)
        if snapshot.state != "active":
            return
        for _ in range(pool.pool - len(kept)):
            if self._catalogue.warm_pools.records.get(pool.id) is pool:
                await self._lifecycle.create(self._make(pool, snapshot))

    def _make(self, pool: WarmPool, snapshot: Snapshot) -> SandboxRecord:
        sandbox_id, now = new_id(), self._fleet.clock.now()
        return SandboxRecord(
            id=sandbox_id,
            name=sandbox_id,
            target=pool.target,
            warm_pool_id=pool.id,
            created_at=now,
            updated_at=now,
            last_activity_at=now,
            **shape_of(snapshot),
        )

    async def _dismiss(self, record: SandboxRecord) -> None:
        if record.desired_state != "destroyed":
            with contextlib.suppress(ApiError):  # it is in the middle of something: the end of that is noticed
                await self._lifecycle.destroy(record)


def _is_ready(record: SandboxRecord) -> bool:
    return record.state == record.desired_state == "started" and not record.pending
