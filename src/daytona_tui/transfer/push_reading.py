"""Local files on their way out. What is sent is what the file was at one moment, or it is not sent.

A file that only grew while it was read, such as a log, is sent as long as it was at the beginning.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from daytona_tui.errors import TransferError
from daytona_tui.presentation.phrases import os_reason
from daytona_tui.transfer.concurrency import settled
from daytona_tui.transfer.push_plan import PushFile

CHUNK_BYTES = 1024 * 1024
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Read:
    """The contents of a small file."""

    file: PushFile
    contents: bytes
    modified_ns: int
    mode: int
    digest: str


def read_small(file: PushFile, limit: int) -> Read:
    """Return the contents of a file; blocks.

    Raises:
        TransferError: it cannot be read, is larger than ``limit`` by now, or keeps changing.
    """
    try:
        for _ in range(_ATTEMPTS):
            with open_local(file.source) as stream:
                before = os.fstat(stream.fileno())
                if before.st_size > limit:
                    break
                contents = stream.read(before.st_size)
                if is_whole(before, os.fstat(stream.fileno()), len(contents)):
                    mode = stat.S_IMODE(before.st_mode) & 0o777
                    digest = hashlib.sha256(contents).hexdigest()
                    return Read(file, contents, before.st_mtime_ns, mode, digest)
    except OSError as error:
        raise TransferError(f"cannot read {file.source}: {os_reason(error)}") from error
    raise TransferError(f"{file.source} kept changing while it was read")


def open_local(path: Path) -> BufferedReader:
    """Open a regular file without ever waiting or following a link.

    Raises:
        OSError: it cannot be opened.
        TransferError: it is no regular file any more.
    """
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    stream = os.fdopen(fd, "rb")
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        stream.close()
        raise TransferError(f"{path} is not a regular file any more")
    return stream


def is_whole(before: os.stat_result, after: os.stat_result, length: int) -> bool:
    """Return True where ``length`` bytes are what the file was at the beginning."""
    if length != before.st_size or after.st_size < before.st_size:
        return False
    return after.st_size > before.st_size or after.st_mtime_ns == before.st_mtime_ns


class Outgoing:
    """A large file, read as it is sent: ``async with``, then iterate over ``chunks`` to the end.

    Attributes:
        size_bytes: how much will be sent.
        digest: SHA-256 of what was read, once all of it was.
    """

    def __init__(self, file: PushFile, moved: Callable[[int], None], gate: Callable[[], Awaitable[None]]) -> None:
        self._file = file
        self._moved = moved
        self._gate = gate
        self._stream: BufferedReader | None = None
        self._sums = hashlib.sha256()
        self.size_bytes = 0
        self.modified_ns = 0
        self.mode = 0
        self.sent = 0
        self._before: os.stat_result | None = None

    async def __aenter__(self) -> Outgoing:
        """Open the file; raises TransferError."""
        try:
            await settled(asyncio.to_thread(self._open))
        except OSError as error:
            raise TransferError(f"cannot read {self._file.source}: {os_reason(error)}") from error
        except asyncio.CancelledError:
            if self._stream is not None:
                self._stream.close()
            raise
        assert self._stream is not None
        self._before = os.fstat(self._stream.fileno())
        self.size_bytes = self._before.st_size
        self.modified_ns = self._before.st_mtime_ns
        self.mode = stat.S_IMODE(self._before.st_mode) & 0o777
        return self

    def _open(self) -> None:
        self._stream = open_local(self._file.source)

    async def __aexit__(self, *_: object) -> None:
        """Close the file."""
        if self._stream is not None:
            await settled(asyncio.to_thread(self._stream.close))

    @property
    def digest(self) -> str:
        """SHA-256 of what was read so far."""
        return self._sums.hexdigest()

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the contents.

        Raises:
            TransferError: the file cannot be read on.
        """
        left = self.size_bytes
        while left:
            await self._gate()
            try:
                chunk = await settled(asyncio.to_thread(self._next, min(left, CHUNK_BYTES)))
            except OSError as error:
                raise TransferError(f"cannot read {self._file.source}: {os_reason(error)}") from error
            if not chunk:
                return
            left -= len(chunk)
            self.sent += len(chunk)
            self._moved(len(chunk))
            yield chunk

    def _next(self, most: int) -> bytes:
        assert self._stream is not None
        chunk = self._stream.read(most)
        self._sums.update(chunk)
        return chunk

    def is_whole(self) -> bool:
        """Return True where what was sent is what the file was when it was opened."""
        assert self._stream is not None
        assert self._before is not None
        return is_whole(self._before, os.fstat(self._stream.fileno()), self.sent)
