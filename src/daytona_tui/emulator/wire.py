"""How the wire spells what every answer holds."""

from __future__ import annotations

from datetime import UTC, datetime

API_VERSION = "0.226.1"
"""Version of the interface that is reproduced; sent as ``X-Daytona-Api-Version``."""

Json = dict[str, object]


def instant(moment: datetime) -> str:
    """Return a moment as the wire spells it, in UTC with milliseconds."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
