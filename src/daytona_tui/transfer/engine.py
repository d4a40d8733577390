"""Runs a plan into a staging directory: bounded concurrency, one failure never costs more than its own file.

Large files are streamed; small ones come many to a request, for a request costs more than a small file does.

What arrives is held against the size that was announced. Files change while they are copied, live logs above all, so
a difference is looked into before it counts as one: the file is asked for its size again, and what arrived is good when
it has that size, or when it is at least as long as announced and not longer than the file is by then (it grew, and we
hold what it was). Anything else is read again, three times in all. A size of 0 announces nothing: the kernel's own
files say that. Nothing is synced to the platter: a pull can be repeated.
"""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import DaytonaTuiError, TransferError, VerificationError
from daytona_tui.presentation.phrases import os_reason
from daytona_tui.transfer.concurrency import closing, settled, together
from daytona_tui.transfer.plan import PlannedFile, TransferPlan
from daytona_tui.transfer.progress import Meter
from daytona_tui.transfer.source import Files
from daytona_tui.transfer.walk import ends_everything

SMALL_BYTES = 256 * 1024
BATCH_FILES = 1000
BATCH_BYTES = 16 * 1024 * 1024
_WRITE_BYTES = 1024 * 1024
_WRITE_FILES = 250
_AT_ONCE = 4
_ATTEMPTS = 3
_DISK_ENDS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})

Failure = tuple[PlannedFile, DaytonaTuiError]


class Engine:
    """One run of one plan.

    Attributes:
        failures: files that did not arrive, each with its error.
        files: how many arrived.
        size_bytes: how much they hold.
    """

    def __init__(self, remote: Files, sandbox_id: SandboxId, contents: Path, meter: Meter) -> None:
        self._remote = remote
        self._sandbox_id = sandbox_id
        self._contents = contents
        self._meter = meter
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self.failures: list[Failure] = []
        self.files = 0
        self.size_bytes = 0

    async def run(self, plan: TransferPlan) -> None:
        """Copy everything in ``plan``.

        Raises:
            DaytonaTuiError: nothing more can be copied: the disk is full, the sandbox is gone, the key is refused.
        """
        await settled(asyncio.to_thread(self._make_directories, plan))
        self._meter.expect(len(plan.files), plan.size_bytes)
        small = [file for file in plan.files if file.size_bytes <= SMALL_BYTES]
        large = [file for file in plan.files if file.size_bytes > SMALL_BYTES]
        if len(small) == 1:  # nothing to gain from a batch of one
            large, small = [*large, *small], []
        await together([*map(self._one, large), *map(self._many, batches(small))])
        await settled(asyncio.to_thread(self._date_directories, plan))

    def _make_directories(self, plan: TransferPlan) -> None:
        for parts, _ in plan.directories:
            self._contents.joinpath(*parts).mkdir()

    def _date_directories(self, plan: TransferPlan) -> None:
        for parts, modified_at in reversed(plan.directories):
            if modified_at is not None:
                seconds = modified_at.timestamp()
                os.utime(self._contents.joinpath(*parts), (seconds, seconds))

    async def _one(self, file: PlannedFile) -> None:
        async with self._slots:
            try:
                await self._stream(file)
            except DaytonaTuiError as error:
                self._failed(file, error)
            except OSError as error:
                self._refused(file, error)

    async def _stream(self, file: PlannedFile) -> None:
        """Copy one file, reading it again where what arrived cannot be right."""
        for _ in range(_ATTEMPTS):
            arrived = await self._stream_once(file)
            now = await self._as_it_is_now(file, arrived)
            if now is not None:
                await settled(asyncio.to_thread(self._finish, now))
                self._arrived(file, arrived)
                return
            self._meter.moved(file.source, -arrived)
        raise VerificationError(f"{file.source!r} kept changing its size while it was read")

    async def _stream_once(self, file: PlannedFile) -> int:
        arrived = 0
        buffer: list[bytes] = []
        buffered = 0
        await settled(asyncio.to_thread(self._put, file, [], "wb"))
        try:
            async with closing(self._remote.read(self._sandbox_id, file.source)) as chunks:
                async for chunk in chunks:
                    buffer.append(chunk)
                    buffered += len(chunk)
                    arrived += len(chunk)
                    self._meter.moved(file.source, len(chunk))
                    if buffered >= _WRITE_BYTES:
                        await settled(asyncio.to_thread(self._put, file, buffer, "ab"))
                        buffer, buffered = [], 0
            await settled(asyncio.to_thread(self._put, file, buffer, "ab"))
        except (DaytonaTuiError, OSError):
            self._meter.moved(file.source, -arrived)
            raise
        return arrived

    def _put(self, file: PlannedFile, chunks: Sequence[bytes], mode: Literal["wb", "ab"]) -> None:
        """Write at the end of the file. Opened each time, so that no descriptor is left when a pull is cancelled."""
        with open(self._contents.joinpath(*file.target), mode, opener=_opener(file)) as stream:
            stream.writelines(chunks)

    async def _as_it_is_now(self, file: PlannedFile, arrived: int) -> PlannedFile | None:
        """Return the file as it is, or None where ``arrived`` bytes cannot be it."""
        if arrived == file.size_bytes:
            return file
        entry = await self._remote.info(self._sandbox_id, file.source)
        now = entry.size_bytes
        if arrived == now or file.size_bytes <= arrived <= now or now == file.size_bytes == 0:
            return replace(file, modified_at=entry.modified_at)
        return None

    async def _many(self, batch: Sequence[PlannedFile]) -> None:
        """Copy small files that come in one request; what does not come well that way is copied by itself."""
        waiting = {file.source: file for file in batch}
        pile: list[tuple[PlannedFile, bytes]] = []
        async with self._slots:
            try:
                async with closing(self._remote.read_many(self._sandbox_id, list(waiting))) as answers:
                    async for path, contents in answers:
                        file = waiting.get(path)
                        if file is None or not isinstance(contents, bytes) or len(contents) != file.size_bytes:
                            continue
                        del waiting[path]
                        pile.append((file, contents))
                        self._meter.moved(path, len(contents))
                        if len(pile) >= _WRITE_FILES:
                            await self._write(pile)
                            pile = []
            except DaytonaTuiError as error:
                if ends_everything(error):
                    raise
            await self._write(pile)
        await together(map(self._one, waiting.values()))

    async def _write(self, pile: Sequence[tuple[PlannedFile, bytes]]) -> None:
        for file, size_bytes, error in await settled(asyncio.to_thread(self._write_now, pile)):
            if error is None:
                self._arrived(file, size_bytes)
            else:
                self._meter.moved(file.source, -size_bytes)
                self._refused(file, error)

    def _write_now(self, pile: Sequence[tuple[PlannedFile, bytes]]) -> list[tuple[PlannedFile, int, OSError | None]]:
        outcomes: list[tuple[PlannedFile, int, OSError | None]] = []
        for file, contents in pile:
            try:
                with open(self._contents.joinpath(*file.target), "wb", opener=_opener(file)) as stream:
                    stream.write(contents)
                self._finish(file)
            except OSError as error:
                outcomes.append((file, len(contents), error))
            else:
                outcomes.append((file, len(contents), None))
        return outcomes

    def _finish(self, file: PlannedFile) -> None:
        if file.modified_at is not None:
            seconds = file.modified_at.timestamp()
            os.utime(self._contents.joinpath(*file.target), (seconds, seconds), follow_symlinks=False)

    def _arrived(self, file: PlannedFile, size_bytes: int) -> None:
        self.files += 1
        self.size_bytes += size_bytes
        self._meter.finished(file.source)

    def _failed(self, file: PlannedFile, error: DaytonaTuiError) -> None:
        if ends_everything(error):
            raise error
        self._contents.joinpath(*file.target).unlink(missing_ok=True)
        self.failures.append((file, error))

    def _refused(self, file: PlannedFile, error: OSError) -> None:
        reason = TransferError(f"cannot write {'/'.join(file.target)!r}: {os_reason(error)}")
        if error.errno in _DISK_ENDS:
            raise reason from error
        self._failed(file, reason)


def batches(files: Sequence[PlannedFile]) -> Iterator[Sequence[PlannedFile]]:
    """Yield runs of files that may come in one request."""
    batch: list[PlannedFile] = []
    room = BATCH_BYTES
    for file in files:
        if batch and (len(batch) == BATCH_FILES or file.size_bytes > room):
            yield batch
            batch, room = [], BATCH_BYTES
        batch.append(file)
        room -= file.size_bytes
    if batch:
        yield batch


def _opener(file: PlannedFile) -> Callable[[str, int], int]:
    mode = 0o777 if file.executable else 0o666  # the umask takes away what the user does not want

    def opened(path: str, flags: int) -> int:
        return os.open(path, flags | os.O_NOFOLLOW, mode)

    return opened
