"""Offers local paths while they are typed."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from textual.suggester import Suggester

_MOST_LOOKED_AT = 5_000
"""Entries of a directory that are looked at; of a larger one nothing may be offered."""


class LocalPaths(Suggester):
    """Completes the last of the paths in an entry; the key for the right end takes it."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """Return ``value`` with its end completed."""
        return await asyncio.to_thread(completed, value)


def completed(text: str) -> str | None:
    """Return ``text`` with the last path in it completed to the first entry that begins so; None: there is none.

    Names that a shell would have to quote are not offered.
    """
    last = text.rsplit(" ", 1)[-1]
    if not last or any(mark in last for mark in "'\"\\"):
        return None
    directory, _slash, begun = last.rpartition("/")
    try:
        base = Path(f"{directory}/" if _slash else ".").expanduser()
        with os.scandir(base) as entries:
            names = [
                entry.name + ("/" if entry.is_dir() else "")
                for entry, _ in zip(entries, range(_MOST_LOOKED_AT), strict=False)
            ]
    except (OSError, ValueError, RuntimeError):  # the last: a home that nobody has
        return None
    fitting = [name for name in names if name.startswith(begun) and name.rstrip("/") != begun and _is_plain(name)]
    if not begun:
        fitting = [name for name in fitting if not name.startswith(".")]
    return text + min(fitting)[len(begun) :] if fitting else None


def _is_plain(name: str) -> bool:
    return name.isprintable() and not any(mark in name for mark in " '\"\\$`&;|<>()*?[]#~!")
