"""Does what the plan of a pull says, proves it, and moves it into place."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial

from daytona_tui.domain.transfers import ConflictPolicy, TransferItem, TransferProgress, TransferReport
from daytona_tui.errors import DaytonaTuiError, TransferError, VerificationError
from daytona_tui.operations.pull_plan import PullPlan, relative, unseen
from daytona_tui.presentation.human import size
from daytona_tui.presentation.phrases import os_reason
from daytona_tui.transfer.archives import Archives
from daytona_tui.transfer.concurrency import settled
from daytona_tui.transfer.engine import Engine
from daytona_tui.transfer.kept import Arrived, taken, tidy
from daytona_tui.transfer.plan import PlannedFile, apply_policy
from daytona_tui.transfer.progress import Meter
from daytona_tui.transfer.proof import batches, prefix_hashes
from daytona_tui.transfer.prover import Prover
from daytona_tui.transfer.source import PullSource
from daytona_tui.transfer.staging import Staging
from daytona_tui.transfer.walk import Parts

_ROUNDS = 2
"""How often what differs is read again."""


def never() -> bool:
    """Keep nothing of what is cancelled."""
    return False


async def run(
    source: PullSource,
    plan: PullPlan,
    *,
    confirmed: bool = False,
    running: asyncio.Event | None = None,
    on_progress: Callable[[TransferProgress], None] = unseen,
    keeps: Callable[[], bool] = never,
) -> TransferReport:
    """Do what a plan says.

    Everything is moved into place at the end: what fails as a whole, or is cancelled, leaves nothing behind but, after
    an interruption and where the options say so, what the same pull goes on from. A single file that fails within a
    directory fails alone and stands in the report.

    Args:
        source: where to read from.
        plan: what ``plan`` has returned.
        confirmed: whatever ``plan.summary.questions`` asks is answered with yes.
        running: while it is not set, nothing more is begun: clear it to pause. To cancel, cancel the task.
        on_progress: told at most ten times a second, and at the beginning and the end.
        keeps: asked when it is cancelled: True keeps what has arrived, as an interruption does.

    Raises:
        TransferError: the destination cannot be written to, the disk is full, files exist and the policy is to fail,
            or a question is open.
        DaytonaTuiError: whatever else made it impossible to go on.
    """
    if plan.summary.questions and not confirmed:
        raise TransferError(f"not begun: {'; '.join(plan.summary.questions)}", hint="confirm it to go on")
    if plan.options.conflict is ConflictPolicy.FAIL:
        apply_policy(plan.found, plan.present.existing, ConflictPolicy.FAIL)
    return await _Run(source, plan, running, Meter(on_progress), keeps).whole()


class _Run:
    """One run of one plan."""

    def __init__(self, source: PullSource, plan: PullPlan, running: asyncio.Event | None, meter: Meter,
                 keeps: Callable[[], bool]) -> None:  # fmt: skip
        self._source = source
        self._plan = plan
        self._work = plan.work
        self._meter = meter
        self._staging = Staging(plan.base, plan.key if plan.options.resume else "")
        self._running = running
        self._keeps = keeps
        self._here: list[Arrived] = []
        self._verified = "size"
        self._unproven = 0

    async def whole(self) -> TransferReport:
        began = time.monotonic()
        self._meter.tell_now()
        plan, staging = self._plan, self._staging
        try:
            await settled(asyncio.to_thread(self._open))
            engine = await settled(asyncio.to_thread(self._engine))
            await self._copy(engine)
            if engine.failures and not plan.is_dir:
                raise engine.failures[0][1]
            unmoved = await settled(asyncio.to_thread(staging.settle, plan.options.conflict))
        except asyncio.CancelledError:
            if self._keeps():
                await settled(asyncio.to_thread(staging.keep))
            raise
        except OSError as error:
            refused = TransferError(f"cannot write to {plan.destination}: {os_reason(error)}")
            await self._interrupted(refused)
            raise refused from error
        except DaytonaTuiError as error:
            await self._interrupted(error)
            raise
        finally:
            await settled(asyncio.to_thread(staging.discard))
        self._meter.tell_now()
        if unmoved and not plan.is_dir:
            raise TransferError(f"cannot write {plan.destination}: {unmoved[0][1]}")
        return self._report(engine, unmoved, time.monotonic() - began)

    async def _interrupted(self, error: DaytonaTuiError) -> None:
        """Keep what has arrived, if that is wanted, and say where."""
        kept = await settled(asyncio.to_thread(self._staging.keep))
        if kept is not None:
            said = f"the same pull goes on from what is kept in {kept}"
            error.hint = f"{error.hint}; {said}" if error.hint else said

    def _open(self) -> None:
        """Make the staging directory, and see what is in it already and whether the rest will fit."""
        staging = self._staging
        staging.open()
        if self._plan.options.resume:
            tidy(staging.contents, self._work)
            self._here = staging.journal.arrived(staging.contents, self._work)
        needed = self._work.needed_bytes - taken(staging.contents, self._work, self._here)
        free = staging.free_bytes()
        if needed > free:
            raise TransferError(f"{staging.base} has {size(free)} of space left; {size(needed)} are needed")

    def _engine(self) -> Engine:
        options = self._plan.options
        engine = Engine(
            self._source,
            self._plan.sandbox_id,
            self._staging.contents,
            self._meter,
            journal=self._staging.journal,
            patience_s=options.patience_s,
        )
        engine.way = options.way
        engine.streams.hashes = options.checksums
        if self._plan.by_look:
            root = self._plan.root
            engine.archives = Archives(self._source, self._plan.sandbox_id, root, self._staging.contents)
        engine.running = self._running
        if options.resume:
            engine.streams.halves = {file.target for file in self._work.files} - {a.file.target for a in self._here}
            engine.streams.is_beginning = self._is_beginning
        return engine

    async def _is_beginning(self, file: PlannedFile, length: int, digest: str) -> bool:
        try:
            there = await self._prefixes([(file, length)])
        except DaytonaTuiError:
            return False
        return there == [digest]

    async def _prefixes(self, lengths: list[tuple[PlannedFile, int]]) -> list[str] | None:
        names = [(relative(self._plan, file), length) for file, length in lengths]
        return await prefix_hashes(self._source, self._plan.sandbox_id, self._plan.root, names)

    async def _copy(self, engine: Engine) -> None:
        """Copy everything, while the sandbox tells what it is that should arrive."""
        if not self._plan.options.checksums or not self._work.files:
            await engine.run(self._work, self._here)
            return
        prover = Prover(self._source, self._plan.sandbox_id, self._plan.root)
        names = await settled(asyncio.to_thread(self._names))
        asking = asyncio.create_task(prover.ask(names))
        try:
            await engine.run(self._work, self._here)
            await asking
            lacking = {name: size_bytes for name, size_bytes in names.items() if name not in prover.there}
            if lacking and not prover.has_no_tool:  # the network was away when they were asked for
                await prover.ask(lacking)
        finally:
            asking.cancel()
            await asyncio.wait([asking])
        if prover.has_no_tool:
            self._verified = "size only: the sandbox has no tool for SHA-256"
            return
        self._verified = "size and SHA-256"
        await self._prove(engine, prover)

    def _names(self) -> dict[str, int]:
        return {relative(self._plan, file): file.size_bytes for file in self._work.files if file.size_bytes}

    def _suspects(self, engine: Engine, prover: Prover) -> list[Arrived]:
        # What arrived of a file that announces nothing may be another thing each time: the kernel's own.
        return [
            each
            for each in engine.arrived.values()
            if each.file.size_bytes and prover.there.get(relative(self._plan, each.file)) != each.digest
        ]

    async def _prove(self, engine: Engine, prover: Prover) -> None:
        """Read again what is not as it is in the sandbox; what still is not then has failed."""
        suspects = await settled(asyncio.to_thread(self._suspects, engine, prover))
        for round_ in range(_ROUNDS + 1):
            suspects = await self._differing(suspects, prover)
            if not suspects or round_ == _ROUNDS:
                break
            for each in suspects:
                await engine.drop(each.file)
                self._meter.has(-1, -each.size_bytes)
            await engine.copy([each.file for each in suspects])
            suspects = [found for each in suspects if (found := engine.arrived.get(each.file.target)) is not None]
        for each in suspects:
            await engine.drop(each.file)
            engine.failures.append((each.file, VerificationError("it differs from what is in the sandbox")))

    async def _differing(self, suspects: list[Arrived], prover: Prover) -> list[Arrived]:
        """Return those whose SHA-256 is not that of the beginning of the file in the sandbox as it is now."""
        differing: list[Arrived] = []
        by_name = {relative(self._plan, each.file): each for each in suspects}
        for names in batches({name: each.size_bytes for name, each in by_name.items()}):
            some = [by_name[name] for name in names]
            ask = partial(self._prefixes, [(each.file, each.size_bytes) for each in some])
            there = await prover.patiently(ask)
            if there is None:
                self._unproven += len(some)
                self._verified = f"size and, but for {self._unproven:,}, SHA-256"
                continue
            differing += [each for each, digest in zip(some, there, strict=True) if digest != each.digest]
        return differing

    def _report(self, engine: Engine, unmoved: list[tuple[Parts, str]], seconds: float) -> TransferReport:
        work = self._work
        arrived = engine.arrived if unmoved else ()  # there may be a hundred thousand
        lost = {target for target in arrived if any(target[: len(parts)] == parts for parts, _ in unmoved)}
        failed = [TransferItem(file.source, error.message) for file, error in engine.failures]
        unmoved = [*engine.unmade.items(), *unmoved]
        failed += [TransferItem("/".join(parts), reason) for parts, reason in unmoved]
        links = [link for link in work.links if not any(link.target[: len(parts)] == parts for parts, _ in unmoved)]
        is_renamed = not self._plan.is_dir and bool(work.files)
        destination = self._plan.base.joinpath(*work.files[0].target) if is_renamed else self._plan.destination
        return TransferReport(
            str(destination),
            len(engine.arrived) - len(lost),
            sum(each.size_bytes for target, each in engine.arrived.items() if target not in lost),
            seconds,
            work.left_out,
            (*work.failed, *failed),
            len(self._plan.present.equal),
            len(links),
            len(self._here),
            tuple(sorted(engine.ways, key=lambda way: -engine.ways[way])),
            self._verified,
        )
