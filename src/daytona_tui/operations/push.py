"""Push files and directories into a sandbox: one plan, then one run."""

from __future__ import annotations

import asyncio
import posixpath
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from daytona_tui.domain.files import FileEntry
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.transfers import (
    ConflictPolicy,
    Equality,
    TransferOptions,
    TransferProgress,
    TransferReport,
)
from daytona_tui.errors import NotFoundError, TransferError
from daytona_tui.operations.copy import unseen
from daytona_tui.presentation.human import size
from daytona_tui.transfer.concurrency import settled
from daytona_tui.transfer.present import digest
from daytona_tui.transfer.progress import Meter
from daytona_tui.transfer.proof import batches, hashes, prefix_hashes
from daytona_tui.transfer.push_engine import PushEngine
from daytona_tui.transfer.push_plan import PushFile, PushPlan, is_same
from daytona_tui.transfer.push_survey import Site, survey
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
    place = await _place(gateway, sandbox_id, destination)
    request_s = (time.monotonic() - began) / (1 if destination.startswith("/") else 2)
    pairs, base, shown = _targets([str(source) for source in sources], place)
    tree = await _walked(pairs, options, on_progress)
    directories = list(dict.fromkeys([base, *(each.target for each in tree.directories)]))
    site = await survey(gateway, sandbox_id, base, directories)
    files = await settled(asyncio.to_thread(_held_against, tree.files, site, options))
    if options.equality is Equality.CHECKSUM:
        files = await _compared(gateway, sandbox_id, files)

    def planned() -> PushPlan:
        return PushPlan(
            sandbox_id,
            shown,
            base,
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


@dataclass(frozen=True, slots=True)
class _Place:
    """A destination: its absolute path, whether sources go into it, and whether there is a directory."""

    path: str
    is_into: bool


async def _place(gateway: Gateway, sandbox_id: SandboxId, destination: str) -> _Place:
    if "\0" in destination:
        raise TransferError("a path cannot contain a NUL")
    path = destination
    if not path.startswith("/"):
        path = posixpath.join(await gateway.work_dir(sandbox_id), path)
    is_into = destination == "" or posixpath.basename(destination) in ("", ".", "..")
    path = posixpath.normpath("/" + path.lstrip("/"))
    there = await _found(gateway, sandbox_id, path)
    if is_into and there is not None and not there.is_dir:
        raise TransferError(f"{path!r} is a file in the sandbox, not a directory")
    return _Place(path, is_into or (there is not None and there.is_dir))


async def _found(gateway: Gateway, sandbox_id: SandboxId, path: str) -> FileEntry | None:
    try:
        return await gateway.info(sandbox_id, path)
    except NotFoundError:
        return None


def _targets(sources: Sequence[str], place: _Place) -> tuple[list[tuple[Path, str]], str, str]:
    """Return each source with its target, the directory that holds them all, and the destination to be named."""
    is_into = place.is_into or len(sources) > 1
    pairs: list[tuple[Path, str]] = []
    base = place.path
    for source in sources:
        path = Path(source).expanduser()
        name = path.name or path.resolve().name
        stands_for_contents = source.endswith("/") or posixpath.basename(source) in (".", "..")
        if stands_for_contents and path.is_dir():
            pairs.append((path, place.path))
        elif is_into:
            if not name:
                raise TransferError(f"{source!r} has no name that it could get; write a slash at its end")
            pairs.append((path, posixpath.join(place.path, name)))
        else:
            pairs.append((path, place.path))
            base = posixpath.dirname(place.path)
    return pairs, base, pairs[0][1] if len(pairs) == 1 else place.path


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


def _held_against(files: Sequence[PushFile], site: Site, options: TransferOptions) -> list[PushFile]:
    held = []
    for file in files:
        there = site.entries.get(file.target)
        is_equal = is_same(file.size_bytes, file.modified_ns, there, options.equality)
        held.append(file if there is None else replace(file, there=there, is_equal=is_equal))
    return held


async def _compared(gateway: Gateway, sandbox_id: SandboxId, files: Sequence[PushFile]) -> list[PushFile]:
    """Return the files with those marked as equal that have the same length and SHA-256 as what is there."""
    alike = [
        file
        for file in files
        if file.there is not None and file.there.kind == "file" and file.there.size_bytes == file.size_bytes
    ]
    there: dict[str, str] = {}
    sizes = {file.target.lstrip("/"): file.size_bytes for file in alike}
    for names in batches(sizes):
        told = await hashes(gateway, sandbox_id, "/", names, sum(sizes[name] for name in names))
        if told is None:
            break
        odd = [(name, sizes[name]) for name in names if name not in told]  # what the lines do not say
        for (name, _), made in zip(odd, await prefix_hashes(gateway, sandbox_id, "/", odd) or (), strict=False):
            told[name] = made
        there.update((f"/{name}", made) for name, made in told.items() if made)
    wanted = [file for file in alike if file.target in there]
    here = await settled(asyncio.to_thread(lambda: [digest(file.source) for file in wanted]))
    equal = {file.target for file, made in zip(wanted, here, strict=True) if made == there[file.target]}
    return [replace(file, is_equal=True) if file.target in equal else file for file in files]


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
            hint="choose to overwrite, to skip, to replace what is older, or to keep both",
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
    place = await _place(gateway, sandbox_id, path)
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
