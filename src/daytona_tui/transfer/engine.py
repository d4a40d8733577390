"""Runs a plan into a staging directory: bounded concurrency, one failure never costs more than its own file.

Large files are streamed; small ones come many to a request, for a request costs more than a small file does.

What arrives is held against the size that was announced. Files change while they are copied, live logs above all, so
a difference is looked into before it counts as one: the file is asked for its size again, and what arrived is good when
it has that size, or when it is at least as long as announced and not longer than the file is by then (it grew, and we
hold what it was). Anything else is read again, three times in all. A size of 0 announces nothing: the kernel's own
files say that. Nothing is synced to the platter: a pull can be repeated.

Where the network goes away, each request waits and goes on where it was; see ``Patience`` for how long.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.transfers import Way
from daytona_tui.errors import DaytonaTuiError, TransferError
from daytona_tui.presentation.phrases import os_reason
from daytona_tui.transfer.archives import AT_ONCE, MAX_FILE_BYTES, Archives
from daytona_tui.transfer.batching import batches
from daytona_tui.transfer.concurrency import closing, settled, together
from daytona_tui.transfer.kept import Arrived, Journal
from daytona_tui.transfer.landing import DISK_ENDS, put
from daytona_tui.transfer.patience import Patience
from daytona_tui.transfer.plan import PlannedFile, TransferPlan
from daytona_tui.transfer.progress import Meter
from daytona_tui.transfer.quoting import is_text
from daytona_tui.transfer.source import Files
from daytona_tui.transfer.streaming import Streams
from daytona_tui.transfer.walk import Parts, ends_everything

SMALL_BYTES = 256 * 1024
BATCH_FILES = 2500
BATCH_BYTES = 16 * 1024 * 1024
_WRITE_FILES = 250
_WRITE_BYTES = 2 * 1024 * 1024
_AT_ONCE = 4
_STREAMS = 8
"""As many large files at once: more, as each of them costs a round trip, and not so many that memory is felt."""
_ATTEMPTS = 3

Failure = tuple[PlannedFile, DaytonaTuiError]


class _DiskError(TransferError):
    """Nothing more can be written, whatever comes and in whichever way."""


class Engine:
    """One run of one plan.

    Attributes:
        failures: files that did not arrive, each with its error.
        arrived: those that did.
        unmade: directories and links that this system refuses, by their places, each with the reason.
        ways: how many came in which way.
    """

    def __init__(
        self,
        remote: Files,
        sandbox_id: SandboxId,
        contents: Path,
        meter: Meter,
        *,
        journal: Journal | None = None,
        patience_s: float = 0.0,
    ) -> None:
        self._remote = remote
        self._sandbox_id = sandbox_id
        self._contents = contents
        self._meter = meter
        self._journal = journal
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._stream_slots = asyncio.Semaphore(_STREAMS)
        self._writing = asyncio.Lock()
        self._archive_slots = asyncio.Semaphore(AT_ONCE)
        self._patience = Patience(patience_s, meter)
        self.running: asyncio.Event | None = None
        self.way = Way.AUTO
        self.archives: Archives | None = None
        self.failures: list[Failure] = []
        self.arrived: dict[Parts, Arrived] = {}
        self.unmade: dict[Parts, str] = {}
        self.ways: dict[Way, int] = {}
        self._streams = Streams(remote, sandbox_id, contents, meter, self._patience, self.gate)

    @property
    def files(self) -> int:
        """How many files have arrived."""
        return len(self.arrived)

    @property
    def size_bytes(self) -> int:
        """How much they hold."""
        return sum(each.size_bytes for each in self.arrived.values())

    @property
    def streams(self) -> Streams:
        """How single files are read."""
        return self._streams

    async def run(self, plan: TransferPlan, here: Sequence[Arrived] = ()) -> None:
        """Copy everything in ``plan`` but what is ``here`` already, after an interruption.

        Raises:
            DaytonaTuiError: nothing more can be copied: the disk is full, the sandbox is gone, the key is refused.
        """
        await settled(asyncio.to_thread(self._make_directories, plan))
        self._meter.expect(len(plan.files), await settled(asyncio.to_thread(lambda: plan.size_bytes)))
        self.arrived.update((each.file.target, each) for each in here)
        if here:
            self._meter.has(len(here), sum(each.file.size_bytes for each in here))
        await self.copy([file for file in plan.files if file.target not in self.arrived] if here else plan.files)
        await settled(asyncio.to_thread(self._finish_directories, plan))

    async def copy(self, files: Sequence[PlannedFile]) -> None:
        """Copy files whose directories are there."""
        files, silent = await settled(asyncio.to_thread(_apart, files, lambda file: is_text(file.source)))
        if silent:  # a name that no request can say is one that a program in the sandbox can
            for file in await self._by_archives(silent):
                await self._failed(file, TransferError("its name is no UTF-8, so that it cannot be asked for"))
        if self.way is Way.TAR:
            files = await self._by_archives(files)
        limit = -1 if self.way is Way.STREAM else SMALL_BYTES
        small, large = await settled(asyncio.to_thread(_apart, files, lambda file: file.size_bytes <= limit))
        if len(small) == 1:  # nothing to gain from a batch of one
            large, small = [*large, *small], []
        runs = await settled(asyncio.to_thread(lambda: list(in_requests(small))))
        left = await together([*map(self._alone, large), *map(self._many, runs)])
        await self._otherwise([file for some in left for file in some])

    async def _otherwise(self, files: Sequence[PlannedFile]) -> None:
        """Copy small files that do not come many to a request: this server, or this sandbox, does not do that."""
        if self.way is Way.AUTO and len(files) > 1:
            files = await self._by_archives(files)
        await together(map(self.one, files))

    async def _by_archives(self, files: Sequence[PlannedFile]) -> list[PlannedFile]:
        """Copy what archives are for; return what is left to be copied otherwise."""
        if self.archives is None:
            return list(files)
        small = [file for file in files if file.size_bytes <= MAX_FILE_BYTES]
        left = [file for file in files if file.size_bytes > MAX_FILE_BYTES]
        for missing in await together(self._archive(self.archives, batch) for batch in self.archives.batches(small)):
            left += missing
        return left

    async def _archive(self, archives: Archives, batch: Sequence[PlannedFile]) -> list[PlannedFile]:
        """Copy what fits into one archive; return what has not come."""
        for _ in range(_ATTEMPTS):
            try:
                async with self._archive_slots:
                    await self.gate()
                    self._meter.way = Way.TAR
                    arrived, missing = await archives.fetch(
                        batch, lambda file, size_bytes: self._meter.moved(file.source, size_bytes)
                    )
            except OSError as error:
                raise TransferError(f"cannot write to {self._contents}: {os_reason(error)}") from error
            except DaytonaTuiError as error:
                if await self._passes(error):
                    continue
                break
            self._patience.moved()
            await self._arrived(arrived, Way.TAR)
            return missing
        return list(batch)

    def _make_directories(self, plan: TransferPlan) -> None:
        for parts, _ in plan.directories:
            with contextlib.suppress(FileExistsError), self._failing_alone(parts):
                self._contents.joinpath(*parts).mkdir()

    @contextlib.contextmanager
    def _failing_alone(self, parts: Parts) -> Iterator[None]:
        """Note what this system refuses of one place; what is wrong with the whole disk is raised."""
        try:
            yield
        except FileExistsError:
            raise
        except OSError as error:
            if error.errno in DISK_ENDS:
                raise
            self.unmade[parts] = os_reason(error)

    def _finish_directories(self, plan: TransferPlan) -> None:
        for link in plan.links:
            path = self._contents.joinpath(*link.target)
            with self._failing_alone(link.target):
                path.unlink(missing_ok=True)
                path.symlink_to(link.points_to)
        mask = os.umask(0o077)
        os.umask(mask)
        made = (each for each in reversed(plan.directories) if each[0] not in self.unmade)
        for parts, modified_ns in made:
            path = self._contents.joinpath(*parts)
            mode = plan.modes.get(parts)
            if mode is not None:  # one that its owner cannot enter could not be moved, nor removed
                path.chmod((mode & 0o777 & ~mask) | 0o700)
            if modified_ns is not None:
                with contextlib.suppress(OverflowError):
                    os.utime(path, ns=(modified_ns, modified_ns))

    async def gate(self) -> None:
        """Return when the transfer may go on."""
        if self.running is not None and not self.running.is_set():
            self._meter.waits("paused")
            await self.running.wait()
            self._meter.waits("")

    async def one(self, file: PlannedFile) -> None:
        """Copy one file by itself; a failure of its own is noted."""
        async with self._stream_slots:
            try:
                arrived = await self._streams.copy(file)
                await self._arrived([arrived], Way.STREAM)
            except DaytonaTuiError as error:
                await self._failed(file, error)
            except OSError as error:
                await self._refused(file, error)

    async def _passes(self, error: DaytonaTuiError) -> bool:
        """Return True when a request may be tried again after ``error``, False where it has to be done otherwise.

        Raises:
            DaytonaTuiError: ``error`` itself, where it ends the transfer.
        """
        if self._patience.bears(error):
            await self._patience.wait(error)
            return True
        if ends_everything(error):
            raise error
        return False

    async def _alone(self, file: PlannedFile) -> list[PlannedFile]:
        await self.one(file)
        return []

    async def _many(self, batch: Sequence[PlannedFile]) -> list[PlannedFile]:
        """Copy small files that come in one request; return those of which nothing comes that way.

        What comes otherwise than planned is copied by itself.
        """
        waiting = {file.source: file for file in batch}
        odd: list[PlannedFile] = []
        while waiting:
            before = len(waiting)
            try:
                async with self._slots:
                    await self.gate()
                    await self._request(waiting, odd)
            except _DiskError:
                raise
            except DaytonaTuiError as error:
                if await self._passes(error):
                    continue
            if len(waiting) == before:
                break
        await together(map(self.one, odd))
        return list(waiting.values())

    async def _request(self, waiting: dict[str, PlannedFile], odd: list[PlannedFile]) -> None:
        """Ask once for what is ``waiting``, and take out what has come; what came otherwise than planned is ``odd``."""
        pile: list[tuple[PlannedFile, bytes]] = []
        piled = 0
        self._meter.way = Way.BULK
        try:
            async with closing(self._remote.read_many(self._sandbox_id, list(waiting))) as answers:
                async for path, contents in answers:
                    file = waiting.pop(path, None)
                    if file is None:
                        continue
                    if not isinstance(contents, bytes) or len(contents) != file.size_bytes:
                        odd.append(file)
                        continue
                    pile.append((file, contents))
                    piled += len(contents)
                    self._patience.moved()
                    self._meter.moved(path, len(contents))
                    if len(pile) >= _WRITE_FILES or piled >= _WRITE_BYTES:
                        full, pile, piled = pile, [], 0
                        await self._write(full)
        finally:
            await self._write(pile)

    async def _write(self, pile: Sequence[tuple[PlannedFile, bytes]]) -> None:
        if not pile:
            return
        async with self._writing:  # several threads at once would only wait for one another's turn in Python
            written, refused = await settled(asyncio.to_thread(self._write_now, pile))
        await self._arrived(written, Way.BULK, is_noted=True)
        for file, error in refused:
            self._meter.moved(file.source, -file.size_bytes)
            await self._refused(file, error)

    def _write_now(
        self, pile: Sequence[tuple[PlannedFile, bytes]]
    ) -> tuple[list[Arrived], list[tuple[PlannedFile, OSError]]]:
        written: list[Arrived] = []
        refused: list[tuple[PlannedFile, OSError]] = []
        for file, contents in pile:
            try:
                written.append(Arrived(file, len(contents), put(self._contents, file, contents)))
            except OSError as error:
                refused.append((file, error))
        if self._journal is not None:
            self._journal.add(written)
        return written, refused

    async def _arrived(self, files: Sequence[Arrived], way: Way, *, is_noted: bool = False) -> None:
        if not files:
            return
        if self._journal is not None and not is_noted:
            await settled(asyncio.to_thread(self._journal.add, files))
        self.ways[way] = self.ways.get(way, 0) + len(files)
        for each in files:
            self.arrived[each.file.target] = each
            self._meter.finished(each.file.source)

    async def _failed(self, file: PlannedFile, error: DaytonaTuiError) -> None:
        if ends_everything(error):
            raise error
        await self.drop(file)
        self.failures.append((file, error))

    async def drop(self, file: PlannedFile) -> None:
        """Forget a file, and remove what is here of it."""
        self.arrived.pop(file.target, None)
        path = self._contents.joinpath(*file.target)
        await settled(asyncio.to_thread(path.unlink, missing_ok=True))

    async def _refused(self, file: PlannedFile, error: OSError) -> None:
        reason = f"cannot write {'/'.join(file.target)!r}: {os_reason(error)}"
        if error.errno in DISK_ENDS:
            raise _DiskError(reason) from error
        await self._failed(file, TransferError(reason))


def in_requests(files: Sequence[PlannedFile]) -> Iterator[list[PlannedFile]]:
    """Yield runs of files that may come in one request."""
    return batches(files, lambda file: file.size_bytes, most=BATCH_FILES, room=BATCH_BYTES)


def _apart(
    files: Sequence[PlannedFile], is_one: Callable[[PlannedFile], bool]
) -> tuple[list[PlannedFile], list[PlannedFile]]:
    """Return those that are, and those that are not. For a thread: a hundred thousand are felt in a key press."""
    parts: tuple[list[PlannedFile], list[PlannedFile]] = ([], [])
    for file in files:
        parts[not is_one(file)].append(file)
    return parts
