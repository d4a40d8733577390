"""What an organisation has besides sandboxes: snapshots, volumes, secrets and warm pools."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from daytona_tui.emulator.fleet.records import Ground, utcnow
from daytona_tui.emulator.fleet.shelf import Shelf

REGIONS = ("us", "eu")
"""Regions that sandboxes can be created in; all of them are this machine."""
DEFAULT_SNAPSHOT = "daytonaio/sandbox:0.5.0-slim"
"""What a sandbox is made from when nothing else is asked for."""
HARBOR_SNAPSHOT = "harbor__9f31c0aa77e2__snapshot"
"""The organisation's own snapshot that is there from the start."""

_ID = "5a9b1c0e-0000-4000-8000-{:012d}"
_BORN = utcnow()


@dataclass
class Snapshot:
    """A template for sandboxes. Memory and disk are GiB.

    Attributes:
        is_general: everybody may use it and nobody may delete it.
        size: GiB of its files; None while that is not known.
        build_info: of one built from a Dockerfile, as the wire spells it.
        has_files: whether a sandbox made from it begins with files that are kept for it.
        ground: what its image lays down for programs.
    """

    id: str
    name: str
    image: str | None
    state: str = "active"
    cpu: int = 1
    memory: int = 1
    disk: int = 3
    gpu: int = 0
    gpu_type: str | None = None
    sandbox_class: str = "container"
    is_general: bool = False
    size: float | None = None
    entrypoint: list[str] | None = None
    error_reason: str | None = None
    region_ids: list[str] = field(default_factory=lambda: list(REGIONS))
    source_sandbox_id: str | None = None
    build_info: dict[str, Any] | None = None
    has_files: bool = False
    ground: Ground | None = None
    created_at: datetime = field(default_factory=utcnow)
    updated_at: datetime = field(default_factory=utcnow)
    last_used_at: datetime | None = None


@dataclass
class Volume:
    """A directory that sandboxes share."""

    id: str
    name: str
    state: str = "ready"
    error_reason: str | None = None
    created_at: datetime = field(default_factory=utcnow)
    updated_at: datetime = field(default_factory=utcnow)
    last_used_at: datetime | None = None


def new_placeholder() -> str:
    """Return what stands for a secret's value inside sandboxes."""
    return f"dtn_secret_{secrets.token_hex(16)}"


@dataclass
class Secret:
    """A secret by its name. Its value is not kept: sandboxes see the placeholder, and nothing is sent in its place."""

    id: str
    name: str
    description: str | None = None
    hosts: list[str] = field(default_factory=list)
    placeholder: str = field(default_factory=new_placeholder)
    created_at: datetime = field(default_factory=utcnow)
    updated_at: datetime = field(default_factory=utcnow)


@dataclass
class WarmPool:
    """How many sandboxes of a snapshot are kept ready in a region."""

    id: str
    snapshot: str
    target: str
    pool: int
    error_reason: str | None = None
    created_at: datetime = field(default_factory=utcnow)
    updated_at: datetime = field(default_factory=utcnow)


_Named = TypeVar("_Named", Snapshot, Volume, Secret)


def general_snapshots() -> list[Snapshot]:
    """Return new records of the snapshots that are there from the start."""
    slim, full = DEFAULT_SNAPSHOT, "daytonaio/sandbox:0.5.0"
    records = [
        Snapshot(_ID.format(1), DEFAULT_SNAPSHOT, slim),
        Snapshot(_ID.format(2), "daytona-small", full),
        Snapshot(_ID.format(3), "daytona-medium", full, cpu=2, memory=4, disk=8),
        Snapshot(_ID.format(4), "daytona-large", full, cpu=4, memory=8, disk=10),
        Snapshot(_ID.format(5), "daytona-gpu", f"{full}-gpu", cpu=8, memory=32, disk=50, gpu=1, gpu_type="H100"),
        Snapshot(_ID.format(6), "daytona-vm", "daytonaio/vm:0.5.0", cpu=2, memory=4, disk=10, sandbox_class="linux-vm"),
    ]
    for record in records:
        record.is_general = True
    records.append(Snapshot(_ID.format(7), HARBOR_SNAPSHOT, "harbor/terminal-bench:2", cpu=2, memory=4, disk=10))
    for record in records:
        record.created_at = record.updated_at = _BORN
    return records


def find_snapshot(name_or_id: str) -> Snapshot | None:
    """Return the snapshot with this name or id among those that are there from the start."""
    return next((each for each in general_snapshots() if name_or_id in {each.name, each.id}), None)


def shape_of(snapshot: Snapshot) -> dict[str, Any]:
    """Return the fields of a sandbox's record that its snapshot decides."""
    return {
        "snapshot": snapshot.name,
        "source_snapshot_id": snapshot.id,
        "cpu": snapshot.cpu,
        "gpu": snapshot.gpu,
        "gpu_type": snapshot.gpu_type,
        "memory": snapshot.memory,
        "disk": snapshot.disk,
        "sandbox_class": snapshot.sandbox_class,
        "ground": snapshot.ground,
    }


class Catalogue:
    """The shelves of an organisation.

    Attributes:
        snapshots: templates for sandboxes.
        volumes: directories that they share.
        secrets: names that stand for values.
        warm_pools: how many sandboxes are kept ready.
    """

    def __init__(self) -> None:
        self.snapshots: Shelf[Snapshot] = Shelf("snapshot", general_snapshots())
        self.volumes: Shelf[Volume] = Shelf("volume")
        self.secrets: Shelf[Secret] = Shelf("secret")
        self.warm_pools: Shelf[WarmPool] = Shelf("warm_pool")

    @property
    def shelves(self) -> tuple[tuple[Shelf[Any], type], ...]:
        """Every shelf, with the kind of record it holds."""
        return (
            (self.snapshots, Snapshot),
            (self.volumes, Volume),
            (self.secrets, Secret),
            (self.warm_pools, WarmPool),
        )

    def snapshot(self, name_or_id: str) -> Snapshot | None:
        """Return the snapshot with this name or id."""
        return _named(self.snapshots.records.values(), name_or_id)

    def volume(self, name_or_id: str) -> Volume | None:
        """Return the volume with this name or id that is not gone."""
        return _named((each for each in self.volumes.records.values() if each.state != "deleted"), name_or_id)

    def secret(self, name_or_id: str) -> Secret | None:
        """Return the secret with this name or id."""
        return _named(self.secrets.records.values(), name_or_id)

    def placeholders(self, secret_names: Mapping[str, str]) -> dict[str, str]:
        """Return what stands for secrets: by the variable that names each; those that are gone are left out."""
        found = {variable: self.secret(name) for variable, name in secret_names.items()}
        return {variable: secret.placeholder for variable, secret in found.items() if secret is not None}


def _named(records: Iterable[_Named], name_or_id: str) -> _Named | None:
    found = None
    for record in records:
        if record.id == name_or_id:
            return record
        if record.name == name_or_id:
            found = record
    return found
