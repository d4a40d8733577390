"""A transfer as somebody orders it: one or several things to or from one sandbox, which may have to be started for it.

Plans and runs of ``copy`` and ``push`` as one: their numbers are added up, and several things go one after the other.
"""

from __future__ import annotations

import asyncio
import posixpath
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from daytona_tui.domain.files import parent_path
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.domain.transfers import (
    ConflictPolicy,
    PlanSummary,
    TransferOptions,
    TransferProgress,
    TransferReport,
)
from daytona_tui.errors import TransferError
from daytona_tui.operations import copy, push, waking
from daytona_tui.operations.copy import PullPlan, never, unseen
from daytona_tui.operations.lifecycle import DEFAULT_TIMEOUT_S, Step, ignore
from daytona_tui.presentation.phrases import os_reason
from daytona_tui.transfer.push_plan import PushPlan
from daytona_tui.transfer.safety import local_path


class Direction(StrEnum):
    """Which way a transfer goes."""

    PULL = "pull"
    """From the sandbox to this machine."""
    PUSH = "push"
    """From this machine to the sandbox."""


@dataclass(frozen=True, slots=True)
class TransferOrder:
    """What is asked for.

    Attributes:
        sandbox: as the user saw it.
        sources: paths of the sandbox for a pull, where a relative one begins at the working directory and an empty one
            is that; local ones for a push.
        destination: local path for a pull, where one file gets it for its name unless a directory is there, and several
            things go into it; path of the sandbox for a push, as ``push.plan_push`` takes it.
        wakes: a sandbox that does not run is started for it and put back afterwards.
        confirmed: what the plan asks is answered with yes.
        timeout_s: how long each change of state may take of a sandbox that is started for it.
    """

    direction: Direction
    sandbox: Sandbox
    sources: tuple[str, ...]
    destination: str
    options: TransferOptions = field(default_factory=TransferOptions)
    wakes: bool = False
    confirmed: bool = False
    timeout_s: float = DEFAULT_TIMEOUT_S

    @property
    def is_pull(self) -> bool:
        """True for a pull."""
        return self.direction is Direction.PULL


Plans = tuple[PullPlan | PushPlan, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """What an order comes to.

    Attributes:
        order: what was asked for.
        plans: one for each thing that is pulled; one for a whole push.
        summary: all of them in numbers.
    """

    order: TransferOrder
    plans: Plans
    summary: PlanSummary

    def fits(self, order: TransferOrder) -> bool:
        """Return whether it is the plan of ``order``, save for the answers to what exists and to what is asked."""
        return _shape(order) == _shape(self.order)

    def answered(self, order: TransferOrder) -> Planned:
        """Return the plan with the answers that ``order`` gives. Blocks, where they are others: looks at the disk."""
        policy = order.options.conflict
        plans = tuple(each if each.options.conflict is policy else each.with_policy(policy) for each in self.plans)
        return Planned(order, plans, summed([each.summary for each in plans], order.destination))

    @property
    def is_open(self) -> bool:
        """Whether something has to be answered before it can be carried out."""
        asks = self.order.options.conflict is ConflictPolicy.FAIL and self.summary.conflicts
        return bool(asks or (self.summary.questions and not self.order.confirmed))


def _shape(order: TransferOrder) -> object:
    options = replace(order.options, conflict=TransferOptions().conflict)
    return order.direction, order.sandbox.id, order.sources, order.destination, options


@dataclass(frozen=True, slots=True)
class Steering:
    """How whoever ordered a transfer has a say in it while it runs.

    Attributes:
        running: while it is not set, nothing more is begun.
        decide: asked for the order with its answers where the plan has something open; None: it fails then.
        keeps: whether a pull that is cancelled keeps what has arrived, for the same one to go on from.
    """

    running: asyncio.Event | None = None
    decide: Callable[[Planned], Awaitable[TransferOrder]] | None = None
    keeps: Callable[[], bool] = never


_UNSTEERED = Steering()


async def plan(
    gateway: Gateway, order: TransferOrder, *, on_progress: Callable[[TransferProgress], None] = unseen
) -> Planned:
    """Work out what an order comes to; the sandbox must run. Changes nothing.

    Raises:
        DaytonaTuiError: as ``copy.plan`` and ``push.plan_push``.
    """
    if order.is_pull:
        plans: Plans = tuple([await _plan_pull(gateway, order, path, on_progress) for path in order.sources])
    else:
        plans = (
            await push.plan_push(
                gateway, order.sandbox.id, order.sources, order.destination, order.options, on_progress=on_progress
            ),
        )
    return Planned(order, plans, summed([each.summary for each in plans], order.destination))


async def _plan_pull(
    gateway: Gateway, order: TransferOrder, path: str, on_progress: Callable[[TransferProgress], None]
) -> PullPlan:
    key = order.sandbox.id
    if not path.startswith("/"):
        path = posixpath.normpath(posixpath.join(await gateway.work_dir(key), path))
    destination = await _place(gateway, order, path)
    return await copy.plan(gateway, key, path, destination, order.options, on_progress=on_progress)


async def _place(gateway: Gateway, order: TransferOrder, path: str) -> Path:
    """Return where one thing goes to: its contents, if it is a directory and the only one."""
    base = await asyncio.to_thread(local_path, order.destination)
    if len(order.sources) > 1:
        common = posixpath.commonpath([parent_path(each) for each in order.sources if each] or ["/"])
        return base.joinpath(*_local_parts(order.sandbox, path, common))
    if await asyncio.to_thread(base.is_dir) and not (await gateway.info(order.sandbox.id, path)).is_dir:
        return base.joinpath(*_local_parts(order.sandbox, path, parent_path(path)))
    return base


def _local_parts(sandbox: Sandbox, path: str, below: str) -> tuple[str, ...]:
    """Return the parts of ``path`` below a directory that holds it, each a name that is safe here."""
    return copy.default_destination(sandbox, path, below, Path()).parts[1:]


async def carry_out(
    gateway: Gateway,
    order: TransferOrder,
    *,
    planned: Planned | None = None,
    steering: Steering = _UNSTEERED,
    on_progress: Callable[[TransferProgress], None] = unseen,
    on_step: Step = ignore,
) -> TransferReport:
    """Do what an order says, as it was ``planned`` where that is so.

    Args:
        gateway: where the sandbox is.
        order: what is asked for.
        planned: its plan, if there is one.
        steering: how it is paused, answered and ended.
        on_progress: told how far all of it is.
        on_step: told each change of state of a sandbox that is started for it.

    Raises:
        DaytonaTuiError: as ``copy.run``, ``push.push`` and ``waking.awake``.
    """

    async def work(_sandbox: Sandbox) -> TransferReport:
        ready = planned if planned is not None and planned.fits(order) else await plan(gateway, order)
        ready = await asyncio.to_thread(ready.answered, order)
        if ready.is_open and steering.decide is not None:
            ready = await asyncio.to_thread(ready.answered, await steering.decide(ready))
        return await _run(gateway, ready, steering, on_progress)

    if not order.wakes:
        return (await waking.using(order.sandbox.id, lambda: work(order.sandbox))).result
    if not order.is_pull:
        await asyncio.to_thread(_check_sources, order.sources)  # nothing is started for what is not there
    # As it is by now: it may have waited its turn for a while, and somebody else may have started it.
    found = await gateway.get(order.sandbox.id)
    woken = await waking.awake(gateway, found, work, timeout_s=order.timeout_s, on_step=on_step)
    return woken.result


def _check_sources(sources: Sequence[str]) -> None:
    """Raise ``TransferError`` where one of the local sources is not there. Blocks: looks at the disk."""
    for source in sources:
        try:
            Path(source).expanduser().lstat()
        except (OSError, RuntimeError, ValueError) as error:
            reason = os_reason(error) if isinstance(error, OSError) else str(error)
            raise TransferError(f"cannot read {source}: {reason}") from error


async def _run(
    gateway: Gateway,
    planned: Planned,
    steering: Steering,
    on_progress: Callable[[TransferProgress], None],
) -> TransferReport:
    order, reports = planned.order, list[TransferReport]()
    for at, each in enumerate(planned.plans):
        tell = _added(planned, at, on_progress)
        if isinstance(each, PullPlan):
            report = await copy.run(
                gateway,
                each,
                confirmed=order.confirmed,
                running=steering.running,
                on_progress=tell,
                keeps=steering.keeps,
            )
        else:
            report = await push.push(
                gateway, each, confirmed=order.confirmed, running=steering.running, on_progress=tell
            )
        reports.append(report)
    return reports[0] if len(reports) == 1 else reports_summed(reports, order.destination)


def _added(
    planned: Planned, at: int, on_progress: Callable[[TransferProgress], None]
) -> Callable[[TransferProgress], None]:
    """Return what tells the progress of one of several as that of all of them."""
    if len(planned.plans) == 1:
        return on_progress
    before = [each.summary for each in planned.plans[:at]]
    files, size = sum(each.files for each in before), sum(each.size_bytes for each in before)

    def tell(progress: TransferProgress) -> None:
        on_progress(
            replace(
                progress,
                files_done=files + progress.files_done,
                bytes_done=size + progress.bytes_done,
                files_total=planned.summary.files,
                bytes_total=planned.summary.size_bytes,
            )
        )

    return tell


def summed(summaries: Sequence[PlanSummary], destination: str) -> PlanSummary:
    """Return several plans as one."""
    if len(summaries) == 1:
        return summaries[0]
    seconds = [each.seconds for each in summaries if each.seconds is not None]
    return PlanSummary(
        destination,
        sum(each.files for each in summaries),
        sum(each.size_bytes for each in summaries),
        sum(each.directories for each in summaries),
        sum(each.links for each in summaries),
        sum(each.equal for each in summaries),
        sum(each.resumed_files for each in summaries),
        sum(each.resumed_bytes for each in summaries),
        tuple(item for each in summaries for item in each.conflicts),
        tuple(item for each in summaries for item in each.left_out),
        tuple(item for each in summaries for item in each.failed),
        tuple(dict.fromkeys(question for each in summaries for question in each.questions)),
        seconds=sum(seconds) if len(seconds) == len(summaries) else None,
    )


def reports_summed(reports: Sequence[TransferReport], destination: str) -> TransferReport:
    """Return what came of several transfers as one."""
    said = dict.fromkeys(each.verified for each in reports if each.verified)
    return TransferReport(
        destination,
        sum(each.files for each in reports),
        sum(each.size_bytes for each in reports),
        sum(each.seconds for each in reports),
        tuple(item for each in reports for item in each.left_out),
        tuple(item for each in reports for item in each.failed),
        sum(each.equal for each in reports),
        sum(each.links for each in reports),
        sum(each.resumed_files for each in reports),
        tuple(dict.fromkeys(way for each in reports for way in each.ways)),
        "; ".join(said),
    )
