"""Push files and directories into a sandbox: one plan, then one run."""

from __future__ import annotations

import asyncio
import posixpath
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path

from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.transfers import (
    ConflictPolicy,
    TransferOptions,
    TransferProgress,
    TransferReport,
)
from daytona_tui.errors import TransferError
from daytona_tui.operations.copy import unseen
from daytona_tui.presentation.human import size
from daytona_tui.transfer.concurrency import settled
from daytona_tui.transfer.progress import Meter
from daytona_tui.transfer.push_engine import PushEngine
from daytona_tui.transfer.push_equal import held_against
from daytona_tui.transfer.push_place import find_place, targets_of
from daytona_tui.transfer.push_plan import PushFile, PushPlan
from daytona_tui.transfer.push_survey import survey
from daytona_tui.transfer.push_walk import LocalTree, LocalWalk

_USUAL = TransferOptions()
_PIPE_MODE = 0o644


async def plan_push(
    gateway: Gateway,
    sandbox_id: SandboxId,
    sources: Sequence[str | Path],
    destination: str,
    options: TransferOptions = _USUAL,
    *,
    on_progress: Callable[[TransferProgress], None] = unseen,
) -> PushPlan:
    """Work out what a push would do; it changes nothing, and only peeks.

    Args:
        gateway: where to look.
        sandbox_id: the sandbox, which must run.
        sources: local files and directories. A directory written with a slash at its end stands for its contents.
        destination: path in the sandbox; a relative one begins at its working directory, and an empty one is that. A
            slash at its end, or a directory that exists there, means *into* it; so do several sources. Otherwise it is
            the name that the one source gets.
        options: what to leave out, and what to do with what is there already.
        on_progress: told how many files were found so far.

    Raises:
        TransferError: a source cannot be read, or two sources would get the same name.
        DaytonaTuiError: the sandbox cannot be asked.
    """
    if not sources:
        raise TransferError("there is nothing to push")
    began = time.monotonic()
    place = await find_place(gateway, sandbox_id, destination)
    request_s = (time.monotonic() - began) / (1 if destination.startswith("/") else 2)
    targets = targets_of([str(source) for source in sources], place)
    tree = await _walked(targets.pairs, options, on_progress)
    directories = list(dict.fromkeys([targets.base, *(each.target for each in tree.directories)]))
    site = await survey(gateway, sandbox_id, targets.base, directories)
    files = await held_against(gateway, sandbox_id, tree.files, site, options.equality)

    def planned() -> PushPlan:
        return PushPlan(
            sandbox_id,
            targets.shown,
            targets.base,
            files=tuple(files),
            directories=tuple(replace(each, exists=each.target in site.directories) for each in tree.directories),
            links=tuple(replace(link, there=site.entries.get(link.target)) for link in tree.links),
            made=site.missing,
            left_out=tuple(tree.left_out),
            failed=tuple(tree.failed),
            present=frozenset(site.entries),
            tools=site.tools,
            free_bytes=site.free_bytes,
            request_s=request_s,
            options=options,
        )

    plan = await settled(asyncio.to_thread(planned))
    await settled(asyncio.to_thread(lambda: plan.summary))  # worked out where no key has to wait for it
    return plan


async def _walked(
    pairs: Sequence[tuple[Path, str]], options: TransferOptions, on_progress: Callable[[TransferProgress], None]
) -> LocalTree:
    """Return what there is to push; a walk that nobody waits for any more ends soon."""
    loop = asyncio.get_running_loop()

    def tell(files: int, size_bytes: int) -> None:
        found = TransferProgress(files_done=files, bytes_done=size_bytes)
        loop.call_soon_threadsafe(on_progress, found)

    walk = LocalWalk(options, tell)

    def walked() -> LocalTree:
        for source, target in pairs:
            walk.add(source, target)
        _refuse_doubles(walk.tree)
        return walk.tree

    work = asyncio.ensure_future(asyncio.to_thread(walked))
    work.add_done_callback(lambda done: done.cancelled() or done.exception())  # looked at, whoever waits
    try:
        return await asyncio.shield(work)
    finally:
        walk.stop()


def _refuse_doubles(tree: LocalTree) -> None:
    sources: dict[str, str] = {each.target: "" for each in tree.directories}
    for target, source in tree.targets():
        if target in sources:
            other = sources[target] or "a directory"
            raise TransferError(f"{source} and {other} would both become {target!r}")
        sources[target] = source


async def push(
    gateway: Gateway,
    plan: PushPlan,
    *,
    confirmed: bool = False,
    running: asyncio.Event | None = None,
    on_progress: Callable[[TransferProgress], None] = unseen,
) -> TransferReport:
    """Do what ``plan`` says.

    Every file goes to a temporary place in the sandbox, is compared with its SHA-256 and only then renamed. A file that
    fails alone stands in the report. What is there when a push is broken off is whole, and the same push does the rest.
    Cancelled or not, it leaves no temporary files.

    Args:
        gateway: where to write to.
        plan: from ``plan_push``; ``plan.with_policy(…)`` answers its conflicts.
        confirmed: whatever ``plan.summary.questions`` asks is answered with yes.
        on_progress: told at most ten times a second, and at the beginning and the end.
        running: while it is not set, nothing more is begun: clear it to pause. To cancel, cancel the task.

    Raises:
        TransferError: the policy is to fail and there are conflicts, a question is open, or there is no room; nothing
            was written.
        DaytonaTuiError: whatever made it impossible to go on.
    """
    _refuse(plan, confirmed=confirmed)
    began = time.monotonic()
    meter = Meter(on_progress)
    meter.tell_now()
    engine = PushEngine(gateway, plan, meter, running)
    await engine.run()
    meter.tell_now()
    report = engine.report(time.monotonic() - began)
    is_one_file = [file.target for file in plan.files] == [plan.destination]
    return replace(report, destination=plan.to_copy[0].target) if is_one_file and plan.to_copy else report


def _refuse(plan: PushPlan, *, confirmed: bool) -> None:
    """Raise TransferError where a plan is not to be carried out."""
    if plan.policy is ConflictPolicy.FAIL and plan.conflicts:
        more = f" and {len(plan.conflicts) - 1} more" if len(plan.conflicts) > 1 else ""
        raise TransferError(
            f"{plan.conflicts[0].target!r}{more} exists in the sandbox and differs",
            hint="choose what becomes of it, such as --conflict overwrite or --conflict skip",
        )
    if plan.summary.questions and not confirmed:
        raise TransferError(f"{plan.summary.questions[0]}; that has to be confirmed")
    if plan.free_bytes is not None and plan.size_bytes > plan.free_bytes:
        raise TransferError(
            f"the sandbox has {size(plan.free_bytes)} of space left; {size(plan.size_bytes)} are needed"
        )


async def push_stream(
    gateway: Gateway,
    sandbox_id: SandboxId,
    chunks: AsyncIterator[bytes],
    path: str,
    *,
    conflict: ConflictPolicy = ConflictPolicy.FAIL,
    on_progress: Callable[[TransferProgress], None] = unseen,
) -> TransferReport:
    """Write what comes, such as the standard input, to one file of the sandbox; it appears when it is whole.

    Raises:
        TransferError: there is such a file already and the policy is not to overwrite it, or it is a directory.
        DaytonaTuiError: whatever made it impossible to go on.
    """
    place = await find_place(gateway, sandbox_id, path)
    if place.is_into:
        raise TransferError(f"{place.path!r} is a directory: name the file that is to be written")
    base = posixpath.dirname(place.path)
    site = await survey(gateway, sandbox_id, base, [base])
    there = site.entries.get(place.path)
    plan = PushPlan(
        sandbox_id,
        place.path,
        base,
        files=(PushFile(Path("-"), place.path, 0, time.time_ns(), _PIPE_MODE, there),),
        made=site.missing,
        present=frozenset(site.entries),
        tools=site.tools,
        options=TransferOptions(conflict=conflict),
    )
    _refuse(plan, confirmed=True)
    if not plan.to_copy:
        return TransferReport(plan.destination, left_out=plan.skipped)
    began = time.monotonic()
    engine = PushEngine(gateway, plan, Meter(on_progress))
    await engine.run_pipe(chunks)
    return replace(engine.report(time.monotonic() - began), destination=plan.to_copy[0].target)
