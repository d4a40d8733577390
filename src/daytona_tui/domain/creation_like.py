"""The order that a sandbox was made by, as far as its record tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from daytona_tui.domain.code import Language
from daytona_tui.domain.creation import LANGUAGE_LABEL, CreateOrder, FromDockerfile, FromImage, FromSnapshot, Mount
from daytona_tui.domain.masking import MASK
from daytona_tui.domain.sandbox import Sandbox

_LANGUAGES = frozenset(Language)


def like(record: Mapping[str, Any], sandbox: Sandbox) -> tuple[CreateOrder, tuple[str, ...]]:
    """Return the order for another sandbox like this one, and in words what its record does not tell.

    Args:
        record: everything that the server says of it; what looks like a secret is masked in it.
        sandbox: the same, as a row of the fleet.
    """
    unknown = list(_unknown(record, sandbox))
    env = {key: value for key, value in _texts(record.get("env")).items() if MASK not in value}
    life, size = sandbox.lifetimes, sandbox.resources
    built = _dockerfile(record)
    source = FromSnapshot(sandbox.snapshot) if not built else _from(built)
    labels = {key: value for key, value in sandbox.labels.items() if key != LANGUAGE_LABEL}
    language = sandbox.labels.get(LANGUAGE_LABEL)
    order = CreateOrder(
        source=source,
        target=sandbox.region,
        user=sandbox.user,
        env=env,
        labels=labels,
        language=Language(language) if language in _LANGUAGES else None,
        cpu=size.cpu if built else None,
        memory_gib=size.memory_gib if built else None,
        disk_gib=size.disk_gib if built else None,
        gpu=(size.gpu or None) if built else None,
        gpu_types=(size.gpu_type,) if built and size.gpu and size.gpu_type else (),
        spot=record.get("spot") is True,
        auto_stop_min=life.auto_stop_min,
        auto_pause_min=life.auto_pause_min or None,
        auto_archive_min=life.auto_archive_min,
        auto_delete_min=life.auto_delete_min if life.auto_delete_min else None,
        ephemeral=life.auto_delete_min == 0,
        public=sandbox.public,
        volumes=tuple(_mounts(record.get("volumes"))),
        block_network=record.get("networkBlockAll") is True,
        networks=_listed(record.get("networkAllowList")),
        domains=_listed(record.get("domainAllowList")),
        outbound_proxy=_line(record.get("outboundProxyUrl")),
        telemetry_endpoint=_line(record.get("otelEndpointOverride")),
    )
    return order, tuple(unknown)


def _unknown(record: Mapping[str, Any], sandbox: Sandbox) -> Iterator[str]:
    masked = [key for key, value in _texts(record.get("env")).items() if MASK in value]
    if masked:
        yield f"the values of {', '.join(sorted(masked))} look like secrets and are left out"
    if MASK in str(record.get("outboundProxyUrl") or ""):
        yield "the proxy's address holds a password and is left out"
    if any(key != LANGUAGE_LABEL for key in sandbox.labels):
        yield "its labels are copied, also those that say whose it is"
    if sandbox.lifetimes.destroy_at is not None:
        yield "it has a time to live: give the new one its own"
    if record.get("linkedSandboxId"):
        yield "it is linked to another sandbox; the new one is not"
    if not _dockerfile(record) and not sandbox.snapshot:
        yield "nobody knows what it began as: the server's usual snapshot is taken"
    hashes = (record.get("buildInfo") or {}).get("contextHashes") if isinstance(record.get("buildInfo"), dict) else None
    if hashes:
        yield "its image was built with files that are not known here"
    yield "files, secrets and what was cloned are not in its record: none of it is copied"


def _dockerfile(record: Mapping[str, Any]) -> str:
    built = record.get("buildInfo")
    text = built.get("dockerfileContent") if isinstance(built, dict) else None
    return text if isinstance(text, str) else ""


def _from(text: str) -> FromImage | FromDockerfile:
    words = text.split()
    is_image = len(words) == 2 and words[0] == "FROM"
    return FromImage(words[1]) if is_image else FromDockerfile(text)


def _texts(told: object) -> dict[str, str]:
    return {str(key): value for key, value in told.items() if isinstance(value, str)} if isinstance(told, dict) else {}


def _mounts(told: object) -> Iterator[Mount]:
    for each in told if isinstance(told, list) else ():
        if isinstance(each, dict) and isinstance(each.get("volumeId"), str) and isinstance(each.get("mountPath"), str):
            yield Mount(each["volumeId"], each["mountPath"], _line(each.get("subpath")))


def _listed(told: object) -> tuple[str, ...]:
    return tuple(part.strip() for part in told.split(",") if part.strip()) if isinstance(told, str) else ()


def _line(told: object) -> str:
    return told if isinstance(told, str) and MASK not in told else ""
