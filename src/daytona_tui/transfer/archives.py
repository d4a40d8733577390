"""Small files by archives: made in the sandbox with tar, unpacked as they arrive.

An archive brings contents, and nothing else: only names that were planned are taken from it, with the size that was
planned, and the plan says where they go. Neither links nor paths nor modes of an archive mean anything here, and what
does not come well that way comes in another. What is unpacked is bounded, however little of it is sent.

The sandbox has no way to hand out what a program writes, so that an archive is a file there for a moment: one batch at
a time, with a name that nobody knows beforehand, removed when it is here, and by itself where we cannot.
"""

from __future__ import annotations

import asyncio
import shlex
import tarfile
import zlib
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from concurrent.futures import CancelledError as Stopped
from pathlib import Path
from typing import cast

from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import DaytonaTuiError, TransferError
from daytona_tui.transfer.concurrency import closing, settled
from daytona_tui.transfer.kept import Arrived
from daytona_tui.transfer.landing import put
from daytona_tui.transfer.plan import PlannedFile
from daytona_tui.transfer.source import PullSource

MAX_FILE_BYTES = 8 * 1024 * 1024
"""Larger files are streamed: a stream can be taken up where it broke off."""
_BATCH_BYTES = 32 * 1024 * 1024
_BATCH_NAMES = 90_000
_MAKE_S = 300
_SLACK_BYTES = 16 * 1024 * 1024
_PIECE = 1024 * 1024
_MAKE = r"""
umask 077
command -v tar >/dev/null && f=$(mktemp "${TMPDIR:-/tmp}/.daytona-tui-XXXXXXXXXX") || exit 0
( sleep 1800; rm -f "$f" ) </dev/null >/dev/null 2>&1 &
cd -- @ROOT@ && { tar -cf - @PATHS@ | gzip -1; } >"$f" 2>/dev/null
printf 'archive %s\n' "$f"
"""


class Archives:
    """Fetches batches of small files below one directory of a sandbox."""

    def __init__(self, source: PullSource, sandbox_id: SandboxId, root: str, contents: Path) -> None:
        self._source = source
        self._sandbox_id = sandbox_id
        self._root = root.rstrip("/")
        self._contents = contents

    def batches(self, files: Sequence[PlannedFile]) -> Iterator[Sequence[PlannedFile]]:
        """Yield runs of files that fit into one archive."""
        batch: list[PlannedFile] = []
        room, names = _BATCH_BYTES, _BATCH_NAMES
        for file in files:
            needed = len(shlex.quote(self._name(file)).encode("utf-8", "replace")) + 8
            if batch and (file.size_bytes > room or needed > names):
                yield batch
                batch, room, names = [], _BATCH_BYTES, _BATCH_NAMES
            batch.append(file)
            room -= file.size_bytes
            names -= needed
        if batch:
            yield batch

    def _name(self, file: PlannedFile) -> str:
        return file.source[len(self._root) + 1 :]

    async def fetch(
        self, files: Sequence[PlannedFile], moved: Callable[[PlannedFile, int], None]
    ) -> tuple[list[Arrived], list[PlannedFile]]:
        """Return what has arrived, and what has not and has to come in another way.

        Raises:
            OSError: the disk refuses.
            DaytonaTuiError: the sandbox cannot be asked.
        """
        paths = " ".join(shlex.quote(f"./{self._name(file)}") for file in files)
        script = _MAKE.replace("@ROOT@", shlex.quote(self._root or "/")).replace("@PATHS@", paths)
        outcome = await self._source.look(self._sandbox_id, script, timeout_s=_MAKE_S)
        word, _, archive = outcome.output.strip().partition(" ")
        if word != "archive" or not archive.startswith("/") or "\n" in archive:
            return [], list(files)
        try:
            return await self._unpacked(archive, files, moved)
        finally:
            await settled(self._remove(archive))

    async def _remove(self, archive: str) -> None:
        try:
            await self._source.look(self._sandbox_id, f"rm -f -- {shlex.quote(archive)}", timeout_s=30)
        except DaytonaTuiError:
            return  # it removes itself

    async def _unpacked(
        self, archive: str, files: Sequence[PlannedFile], moved: Callable[[PlannedFile, int], None]
    ) -> tuple[list[Arrived], list[PlannedFile]]:
        waiting = {self._name(file): file for file in files}
        loop = asyncio.get_running_loop()
        limit = 2 * sum(file.size_bytes + 2048 for file in files) + _SLACK_BYTES
        arrived: list[Arrived] = []

        def take(name: str, data: bytes) -> None:
            file = waiting.pop(name)
            arrived.append(Arrived(file, len(data), put(self._contents, file, data)))
            loop.call_soon_threadsafe(moved, file, len(data))

        async with closing(self._source.read(self._sandbox_id, archive)) as chunks:
            feed = _Feed(cast(AsyncGenerator[bytes, None], chunks), loop, limit)
            work = asyncio.ensure_future(asyncio.to_thread(_unpack, feed, waiting, take))
            try:
                await asyncio.shield(work)
            except asyncio.CancelledError:
                feed.stop()
                await asyncio.wait([work])
                raise
            if feed.error is not None and not arrived:
                raise feed.error
        return arrived, list(waiting.values())


class _Feed:
    """The unpacked bytes of a stream that belongs to a loop, read by a thread."""

    def __init__(self, chunks: AsyncGenerator[bytes, None], loop: asyncio.AbstractEventLoop, limit: int) -> None:
        self._chunks = chunks
        self._loop = loop
        self._left = limit
        self._unzip = zlib.decompressobj(wbits=31)
        self._given = b""
        self._ready = bytearray()
        self._is_stopped = False
        self.error: DaytonaTuiError | None = None

    def stop(self) -> None:
        """Let the thread end as soon as it asks for more."""
        self._is_stopped = True

    def read(self, size: int) -> bytes:
        """Return ``size`` bytes, fewer at the end. Blocks."""
        while len(self._ready) < size and self._more():
            pass
        data = bytes(self._ready[:size])
        del self._ready[:size]
        return data

    def _more(self) -> bool:
        if not self._given and not self._unzip.eof:
            self._given = self._next()
        if self._unzip.eof or not self._given:
            return False
        data = self._unzip.decompress(self._given, _PIECE)
        self._given = self._unzip.unconsumed_tail
        self._left -= len(data)
        if self._left < 0:
            raise TransferError("an archive does not end where it was said to")
        self._ready += data
        return True

    def _next(self) -> bytes:
        if self._is_stopped:
            raise Stopped
        try:
            return asyncio.run_coroutine_threadsafe(self._ask(), self._loop).result()
        except DaytonaTuiError as error:  # what has come so far is good
            self.error = error
            return b""

    async def _ask(self) -> bytes:
        return await anext(self._chunks, b"")


def _unpack(feed: _Feed, waiting: dict[str, PlannedFile], take: Callable[[str, bytes], None]) -> None:
    """Take from an archive what is waited for, as far as the archive makes sense."""
    try:
        with tarfile.open(fileobj=feed, mode="r|", errorlevel=0) as archive:  # type: ignore[call-overload]
            for member in archive:
                name = member.name.removeprefix("./")
                file = waiting.get(name)
                if file is None or not member.isreg() or member.issparse() or member.size != file.size_bytes:
                    continue
                stream = archive.extractfile(member)
                data = stream.read() if stream is not None else b""
                if len(data) == file.size_bytes:
                    take(name, data)
    except (tarfile.TarError, zlib.error, EOFError, TransferError, ValueError, Stopped):
        return
