"""Routes of the snapshots: list, read, create, activate, remove. Words are those of the last open server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aiohttp import web

from daytona_tui.emulator.accounts.counts import counted_snapshots
from daytona_tui.emulator.api.control import Control
from daytona_tui.emulator.api.materials import build_info_of, region_of, resources_of
from daytona_tui.emulator.api.reading import check_choice, check_kinds, check_sorting, json_object, positive
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.fleet.catalogue import Snapshot
from daytona_tui.emulator.fleet.records import Ground, SandboxRecord, new_id
from daytona_tui.emulator.fleet.shapes import snapshot_body
from daytona_tui.emulator.workshop.templates import ground_for

_KINDS: dict[str, type] = {
    "name": str,
    "imageName": str,
    "entrypoint": list,
    "cpu": int,
    "memory": int,
    "disk": int,
    "gpu": int,
    "regionId": str,
    "sandboxClass": str,
    "buildInfo": dict,
}
_CLASSES = ("linux-vm", "container", "windows")
_IMAGE = re.compile(r"[a-zA-Z0-9_.\-:]+(/[a-zA-Z0-9_.\-:]+)*(@sha256:[a-f0-9]{64})?")
_MOST = 200
_SORTS: Mapping[str, Callable[[Snapshot], Any]] = {
    "name": lambda each: each.name,
    "state": lambda each: each.state,
    "lastUsedAt": lambda each: each.last_used_at,
    "createdAt": lambda each: each.created_at,
}


class SnapshotRoutes:
    """The routes under ``/api/snapshots``."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        one = "/api/snapshots/{snapshot}"
        return [
            web.get("/api/snapshots", self.list),
            web.post("/api/snapshots", self.create),
            web.get(one, self.get),
            web.delete(one, self.remove),
            web.post(f"{one}/activate", self.activate),
            web.post(f"{one}/deactivate", self.deactivate),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """Answer one page of the snapshots, the general ones last."""
        query = request.query
        page, limit = positive(query, "page", 1), positive(query, "limit", 100, most=_MOST)
        sort, order = query.get("sort", "lastUsedAt"), query.get("order", "desc")
        check_sorting(sort, order, _SORTS)
        every = self._control.catalogue.snapshots.records.values()
        found = _matching(every, query.get("name", ""), query.get("sourceSandboxId"))
        key = _SORTS[sort]
        found.sort(key=lambda each: each.created_at, reverse=True)
        with_key = sorted((each for each in found if key(each) is not None), key=key, reverse=order == "desc")
        ordered = [*with_key, *(each for each in found if key(each) is None)]
        ordered.sort(key=lambda each: each.is_general)
        items = [snapshot_body(each) for each in ordered[(page - 1) * limit : page * limit]]
        body = {"items": items, "total": len(found), "page": page, "totalPages": -(-len(found) // limit)}
        return web.json_response(body)

    async def create(self, request: web.Request) -> web.Response:
        """Make a snapshot of an image or of a Dockerfile."""
        body = await json_object(request)
        check_kinds(body, _KINDS)
        snapshot = _new_snapshot(self._control, body)
        templates = self._control.workshop.templates
        templates.admit(snapshot.name)
        probe = SandboxRecord(snapshot.id, snapshot.name, cpu=snapshot.cpu, memory=snapshot.memory, disk=snapshot.disk)
        probe.warm_pool_id = snapshot.id  # it uses nothing yet: only its size counts
        self._control.quotas.admit(probe)
        await templates.make(snapshot)
        return web.json_response(snapshot_body(snapshot))

    async def get(self, request: web.Request) -> web.Response:
        """Answer one snapshot, by id or name."""
        return web.json_response(snapshot_body(self._named(request)))

    async def remove(self, request: web.Request) -> web.Response:
        """Remove a snapshot; sandboxes that were made of it keep their files."""
        snapshot = self._named(request)
        if snapshot.is_general:
            raise ApiError(403, "You cannot delete a general snapshot")
        if snapshot.state != "removing":
            await self._control.workshop.templates.remove(snapshot)
        return web.Response()

    async def activate(self, request: web.Request) -> web.Response:
        """Let sandboxes be made of an inactive snapshot again."""
        snapshot = self._named(request)
        if snapshot.state == "active":
            raise ApiError(400, f"Snapshot {snapshot.id} is already active")
        if snapshot.state != "inactive":
            raise ApiError(400, f"Snapshot {snapshot.id} cannot be activated - it is in {snapshot.state} state")
        catalogue = self._control.catalogue
        self._control.quotas.admit_snapshot(counted_snapshots(catalogue))
        now = self._control.fleet.clock.now()
        catalogue.snapshots.change(snapshot, state="active", last_used_at=now, updated_at=now)
        return web.json_response(snapshot_body(snapshot))

    async def deactivate(self, request: web.Request) -> web.Response:
        """Let no sandboxes be made of a snapshot for now."""
        snapshot = self._named(request)
        if snapshot.is_general:
            raise ApiError(403, "You cannot deactivate a general snapshot")
        if snapshot.state not in {"active", "inactive"}:
            raise ApiError(400, f"Snapshot {snapshot.id} cannot be deactivated - it is in {snapshot.state} state")
        if snapshot.state == "active":
            now = self._control.fleet.clock.now()
            self._control.catalogue.snapshots.change(snapshot, state="inactive", updated_at=now)
        return web.Response(status=204)

    def _named(self, request: web.Request) -> Snapshot:
        name = request.match_info["snapshot"]
        snapshot = self._control.catalogue.snapshot(name)
        if snapshot is None:
            raise ApiError(404, f"Snapshot with ID or name {name} not found")
        return snapshot


def _matching(every: Iterable[Snapshot], name: str, source_id: str | None) -> list[Snapshot]:
    named = [each for each in every if name.lower() in each.name.lower()]
    return [each for each in named if source_id is None or each.source_sandbox_id == source_id]


def _new_snapshot(control: Control, body: Mapping[str, Any]) -> Snapshot:
    name, image, sandbox_class = body.get("name"), body.get("imageName"), body.get("sandboxClass") or "container"
    if not name:
        raise ApiError(400, "name should not be empty")
    check_choice("sandboxClass", sandbox_class, _CLASSES)
    entrypoint = body.get("entrypoint") or []
    if not all(isinstance(word, str) and "\0" not in word for word in entrypoint):
        raise ApiError(400, "each value in entrypoint must be a string")
    build_info = None
    if body.get("buildInfo") is not None:
        if image:
            raise ApiError(400, "Cannot specify an image name when using a build info entry")
        if entrypoint:
            raise ApiError(400, "Cannot specify an entrypoint when using a build info entry")
        build_info = build_info_of(control, body["buildInfo"])
    elif not image:
        raise ApiError(400, "Must specify an image name when not using a build info entry")
    else:
        _check_image_name(image)
    now = control.fleet.clock.now()
    words = [word for word in entrypoint if word.strip()]
    if build_info is not None:
        ground = ground_for(build_info["dockerfileContent"])
    else:
        ground = Ground(entrypoint=words) if words else None
    return Snapshot(
        new_id(),
        name,
        image,
        state="pending",
        sandbox_class=sandbox_class,
        entrypoint=None if ground is None else ground.entrypoint or None,
        region_ids=[region_of(body.get("regionId"))],
        build_info=build_info,
        ground=ground,
        created_at=now,
        updated_at=now,
        **resources_of(body),
    )


def _check_image_name(name: str) -> None:
    if "@sha256:" not in name:
        if ":" not in name or name.rstrip().endswith(":"):
            raise ApiError(400, "Image name must include a tag (e.g., ubuntu:22.04) or digest (@sha256:...)")
        if name.endswith(":latest"):
            raise ApiError(400, 'Images with tag ":latest" are not allowed')
    if not _IMAGE.fullmatch(name):
        words = "Must be lowercase, may contain digits, dots, dashes, and single slashes between components"
        raise ApiError(400, f"Invalid image name format. {words}")
