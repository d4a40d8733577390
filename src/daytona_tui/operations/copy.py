"""Pull files and directories out of a sandbox: ``plan`` says what would be done, ``run`` does it.

``pull`` is both at once, for a caller who asks nothing.
"""

from __future__ import annotations

import asyncio
import posixpath
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from daytona_tui.domain.files import FileEntry
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.domain.transfers import (
    ConflictPolicy,
    PlanSummary,
    TransferItem,
    TransferOptions,
    TransferProgress,
    TransferReport,
)
from daytona_tui.errors import DaytonaTuiError, TransferError
from daytona_tui.presentation.human import size
from daytona_tui.presentation.phrases import os_reason
from daytona_tui.transfer.concurrency import settled
from daytona_tui.transfer.engine import Engine
from daytona_tui.transfer.plan import TransferPlan, apply_policy, plan_file, plan_tree
from daytona_tui.transfer.progress import Meter
from daytona_tui.transfer.safety import directory_name, local_name
from daytona_tui.transfer.source import Files, PullSource
from daytona_tui.transfer.staging import Staging
from daytona_tui.transfer.walk import Parts, walk

USUAL = TransferOptions()
"""How to copy where nothing is said."""


def unseen(_progress: TransferProgress) -> None:
    """Take no notice of progress."""


@dataclass(frozen=True, slots=True)
class PullPlan:
    """What a pull will do; nothing was written for it.

    Attributes:
        sandbox_id: where from.
        path: the file or directory, absolute, in the sandbox.
        destination: for a file its final path; for a directory the directory that will hold its contents.
        options: as asked for.
        is_dir: it is a directory.
        summary: the plan in numbers, to be shown.
        work: what to copy, file by file.
    """

    sandbox_id: SandboxId
    path: str
    destination: Path
    options: TransferOptions
    is_dir: bool
    summary: PlanSummary
    work: TransferPlan

    def with_policy(self, policy: ConflictPolicy) -> PullPlan:
        """Return the same plan with another answer to what exists already; asks nobody."""
        return replace(self, options=replace(self.options, conflict=policy))


async def plan(
    source: PullSource,
    sandbox_id: SandboxId,
    path: str,
    destination: Path,
    options: TransferOptions = USUAL,
    *,
    on_progress: Callable[[TransferProgress], None] = unseen,
) -> PullPlan:
    """Return what a pull would do, without writing anything.

    Args:
        source: where to read from.
        sandbox_id: the sandbox, which must run.
        path: absolute path in the sandbox.
        destination: for a file its final path; for a directory the directory that will hold its contents.
        options: how to copy.
        on_progress: told while the tree is being listed; totals are 0.

    Raises:
        NotFoundError: there is no such path.
        TransferError: the destination cannot be what is asked for.
        DaytonaTuiError: whatever else made it impossible to look.
    """
    entry = await source.info(sandbox_id, path)
    on_progress(TransferProgress())
    if entry.is_dir:
        work = plan_tree(await walk(source, sandbox_id, path), fold_case=False)
    else:
        work = plan_file(entry, path, local_name(destination.name))
    summary = PlanSummary(str(destination), len(work.files), work.size_bytes, len(work.directories))
    return PullPlan(sandbox_id, path, destination, options, entry.is_dir, summary, work)


async def run(
    source: PullSource,
    plan: PullPlan,
    *,
    confirmed: bool = False,
    running: asyncio.Event | None = None,
    on_progress: Callable[[TransferProgress], None] = unseen,
) -> TransferReport:
    """Do what a plan says.

    Args:
        source: where to read from.
        plan: what ``plan`` has returned.
        confirmed: whatever ``plan.summary.questions`` asks is answered with yes.
        running: while it is not set, nothing more is begun: clear it to pause. To cancel, cancel the task.
        on_progress: told at most ten times a second, and at the beginning and the end.

    Raises:
        TransferError: the destination cannot be written to, the disk is full, files exist and the policy is to fail,
            or a question is open.
        DaytonaTuiError: whatever else made it impossible to go on. What has arrived is kept for the next time, where
            the options say so.
    """
    return await pull(
        source, plan.sandbox_id, plan.path, plan.destination, conflict=plan.options.conflict, on_progress=on_progress
    )


async def pull(
    files: Files,
    sandbox_id: SandboxId,
    path: str,
    destination: Path,
    *,
    conflict: ConflictPolicy = ConflictPolicy.FAIL,
    on_progress: Callable[[TransferProgress], None] = unseen,
) -> TransferReport:
    """Copy a file or a directory out of a sandbox, byte for byte.

    Everything is moved into place at the end, so that a pull which fails as a whole or is cancelled leaves nothing
    behind. A single file that fails within a directory fails alone and stands in the report.

    Args:
        files: where to read from.
        sandbox_id: the sandbox, which must run.
        path: absolute path in the sandbox.
        destination: for a file its final path; for a directory the directory that will hold its contents.
        conflict: what to do with files that exist at the destination; *fail* does so before anything is copied.
        on_progress: told at most ten times a second, and at the beginning and the end. Totals are 0 while the tree is
            being listed.

    Raises:
        NotFoundError: there is no such path.
        TransferError: the destination cannot be written to, holds such files already, or the disk is full.
        DaytonaTuiError: whatever else made it impossible to go on.
    """
    began = time.monotonic()
    meter = Meter(on_progress)
    meter.tell_now()
    entry = await files.info(sandbox_id, path)
    if entry.is_special:
        raise TransferError(f"{path!r} is not a regular file")
    if not entry.is_dir and await settled(asyncio.to_thread(destination.is_dir)):
        raise TransferError(f"{destination} is a directory, not a file")
    staging = Staging(destination if entry.is_dir else destination.parent)
    try:
        await settled(asyncio.to_thread(staging.open))
        plan = await _plan(files, sandbox_id, path, entry, staging, destination)
        plan = await _checked(plan, staging, conflict)
        engine = Engine(files, sandbox_id, staging.contents, meter)
        await engine.run(plan)
        if engine.failures and not entry.is_dir:
            raise engine.failures[0][1]
        unmoved = await settled(asyncio.to_thread(staging.settle, conflict))
    except OSError as error:
        raise TransferError(f"cannot write to {destination}: {os_reason(error)}") from error
    finally:
        await settled(asyncio.to_thread(staging.discard))
    meter.tell_now()
    if unmoved and not entry.is_dir:
        raise TransferError(f"cannot write {destination}: {unmoved[0][1]}")
    return _report(plan, engine, unmoved, destination, time.monotonic() - began)


def _report(
    plan: TransferPlan, engine: Engine, unmoved: list[tuple[Parts, str]], destination: Path, seconds: float
) -> TransferReport:
    arrived = {file.target for file in plan.files} - {file.target for file, _ in engine.failures}
    lost = {target for target in arrived if any(target[: len(parts)] == parts for parts, _ in unmoved)}
    lost_bytes = sum(file.size_bytes for file in plan.files if file.target in lost)
    failed = [TransferItem(file.source, error.message) for file, error in engine.failures]
    failed += [TransferItem("/".join(parts), reason) for parts, reason in unmoved]
    return TransferReport(
        str(destination),
        engine.files - len(lost),
        max(0, engine.size_bytes - lost_bytes),
        seconds,
        plan.left_out,
        (*plan.failed, *failed),
    )


async def _plan(
    files: Files, sandbox_id: SandboxId, path: str, entry: FileEntry, staging: Staging, destination: Path
) -> TransferPlan:
    if not entry.is_dir:
        return plan_file(entry, path, local_name(destination.name))
    tree = await walk(files, sandbox_id, path)
    return plan_tree(tree, fold_case=await settled(asyncio.to_thread(staging.folds_case)))


async def _checked(plan: TransferPlan, staging: Staging, conflict: ConflictPolicy) -> TransferPlan:
    """Return the plan without what exists already, having made sure that it fits on the disk."""
    existing = await settled(asyncio.to_thread(staging.existing, [file.target for file in plan.files]))
    plan = apply_policy(plan, existing, conflict)
    free = await settled(asyncio.to_thread(staging.free_bytes))
    if plan.size_bytes > free:
        raise TransferError(f"{staging.base} has {size(free)} of space left; {size(plan.size_bytes)} are needed")
    return plan


def default_destination(sandbox: Sandbox, path: str, work_dir: str, base: Path) -> Path:
    """Return ``base/<sandbox name>/<path below the working directory>``, made of names that are safe here.

    The working directory itself is the sandbox's directory; a path outside it keeps all of its parts.
    """
    root = base / directory_name(sandbox.name, sandbox.id or "sandbox")
    whole = posixpath.normpath(posixpath.join("/", path))
    inside = posixpath.normpath(posixpath.join("/", work_dir)).rstrip("/")
    relative = whole[len(inside) :] if whole == inside or whole.startswith(inside + "/") else whole
    return root.joinpath(
        *(directory_name(part, "_") if _is_odd(part) else part for part in relative.split("/") if part)
    )


def _is_odd(part: str) -> bool:
    try:
        local_name(part)
    except DaytonaTuiError:
        return True
    return False
