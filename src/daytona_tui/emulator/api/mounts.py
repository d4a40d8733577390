"""What a request wants to have mounted in a sandbox: volumes, and secrets by the variables that are to have them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from daytona_tui.emulator.api.control import Control
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.fleet.catalogue import Catalogue

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SYSTEM = ("/proc", "/sys", "/dev", "/boot", "/etc", "/bin", "/sbin", "/lib", "/lib64")
_MOST_VOLUMES = 64
_LONGEST_PATH = 1024


def mounted_secrets(body: Mapping[str, Any]) -> dict[str, str]:
    """Return the name of a secret by each variable that is to have it, from objects of one or more of them.

    Raises:
        ApiError: 400, they are spelt otherwise.
    """
    entries = body.get("secrets")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ApiError(400, "secrets must be an array of objects")
    names = {variable: name for entry in entries for variable, name in entry.items()}
    for variable, name in names.items():
        if not _VARIABLE.fullmatch(variable):
            raise ApiError(400, f"secrets: {variable!r} is no name of an environment variable")
        if not isinstance(name, str) or not name:
            raise ApiError(400, f"secrets: {variable} must name a secret")
    return names


def check_secrets(control: Control, names: Mapping[str, str]) -> None:
    """Let a sandbox have secrets.

    Raises:
        ApiError: 400 for too many, 404 for one that is not there.
    """
    most = control.quotas.quota.sandbox_secrets
    if len(names) > most:
        raise ApiError(400, f"A sandbox has {most} secrets at most")
    for name in names.values():
        if control.catalogue.secret(name) is None:
            raise ApiError(404, f"Secret {name} not found")


def mounted_volumes(catalogue: Catalogue, wanted: object) -> list[dict[str, str]]:
    """Return volumes as a sandbox's record has them: by their ids, whatever the request called them.

    Raises:
        ApiError: 400 for something else, an unusable path or a volume that is not ready, 404 for one that is not there.
    """
    if not isinstance(wanted, list) or not all(isinstance(entry, dict) for entry in wanted):
        raise ApiError(400, "volumes must be an array of objects")
    if len(wanted) > _MOST_VOLUMES:
        raise ApiError(400, f"A sandbox has {_MOST_VOLUMES} volumes at most")
    errors = [error for error in (_path_error(entry.get("mountPath")) for entry in wanted) if error]
    if errors:
        raise ApiError(400, ", ".join(errors))
    volumes = [_volume(catalogue, entry) for entry in wanted]
    paths = [volume["mountPath"] for volume in volumes]
    if len(set(paths)) < len(paths):
        raise ApiError(400, "Two volumes cannot be mounted at the same path")
    return volumes


def _volume(catalogue: Catalogue, entry: Mapping[str, Any]) -> dict[str, str]:
    named, subpath = entry.get("volumeId"), entry.get("subpath")
    if not isinstance(named, str) or not named:
        raise ApiError(400, "volumeId must be a string")
    volume = catalogue.volume(named)
    if volume is None:
        raise ApiError(404, f"Volume '{named}' not found")
    if volume.state != "ready":
        raise ApiError(400, f"Volume '{volume.name}' is not in a ready state. Current state: {volume.state}")
    found = {"volumeId": volume.id, "mountPath": entry["mountPath"].rstrip("/")}
    if subpath is not None and subpath != "":
        found["subpath"] = _subpath(subpath)
    return found


def _subpath(value: object) -> str:
    if not isinstance(value, str) or "\0" in value or len(value) > _LONGEST_PATH:
        raise ApiError(400, "subpath must be a string")
    parts = value.strip("/").split("/")
    if value.startswith("/") or any(part in {"", ".", ".."} for part in parts):
        raise ApiError(400, f"Invalid subpath {value} (must be relative, without empty, . and .. components)")
    return "/".join(parts)


def _path_error(value: object) -> str | None:
    """Return what a real server says against a mount path; None when it is usable."""
    if not isinstance(value, str) or "\0" in value or len(value) > _LONGEST_PATH:
        return f"Invalid mount path {value!r} (must be a string)"
    parts = value.split("/")
    inside = value.rstrip("/")
    reasons = (
        (not value.startswith("/"), "must be absolute"),
        (not inside, "cannot mount to the root directory"),
        ("." in parts or ".." in parts, "cannot contain relative path components"),
        ("//" in value[1:] or value.startswith("//"), "cannot contain consecutive slashes"),
        (any(inside == each or value.startswith(f"{each}/") for each in _SYSTEM), "cannot mount to system directory"),
        (inside in {"/home", "/home/daytona", "/tmp", "/usr", "/run", "/var"}, "cannot mount over it here"),
    )
    return next((f"Invalid mount path {value} ({reason})" for holds, reason in reasons if holds), None)
