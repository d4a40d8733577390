"""The JSON shapes of the control plane: the one place that spells them as the wire does."""

from __future__ import annotations

from datetime import UTC, datetime

from daytona_tui.emulator.fleet.records import ORGANIZATION_ID, Distortion, SandboxRecord

API_VERSION = "0.226.1"
"""Version of the interface that is reproduced; sent as ``X-Daytona-Api-Version``."""

Json = dict[str, object]


def instant(moment: datetime) -> str:
    """Return a moment as the wire spells it, in UTC with milliseconds."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def list_item(record: SandboxRecord, toolbox_url: str, distortion: Distortion | None = None) -> Json:
    """Return the shorter shape that lists carry."""
    return _distorted(_common(record, toolbox_url), distortion)


def sandbox(record: SandboxRecord, toolbox_url: str, distortion: Distortion | None = None) -> Json:
    """Return the full shape that every other answer carries."""
    body = _common(record, toolbox_url)
    body["env"] = record.env
    body["kvm"] = record.sandbox_class == "linux-vm"
    body["volumes"] = record.volumes
    optional = {
        "backupCreatedAt": None if record.backup_created_at is None else instant(record.backup_created_at),
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
        "autoDestroyAt": None if record.auto_destroy_at is None else instant(record.auto_destroy_at),
    }
    body.update((key, value) for key, value in optional.items() if value is not None)
    return body


def _distorted(body: Json, distortion: Distortion | None) -> Json:
    if distortion is None:
        return body
    changed = {**body, **distortion.changes}
    return {key: value for key, value in changed.items() if key not in distortion.drop}
