"""A command's log: one file that knows stdout from stderr, read by any number of followers while it grows.

The file is a series of records: one byte for the stream, four for the length, then that many bytes of output. Unlike
the markers on the wire this stays exact whatever a program prints.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import BinaryIO

STDOUT = b"\x01"
STDERR = b"\x02"
HEAD = struct.Struct("!cI")
FRAME = 32 * 1024
"""Most output bytes in one record, and in one WebSocket frame."""
BLOCK = 1 << 19
MOST = 64 << 20
"""Bytes, or a frame more, that are answered at once."""


class Log:
    """Output of one command, appended by the emulator and replayed from the start for every reader."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._size = 0
        self._is_closed = False
        self._changed = asyncio.Event()
        self._writing = asyncio.Lock()

    async def open(self) -> None:
        """Create the file."""
        opening = asyncio.ensure_future(asyncio.to_thread(self._path.open, "w+b", buffering=0))
        try:
            self._file = await asyncio.shield(opening)
        except asyncio.CancelledError:  # the thread goes on
            opening.add_done_callback(lambda done: None if done.exception() else done.result().close())
            raise

    async def append(self, stream: bytes, data: bytes) -> None:
        """Add output of ``STDOUT`` or ``STDERR``; on return every follower may read it."""
        chunks = (data[start : start + FRAME] for start in range(0, len(data), FRAME))
        records = b"".join(HEAD.pack(stream, len(chunk)) + chunk for chunk in chunks)
        async with self._writing:
            if self._file is None:
                return
            await asyncio.to_thread(self._file.write, records)
            self._size += len(records)
            self._announce()

    async def close(self) -> None:
        """Say that no more will come."""
        async with self._writing:
            self._is_closed = True
            if self._file is not None:
                await asyncio.to_thread(self._file.close)
                self._file = None
            self._announce()

    def _announce(self) -> None:
        """Wake every follower."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def follow(self, *, to_end: bool = True) -> AsyncGenerator[tuple[bytes, bytes], None]:
        """Yield ``(stream, output)`` from the start; neighbours of one stream come joined, ``FRAME`` bytes at most.

        Args:
            to_end: go on until the log is closed; otherwise stop at what is there now.
        """
        try:
            # At once and not in a thread: what a thread opens for a follower that has just left, nobody closes.
            file = self._path.open("rb", buffering=0)
        except FileNotFoundError:
            return
        try:
            position, stop = 0, self._size
            while True:
                changed, stop = self._changed, self._size if to_end else stop
                if position < stop:
                    block = await asyncio.to_thread(_read, file, min(stop - position, BLOCK))
                    used, pieces = _parse(block)
                    if not used:  # somebody has shortened the file behind our back
                        return
                    position += used
                    await asyncio.to_thread(file.seek, position)
                    for piece in _joined(pieces):
                        yield piece
                elif not to_end or self._is_closed:
                    return
                else:
                    await changed.wait()
        finally:
            file.close()

    async def read(self) -> tuple[bytes, bytes, bytes]:
        """Return all output so far in order, then stdout alone, then stderr alone.

        Of more than ``MOST`` bytes the first: whoever wants more follows the log.
        """
        everything, parts = bytearray(), {STDOUT: bytearray(), STDERR: bytearray()}
        async with contextlib.aclosing(self.follow(to_end=False)) as pieces:
            async for stream, data in pieces:
                everything += data
                parts[stream] += data
                if len(everything) >= MOST:
                    break
        return bytes(everything), bytes(parts[STDOUT]), bytes(parts[STDERR])


def _read(file: BinaryIO, size: int) -> bytes:
    """Read up to ``size`` bytes, fewer only at the end of the file."""
    data = bytearray()
    while len(data) < size and (chunk := file.read(size - len(data))):
        data += chunk
    return bytes(data)


def _parse(block: bytes) -> tuple[int, list[tuple[bytes, bytes]]]:
    """Return how many bytes of ``block`` are whole records, and what they say."""
    pieces, position = [], 0
    while position + HEAD.size <= len(block):
        stream, length = HEAD.unpack_from(block, position)
        end = position + HEAD.size + length
        if end > len(block):
            break
        pieces.append((stream, block[position + HEAD.size : end]))
        position = end
    return position, pieces


def _joined(pieces: list[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    """Yield pieces with neighbours of one stream joined up to ``FRAME`` bytes."""
    current, held = b"", bytearray()
    for stream, data in pieces:
        if held and (stream != current or len(held) + len(data) > FRAME):
            yield current, bytes(held)
            held.clear()
        current = stream
        held += data
    if held:
        yield current, bytes(held)
