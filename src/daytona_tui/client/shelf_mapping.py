"""Snapshots, volumes and secrets of the wire → domain values. A row without an id is dropped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from math import isfinite
from typing import Any, TypeVar

from daytona_tui.client.fields import text
from daytona_tui.client.mapping import time_from
from daytona_tui.domain.sandbox import Resources
from daytona_tui.domain.secrets import SecretEntry, SecretId
from daytona_tui.domain.snapshots import Snapshot, SnapshotId, SnapshotState
from daytona_tui.domain.volumes import Mount, Volume, VolumeId, VolumeState
from daytona_tui.errors import ProtocolError

_Row = Mapping[str, Any]
Item = TypeVar("Item")


def rows_from(told: object, what: str, read: Callable[[object], Item | None]) -> tuple[Item, ...]:
    """Return the items of a list, or of a page with ``items``; those that cannot be told apart are left out.

    Raises:
        ProtocolError: the answer is neither.
    """
    rows = told.get("items") if isinstance(told, dict) else told
    if rows is None and told is None:  # what an empty list is to a server written in Go
        return ()
    if not isinstance(rows, list):
        raise ProtocolError(f"the list of {what} has an unknown form", source="api")
    return tuple(item for row in rows if (item := read(row)) is not None)


def required(item: Item | None, what: str) -> Item:
    """Return ``item``.

    Raises:
        ProtocolError: there is none.
    """
    if item is None:
        raise ProtocolError(f"what the server says of the {what} has an unknown form", source="api")
    return item


def snapshot_from(row: object) -> Snapshot | None:
    """Return a snapshot; None if it has no id."""
    if not isinstance(row, dict) or not text(row, "id"):
        return None
    built = row.get("buildInfo")
    return Snapshot(
        id=SnapshotId(row["id"]),
        name=text(row, "name") or row["id"],
        state=SnapshotState.parse(row.get("state")),
        state_word=text(row, "state"),
        is_general=row.get("general") is True,
        image=text(row, "imageName"),
        size_gib=_number(row, "size"),
        resources=Resources(
            _whole(row, "cpu"), _whole(row, "mem"), _whole(row, "disk"), _whole(row, "gpu"), text(row, "gpuType")
        ),
        sandbox_class=text(row, "sandboxClass"),
        regions=_texts(row, "regionIds"),
        entrypoint=_texts(row, "entrypoint"),
        error_reason=text(row, "errorReason"),
        dockerfile=text(built, "dockerfileContent") if isinstance(built, dict) else "",
        source_sandbox_id=text(row, "sourceSandboxId"),
        created_at=_time(row, "createdAt"),
        updated_at=_time(row, "updatedAt"),
        last_used_at=_time(row, "lastUsedAt"),
    )


def volume_from(row: object) -> Volume | None:
    """Return a volume; None if it has no id."""
    if not isinstance(row, dict) or not text(row, "id"):
        return None
    return Volume(
        VolumeId(row["id"]),
        text(row, "name") or row["id"],
        VolumeState.parse(row.get("state")),
        text(row, "state"),
        text(row, "errorReason"),
        _time(row, "createdAt"),
        _time(row, "updatedAt"),
        _time(row, "lastUsedAt"),
    )


def mount_from(row: object) -> Mount | None:
    """Return a mount of a sandbox's record; None if it names no volume."""
    if not isinstance(row, dict) or not text(row, "volumeId"):
        return None
    return Mount(row["volumeId"], text(row, "mountPath"), text(row, "subpath"))


def secret_from(row: object) -> SecretEntry | None:
    """Return a secret; None if it has no id."""
    if not isinstance(row, dict) or not text(row, "id"):
        return None
    return SecretEntry(
        SecretId(row["id"]),
        text(row, "name") or row["id"],
        text(row, "description"),
        _texts(row, "hosts"),
        text(row, "placeholder"),
        _time(row, "createdAt"),
        _time(row, "updatedAt"),
    )


def _texts(row: _Row, key: str) -> tuple[str, ...]:
    value = row.get(key)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _number(row: _Row, key: str) -> float | None:
    value = row.get(key)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and isfinite(value) else None  # type: ignore[arg-type]


def _whole(row: _Row, key: str) -> int | None:
    value = _number(row, key)
    return int(value) if value is not None and value.is_integer() else None


def _time(row: _Row, key: str) -> datetime | None:
    value = row.get(key)
    return time_from(value) if isinstance(value, str) else None
