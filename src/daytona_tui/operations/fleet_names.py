"""The names of the last fleet that was kept on disk, for whoever needs nothing else of it and is in a hurry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

FILE = "fleet.jsonl"
"""Name of the file; ``operations.fleet_cache`` writes it."""

_FORMAT = "daytona-tui fleet"
_MOST_LINES = 20
"""Lines of many sandboxes each, the newest first."""


def kept_names(path: Path) -> Iterator[tuple[str, str]]:
    """Yield id and name of each sandbox that was kept; nothing where there is no such file, or it is damaged."""
    try:
        with path.open("rb") as file:
            heading = json.loads(file.readline())
            if not isinstance(heading, dict) or heading.get("format") != _FORMAT:
                return
            for _, line in zip(range(_MOST_LINES), file, strict=False):
                for row in json.loads(line):
                    sandbox_id, name = row[0], row[1]
                    if isinstance(sandbox_id, str) and isinstance(name, str):
                        yield sandbox_id, name
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return
