"""Lists a zip file in a sandbox from the few parts of it that say what is in it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from daytona_tui.domain.archives import ZIP_TAIL_BYTES, ArchiveEntry, zip_directory, zip_entries

MOST_DIRECTORY = 8 * 1024 * 1024
"""More of a directory is not fetched; that is about a hundred thousand entries."""

ReadRange = Callable[[int, int], Awaitable[bytes]]
"""Returns at most so many bytes (second) of a file from an offset (first) on; fewer at its end."""


async def zip_listing(read: ReadRange, size_bytes: int) -> list[ArchiveEntry]:
    """Return what is in a zip file, by two small reads at most.

    Raises:
        ArchiveError: its directory cannot be found.
    """
    begin = max(0, size_bytes - ZIP_TAIL_BYTES)
    tail = await read(begin, ZIP_TAIL_BYTES)
    offset, length = zip_directory(tail, begin + len(tail))
    if offset >= begin:
        directory = tail[offset - begin :][:length]
    else:
        directory = await read(offset, min(length, MOST_DIRECTORY))
    return await asyncio.to_thread(zip_entries, directory)
