"""Routes of the volumes: directories that sandboxes share. Words are those of the last open server."""

from __future__ import annotations

from aiohttp import web

from daytona_tui.emulator.accounts.counts import counted_volumes
from daytona_tui.emulator.api.control import Control
from daytona_tui.emulator.api.reading import json_object
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.fleet.catalogue import Volume
from daytona_tui.emulator.fleet.records import SandboxRecord, new_id
from daytona_tui.emulator.fleet.shapes import volume_body

_LONGEST_NAME = 255


class VolumeRoutes:
    """The routes under ``/api/volumes``."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/api/volumes", self.list),
            web.post("/api/volumes", self.create),
            web.get("/api/volumes/by-name/{name}", self.get_by_name),
            web.get("/api/volumes/{volume}", self.get),
            web.delete("/api/volumes/{volume}", self.delete),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """Answer every volume, the last used first; deleted ones only with ``includeDeleted``."""
        with_gone = request.query.get("includeDeleted") == "true"
        every = self._control.catalogue.volumes.records.values()
        shown = [each for each in every if with_gone or each.state != "deleted"]
        shown.sort(key=lambda each: each.created_at, reverse=True)
        used = sorted((each for each in shown if each.last_used_at), key=lambda each: str(each.last_used_at))
        unused = [each for each in shown if each.last_used_at is None]
        return web.json_response([volume_body(each) for each in [*reversed(used), *unused]])

    async def create(self, request: web.Request) -> web.Response:
        """Make a volume."""
        name = (await json_object(request)).get("name")
        if name is not None and (not isinstance(name, str) or "\0" in name or len(name) > _LONGEST_NAME):
            raise ApiError(400, "name must be a string")
        catalogue = self._control.catalogue
        self._control.quotas.admit_volume(counted_volumes(catalogue))
        volume_id, now = new_id(), self._control.fleet.clock.now()
        volume = Volume(volume_id, name or volume_id, state="pending_create", created_at=now, updated_at=now)
        if any(each.name == volume.name and each.state != "deleted" for each in catalogue.volumes.records.values()):
            raise ApiError(400, f"Volume with name {volume.name} already exists")
        await self._control.workshop.make_volume(volume)
        return web.json_response(volume_body(volume))

    async def get(self, request: web.Request) -> web.Response:
        """Answer one volume."""
        return web.json_response(volume_body(self._volume(request)))

    async def get_by_name(self, request: web.Request) -> web.Response:
        """Answer the volume of a name."""
        name = request.match_info["name"]
        every = self._control.catalogue.volumes.records.values()
        found = next((each for each in every if each.name == name and each.state != "deleted"), None)
        if found is None:
            raise ApiError(404, f"Volume with name {name} not found")
        return web.json_response(volume_body(found))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a volume and everything in it."""
        volume = self._volume(request)
        if volume.state not in {"ready", "error"}:
            raise ApiError(400, "Volume must be in 'ready' or 'error' state in order to be deleted")
        user = self._user_of(volume)
        if user is not None:
            words = f"Volume cannot be deleted because it is in use by one or more sandboxes (e.g. {user.name})"
            raise ApiError(409, words)
        await self._control.workshop.remove_volume(volume)
        return web.Response()

    def _volume(self, request: web.Request) -> Volume:
        volume = self._control.catalogue.volumes.records.get(request.match_info["volume"])
        if volume is None:
            raise ApiError(404, f"Volume with ID {request.match_info['volume']} not found")
        return volume

    def _user_of(self, volume: Volume) -> SandboxRecord | None:
        for record in self._control.fleet.records.values():
            is_wanted = record.desired_state != "destroyed"
            if record.volumes and is_wanted and any(each["volumeId"] == volume.id for each in record.volumes):
                return record
        return None
