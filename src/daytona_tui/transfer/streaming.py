"""One file, one request: read in pieces, taken up where it broke off, read again where it cannot be right."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path

from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.transfers import Way
from daytona_tui.errors import DaytonaTuiError, TransferError, VerificationError
from daytona_tui.transfer.concurrency import closing, settled
from daytona_tui.transfer.kept import Arrived
from daytona_tui.transfer.landing import Landing
from daytona_tui.transfer.patience import Patience
from daytona_tui.transfer.plan import PlannedFile, nanoseconds
from daytona_tui.transfer.present import is_same_time
from daytona_tui.transfer.progress import Meter
from daytona_tui.transfer.source import Files
from daytona_tui.transfer.walk import Parts

_ATTEMPTS = 3
_WRITE_BYTES = 2 * 1024 * 1024
_MORE_BYTES = 64 * 1024 * 1024
"""A file may grow while it is read, to twice its size and so much more; one that goes on for ever may not."""

IsBeginning = Callable[[PlannedFile, int, str], Awaitable[bool]]
"""Says whether so many bytes with this SHA-256 are how the file in the sandbox begins."""


class Streams:
    """Reads single files into a staging directory.

    Attributes:
        halves: targets of which an interrupted transfer may have left the beginning.
        is_beginning: compares such a beginning; without it none is taken up.
        hashes: make the SHA-256 of what arrives.
    """

    def __init__(
        self,
        remote: Files,
        sandbox_id: SandboxId,
        contents: Path,
        meter: Meter,
        patience: Patience,
        gate: Callable[[], Awaitable[None]],
    ) -> None:
        self._remote = remote
        self._sandbox_id = sandbox_id
        self._contents = contents
        self._meter = meter
        self._patience = patience
        self._gate = gate
        self.halves: Collection[Parts] = ()
        self.is_beginning: IsBeginning | None = None
        self.hashes = True

    async def copy(self, file: PlannedFile) -> Arrived:
        """Copy one file and return what has arrived.

        Raises:
            VerificationError: it kept changing, or kept breaking off.
            DaytonaTuiError: it cannot be read.
            OSError: the disk refuses.
        """
        landing = Landing(self._contents, file)
        try:
            await self._begin(file, landing)
            for _ in range(_ATTEMPTS):
                joints = await self._read(file, landing)
                now = await self._as_it_is_now(file, landing.size_bytes, is_joined=joints > 0)
                if now is not None:
                    digest = await settled(asyncio.to_thread(landing.finish, now.modified_ns))
                    return Arrived(file, landing.size_bytes, digest)
                self._meter.moved(file.source, -landing.size_bytes)
                await settled(asyncio.to_thread(landing.begin))
        except BaseException:
            self._meter.moved(file.source, -landing.size_bytes)
            raise
        finally:
            await settled(asyncio.to_thread(landing.close))
        self._meter.moved(file.source, 0)
        raise VerificationError(f"{file.source!r} kept changing its size while it was read")

    async def _begin(self, file: PlannedFile, landing: Landing) -> None:
        """Open what is here of the file, if that is how it begins; else make it anew."""
        if self.is_beginning is not None and file.target in self.halves:
            digest = await settled(asyncio.to_thread(landing.take_up))
            size = landing.size_bytes
            if digest and size <= file.size_bytes and await self.is_beginning(file, size, digest):
                self._meter.has(0, size)
                return
        await settled(asyncio.to_thread(landing.begin))

    async def _read(self, file: PlannedFile, landing: Landing) -> int:
        """Read to the end, however often the network goes away; return how often it was taken up in the middle."""
        joints = tries = 0
        while True:
            before = landing.size_bytes
            joints += before > 0
            await self._gate()
            try:
                await self._read_on(file, landing)
                return joints
            except DaytonaTuiError as error:
                if self._patience.bears(error):
                    await self._patience.wait(error)
                    continue
                tries = 1 if landing.size_bytes > before else tries + 1
                if tries >= _ATTEMPTS or not isinstance(error, VerificationError):
                    raise

    async def _read_on(self, file: PlannedFile, landing: Landing) -> None:
        pile: list[bytes] = []
        piled = 0
        left = 2 * file.size_bytes + _MORE_BYTES - landing.size_bytes
        writer = _Writer(landing, hashes=self.hashes)
        self._meter.way = Way.STREAM
        try:
            async with closing(self._opened(file, landing.size_bytes)) as chunks:
                async for chunk in chunks:
                    pile.append(chunk)
                    piled += len(chunk)
                    left -= len(chunk)
                    self._patience.moved()
                    self._meter.moved(file.source, len(chunk))
                    if left < 0:
                        raise TransferError(f"{file.source!r} does not end where it was said to")
                    if piled >= _WRITE_BYTES:
                        full, pile, piled = pile, [], 0
                        await writer.write(full)
                        await self._gate()
        finally:
            await writer.write(pile)
            await writer.written()

    def _opened(self, file: PlannedFile, offset: int) -> AsyncIterator[bytes]:
        if not offset:
            return self._remote.read(self._sandbox_id, file.source)
        return self._remote.read(self._sandbox_id, file.source, offset=offset)

    async def _as_it_is_now(self, file: PlannedFile, arrived: int, *, is_joined: bool) -> PlannedFile | None:
        """Return the file as it is, or None where what arrived cannot be it.

        Pieces that were read one after the other need not be of the same file: it must not have changed meanwhile.
        """
        if arrived == file.size_bytes and not is_joined:
            return file
        entry = await self._info(file)
        now, modified_ns = entry
        if is_joined and not is_same_time(modified_ns, file.modified_ns):
            return None
        if arrived == now or file.size_bytes <= arrived <= now or now == file.size_bytes == 0:
            return replace(file, modified_ns=modified_ns)
        return None

    async def _info(self, file: PlannedFile) -> tuple[int, int | None]:
        while True:
            try:
                entry = await self._remote.info(self._sandbox_id, file.source)
            except DaytonaTuiError as error:
                if not self._patience.bears(error):
                    raise
                await self._patience.wait(error)
            else:
                return entry.size_bytes, nanoseconds(entry.modified_at)


class _Writer:
    """Writes one piece while the next one comes."""

    def __init__(self, landing: Landing, *, hashes: bool) -> None:
        self._landing = landing
        self._hashes = hashes
        self._writing: asyncio.Task[None] | None = None

    async def write(self, chunks: Sequence[bytes]) -> None:
        """Begin to write when what came before is written; what cannot come after it is not written.

        Raises:
            OSError: the disk refuses what came before.
        """
        try:
            await self.written()
        except asyncio.CancelledError:  # what has come is kept all the same
            self._begin(chunks)
            raise
        self._begin(chunks)

    def _begin(self, chunks: Sequence[bytes]) -> None:
        if chunks and (self._writing is None or self._writing.exception() is None):
            self._writing = asyncio.create_task(self._take(chunks))

    async def _take(self, chunks: Sequence[bytes]) -> None:
        writing = asyncio.to_thread(self._landing.write, chunks)
        if not self._hashes:
            await writing
            return
        hashing = asyncio.create_task(asyncio.to_thread(self._landing.hash, chunks))
        try:
            await writing
        finally:
            await hashing

    async def written(self) -> None:
        """Return when nothing is being written.

        Raises:
            OSError: the disk refused.
        """
        if self._writing is not None:
            await settled(self._writing)
