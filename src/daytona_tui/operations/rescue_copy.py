"""Copies out of a sandbox what deleting it would lose, and proves that what arrived is what is there."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from daytona_tui.domain.files import FileEntry, file_name, parent_path
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.safety import SafetyReport
from daytona_tui.domain.transfers import ConflictPolicy, TransferItem, TransferProgress
from daytona_tui.errors import DaytonaTuiError, TransferError
from daytona_tui.operations.copy import default_destination
from daytona_tui.presentation.human import size
from daytona_tui.presentation.phrases import os_reason
from daytona_tui.transfer.batching import batches
from daytona_tui.transfer.concurrency import settled, together
from daytona_tui.transfer.engine import Engine
from daytona_tui.transfer.plan import PlannedFile, TransferPlan, plan_file, plan_tree
from daytona_tui.transfer.progress import Meter
from daytona_tui.transfer.safety import collision_key, directory_name
from daytona_tui.transfer.staging import Staging
from daytona_tui.transfer.walk import Parts, ends_everything, walk

_AT_ONCE = 8
_BATCH_FILES = 1000
_BATCH_BYTES = 100_000
"""Of names: a little less than what Linux takes as one argument."""
_ONE_BY_ONE = 'for f in PATHS; do sha256sum < "$f" || echo unreadable; done 2>/dev/null'
_NO_TEXT = "\N{REPLACEMENT CHARACTER}"
"""What stands in text for bytes that are none: several names come to look like one, and only that one is copied."""
_NOT_SYNCED = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EPERM})
"""What file systems say that keep directories in another way, or of one that can be gone through and not read."""
_HASH_S = 60
_HASH_BYTES_PER_S = 20_000_000
"""What even a busy sandbox reads: the look gets so much longer for large files."""


@dataclass(frozen=True, slots=True)
class Rescued:
    """What was copied.

    Attributes:
        destination: the local directory that holds it, laid out as below the working directory.
        files: what arrived; targets are below the destination.
        size_bytes: sum of what arrived.
        problems: what did not arrive, a sentence each: hostile text.
    """

    destination: Path
    files: tuple[PlannedFile, ...]
    size_bytes: int
    problems: tuple[str, ...] = ()


async def copy_out(
    gateway: Gateway, report: SafetyReport, base: Path, on_progress: Callable[[TransferProgress], None]
) -> Rescued:
    """Copy all that ``report`` says would be lost into a new directory of ``base`` named after the sandbox.

    Nothing that exists is written to. What failed alone stands among the problems.

    Raises:
        TransferError: ``base`` cannot be written to, or the disk is full.
        DaytonaTuiError: whatever else made it impossible to go on.
    """
    meter = Meter(on_progress)
    meter.tell_now()
    destination = await settled(asyncio.to_thread(_free_directory, base, report))
    staging = Staging(destination)
    try:
        await settled(asyncio.to_thread(staging.open))
        folds_case = await settled(asyncio.to_thread(staging.folds_case))
        plan = await _plan(gateway, report, fold_case=folds_case)
        free = await settled(asyncio.to_thread(staging.free_bytes))
        if plan.size_bytes > free:
            raise TransferError(f"{base} has {size(free)} of space left; {size(plan.size_bytes)} are needed")
        engine = Engine(gateway, report.sandbox.id, staging.contents, meter)
        await engine.run(plan)
        unmoved = await settled(asyncio.to_thread(staging.settle, ConflictPolicy.FAIL))
    except OSError as error:
        raise TransferError(f"cannot write to {destination}: {os_reason(error)}") from error
    finally:
        await settled(asyncio.to_thread(staging.discard))
    meter.tell_now()
    problems = [_said(item.path, item.reason) for item in (*plan.failed, *plan.left_out)]
    problems += [_said(file.source, error.message) for file, error in engine.failures]
    problems += [f"{'/'.join(parts)}: {reason}" for parts, reason in (*engine.unmade.items(), *unmoved)]
    missing = {file.target for file, _error in engine.failures}
    arrived = tuple(file for file in plan.files if file.target not in missing)
    return Rescued(destination, arrived, engine.size_bytes, tuple(problems))


def _said(path: str, reason: str) -> str:
    """Return what happened to a path; a reason that begins with it says it by itself."""
    return reason if reason.startswith(path) else f"{path}: {reason}"


def _free_directory(base: Path, report: SafetyReport) -> Path:
    """Return a directory of ``base`` that does not exist yet; touches the disk."""
    name = directory_name(report.sandbox.name, report.sandbox.id or "sandbox")
    for number in count(1):
        directory = base / (name if number == 1 else f"{name}-{number}")
        if not os.path.lexists(directory):
            break
    return directory


async def _plan(gateway: Gateway, report: SafetyReport, *, fold_case: bool) -> TransferPlan:
    """Return what to copy: whole stores, and single files."""
    slots = asyncio.Semaphore(_AT_ONCE)

    async def within(directory: str, paths: Sequence[str]) -> list[TransferPlan]:
        async with slots:
            try:
                # Of a link the listing says that it is one; asked for by itself it would pass for what it points at.
                entries = {each.name: each for each in await gateway.list_dir(report.sandbox.id, directory)}
            except DaytonaTuiError as error:
                if ends_everything(error):
                    raise
                return [TransferPlan(failed=(TransferItem(path, error.message),)) for path in paths]
            found = ((path, entries.get(file_name(path))) for path in paths)
            return [await _single(gateway, report, entry, path, fold_case=fold_case) for path, entry in found]

    # The store of a submodule names its working tree, and git asks nothing of it that is not there.
    trees = [_target(report, each.path) for each in report.findings.repositories if each.loses]
    plans = [TransferPlan(directories=tuple((parts, None) for parts in trees if parts))]
    plans += [await _whole(gateway, report, store, fold_case=fold_case) for store in report.stores]
    stores = tuple(f"{store}/" for store in report.stores)
    by_directory: dict[str, list[str]] = {}
    for path in report.files:
        if not path.startswith(stores):
            by_directory.setdefault(parent_path(path), []).append(path)
    for some in await together(within(directory, paths) for directory, paths in by_directory.items()):
        plans += some
    return _merged(plans, fold_case=fold_case)


async def _single(
    gateway: Gateway, report: SafetyReport, entry: FileEntry | None, path: str, *, fold_case: bool
) -> TransferPlan:
    if entry is None:
        return TransferPlan(failed=(TransferItem(path, "it is not there any more"),))
    if entry.is_link or entry.is_special:
        reason = "it is a link" if entry.is_link else "it is not a regular file"
        return TransferPlan(left_out=(TransferItem(path, reason),))
    if entry.is_dir:
        return await _whole(gateway, report, path, fold_case=fold_case)
    target = _target(report, path)
    planned = plan_file(entry, path, target[-1])
    return replace(planned, files=tuple(replace(file, target=target) for file in planned.files))


async def _whole(gateway: Gateway, report: SafetyReport, path: str, *, fold_case: bool) -> TransferPlan:
    plan = plan_tree(await walk(gateway, report.sandbox.id, path), fold_case=fold_case)
    above = _target(report, path)
    directories = ((above, None), *((above + parts, at) for parts, at in plan.directories))
    files = tuple(replace(file, target=above + file.target) for file in plan.files)
    return replace(plan, directories=directories, files=files)


def _target(report: SafetyReport, path: str) -> Parts:
    """Return where ``path`` goes below the destination."""
    return default_destination(report.sandbox, path, report.work_dir, Path()).parts[1:]


def _merged(plans: Sequence[TransferPlan], *, fold_case: bool) -> TransferPlan:
    """Return one plan of all: every directory once and before what is in it, no target twice."""
    dated = {parts: at for plan in plans for parts, at in plan.directories if parts}
    files: dict[tuple[str, ...], PlannedFile] = {}
    failed = [item for plan in plans for item in plan.failed]
    for file in (file for plan in plans for file in plan.files):
        key = tuple(collision_key(name, fold_case=fold_case) for name in file.target)
        if key in files and files[key].source != file.source:
            failed.append(TransferItem(file.source, "another file has the same name here"))
        if _NO_TEXT in file.source:
            failed.append(TransferItem(file.source, "its name is no UTF-8: there may be others that look the same"))
        files.setdefault(key, file)
    above = {parts[:depth] for parts in dated for depth in range(1, len(parts) + 1)}
    above |= {file.target[:depth] for file in files.values() for depth in range(1, len(file.target))}
    directories = tuple((parts, dated.get(parts)) for parts in sorted(above, key=lambda parts: (len(parts), parts)))
    left_out = tuple(item for plan in plans for item in plan.left_out)
    return TransferPlan(directories, tuple(files.values()), left_out, tuple(failed))


# The proof


async def differing(gateway: Gateway, report: SafetyReport, rescued: Rescued) -> tuple[str, ...]:
    """Return those files, as paths of the sandbox, that are not the same here and there by their SHA-256.

    One that cannot be read any more, on either side, is not the same.

    Raises:
        DaytonaTuiError: the sandbox cannot be asked.
    """
    found: list[str] = []
    for batch in batches(rescued.files, _as_word, most=_BATCH_FILES, room=_BATCH_BYTES):
        here = await settled(asyncio.to_thread(_hashes, rescued.destination, batch))
        there = await _hashes_there(gateway, report, batch)
        found += [file.source for file, one, other in zip(batch, here, there, strict=True) if not one or one != other]
    return tuple(found)


async def _hashes_there(gateway: Gateway, report: SafetyReport, files: Sequence[PlannedFile]) -> list[str]:
    """Return the hashes of files in the sandbox; something else for one that cannot be read."""
    paths = " ".join(shlex.quote(file.source) for file in files)
    seconds = _HASH_S + sum(file.size_bytes for file in files) // _HASH_BYTES_PER_S
    # One program for all is quick. Where its lines are not one for each file (one is missing, or a name has a line
    # break of its own), each is asked for by itself.
    for script in (f"sha256sum -- {paths} 2>/dev/null", _ONE_BY_ONE.replace("PATHS", paths)):
        outcome = await gateway.look(report.sandbox.id, script, timeout_s=seconds)
        hashes = [line.lstrip("\\").split(" ")[0] for line in outcome.output.splitlines()]
        if len(hashes) == len(files) and all(map(_is_hash, hashes)):
            return hashes
    # The tool is missing, or time was up: nothing is proven.
    return hashes if len(hashes) == len(files) else [""] * len(files)


def _is_hash(text: str) -> bool:
    return len(text) == hashlib.sha256().digest_size * 2 and text.isalnum()


def make_lasting(rescued: Rescued) -> None:
    """Return when the disk has all that was copied, so that it outlasts a power failure. Touches the disk.

    Raises:
        OSError: the disk could not keep it.
    """
    above = rescued.destination.parent
    places = [*rescued.destination.rglob("*"), rescued.destination, above, above.parent]
    for place in places:
        try:
            _sync(place)
        except OSError as error:
            if not (place.is_dir() and error.errno in _NOT_SYNCED):
                raise


def _sync(place: Path) -> None:
    descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _as_word(file: PlannedFile) -> int:
    """Return the bytes that the path takes in a command."""
    return len(shlex.quote(file.source).encode("utf-8", "replace")) + 1


def _hashes(directory: Path, files: Sequence[PlannedFile]) -> list[str]:
    """Return the hashes of local files, empty for one that cannot be read; touches the disk."""
    return [_hash(directory.joinpath(*file.target)) for file in files]


def _hash(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""
