"""The JSON shapes of the control plane: the one place that spells its records as the wire does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from daytona_tui.emulator.fleet.catalogue import Secret, Snapshot, Volume, WarmPool
from daytona_tui.emulator.fleet.records import ORGANIZATION_ID, Distortion, SandboxRecord, new_id
from daytona_tui.emulator.wire import API_VERSION, Json, instant


def sandbox_item(record: SandboxRecord, toolbox_url: str, distortion: Distortion | None = None) -> Json:
    """Return the shorter shape that lists carry."""
    return _distorted(_common(record, toolbox_url), distortion)


def sandbox_body(record: SandboxRecord, toolbox_url: str, distortion: Distortion | None = None) -> Json:
    """Return the full shape that every other answer carries."""
    body = _common(record, toolbox_url)
    body["env"] = record.env
    body["kvm"] = record.sandbox_class == "linux-vm"
    body["volumes"] = record.volumes
    optional = {
        "backupCreatedAt": _instant(record.backup_created_at),
        "buildInfo": record.build_info,
        "linkedSandboxId": record.linked_sandbox_id,
        "outboundProxyUrl": record.outbound_proxy_url,
        "otelEndpointOverride": record.otel_endpoint_override,
    }
    body.update((key, value) for key, value in optional.items() if value is not None)
    return _distorted(body, distortion)


def _common(record: SandboxRecord, toolbox_url: str) -> Json:
    body: Json = {
        "id": record.id,
        "organizationId": ORGANIZATION_ID,
        "name": record.name,
        "target": record.target,
        "sandboxClass": record.sandbox_class,
        "state": record.state,
        "desiredState": record.desired_state,
        "user": record.user,
        "recoverable": record.recoverable,
        "public": record.public,
        "networkBlockAll": record.network_block_all,
        "cpu": record.cpu,
        "gpu": record.gpu,
        "spot": record.spot,
        "memory": record.memory,
        "disk": record.disk,
        "labels": record.labels,
        "backupState": record.backup_state,
        "autoStopInterval": record.auto_stop,
        "autoPauseInterval": record.auto_pause,
        "autoArchiveInterval": record.auto_archive,
        "autoDeleteInterval": record.auto_delete,
        "createdAt": instant(record.created_at),
        "updatedAt": instant(record.updated_at),
        "lastActivityAt": instant(record.last_activity_at),
        "daemonVersion": API_VERSION,
        "toolboxProxyUrl": toolbox_url,
    }
    optional = {
        "runnerId": record.runner_id,
        "snapshot": record.snapshot,
        "errorReason": record.error_reason,
        "gpuType": record.gpu_type,
        "networkAllowList": record.network_allow_list,
        "domainAllowList": record.domain_allow_list,
        "warmPoolId": record.warm_pool_id,
        "queueTimeout": record.queue_timeout,
        "autoDestroyAt": _instant(record.auto_destroy_at),
    }
    body.update((key, value) for key, value in optional.items() if value is not None)
    return body


def _distorted(body: Json, distortion: Distortion | None) -> Json:
    if distortion is None:
        return body
    changed = {**body, **distortion.changes}
    return {key: value for key, value in changed.items() if key not in distortion.drop}


def snapshot_body(snapshot: Snapshot) -> Json:
    """Return the shape of a snapshot."""
    body: Json = {
        "id": snapshot.id,
        "organizationId": ORGANIZATION_ID,
        "general": snapshot.is_general,
        "name": snapshot.name,
        "state": snapshot.state,
        "size": snapshot.size,
        "entrypoint": snapshot.entrypoint,
        "cpu": snapshot.cpu,
        "gpu": snapshot.gpu,
        "mem": snapshot.memory,
        "disk": snapshot.disk,
        "errorReason": snapshot.error_reason,
        "createdAt": instant(snapshot.created_at),
        "updatedAt": instant(snapshot.updated_at),
        "lastUsedAt": _instant(snapshot.last_used_at),
        "sourceSandboxId": snapshot.source_sandbox_id,
        "regionIds": snapshot.region_ids,
        "sandboxClass": snapshot.sandbox_class,
        "ref": f"local/{snapshot.id}",
    }
    optional = {"imageName": snapshot.image, "gpuType": snapshot.gpu_type, "buildInfo": snapshot.build_info}
    return body | {key: value for key, value in optional.items() if value is not None}


def volume_body(volume: Volume) -> Json:
    """Return the shape of a volume."""
    return {
        "id": volume.id,
        "name": volume.name,
        "organizationId": ORGANIZATION_ID,
        "state": volume.state,
        "createdAt": instant(volume.created_at),
        "updatedAt": instant(volume.updated_at),
        "lastUsedAt": _instant(volume.last_used_at),
        "errorReason": volume.error_reason,
    }


def secret_body(secret: Secret) -> Json:
    """Return the shape of a secret: everything but its value."""
    body: Json = {
        "id": secret.id,
        "name": secret.name,
        "placeholder": secret.placeholder,
        "hosts": secret.hosts,
        "createdAt": instant(secret.created_at),
        "updatedAt": instant(secret.updated_at),
    }
    return body if secret.description is None else body | {"description": secret.description}


def warm_pool_body(pool: WarmPool, snapshot: Snapshot | None, ready: int) -> Json:
    """Return the shape of a warm pool.

    Args:
        pool: the pool.
        snapshot: what its sandboxes are made from, if that is still there.
        ready: how many there are.
    """
    size = snapshot or Snapshot(new_id(), pool.snapshot, None, cpu=0, memory=0, disk=0)
    return {
        "id": pool.id,
        "organizationId": ORGANIZATION_ID,
        "snapshot": size.name,
        "target": pool.target,
        "pool": pool.pool,
        "currentSize": ready,
        "cpu": size.cpu,
        "mem": size.memory,
        "disk": size.disk,
        "osUser": "daytona",
        "env": {},
        "errorReason": pool.error_reason,
        "createdAt": instant(pool.created_at),
        "updatedAt": instant(pool.updated_at),
    }


def body_of(kind: str, record: Any) -> Json:
    """Return the shape of a snapshot, a volume or a secret, as events carry it.

    Raises:
        KeyError: there is no such kind.
    """
    return _BODIES[kind](record)


_BODIES: Mapping[str, Callable[[Any], Json]] = {
    "snapshot": snapshot_body,
    "volume": volume_body,
    "secret": secret_body,
}


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else instant(moment)
