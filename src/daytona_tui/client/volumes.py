"""Volumes: listed, made, deleted; and what a sandbox has mounted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daytona_tui.client.loading import Sdk
from daytona_tui.client.records import RecordsPart
from daytona_tui.client.shelf_mapping import mount_from, required, rows_from, volume_from
from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.volumes import Mount, Volume, VolumeId, VolumeState, name_problem
from daytona_tui.errors import MisuseError, NotFoundError, ProtocolError

if TYPE_CHECKING:
    from daytona_api_client_async import VolumesApi


class VolumesPart(RecordsPart):
    """Implements ``Volumes``."""

    async def volumes(self) -> tuple[Volume, ...]:
        """Return every volume that is not deleted."""
        async with self._link.calling("listing the volumes", needs=Ability.VOLUMES) as sdk:
            told = await self._ask_api(_api(sdk).list_volumes_without_preload_content())
        return tuple(each for each in rows_from(told, "volumes", volume_from) if each.state is not VolumeState.DELETED)

    async def create_volume(self, name: str) -> Volume:
        """Have a volume made."""
        if wrong := name_problem(name):
            raise MisuseError(f"name: {wrong}")
        async with self._link.calling("making the volume", needs=Ability.VOLUMES) as sdk:
            from daytona_api_client_async import CreateVolume

            told = await self._ask_api(_api(sdk).create_volume_without_preload_content(CreateVolume(name=name)))
        return required(volume_from(told), "volume")

    async def delete_volume(self, volume_id: VolumeId) -> None:
        """Delete a volume and everything in it."""
        try:
            async with self._link.calling("deleting the volume", needs=Ability.VOLUMES) as sdk:
                await self._ask_api(_api(sdk).delete_volume_without_preload_content(volume_id))
        except NotFoundError:
            return

    async def mounts(self, sandbox_id: SandboxId) -> tuple[Mount, ...]:
        """Return what a sandbox has mounted."""
        told = await self._fetch(sandbox_id)
        if not isinstance(told, dict):
            raise ProtocolError("the sandbox's record has an unknown form", source="api")
        return rows_from(told.get("volumes") or [], "mounted volumes", mount_from)


def _api(sdk: Sdk) -> VolumesApi:
    from daytona_api_client_async import VolumesApi

    return VolumesApi(sdk.keys.api_client)
