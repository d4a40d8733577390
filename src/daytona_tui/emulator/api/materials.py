"""What requests for sandboxes, snapshots and warm pools name alike: regions, snapshots, builds and resources."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from daytona_tui.emulator import wire
from daytona_tui.emulator.api.control import Control
from daytona_tui.emulator.api.organization import GPU_TYPES
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.fleet.catalogue import REGIONS, Snapshot

KNOWN_GPU_TYPES = ("H100", "H200", "B200", "B300", "RTX-PRO-6000", "RTX-4090", "RTX-5090", "MI355X")
"""Kinds of GPU that have a name."""
LARGEST_DOCKERFILE = 1 << 20
"""Characters of the longest Dockerfile that is read."""

RESOURCES = ("cpu", "memory", "disk", "gpu")
"""Fields of requests that say how large a sandbox is."""


def region_of(name: str | None) -> str:
    """Return the region of a request, by default the first.

    Raises:
        ApiError: 404 for one that is not there.
    """
    if name and name not in REGIONS:
        raise ApiError(404, f"Region {name} not found")
    return name or REGIONS[0]


def build_info_of(control: Control, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a request says of a build, as records and the wire have it.

    Raises:
        ApiError: 400 for something else.
    """
    text, hashes = given.get("dockerfileContent"), given.get("contextHashes") or []
    if not isinstance(text, str) or not text.strip():
        raise ApiError(400, "buildInfo.dockerfileContent should not be empty")
    if len(text) > LARGEST_DOCKERFILE:
        raise ApiError(400, f"buildInfo.dockerfileContent must be shorter than {LARGEST_DOCKERFILE} characters")
    if not isinstance(hashes, list) or not all(isinstance(each, str) for each in hashes):
        raise ApiError(400, "each value in buildInfo.contextHashes must be a string")
    now = wire.instant(control.fleet.clock.now())
    digest = hashlib.sha256("\0".join([text, *hashes]).encode("utf-8", "surrogatepass")).hexdigest()
    known = {"dockerfileContent": text, "contextHashes": hashes}
    return {**known, "createdAt": now, "updatedAt": now, "snapshotRef": f"daytona-{digest}:daytona"}


def resources_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the resources of a request, as fields of records.

    Raises:
        ApiError: 400 for impossible ones.
    """
    given = {name: body[name] for name in RESOURCES if body.get(name)}
    if any(value < 0 for value in given.values()):
        raise ApiError(400, "Sandbox resources must be non-negative")
    wanted = body.get("gpuType") or []
    types = [wanted] if isinstance(wanted, str) else wanted
    if not isinstance(types, list) or any(each not in KNOWN_GPU_TYPES for each in types):
        raise ApiError(400, f"each value in gpuType must be one of the following values: {', '.join(KNOWN_GPU_TYPES)}")
    permitted = [each for each in types or GPU_TYPES if each in GPU_TYPES]
    if given.get("gpu") and not permitted:
        asked, allowed = ", ".join(types), ", ".join(GPU_TYPES)
        raise ApiError(400, f"Requested GPU type(s) {asked} not permitted in this region. Allowed: {allowed}.")
    return {**given, "gpu_type": permitted[0] if given.get("gpu") else None}


def usable_snapshot(control: Control, name: str, region: str) -> Snapshot:
    """Return the snapshot with this name or id, from which sandboxes can be made in a region.

    Raises:
        ApiError: 400 when there is none.
    """
    snapshot = control.catalogue.snapshot(name)
    if snapshot is None:
        raise ApiError(400, f"Snapshot {name} not found. Did you add it through the Daytona Dashboard?")
    if region not in snapshot.region_ids:
        raise ApiError(400, f"Snapshot {name} is not available in region {region}")
    if snapshot.state != "active":
        raise ApiError(400, f"Snapshot {name} is {snapshot.state}")
    return snapshot
