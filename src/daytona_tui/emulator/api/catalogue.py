"""What an organisation has besides sandboxes: snapshots to create from, regions, its key, the server's settings."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from daytona_tui.emulator import wire
from daytona_tui.emulator.api.control import Control
from daytona_tui.emulator.api.regions import REGIONS
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.records import ORGANIZATION_ID, utcnow


@dataclass(frozen=True)
class Snapshot:
    """A template for sandboxes. Memory and disk are GiB."""

    id: str
    name: str
    image: str
    cpu: int = 1
    memory: int = 1
    disk: int = 3
    gpu: int = 0
    gpu_type: str | None = None
    sandbox_class: str = "container"
    is_general: bool = True


DEFAULT_SNAPSHOT = "daytonaio/sandbox:0.5.0-slim"
HARBOR_SNAPSHOT = "harbor__9f31c0aa77e2__snapshot"
_ID = "5a9b1c0e-0000-4000-8000-{:012d}"
SNAPSHOTS = (
    Snapshot(_ID.format(1), DEFAULT_SNAPSHOT, "daytonaio/sandbox:0.5.0-slim"),
    Snapshot(_ID.format(2), "daytona-small", "daytonaio/sandbox:0.5.0"),
    Snapshot(_ID.format(3), "daytona-medium", "daytonaio/sandbox:0.5.0", cpu=2, memory=4, disk=8),
    Snapshot(_ID.format(4), "daytona-large", "daytonaio/sandbox:0.5.0", cpu=4, memory=8, disk=10),
    Snapshot(
        _ID.format(5), "daytona-gpu", "daytonaio/sandbox:0.5.0-gpu", cpu=8, memory=32, disk=50, gpu=1, gpu_type="H100"
    ),
    Snapshot(_ID.format(6), "daytona-vm", "daytonaio/vm:0.5.0", cpu=2, memory=4, disk=10, sandbox_class="linux-vm"),
    Snapshot(_ID.format(7), HARBOR_SNAPSHOT, "harbor/terminal-bench:2", cpu=2, memory=4, disk=10, is_general=False),
)
_BY_NAME = {key: snapshot for snapshot in SNAPSHOTS for key in (snapshot.name, snapshot.id)}
_BORN = utcnow()


def find_snapshot(name_or_id: str) -> Snapshot | None:
    """Return the snapshot with this name or id; None when there is none."""
    return _BY_NAME.get(name_or_id)


class CatalogueRoutes:
    """Routes of the organisation and the server, all of them for reading."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        return [
            web.get("/api/snapshots", self.snapshots),
            web.get("/api/snapshots/{snapshot}", self.snapshot),
        ]

    async def snapshots(self, request: web.Request) -> web.Response:
        """Answer one page of the snapshots."""
        page, limit = _positive(request, "page", 1), _positive(request, "limit", 100)
        chosen = SNAPSHOTS[(page - 1) * limit : page * limit]
        body = {
            "items": [_snapshot_body(snapshot) for snapshot in chosen],
            "total": len(SNAPSHOTS),
            "page": page,
            "totalPages": -(-len(SNAPSHOTS) // limit),
        }
        return web.json_response(body)

    async def snapshot(self, request: web.Request) -> web.Response:
        """Answer one snapshot, by id or name."""
        name = request.match_info["snapshot"]
        snapshot = find_snapshot(name)
        if snapshot is None:
            raise ApiError(404, f"Snapshot with ID or name {name} not found")
        return web.json_response(_snapshot_body(snapshot))


def _positive(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) < 1:
        raise ApiError(400, f"{name} must be a positive number")
    return int(text)


def _snapshot_body(snapshot: Snapshot) -> wire.Json:
    born = wire.instant(_BORN)
    body: wire.Json = {
        "id": snapshot.id,
        "organizationId": ORGANIZATION_ID,
        "general": snapshot.is_general,
        "name": snapshot.name,
        "imageName": snapshot.image,
        "state": "active",
        "size": None,
        "entrypoint": None,
        "cpu": snapshot.cpu,
        "gpu": snapshot.gpu,
        "mem": snapshot.memory,
        "disk": snapshot.disk,
        "errorReason": None,
        "createdAt": born,
        "updatedAt": born,
        "lastUsedAt": None,
        "sourceSandboxId": None,
        "regionIds": list(REGIONS),
        "sandboxClass": snapshot.sandbox_class,
    }
    if snapshot.gpu_type is not None:
        body["gpuType"] = snapshot.gpu_type
    return body
