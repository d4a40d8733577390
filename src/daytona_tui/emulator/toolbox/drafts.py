"""A file on its way in: written beside its destination, and put in place only when it is whole."""

from __future__ import annotations

import asyncio
import itertools
import os
import secrets
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.toolbox.paths import Place, file_errors, found, require_regular

BLOCK = 1 << 21
"""Bytes that are gathered before they are written."""

MOST_PIECES = 512
"""Pieces that are written in one call; the system takes 1024."""

DEFAULT_MODE = 0o644


class Draft:
    """What will be a regular file: ``async with await Draft.begin(box, path) as draft``, then write and commit.

    The block's end removes what was not committed. Two blocks are in memory at most: one being gathered, one being
    written in a thread.
    """

    def __init__(self, path: str, directory: int, name: str, mode: int | None) -> None:
        self._path = path
        self._directory = directory
        self._name = name
        self._mode = mode
        self._temporary = f".daytona-upload-{secrets.token_hex(8)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        self._fd = os.open(self._temporary, flags, 0o600, dir_fd=directory)
        self._gathered: list[bytes | memoryview] = []
        self._waiting = 0
        self._writing: asyncio.Future[None] | None = None
        self._is_committed = False
        self._is_closed = False
        self.size = 0

    @classmethod
    def open(cls, box: Box, path: str, *, keep_mode: bool = False) -> Draft:
        """Begin to replace or make a file, making its directories; blocking.

        Args:
            box: an open box.
            path: as the client gave it; a link there is followed.
            keep_mode: give the new file the mode of the one that it replaces.

        Raises:
            ApiError: there can be no file at this path.
        """
        with found(box, path, write=True, make=True) as place:
            mode = _mode_of(place, path) if place.exists() else None
            directory = os.dup(place.fd)
            try:
                # The directory was opened for passing through only, which is enough to make names in it.
                return cls(path, directory, place.name, mode if keep_mode else None)
            except BaseException:
                os.close(directory)
                raise

    @classmethod
    async def begin(cls, box: Box, path: str, *, keep_mode: bool = False) -> Draft:
        """Do as :meth:`open` does, in a thread."""
        opening = asyncio.ensure_future(asyncio.to_thread(cls.open, box, path, keep_mode=keep_mode))
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_discard_unwanted)
            raise

    async def __aenter__(self) -> Self:
        """Begin the block."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove what was not committed."""
        await asyncio.shield(asyncio.ensure_future(self._end()))

    async def _end(self) -> None:
        """Wait for the thread that still uses the file, then let go of it."""
        if self._writing is not None:
            await asyncio.wait([self._writing])
            self._writing.exception()  # whoever leaves early does not ask any more
        if not self._is_closed:
            await asyncio.to_thread(self.close)

    async def write(self, data: bytes | memoryview) -> None:
        """Add bytes; raises ApiError when the disk refuses those before."""
        self._gathered.append(data)
        self._waiting += len(data)
        self.size += len(data)
        if self._waiting >= BLOCK:
            await self._flush()

    async def commit(self) -> None:
        """Put the file in place; raises ApiError."""
        await self._settle()
        self._writing = asyncio.get_running_loop().run_in_executor(None, self._finish, self._gathered)
        await self._settle()

    async def _flush(self) -> None:
        """Wait for the block that is being written, and begin the next."""
        await self._settle()
        if self._gathered:
            block, self._gathered, self._waiting = self._gathered, [], 0
            self._writing = asyncio.get_running_loop().run_in_executor(None, self.write_all, block)

    async def _settle(self) -> None:
        """Wait for the thread; when this is cancelled, the thread goes on and :meth:`_end` waits for it."""
        if self._writing is not None:
            await asyncio.shield(self._writing)
            self._writing = None

    def _finish(self, block: list[bytes | memoryview]) -> None:
        self.write_all(block)
        self.put()
        self.close()

    def write_all(self, pieces: Sequence[bytes | memoryview]) -> None:
        """Write pieces now, without joining them; blocking, raises ApiError."""
        rest = deque(memoryview(piece) for piece in pieces)
        with file_errors(self._path):
            while rest:
                written = os.writev(self._fd, list(itertools.islice(rest, MOST_PIECES)))
                while rest and written >= len(rest[0]):
                    written -= len(rest.popleft())
                if written:
                    rest[0] = rest[0][written:]

    def put(self) -> None:
        """Put the file in place now; blocking, raises ApiError."""
        with file_errors(self._path):
            os.fchmod(self._fd, DEFAULT_MODE if self._mode is None else self._mode)
            os.rename(self._temporary, self._name, src_dir_fd=self._directory, dst_dir_fd=self._directory)
            self._is_committed = True

    def close(self) -> None:
        """Remove the file unless it was put in place; blocking, once only."""
        self._is_closed = True
        os.close(self._fd)
        try:
            if not self._is_committed:
                os.unlink(self._temporary, dir_fd=self._directory)
        except FileNotFoundError:
            pass  # a program of the box was quicker
        finally:
            os.close(self._directory)


def _mode_of(place: Place, path: str) -> int:
    described = place.stat()
    require_regular(described, path)
    return described.st_mode & 0o7777


def _discard_unwanted(opening: asyncio.Future[Draft]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
