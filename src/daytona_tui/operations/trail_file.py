"""What the audit log told, kept on disk for good: the making of a sandbox does not change.

A JSON file of one connection. What in it cannot be understood is asked for again; a damaged file costs nothing else.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from daytona_tui.config.kept_file import write_private
from daytona_tui.domain.audit import AuditTrail
from daytona_tui.domain.sandbox import SandboxId

_log = logging.getLogger(__name__)

FILE_NAME: Final = "audit.json"
"""In the state directory of a connection."""
MOST: Final = 5_000
"""Sandboxes that are remembered; beyond that the first are forgotten."""

_VERSION: Final = 1
_MAX_BYTES: Final = 8 << 20
_TEXTS: Final = ("actor", "key_suffix", "sdk", "user_agent", "actor_id", "key_prefix")
_LONGEST: Final = 300


def load_trails(path: Path) -> dict[SandboxId, AuditTrail]:
    """Return what ``path`` remembers. Blocks; never fails."""
    try:
        with path.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
        document = json.loads(data) if len(data) <= _MAX_BYTES else None
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        _log.info("what was kept of the audit log cannot be read: %s", type(error).__name__)
        return {}
    if not isinstance(document, dict) or document.get("version") != _VERSION:
        return {}
    rows = document.get("trails")
    found = {}
    for sandbox_id, row in rows.items() if isinstance(rows, dict) else ():
        trail = _trail(row)
        if trail is not None:
            found[SandboxId(sandbox_id)] = trail
    return found


def save_trails(path: Path, trails: Mapping[SandboxId, AuditTrail]) -> None:
    """Write what is to be remembered; a disk that refuses is said in the diagnostics. Blocks; never fails."""
    newest = list(trails.items())[-MOST:]
    rows = {sandbox_id: asdict(trail) | {"at": trail.at and trail.at.isoformat()} for sandbox_id, trail in newest}
    try:
        write_private(path, json.dumps({"version": _VERSION, "trails": rows}, ensure_ascii=True) + "\n")
    except OSError as error:
        _log.warning("what the audit log told cannot be kept: %s", error.strerror or type(error).__name__)


def _trail(row: Any) -> AuditTrail | None:
    if not isinstance(row, dict) or not all(isinstance(row.get(key), str) for key in _TEXTS):
        return None
    try:
        at = None if row.get("at") is None else datetime.fromisoformat(row["at"])
    except (ValueError, TypeError):
        return None
    if at is not None and at.tzinfo is None:
        return None
    return AuditTrail(at=at, **{key: row[key][:_LONGEST] for key in _TEXTS})
