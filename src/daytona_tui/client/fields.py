"""Fields of what a server answers, of which nothing is believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def text(row: Mapping[str, Any], key: str, most: int | None = None) -> str:
    """Return the text under ``key``, at most ``most`` characters of it; empty where there is none."""
    value = row.get(key)
    return value[:most] if isinstance(value, str) else ""
