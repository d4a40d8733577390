"""Where snapshots, builds, volumes and warm pools are worked at: the parts of it, put together."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from daytona_tui.emulator.accounts.quotas import Quotas
from daytona_tui.emulator.body.bodies import Bodies
from daytona_tui.emulator.body.outfit import Outfitter
from daytona_tui.emulator.clock import Tempo
from daytona_tui.emulator.fleet.catalogue import Catalogue, Volume
from daytona_tui.emulator.fleet.records import SandboxRecord
from daytona_tui.emulator.life.lifecycle import Lifecycle
from daytona_tui.emulator.objects.bucket import Bucket
from daytona_tui.emulator.state.lifeline import remove_tree
from daytona_tui.emulator.state.statedir import StateDirectory
from daytona_tui.emulator.tasks import Tasks
from daytona_tui.emulator.workshop.errands import Errands
from daytona_tui.emulator.workshop.pools import Pools
from daytona_tui.emulator.workshop.templates import Templates

_BUILDING = frozenset({"pending_build", "building_snapshot"})
_STEP_S = 0.6


class Workshop:
    """What works for the catalogue.

    Args:
        catalogue: what there is.
        bodies: their files and processes; they are told what they have beside them.
        lifecycle: their changes; it is told who makes snapshots.
        directory: where files are kept.
        tempo: how long things take.
        quotas: how much there may be, and the sandboxes that count.

    Attributes:
        errands: what goes on in the background.
        bucket: files that clients push for builds.
        templates: makes snapshots, and builds sandboxes.
        pools: keeps warm pools.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        bodies: Bodies,
        lifecycle: Lifecycle,
        directory: StateDirectory,
        tempo: Tempo,
        quotas: Quotas,
    ) -> None:
        fleet = quotas.fleet
        self.errands = Errands(tempo)
        self.bucket = Bucket(directory.objects_root, fleet.clock)
        self.templates = Templates(catalogue, bodies, directory, quotas, self.errands, self.bucket)
        self.pools = Pools(catalogue, fleet, lifecycle)
        self._catalogue = catalogue
        self._fleet = fleet
        self._directory = directory
        self._ends = Tasks()
        bodies.outfit = Outfitter(catalogue, directory).outfit
        lifecycle.templates = self.templates
        fleet.subscribe(self._noticed)

    async def make_volume(self, volume: Volume) -> None:
        """Take in a new volume and make its directory."""
        self._catalogue.volumes.add(volume)
        await self.errands.run(volume.id, self._make_volume(volume))

    async def remove_volume(self, volume: Volume) -> None:
        """Remove a volume and everything in it."""
        self._change(volume, "pending_delete")
        await self.errands.run(volume.id, self._remove_volume(volume))

    async def close(self) -> None:
        """Leave everything as it is. Idempotent."""
        await self.pools.close()
        await self.errands.close()
        await self._ends.finish()

    async def _make_volume(self, volume: Volume) -> None:
        await self.errands.tempo.last(_STEP_S)
        self._change(volume, "creating")
        await self.errands.tempo.last(_STEP_S)
        try:
            await asyncio.to_thread(self._directory.volume_root(volume.id).mkdir, parents=True, exist_ok=True)
        except OSError as error:
            volume.error_reason = f"its directory could not be made: {error.strerror}"
            self._change(volume, "error")
        else:
            self._change(volume, "ready")

    async def _remove_volume(self, volume: Volume) -> None:
        await self.errands.tempo.last(_STEP_S)
        self._change(volume, "deleting")
        await self.errands.tempo.last(_STEP_S)
        try:
            await asyncio.to_thread(remove_tree, self._directory.volume_root(volume.id))
        except OSError as error:
            volume.error_reason = f"its directory could not be removed: {error.strerror}"
            self._change(volume, "error")
        else:
            self._change(volume, "deleted")

    def _change(self, volume: Volume, state: str) -> None:
        self._catalogue.volumes.change(volume, state=state, updated_at=self._fleet.clock.now())

    def _noticed(self, _event: str, record: SandboxRecord, _extra: Mapping[str, object]) -> None:
        """End the log of a build that was given up, and remove the one of a sandbox that is gone."""
        if record.build_info is None or record.state in _BUILDING:
            return
        logs = self.templates.logs
        if record.is_hidden:
            self._ends.start(logs.remove(record.id), name="end of a build log")
        elif logs.is_open(record.id):
            self._ends.start(logs.end(record.id), name="end of a build log")
