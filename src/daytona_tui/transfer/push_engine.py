"""Runs the plan of a push: bounded concurrency, one failure never costs more than its own file.

Small files travel many to a request, large ones by themselves, all into a directory of our own in the sandbox. What has
arrived is compared by its SHA-256 and put in its place at once: so a push that is broken off has done whole files only,
and the next one finds them equal.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import re
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace

from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.transfers import TransferReport, Way
from daytona_tui.errors import AuthError, DaytonaTuiError, RemoteError, TransferError, VerificationError
from daytona_tui.transfer.batching import batches
from daytona_tui.transfer.concurrency import settled, together
from daytona_tui.transfer.patience import Patience
from daytona_tui.transfer.progress import Meter
from daytona_tui.transfer.push_plan import BATCH_FILES, SMALL_BYTES, PushFile, PushPlan, There, way_of
from daytona_tui.transfer.push_reading import Outgoing, Read, read_small
from daytona_tui.transfer.push_script import WORDS, Landed, Order
from daytona_tui.transfer.push_stage import Item, Stage, litter
from daytona_tui.transfer.push_tally import Tally
from daytona_tui.transfer.walk import ends_everything

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
        self._patience = Patience(plan.options.patience_s, meter)
        self._stage = Stage(gateway, plan.sandbox_id, plan.base, plan.destination, plan.tools, self._patience)
        self._tally = Tally(plan, meter)
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._opened = asyncio.Event()
        self._numbers = itertools.count()
        self._missing = _missing_directories(plan)
        self._made: list[str] = []
        self._unmade: set[str] = set()

    async def run(self) -> None:
        """Copy everything in the plan; leaves no temporary files, however it ends.

        Raises:
            DaytonaTuiError: nothing more can be copied.
        """
        plan = self._plan
        left_over = list(litter(plan.present))
        if not (plan.to_copy or plan.to_link or self._missing or left_over):
            return
        self._meter.expect(len(plan.to_copy), plan.size_bytes)
        small = [file for file in plan.to_copy if way_of(file.size_bytes, plan.options.way) is not Way.STREAM]
        large = [file for file in plan.to_copy if way_of(file.size_bytes, plan.options.way) is Way.STREAM]
        async with self._leaving_nothing():
            await together([self._open(left_over), *map(self._one, large), *map(self._many, _in_requests(small))])
            await self._close()

    async def run_pipe(self, chunks: AsyncIterator[bytes]) -> None:
        """Write ``chunks``, which come once only, to the one file of the plan.

        Raises:
            DaytonaTuiError: it is not there as a whole.
        """
        (file,) = self._plan.to_copy
        sums, size_bytes = hashlib.sha256(), 0

        async def counted() -> AsyncIterator[bytes]:
            nonlocal size_bytes
            async for chunk in chunks:
                await self._gate()
                sums.update(chunk)
                size_bytes += len(chunk)
                self._meter.moved(file.target, len(chunk))
                yield chunk

        async with self._leaving_nothing():
            await self._open(list(litter(self._plan.present)))
            try:
                await self._gateway.write(self._sandbox_id, self._stage.within(0), counted())
            except RemoteError as error:
                self._refuse_all(error.message, error)
                raise
            replaces = file.there is not None
            landed = Landed(0, file.target, file.mode, time.time_ns(), size_bytes, sums.hexdigest(), replaces)
            reason = self._tally.problem(await self._stage.settle(Order([landed])), "f0", file.target)
            if reason:
                raise TransferError(f"{file.target!r} was not written: {reason}")
            self._tally.arrived(file, size_bytes, Way.STREAM)
            await self._close()

    def report(self, seconds: float) -> TransferReport:
        """Return what came of it."""
        return self._tally.report(seconds, self._stage)

    @contextlib.asynccontextmanager
    async def _leaving_nothing(self) -> AsyncIterator[None]:
        """Clean up in the sandbox unless the block comes to its end."""
        is_done = False
        try:
            yield
            is_done = True
        finally:
            if not is_done:
                await settled(self._clean_up())
            self._stage.close()

    async def _clean_up(self) -> None:
        """Remove what is temporary, and the directories made for files that did not come."""
        ours = [*self._plan.made, *self._made] if self._made else [path for path, _ in self._missing]
        with contextlib.suppress(DaytonaTuiError, TimeoutError):
            async with asyncio.timeout(_CLEAN_S):
                await self._stage.clean_up(ours)

    async def _open(self, left_over: Sequence[str]) -> None:
        """Make the directories, then the links; remove what a push that was killed has left."""
        links = self._plan.to_link
        if self._missing or links or left_over:
            planned = [(link.target, link.points_to, link.there is not None) for link in links]
            said = await self._stage.settle(Order(directories=self._missing, links=planned, litter=left_over))
            for number, (target, _) in enumerate(self._missing):
                if self._tally.problem(said, f"d{number}", target):
                    self._unmade.add(target)
            self._made = [self._missing[number][0] for number in said.made if number < len(self._missing)]
            for number, link in enumerate(links):
                self._tally.links += not self._tally.problem(said, f"l{number}", str(link.source))
        self._opened.set()

    async def _close(self) -> None:
        """Remove the staging directory and give the new directories their modes and times."""
        # Where one could not be made, something of somebody else's has its name: that stays as it is.
        ours = (each for each in self._plan.directories if not each.exists and each.target not in self._unmade)
        dated = [(each.target, each.mode, each.modified_ns) for each in ours]
        await self._stage.settle(Order(dated=dated, is_last=True))

    async def _many(self, batch: Sequence[PushFile]) -> None:
        """Copy small files in one request; what does not go well that way is copied by itself."""
        async with self._slots:
            await self._gate()
            outcomes = await settled(asyncio.to_thread(_read_all, batch))
            left = [one for one in outcomes if isinstance(one, Read)]
            again = [file for file, one in zip(batch, outcomes, strict=True) if not isinstance(one, Read)]
            del outcomes
            for _ in range(2):  # the second time some other way, or what was there was lost with the answer
                if left:
                    left = await self._send(left)
            again += [one.file for one in left]
            del left
        await together(map(self._one, again))

    async def _send(self, batch: Sequence[Read]) -> list[Read]:
        """Write a batch and put it in place; return what has to be sent again."""
        order = Order([self._landed(one.file, one) for one in batch])
        way = Way.BULK
        if len(batch) > 1 and self._stage.takes_archives and self._plan.options.way is not Way.BULK:
            way = Way.TAR
            order = replace(order, archive=self._stage.new_name("batch"))
        items = await settled(asyncio.to_thread(self._items, order, [one.contents for one in batch]))
        try:
            errors = await self._stage.patiently(lambda: self._gateway.write_many(self._sandbox_id, items))
        except DaytonaTuiError as error:
            self._refuse_all(error.message, error)
            return list(batch)
        for refusal in errors.values():
            self._refuse_all(refusal.message, refusal)
        self._meter.way = way
        for one in batch:
            self._meter.moved(str(one.file.source), len(one.contents))
        await self._opened.wait()
        said = await self._stage.settle(order)
        self._refuse_all(said.trouble)
        again = []
        for landed, one in zip(order.files, batch, strict=True):
            key, source = f"f{landed.index}", str(one.file.source)
            if said.problems.get(key) in _AGAIN:
                self._meter.moved(source, -len(one.contents))
                # What is there by then is replaced: it may be this very file, and only the answer was lost.
                again.append(replace(one, file=replace(one.file, there=one.file.there or There("file"))))
            elif not self._tally.problem(said, key, source):
                self._tally.arrived(one.file, len(one.contents), way)
        return again

    def _items(self, order: Order, contents: Sequence[bytes]) -> list[Item]:
        """Return what is to be written: one part for each file costs more than a small file does, on both sides."""
        if order.archive:
            return [self._stage.packed(order, contents)]
        return [(self._stage.within(file.index), data) for file, data in zip(order.files, contents, strict=True)]

    async def _one(self, file: PushFile) -> None:
        """Copy one file by itself."""
        async with self._slots:
            try:
                await self._stream(file)
            except DaytonaTuiError as error:
                if ends_everything(error) or isinstance(error, NoEntryError):
                    raise
                self._tally.fail(str(file.source), error.message)

    async def _stream(self, file: PushFile) -> None:
        word = ""
        is_ordered = False
        for attempt in range(_ATTEMPTS):
            try:
                landed = await self._stage.patiently(lambda: self._stream_once(file))
            except VerificationError:
                word = "changed"
                continue
            except RemoteError:  # a whole request was refused, which says little of the file
                if attempt:
                    raise
                continue
            await self._opened.wait()
            # As with a batch: once it was ordered, what is there may be this very file.
            said = await self._stage.settle(Order([replace(landed, replaces=landed.replaces or is_ordered)]))
            is_ordered = True
            word = said.problems.get(f"f{landed.index}", "")
            if word not in _AGAIN:
                if not self._tally.problem(said, f"f{landed.index}", str(file.source)):
                    self._tally.arrived(file, landed.size_bytes, Way.STREAM)
                return
            self._meter.moved(str(file.source), -landed.size_bytes)
        if word == "changed":
            raise TransferError(f"{file.source} kept changing while it was read")
        raise VerificationError(WORDS[word])

    async def _stream_once(self, file: PushFile) -> Landed:
        await self._gate()
        source = str(file.source)

        def moved(count: int) -> None:
            self._meter.moved(source, count)
            if outgoing.sent > _GOING_BYTES:
                self._patience.moved()

        self._meter.way = Way.STREAM
        async with Outgoing(file, moved, self._gate) as outgoing:
            landed = self._landed(file, outgoing)
            path = self._stage.within(landed.index)
            try:
                await self._gateway.write(self._sandbox_id, path, outgoing.chunks(), size_bytes=landed.size_bytes)
                if not outgoing.is_whole():
                    raise VerificationError(f"{source} changed while it was read")
            except DaytonaTuiError as error:
                self._meter.moved(source, -outgoing.sent)
                self._refuse_all(error.message, error)
                raise
            return replace(landed, digest=outgoing.digest if self._plan.options.checksums else "")

    def _landed(self, file: PushFile, what: Read | Outgoing) -> Landed:
        size_bytes = len(what.contents) if isinstance(what, Read) else what.size_bytes
        digest = what.digest if self._plan.options.checksums else ""
        replaces = file.there is not None
        return Landed(next(self._numbers), file.target, what.mode, what.modified_ns, size_bytes, digest, replaces)

    def _refuse_all(self, words: str, error: DaytonaTuiError | None = None) -> None:
        """Raise where every other file would be refused as well: they all go to one place first."""
        if error is not None and ends_everything(error):
            raise error
        if isinstance(error, AuthError) or _HOPELESS.search(words):
            raise NoEntryError(f"cannot write to {self._plan.base!r} in the sandbox: {words}") from error

    async def _gate(self) -> None:
        """Return at once unless the transfer is paused."""
        if self._running is not None and not self._running.is_set():
            self._meter.waits("paused")
            await self._running.wait()
            self._meter.waits("")


def _missing_directories(plan: PushPlan) -> list[tuple[str, int]]:
    modes = {path: 0o755 for path in plan.made}
    modes.update((each.target, each.mode) for each in plan.directories if not each.exists)
    return list(modes.items())


def _read_all(batch: Sequence[PushFile]) -> list[Read | TransferError]:
    """Read a batch; one that cannot be read gives its error. Blocks."""
    outcomes: list[Read | TransferError] = []
    for file in batch:
        try:
            outcomes.append(read_small(file, 2 * SMALL_BYTES))
        except TransferError as error:
            outcomes.append(error)
    return outcomes


def _in_requests(files: Sequence[PushFile]) -> Iterator[list[PushFile]]:
    """Yield runs of files that travel in one request."""
    return batches(files, lambda file: file.size_bytes, most=BATCH_FILES, room=BATCH_BYTES)
