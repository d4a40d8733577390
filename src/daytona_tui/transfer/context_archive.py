"""The archive of a context, made while it is read: the same files give the same bytes, and memory holds few of them."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import stat
import tarfile
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from daytona_tui.domain.build_context import BuildContext, ContextEntry, EntryKind
from daytona_tui.errors import TransferError
from daytona_tui.presentation.phrases import os_reason

PIECE = 1 << 20
"""Bytes that are read at once, about."""

_BLOCK = 512
_TYPES = {EntryKind.FILE: tarfile.REGTYPE, EntryKind.DIRECTORY: tarfile.DIRTYPE, EntryKind.LINK: tarfile.SYMTYPE}


class ContextArchive:
    """The archive of one context.

    Args:
        context: what goes into it.
    """

    def __init__(self, context: BuildContext) -> None:
        self.context = context
        self._digest = ""

    async def digest(self) -> str:
        """Return the MD5 of the archive, under which a server knows it; reads everything, in a thread.

        Raises:
            TransferError: something of it cannot be read, or is not what it was.
        """
        stop = threading.Event()

        def read() -> str:
            hashed = hashlib.md5(usedforsecurity=False)
            for piece in self._pieces():
                if stop.is_set():
                    break
                hashed.update(piece)
            return hashed.hexdigest()

        try:
            self._digest = await asyncio.to_thread(read)
        finally:
            stop.set()
        return self._digest

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the archive, read in threads; ``digest`` comes first.

        Raises:
            TransferError: something of it is not what it was: nothing must be made of what was yielded.
        """
        hashed = hashlib.md5(usedforsecurity=False)
        pieces = self._pieces()

        def take() -> bytes:
            piece = next(pieces, b"")
            hashed.update(piece)
            return piece

        while piece := await asyncio.to_thread(take):
            yield piece
        if hashed.hexdigest() != self._digest:
            raise TransferError("files of the context changed while they were sent", hint="try again")

    def _pieces(self) -> Iterator[bytes]:
        """Yield the archive in pieces of about ``PIECE`` bytes. Blocks on disk."""
        gathered = bytearray()
        for entry in self.context.entries:
            gathered += _header(entry)
            if entry.kind is EntryKind.FILE:
                for data in self._contents(entry):
                    gathered += data
                    if len(gathered) >= PIECE:
                        yield bytes(gathered)
                        gathered.clear()
                gathered += bytes(-entry.size % _BLOCK)
            if len(gathered) >= PIECE:
                yield bytes(gathered)
                gathered.clear()
        yield bytes(gathered) + bytes(2 * _BLOCK)

    def _contents(self, entry: ContextEntry) -> Iterator[bytes]:
        path = Path(self.context.root, entry.name)
        changed = TransferError(f"{path} changed while it was read", hint="try again")
        try:
            number = _open_below(self.context.root, entry.name)
            with os.fdopen(number, "rb") as file:
                described = os.fstat(number)
                if not stat.S_ISREG(described.st_mode) or described.st_size != entry.size:
                    raise changed
                left = entry.size
                while left:
                    data = file.read(min(PIECE, left))
                    if not data:
                        raise changed
                    left -= len(data)
                    yield data
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENOTDIR):  # a link, or what is in the place of a directory
                raise changed from None
            raise TransferError(f"{path} cannot be read: {os_reason(error)}") from None


def _open_below(root: str, name: str) -> int:
    """Open a file and return its number; a link on the way to it is not followed.

    What was a directory or a file when it was found may be a link out of the context by now.
    """
    *above, last = name.split("/")
    flags = os.O_RDONLY | os.O_CLOEXEC
    place = os.open(root, flags | os.O_DIRECTORY)
    try:
        for part in above:
            below = os.open(part, flags | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=place)
            os.close(place)
            place = below
        return os.open(last, flags | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=place)
    finally:
        os.close(place)


def _header(entry: ContextEntry) -> bytes:
    """Return what stands before an entry: no times and no owners, so that only what counts makes another archive."""
    member = tarfile.TarInfo(entry.name)
    member.type = _TYPES[entry.kind]
    member.mode = entry.mode
    member.size = entry.size
    member.linkname = entry.points_to
    return member.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")
