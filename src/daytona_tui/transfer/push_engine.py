"""Runs the plan of a push: bounded concurrency, one failure never costs more than its own file.

Small files travel many to a request, large ones by themselves, all into a directory of our own in the sandbox, under
numbers instead of names. Each batch is put in place as soon as it has arrived, compared by its SHA-256: so a push that
is broken off has done whole files only, and the next one finds them equal.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import os
import posixpath
import re
import secrets
import shlex
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.transfers import TransferItem, TransferReport, Way
from daytona_tui.errors import AuthError, DaytonaTuiError, NotFoundError, RemoteError, TransferError, VerificationError
from daytona_tui.transfer.concurrency import settled, together
from daytona_tui.transfer.patience import Patience
from daytona_tui.transfer.progress import Meter
from daytona_tui.transfer.push_patience import patiently
from daytona_tui.transfer.push_plan import BATCH_FILES, SMALL_BYTES, PushFile, PushPlan, There, way_of
from daytona_tui.transfer.push_reading import Outgoing, Read, archive_of, read_small
from daytona_tui.transfer.push_scripts import PREFIX, WORDS, Landed, Order, Said
from daytona_tui.transfer.push_settling import Settler
from daytona_tui.transfer.push_survey import in_scripts
from daytona_tui.transfer.walk import ends_everything

T = TypeVar("T")

BATCH_BYTES = 4 * 1024 * 1024
_AT_ONCE = 4
_ATTEMPTS = 3
_CLEAN_S = 20
_GOING_BYTES = 32 * 1024 * 1024
"""When so much of a file has gone out, the network is there: more than lies in any buffer on the way."""
_HOPELESS = re.compile(r"no space left|read-only file system|permission denied|quota exceeded", re.IGNORECASE)
"""What the system says of a place rather than of a file; the routes for uploads pass on its words only."""
_AGAIN = frozenset({"missing", "differs"})
"""What sending once more may put right."""


class NoEntryError(TransferError):
    """Nothing can be written where a push goes to."""


class PushEngine:
    """One run of one plan.

    Args:
        running: while it is not set, nothing more is begun.
    """

    def __init__(self, gateway: Gateway, plan: PushPlan, meter: Meter, running: asyncio.Event | None = None) -> None:
        self._gateway = gateway
        self._sandbox_id = plan.sandbox_id
        self._plan = plan
        self._meter = meter
        self._running = running
        self._stage = posixpath.join(plan.base, f"{PREFIX}{secrets.token_hex(8)}")
        self._patience = Patience(plan.options.patience_s, meter)
        self._settler = Settler(gateway, plan.sandbox_id, self._stage, plan.tools, self._patience)
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._opened = asyncio.Event()
        self._numbers = itertools.count()
        self._made: list[str] = []
        self._failed: list[TransferItem] = []
        self._ways: Counter[Way] = Counter()
        self._size_bytes = 0
        self._links = 0

    async def run(self) -> None:
        """Copy everything in the plan; leaves no temporary files, however it ends.

        Raises:
            DaytonaTuiError: nothing more can be copied.
        """
        plan = self._plan
        directories = self._missing_directories()
        if not (plan.to_copy or plan.to_link or directories):
            return
        self._meter.expect(len(plan.to_copy), plan.size_bytes)
        small = [file for file in plan.to_copy if way_of(file.size_bytes, plan.options.way) is Way.BULK]
        kept = set(map(id, small))
        large = [file for file in plan.to_copy if id(file) not in kept]
        async with self._leaving_nothing(directories):
            work = [self._open(directories), *map(self._one, large), *map(self._many, _batches(small))]
            await together(work)
            await self._close()

    async def run_pipe(self, chunks: AsyncIterator[bytes]) -> None:
        """Write ``chunks``, which come once only, to the one file of the plan.

        Raises:
            DaytonaTuiError: it is not there as a whole.
        """
        (file,) = self._plan.to_copy
        directories = self._missing_directories()
        sums, size_bytes = hashlib.sha256(), 0

        async def counted() -> AsyncIterator[bytes]:
            nonlocal size_bytes
            async for chunk in chunks:
                await self._gate()
                sums.update(chunk)
                size_bytes += len(chunk)
                self._meter.moved(file.target, len(chunk))
                yield chunk

        async with self._leaving_nothing(directories):
            await self._open(directories)
            await self._gateway.write(self._sandbox_id, self._staged(0), counted())
            replaces = file.there is not None
            landed = Landed(0, file.target, file.mode, time.time_ns(), size_bytes, sums.hexdigest(), replaces)
            if self._note(await self._settler.settle(Order([landed])), "f0", file.target):
                raise TransferError(f"{file.target!r} was not written: {self._failed[-1].reason}")
            self._arrived(file, size_bytes, Way.STREAM)
            await self._close()

    @contextlib.asynccontextmanager
    async def _leaving_nothing(self, directories: Sequence[tuple[str, int]]) -> AsyncIterator[None]:
        """Clean up in the sandbox unless the block comes to its end."""
        is_done = False
        try:
            yield
            is_done = True
        finally:
            if not is_done:
                await settled(self._clean_up(directories))

    def report(self, seconds: float) -> TransferReport:
        """Return what came of it."""
        plan = self._plan
        return TransferReport(
            plan.destination,
            sum(self._ways.values()),
            self._size_bytes,
            seconds,
            (*plan.left_out, *plan.skipped),
            (*plan.failed, *self._failed),
            equal=len(plan.equal),
            links=self._links,
            ways=tuple(way for way, _ in self._ways.most_common()),
            verified=self._verified(),
        )

    def _verified(self) -> str:
        if not self._ways:
            return ""
        if not self._plan.options.checksums:
            said = "size"
        elif self._settler.hashed:
            said = "size and SHA-256"
        else:
            said = "size only: nothing in the sandbox makes SHA-256 sums"
        return said if self._settler.dated else f"{said}; the times of the files could not be set"

    def _missing_directories(self) -> list[tuple[str, int]]:
        modes = {path: 0o755 for path in self._plan.made}
        modes.update((each.target, each.mode) for each in self._plan.directories if not each.exists)
        return list(modes.items())

    async def _open(self, directories: Sequence[tuple[str, int]]) -> None:
        """Make the directories, then the links."""
        links = self._plan.to_link
        if directories or links:
            planned = [(link.target, link.points_to, link.there is not None) for link in links]
            said = await self._settler.settle(Order(directories=directories, links=planned))
            self._made = [directories[number][0] for number in said.made if number < len(directories)]
            for number, (target, _) in enumerate(directories):
                self._note(said, f"d{number}", target)
            for number, link in enumerate(links):
                self._links += not self._note(said, f"l{number}", str(link.source))
        self._opened.set()

    async def _close(self) -> None:
        """Remove the staging directory and give the new directories their modes and times."""
        dated = [(each.target, each.mode, each.modified_ns) for each in self._plan.directories if not each.exists]
        await self._settler.settle(Order(dated=dated, is_last=True))

    async def _many(self, batch: Sequence[PushFile]) -> None:
        """Copy small files in one request; what does not go well that way is copied by itself."""
        async with self._slots:
            await self._gate()
            read = await settled(asyncio.to_thread(_read_all, batch))
            good = [one for one in read if isinstance(one, Read)]
            again = [file for file, one in zip(batch, read, strict=True) if not isinstance(one, Read)]
            resent = await self._send(good) if good else []
            if len(resent) > 1 and len(resent) == len(good):  # it was the way, not the files
                resent = await self._send([replace(one, file=file) for one, file in zip(good, resent, strict=True)])
            again += resent
        await together(map(self._one, again))

    async def _send(self, batch: Sequence[Read]) -> list[PushFile]:
        """Write a batch and put it in place; return what has to be sent again.

        What is there by then is replaced: it may be this very file, and only the answer that says so was lost.
        """
        landed = {next(self._numbers): one for one in batch}
        order = Order([self._landed(index, one.file, one) for index, one in landed.items()])
        order, items, way = await self._loaded(order, [one.contents for one in batch])
        name, extra = self._settler.order_item(order)
        try:
            errors = await self._patiently(
                lambda: self._gateway.write_many(self._sandbox_id, [*items, extra] if extra else items)
            )
        except DaytonaTuiError as error:
            if ends_everything(error):
                raise
            return [one.file for one in batch]
        for refusal in errors.values():
            self._refuse_all(refusal)
        self._meter.way = way
        for one in batch:
            self._meter.moved(str(one.file.source), len(one.contents))
        await self._opened.wait()
        is_written = extra is not None and extra[0] not in errors
        said = await self._settler.settle(order, name if is_written else "")
        again = []
        for index, one in landed.items():
            if said.problems.get(f"f{index}") in _AGAIN:
                self._meter.moved(str(one.file.source), -len(one.contents))
                again.append(replace(one.file, there=one.file.there or There("file")))
            elif not self._note(said, f"f{index}", str(one.file.source)):
                self._arrived(one.file, len(one.contents), way)
        return again

    async def _loaded(self, order: Order, contents: Sequence[bytes]) -> tuple[Order, list[tuple[str, bytes]], Way]:
        """Return the order and the items of one request, and how they travel.

        One part for each file costs more than a small file does, on both sides: where the sandbox can take them apart,
        they come as one.
        """
        settler, wanted = self._settler, self._plan.options.way
        if len(contents) > 1 and settler.takes_archives and (wanted is Way.TAR or not settler.takes_packs):
            name = f"archive-{next(self._numbers)}"
            named = [(str(file.index), data) for file, data in zip(order.files, contents, strict=True)]
            archive = await settled(asyncio.to_thread(archive_of, named))
            return replace(order, archive=name), [(posixpath.join(self._stage, name), archive)], Way.TAR
        if len(contents) > 1 and settler.takes_packs:
            name = f"pack-{next(self._numbers)}"
            return replace(order, pack=name), [(posixpath.join(self._stage, name), b"".join(contents))], Way.BULK
        paths = (self._staged(file.index) for file in order.files)
        return order, list(zip(paths, contents, strict=True)), Way.BULK

    async def _one(self, file: PushFile) -> None:
        """Copy one file by itself."""
        async with self._slots:
            try:
                await self._stream(file)
            except DaytonaTuiError as error:
                if ends_everything(error) or isinstance(error, NoEntryError):
                    raise
                self._failed.append(TransferItem(str(file.source), error.message))

    async def _stream(self, file: PushFile) -> None:
        word = ""
        for attempt in range(_ATTEMPTS):
            sent: list[Landed] = []
            try:
                sent.append(await self._patiently(lambda: self._stream_once(file)))
            except VerificationError:
                word = "changed"
                continue
            except RemoteError:  # a whole request was refused, which says little of the file
                if attempt:
                    raise
                continue
            await self._opened.wait()
            # As with a batch: once it was ordered, what is there may be this very file.
            order = Order([replace(sent[0], replaces=sent[0].replaces or attempt > 0)])
            said = await self._settler.settle(order)
            word = said.problems.get(f"f{sent[0].index}", "")
            if word not in _AGAIN:
                if not self._note(said, f"f{sent[0].index}", str(file.source)):
                    self._arrived(file, sent[0].size_bytes, Way.STREAM)
                return
            self._meter.moved(str(file.source), -sent[0].size_bytes)
        if word == "changed":
            raise TransferError(f"{file.source} kept changing while it was read")
        raise VerificationError(WORDS[word])

    async def _stream_once(self, file: PushFile) -> Landed:
        await self._gate()
        index = next(self._numbers)
        source = str(file.source)

        def moved(count: int) -> None:
            self._meter.moved(source, count)
            if outgoing.sent > _GOING_BYTES:
                self._patience.moved()

        self._meter.way = Way.STREAM
        async with Outgoing(file, moved, self._gate) as outgoing:
            try:
                size_bytes = outgoing.size_bytes
                await self._gateway.write(
                    self._sandbox_id, self._staged(index), outgoing.chunks(), size_bytes=size_bytes
                )
                if not outgoing.is_whole():
                    raise VerificationError(f"{source} changed while it was read")
            except DaytonaTuiError as error:
                self._meter.moved(source, -outgoing.sent)
                self._refuse_all(error)
                raise
            return self._landed(index, file, outgoing)

    def _landed(self, index: int, file: PushFile, what: Read | Outgoing) -> Landed:
        size_bytes = len(what.contents) if isinstance(what, Read) else what.size_bytes
        digest = what.digest if self._plan.options.checksums else ""
        replaces = file.there is not None
        return Landed(index, file.target, what.mode, what.modified_ns, size_bytes, digest, replaces)

    def _staged(self, index: int) -> str:
        return posixpath.join(self._stage, str(index))

    def _refuse_all(self, error: DaytonaTuiError) -> None:
        """Raise where every other file would be refused as well: they all go to one place first."""
        if isinstance(error, AuthError) or _HOPELESS.search(error.message):
            raise NoEntryError(f"cannot write to {self._plan.base!r} in the sandbox: {error.message}") from error

    def _note(self, said: Said, key: str, path: str) -> bool:
        """Note a problem that a script has told; return whether there is one."""
        word = said.problems.get(key, "")
        if word:
            reason = os.strerror(int(word)).lower() if word.isdigit() else WORDS.get(word, WORDS["refused"])
            self._failed.append(TransferItem(path, reason))
        return bool(word)

    def _arrived(self, file: PushFile, size_bytes: int, way: Way) -> None:
        self._ways[way] += 1
        self._size_bytes += size_bytes
        self._meter.finished(str(file.source))

    async def _patiently(self, act: Callable[[], Awaitable[T]]) -> T:
        return await patiently(act, self._patience)

    async def _gate(self) -> None:
        """Return at once unless the transfer is paused."""
        if self._running is not None and not self._running.is_set():
            self._meter.waits("paused")
            await self._running.wait()
            self._meter.waits("")

    async def _clean_up(self, directories: Sequence[tuple[str, int]]) -> None:
        """Remove what is temporary, and the directories made for files that did not come."""
        with contextlib.suppress(DaytonaTuiError, TimeoutError):
            async with asyncio.timeout(_CLEAN_S):
                with contextlib.suppress(NotFoundError):
                    for _ in range(_ATTEMPTS):  # what was still on its way makes it anew
                        await self._gateway.remove(self._sandbox_id, self._stage, recursive=True)
                ours = [*self._plan.made, *self._made] if self._made else [path for path, _ in directories]
                for paths in in_scripts(reversed(ours)):
                    await self._gateway.run(self._sandbox_id, f"rmdir -- {shlex.join(paths)} 2>/dev/null", timeout_s=5)


def _read_all(batch: Sequence[PushFile]) -> list[Read | TransferError]:
    """Read a batch; one that cannot be read gives its error. Blocks."""
    outcomes: list[Read | TransferError] = []
    for file in batch:
        try:
            outcomes.append(read_small(file, 2 * SMALL_BYTES))
        except TransferError as error:
            outcomes.append(error)
    return outcomes


def _batches(files: Sequence[PushFile]) -> Iterator[Sequence[PushFile]]:
    """Yield runs of files that travel in one request."""
    batch: list[PushFile] = []
    room = BATCH_BYTES
    for file in files:
        if batch and (len(batch) == BATCH_FILES or file.size_bytes > room):
            yield batch
            batch, room = [], BATCH_BYTES
        batch.append(file)
        room -= file.size_bytes
    if batch:
        yield batch
