"""A bed for sandboxes: each is planted with its age and idleness before now."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from daytona_tui.emulator.body.bodies import Builder
from daytona_tui.emulator.fleet.catalogue import DEFAULT_SNAPSHOT, find_snapshot
from daytona_tui.emulator.fleet.records import FAILED, SandboxRecord
from daytona_tui.emulator.seed.planting import Planting, Story

# What a sandbox is wanted to be while it is on its way there.
_WANTED = {
    "creating": "started",
    "starting": "started",
    "restoring": "started",
    "pulling_snapshot": "started",
    "building_snapshot": "started",
    "pending_build": "started",
    "resuming": "started",
    "stopping": "stopped",
    "archiving": "archived",
    "destroying": "destroyed",
}

_UNTOLD = Story()


class Garden:
    """Plants sandboxes; ages, idleness and times to live are minutes from ``now``.

    Args:
        now: the moment of planting.
        chance: decides the ids.

    Attributes:
        plantings: what has been planted, in order.
    """

    def __init__(self, now: datetime, chance: Random) -> None:
        self.now = now
        self.chance = chance
        self.plantings: list[Planting] = []
        self._shapes: dict[str, dict[str, Any]] = {}

    def plant(
        self,
        name: str | None,
        state: str,
        *,
        age: float,
        idle: float,
        builder: Builder | None = None,
        story: Story = _UNTOLD,
        **fields: Any,
    ) -> SandboxRecord:
        """Add one sandbox and return it; without a name it is called by its id, as a real server does.

        ``fields`` are those of its record, and ``ttl``: minutes until it is destroyed.
        """
        sandbox_id = self.new_id()
        shape = self._shape(fields.setdefault("snapshot", DEFAULT_SNAPSHOT) or DEFAULT_SNAPSHOT)
        ttl = fields.pop("ttl", None)
        active = self.now - timedelta(minutes=idle)
        record = SandboxRecord(
            id=sandbox_id,
            name=name or sandbox_id,
            state=state,
            created_at=self.now - timedelta(minutes=age),
            updated_at=active,
            last_activity_at=active,
            auto_destroy_at=None if ttl is None else self.now + timedelta(minutes=ttl),
            **{"desired_state": "started" if state in FAILED else _WANTED.get(state, state), **shape, **fields},
        )
        if state == "archived":
            record.backup_state, record.backup_created_at, record.runner_id = "Completed", active, None
        self.plantings.append(Planting(record, builder, story))
        return record

    def new_id(self) -> str:
        """Return an identifier that is the same whenever the same is planted."""
        return str(UUID(int=self.chance.getrandbits(128), version=4))

    def _shape(self, name: str) -> dict[str, Any]:
        if name not in self._shapes:
            snapshot = find_snapshot(name)
            names = ("cpu", "memory", "disk", "gpu", "gpu_type", "sandbox_class")
            self._shapes[name] = {} if snapshot is None else {each: getattr(snapshot, each) for each in names}
        return self._shapes[name]
