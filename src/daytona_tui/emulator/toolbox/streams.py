"""Answers that may be long: JSON arrays sent as they are found, and regular files."""

from __future__ import annotations

import asyncio
import json
import os
import posixpath
import stat
import time
from collections.abc import Iterator
from typing import BinaryIO, Self

from aiohttp import web

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.toolbox.paths import DIRECTORY, Place, absolute, found, require_regular

BLOCK = 1 << 20
"""Bytes that are read at once where the kernel cannot send a file by itself."""

_BATCH_BYTES = 1 << 18
_BATCH_S = 0.1


class _Items:
    """A blocking iterator taken in batches; ``None`` among the items means that there is nothing new to say."""

    def __init__(self, items: Iterator[object]) -> None:
        self._items = items
        self._separator = b""

    def take(self) -> tuple[bytes, bool]:
        """Return the JSON of the next items, and whether they were the last; for a thread."""
        batch, until = bytearray(), time.monotonic() + _BATCH_S
        for item in self._items:
            if item is not None:
                batch += self._separator + json.dumps(item).encode()
                self._separator = b", "
            if len(batch) >= _BATCH_BYTES or time.monotonic() >= until:
                return bytes(batch), False
        return bytes(batch), True


async def array(request: web.Request, items: Iterator[object], head: str = "[", tail: str = "]") -> web.StreamResponse:
    """Answer a JSON array of what ``items`` yields, in bounded memory.

    Args:
        request: what is answered.
        items: asked in a thread, closed at the end; None stands for nothing found in a while. What it raises before
            the first batch is full is refused in the usual way.
        head: what comes before the items.
        tail: what comes after them.
    """
    found_items = _Items(items)
    try:
        batch, is_last = await asyncio.to_thread(found_items.take)
        if is_last:
            return web.Response(body=head.encode() + batch + tail.encode(), content_type="application/json")
        response = web.StreamResponse(headers={"Content-Type": "application/json; charset=utf-8"})
        await response.prepare(request)
        await response.write(head.encode())
        while True:
            await response.write(batch)
            if is_last:
                break
            if request.transport is None or request.transport.is_closing():
                raise ConnectionResetError("the client has gone")
            batch, is_last = await asyncio.to_thread(found_items.take)
        await response.write_eof(tail.encode())
        return response
    finally:
        await asyncio.to_thread(_close, items)


def _close(items: Iterator[object]) -> None:
    close = getattr(items, "close", None)
    if close is not None:
        close()


def open_regular(box: Box, path: str) -> tuple[BinaryIO, int]:
    """Open a regular file for reading, and give its size; blocking.

    Raises:
        ApiError: there is none, or it is something else, which is refused without waiting on it.
    """
    with found(box, path) as place:
        require_regular(place.stat(), path)
        fd = place.open(os.O_RDONLY)
        file = os.fdopen(fd, "rb", buffering=0)
        return file, os.fstat(fd).st_size


class Opener:
    """Opens regular files one after another; those of one directory cost one walk. Blocking; for less than a second.

    Whatever is not a plain file where it is expected goes the whole way, which knows what is wrong with it.
    """

    def __init__(self, box: Box) -> None:
        self._box = box
        self._above = ""
        self._directory = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._leave()

    def open_regular(self, path: str) -> tuple[int, int]:
        """Open a regular file for reading, and give its descriptor and its size.

        Raises:
            ApiError: as for :func:`open_regular`.
        """
        descriptor = self._beside(path) if self._box.isolation.is_isolated else None
        if descriptor is None:
            file, size = open_regular(self._box, path)
            with file:
                return os.dup(file.fileno()), size
        return descriptor, os.fstat(descriptor).st_size

    def _beside(self, path: str) -> int | None:
        above, name = posixpath.split(absolute(self._box, path))
        if name in ("", ".", ".."):
            return None
        try:
            if above != self._above:
                self._enter(above)
            place = Place(self._directory, name, path)
            return place.open(os.O_RDONLY) if stat.S_ISREG(place.stat().st_mode) else None
        except (ApiError, OSError):
            return None

    def _enter(self, above: str) -> None:
        self._leave()
        with found(self._box, above) as place:
            self._directory = place.open(DIRECTORY)
        self._above = above

    def _leave(self) -> None:
        if self._directory >= 0:
            os.close(self._directory)
        self._above, self._directory = "", -1


async def send(request: web.Request, response: web.StreamResponse, file: BinaryIO, start: int, size: int) -> None:
    """Send ``size`` bytes of a file from ``start``, in an answer whose head has been sent.

    What a file grows meanwhile is left out; what it loses breaks off the connection, so that nobody takes less for the
    whole. An answer of known length goes from the file to the socket within the kernel.

    Raises:
        ConnectionError: the client has gone, or the file has shrunk.
    """
    transport = request.transport
    # A stand-in for the transport, such as a fault puts in its place, wants to see the bytes.
    if size and response.content_length is not None and isinstance(transport, asyncio.Transport):
        if transport.is_closing():
            raise ConnectionResetError("the client has gone")
        sent = await asyncio.get_running_loop().sendfile(transport, file, start, size)
        if sent < size:
            raise ConnectionResetError("the file shrank while it was sent")
        return
    await asyncio.to_thread(file.seek, start)
    while size:
        data = await asyncio.to_thread(file.read, min(BLOCK, size))
        if not data:
            raise ConnectionResetError("the file shrank while it was sent")
        size -= len(data)
        await response.write(data)
