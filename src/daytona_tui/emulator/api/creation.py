"""From the body of a create request to a new sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from daytona_tui.emulator.api.control import Control
from daytona_tui.emulator.api.materials import RESOURCES, build_info_of, region_of, resources_of, usable_snapshot
from daytona_tui.emulator.api.mounts import check_secrets, mounted_secrets, mounted_volumes
from daytona_tui.emulator.api.reading import check_kinds
from daytona_tui.emulator.body.bodies import Bodies
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.fleet.catalogue import DEFAULT_SNAPSHOT, shape_of
from daytona_tui.emulator.fleet.records import (
    AUTO_ARCHIVE_DEFAULT,
    AUTO_ARCHIVE_MAXIMUM,
    AUTO_DELETE_OFF,
    AUTO_STOP_DEFAULT,
    LONGEST_MINUTES,
    SandboxRecord,
    new_id,
)
from daytona_tui.emulator.life.transitions import Step
from daytona_tui.emulator.previews.network import network_settings
from daytona_tui.emulator.workshop.templates import ground_for

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
    "secrets": list,
    "buildInfo": dict,
    "linkedSandbox": str,
    "outboundProxyUrl": str,
    "otelEndpointOverride": str,
    "kvm": bool,
    "spot": bool,
    "cpu": int,
    "memory": int,
    "disk": int,
    "gpu": int,
    "queueTimeout": int,
    "autoStopInterval": int,
    "autoPauseInterval": int,
    "autoArchiveInterval": int,
    "autoDeleteInterval": int,
    "ttlMinutes": int,
}


async def create_sandbox(control: Control, body: Mapping[str, Any]) -> SandboxRecord:
    """Create the sandbox that ``body`` asks for, or hand over one of a warm pool.

    Raises:
        ApiError: 400, 404 or 409 in the words of a real server.
    """
    record = new_record(control, body)
    if record.build_info is not None:
        templates = control.workshop.templates
        way = (
            Step("pending_build", 0.8),
            Step("building_snapshot", 1.2, templates.build_sandbox),
            Step("creating", 0.6, Bodies.open),
            Step("started"),
        )
        await control.lifecycle.create(record, way, is_awaited=False)
        templates.logs.begin(record.id)
    elif (ready := _ready_one(control, record)) is not None:
        _hand_over(control, ready, record, is_named=bool(body.get("name")))
        record = ready
    else:
        await control.lifecycle.create(record)
    _note_use(control, record)
    return record


def new_record(control: Control, body: Mapping[str, Any]) -> SandboxRecord:
    """Return the record of the sandbox that ``body`` asks for; it is not in the fleet yet.

    Raises:
        ApiError: 400, 404 or 409 in the words of a real server.
    """
    check_kinds(body, _KINDS)
    shape = _built(control, body) if body.get("buildInfo") is not None else _from_snapshot(control, body)
    sandbox_id, now = new_id(), control.fleet.clock.now()
    ttl = _interval(body, "ttlMinutes", 0)
    record = SandboxRecord(
        id=sandbox_id,
        name=body.get("name") or sandbox_id,
        user=body.get("user") or "daytona",
        target=region_of(body.get("target")),
        labels=dict(body.get("labels") or {}),
        env=_environment(body.get("env") or {}),
        public=body.get("public") or False,
        spot=body.get("spot") or False,
        outbound_proxy_url=_url(body, "outboundProxyUrl"),
        otel_endpoint_override=_url(body, "otelEndpointOverride"),
        queue_timeout=_queue_timeout(body),
        auto_destroy_at=now + timedelta(minutes=ttl) if ttl else None,
        created_at=now,
        updated_at=now,
        last_activity_at=now,
        **shape,
        **network_settings(body),
    )
    _set_intervals(record, body)
    _check_gpu(record)
    record.linked_sandbox_id = _linked(control, record, body.get("linkedSandbox"))
    record.volumes = mounted_volumes(control.catalogue, body.get("volumes") or [])
    record.secret_names = mounted_secrets({"secrets": body.get("secrets") or []})
    check_secrets(control, record.secret_names)
    if control.fleet.is_name_taken(record.name):
        raise ApiError(409, f"Sandbox with name {record.name} already exists")
    return record


def _built(control: Control, body: Mapping[str, Any]) -> dict[str, Any]:
    if body.get("snapshot"):
        raise ApiError(400, "Cannot specify a snapshot when using a build info entry")
    build_info = build_info_of(control, body["buildInfo"])
    return {
        **resources_of(body),
        "snapshot": None,
        "build_info": build_info,
        "ground": ground_for(build_info["dockerfileContent"]),
        "sandbox_class": "linux-vm" if body.get("kvm") else "container",
    }


def _from_snapshot(control: Control, body: Mapping[str, Any]) -> dict[str, Any]:
    if any(body.get(each) for each in (*RESOURCES, "gpuType")):
        raise ApiError(400, "Cannot specify Sandbox resources when using a snapshot")
    name = (body.get("snapshot") or "").strip() or DEFAULT_SNAPSHOT
    return shape_of(usable_snapshot(control, name, region_of(body.get("target"))))


def _ready_one(control: Control, record: SandboxRecord) -> SandboxRecord | None:
    """Return a warm pool's sandbox that is what a request asks for."""
    snapshot = control.catalogue.snapshots.records.get(record.source_snapshot_id or "")
    is_special = record.gpu or record.linked_sandbox_id or record.volumes or record.secret_names or record.env
    is_special = is_special or record.network_block_all or record.outbound_proxy_url or record.user != "daytona"
    return None if snapshot is None or is_special else control.workshop.pools.claim(snapshot, record.target)


def _hand_over(control: Control, ready: SandboxRecord, record: SandboxRecord, *, is_named: bool) -> None:
    """Make a warm pool's sandbox the caller's: what was asked for, on what was ready."""
    control.quotas.admit(record)
    settings = (
        "labels public auto_stop auto_pause auto_archive auto_delete auto_destroy_at network_allow_list"
        " domain_allow_list otel_endpoint_override queue_timeout spot created_at last_activity_at"
    )
    fields = {name: getattr(record, name) for name in settings.split()}
    name = record.name if is_named else ready.name
    control.fleet.change(ready, **fields, name=name, warm_pool_id=None)
    control.fleet.announce("sandbox.state.updated", ready, {"oldState": "started", "newState": "started"})


def _note_use(control: Control, record: SandboxRecord) -> None:
    now = control.fleet.clock.now()
    snapshot = control.catalogue.snapshots.records.get(record.source_snapshot_id or "")
    if snapshot is not None:
        control.catalogue.snapshots.change(snapshot, last_used_at=now)
    for mounted in record.volumes:
        volume = control.catalogue.volumes.records.get(mounted["volumeId"])
        if volume is not None:
            control.catalogue.volumes.change(volume, last_used_at=now)


def _environment(variables: Mapping[str, Any]) -> dict[str, str]:
    for name, value in variables.items():
        if not name or "=" in name or "\0" in name or not isinstance(value, str) or "\0" in value:
            raise ApiError(400, f"env has no usable value for {name!r}")
    return dict(variables)


def _url(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name) or None
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        is_url = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_url = False
    if not is_url or any(letter <= " " for letter in value):
        raise ApiError(400, f"{name} must be a URL of http or https")
    return str(value)


def _queue_timeout(body: Mapping[str, Any]) -> int | None:
    value = body.get("queueTimeout")
    if value is not None and not 1 <= value <= LONGEST_MINUTES:
        raise ApiError(400, "queueTimeout must not be less than 1")
    return value


def _check_gpu(record: SandboxRecord) -> None:
    if record.gpu and not record.is_ephemeral:
        raise ApiError(400, "GPU sandboxes must be ephemeral - set autoDeleteInterval to 0")
    if record.spot and not record.gpu:
        raise ApiError(400, "Spot is only supported for GPU sandboxes")


def _linked(control: Control, record: SandboxRecord, name: str | None) -> str | None:
    if not name:
        return None
    if not record.is_ephemeral:
        raise ApiError(400, "Linked sandboxes must be ephemeral (set autoDeleteInterval to 0)")
    other = control.fleet.find(name)
    if other.linked_sandbox_id is not None:
        words = f"Linked sandbox {other.id} is itself linked to another sandbox; chained links are not allowed"
        raise ApiError(400, words)
    if other.state not in {"started", "stopped"} or other.runner_id is None:
        words = f"Linked sandbox must be in STARTED or STOPPED state with an assigned runner (current: {other.state})"
        raise ApiError(400, words)
    if other.target != record.target:
        words = f"Runner hosting linked sandbox is in region {other.target}"
        raise ApiError(400, f"{words}, which does not match requested region {record.target}")
    return other.id


def _set_intervals(record: SandboxRecord, body: Mapping[str, Any]) -> None:
    record.auto_pause = _interval(body, "autoPauseInterval", 0)
    record.auto_stop = _interval(body, "autoStopInterval", 0 if record.auto_pause else AUTO_STOP_DEFAULT)
    record.auto_archive = _interval(body, "autoArchiveInterval", AUTO_ARCHIVE_DEFAULT) or AUTO_ARCHIVE_MAXIMUM
    auto_delete = body.get("autoDeleteInterval")
    record.auto_delete = AUTO_DELETE_OFF if auto_delete is None else int(auto_delete)
    if abs(record.auto_delete) > LONGEST_MINUTES:
        raise ApiError(400, f"autoDeleteInterval must not be greater than {LONGEST_MINUTES}")
    if record.auto_pause and record.auto_stop:
        raise ApiError(400, "Only one of auto-stop and auto-pause intervals can be set")
    if record.auto_pause and record.sandbox_class == "container":
        raise ApiError(400, "Auto-pause is not supported for this sandbox class")
    if record.auto_pause and record.is_ephemeral:
        raise ApiError(400, "Auto-pause is not allowed for ephemeral sandboxes")
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
