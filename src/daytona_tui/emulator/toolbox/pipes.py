"""Pipes and terminals as awaitable reads and writes, straight on the event loop."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import struct
import termios

READ = 1 << 16
FULL_S = 0.002
"""Pause before a full pipe is tried again."""


class PipeReader:
    """Reads a pipe, a FIFO or a terminal's controlling side; owns the descriptor.

    Nothing is read ahead: a reader that waits lets the writer wait, so that memory stays bounded.

    Attributes:
        taken: how many bytes have been read.
    """

    def __init__(self, fd: int) -> None:
        os.set_blocking(fd, False)
        self._fd = fd
        self.taken = 0
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Future[None] | None = None

    async def read(self) -> bytes:
        """Return what is there, waiting for at least one byte; empty at the end or after :meth:`close`."""
        while self._fd >= 0:
            try:
                data = os.read(self._fd, READ)
                self.taken += len(data)
                return data
            except BlockingIOError:
                await self._wait()
            except OSError:  # a terminal whose last program has gone says EIO
                return b""
        return b""

    def waiting_bytes(self) -> int:
        """Return how much could be read at once."""
        if self._fd < 0:
            return 0
        (count,) = struct.unpack("i", fcntl.ioctl(self._fd, termios.FIONREAD, b"\0\0\0\0"))
        return int(count)

    async def _wait(self) -> None:
        waiting: asyncio.Future[None] = self._loop.create_future()
        self._waiting = waiting
        self._loop.add_reader(self._fd, _wake, waiting)
        try:
            await waiting
        finally:
            self._waiting = None
            if self._fd >= 0:
                self._loop.remove_reader(self._fd)

    def close(self) -> None:
        """Close the descriptor; idempotent."""
        if self._fd < 0:
            return
        self._loop.remove_reader(self._fd)
        os.close(self._fd)
        self._fd = -1
        if self._waiting is not None:
            _wake(self._waiting)


def _wake(waiting: asyncio.Future[None]) -> None:
    """End a wait, once."""
    if not waiting.done():
        waiting.set_result(None)


class PipeWriter:
    """Writes a pipe, a FIFO or a terminal's controlling side; owns the descriptor."""

    def __init__(self, fd: int) -> None:
        os.set_blocking(fd, False)
        self._fd = fd
        self._turn = asyncio.Lock()

    async def write(self, data: bytes) -> None:
        """Write everything, waiting while the other side is full; writes do not interleave.

        Raises:
            OSError: nobody reads it any more, or it is closed.
        """
        async with self._turn:
            rest = memoryview(data)
            while rest:
                if self._fd < 0:
                    raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
                try:
                    rest = rest[os.write(self._fd, rest) :]
                except BlockingIOError:
                    await asyncio.sleep(FULL_S)

    def close(self) -> None:
        """Close the descriptor; idempotent."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
