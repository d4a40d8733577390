"""From the body of a create request to a new sandbox's record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from daytona_tui.emulator.api.catalogue import DEFAULT_SNAPSHOT, Snapshot, find_snapshot
from daytona_tui.emulator.api.regions import REGIONS
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.records import (
    AUTO_ARCHIVE_DEFAULT,
    AUTO_ARCHIVE_MAXIMUM,
    AUTO_DELETE_OFF,
    AUTO_STOP_DEFAULT,
    LONGEST_MINUTES,
    Fleet,
    SandboxRecord,
    new_id,
    utcnow,
)

_NOT_SERVED = ("buildInfo", "secrets", "linkedSandbox")
_KINDS: dict[str, type] = {
    "name": str,
    "snapshot": str,
    "user": str,
    "target": str,
    "env": dict,
    "labels": dict,
    "public": bool,
    "networkBlockAll": bool,
    "networkAllowList": str,
    "domainAllowList": str,
    "volumes": list,
    "autoStopInterval": int,
    "autoPauseInterval": int,
    "autoArchiveInterval": int,
    "autoDeleteInterval": int,
    "ttlMinutes": int,
}


def new_record(fleet: Fleet, body: Mapping[str, Any]) -> SandboxRecord:
    """Return the record of the sandbox that ``body`` asks for; it is not in the fleet yet.

    Raises:
        ApiError: 400, 404 or 409 in the words of a real server; 501 for what the emulator does not offer.
    """
    _check_kinds(body)
    for name in _NOT_SERVED:
        if body.get(name):
            raise ApiError(501, f"The local emulator does not serve {name} of POST /api/sandbox")
    if body.get("volumes"):
        raise ApiError(404, f"Volume with ID or name {body['volumes'][0].get('volumeId')} not found")
    snapshot = _snapshot(body)
    sandbox_id = new_id()
    name = body.get("name") or sandbox_id
    if fleet.is_name_taken(name):
        raise ApiError(409, f"Sandbox with name {name} already exists")
    target = body.get("target") or REGIONS[0]
    if target not in REGIONS:
        raise ApiError(404, f"Region {target} not found")
    now = utcnow()
    ttl = _interval(body, "ttlMinutes", 0)
    record = SandboxRecord(
        id=sandbox_id,
        name=name,
        snapshot=snapshot.name,
        user=body.get("user") or "daytona",
        target=target,
        labels=dict(body.get("labels") or {}),
        env=_environment(body.get("env") or {}),
        public=body.get("public") or False,
        network_block_all=body.get("networkBlockAll") or False,
        network_allow_list=body.get("networkAllowList"),
        domain_allow_list=body.get("domainAllowList"),
        cpu=snapshot.cpu,
        gpu=snapshot.gpu,
        gpu_type=snapshot.gpu_type,
        memory=snapshot.memory,
        disk=snapshot.disk,
        sandbox_class=snapshot.sandbox_class,
        auto_destroy_at=now + timedelta(minutes=ttl) if ttl else None,
        created_at=now,
        updated_at=now,
        last_activity_at=now,
    )
    _set_intervals(record, body)
    return record


def _check_kinds(body: Mapping[str, Any]) -> None:
    for name, kind in _KINDS.items():
        value = body.get(name)
        is_wrong = not isinstance(value, kind) or (kind is int and isinstance(value, bool))
        if value is not None and is_wrong:
            word = {str: "a string", dict: "an object", bool: "a boolean", list: "an array", int: "an integer"}[kind]
            raise ApiError(400, f"{name} must be {word}")


def _environment(variables: Mapping[str, Any]) -> dict[str, str]:
    for name, value in variables.items():
        if not name or "=" in name or "\0" in name or not isinstance(value, str) or "\0" in value:
            raise ApiError(400, f"env has no usable value for {name!r}")
    return dict(variables)


def _snapshot(body: Mapping[str, Any]) -> Snapshot:
    name = body.get("snapshot") or DEFAULT_SNAPSHOT
    snapshot = find_snapshot(name)
    if snapshot is None:
        raise ApiError(400, f"Snapshot {name} not found. Did you add it through the Daytona Dashboard?")
    if any(body.get(each) is not None for each in ("cpu", "memory", "disk", "gpu", "gpuType")):
        raise ApiError(400, "Cannot specify Sandbox resources when using a snapshot")
    return snapshot


def _set_intervals(record: SandboxRecord, body: Mapping[str, Any]) -> None:
    record.auto_pause = _interval(body, "autoPauseInterval", 0)
    record.auto_stop = _interval(body, "autoStopInterval", 0 if record.auto_pause else AUTO_STOP_DEFAULT)
    record.auto_archive = _interval(body, "autoArchiveInterval", AUTO_ARCHIVE_DEFAULT) or AUTO_ARCHIVE_MAXIMUM
    auto_delete = body.get("autoDeleteInterval")
    record.auto_delete = AUTO_DELETE_OFF if auto_delete is None else int(auto_delete)
    if record.auto_pause and record.auto_stop:
        raise ApiError(400, "Only one of auto-stop and auto-pause intervals can be set")
    if record.auto_pause and record.sandbox_class == "container":
        raise ApiError(400, "Auto-pause is not supported for this sandbox class")
    if record.auto_archive > AUTO_ARCHIVE_MAXIMUM:
        raise ApiError(400, f"Auto-archive interval must be at most {AUTO_ARCHIVE_MAXIMUM} minutes")


def _interval(body: Mapping[str, Any], name: str, default: int) -> int:
    value = body.get(name)
    if value is None:
        return default
    if value < 0:
        raise ApiError(400, f"{name} must be non-negative")
    if value > LONGEST_MINUTES:
        raise ApiError(400, f"{name} must not be greater than {LONGEST_MINUTES}")
    return int(value)
