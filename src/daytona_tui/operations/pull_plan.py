"""What a pull would do: the tree of the sandbox, held against what the destination holds already."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from daytona_tui.domain.files import parent_path
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.transfers import (
    ConflictPolicy,
    Equality,
    PlanSummary,
    TransferItem,
    TransferOptions,
    TransferProgress,
    Way,
)
from daytona_tui.errors import TransferError
from daytona_tui.presentation.human import size
from daytona_tui.transfer.concurrency import settled
from daytona_tui.transfer.engine import BATCH_FILES, SMALL_BYTES
from daytona_tui.transfer.ignoring import Ignoring
from daytona_tui.transfer.plan import (
    PlannedFile,
    TransferPlan,
    apply_policy,
    plan_file,
    plan_seen,
    seen_by,
)
from daytona_tui.transfer.present import Present, digest, folds_case, present
from daytona_tui.transfer.proof import batches, hashes
from daytona_tui.transfer.quoting import is_text
from daytona_tui.transfer.safety import local_name
from daytona_tui.transfer.source import PullSource
from daytona_tui.transfer.staging import Staging
from daytona_tui.transfer.survey import Seen, Survey, survey
from daytona_tui.transfer.walk import Parts, walk

USUAL = TransferOptions()
"""How to copy where nothing is said."""

_GITIGNORE_BYTES = 256 * 1024
_BYTES_PER_S = 25_000_000
"""What is expected of a line of which nothing is known."""


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
        work: what to copy, file by file, under the policy; with the policy *fail*, what does not exist yet.
        found: everything that is to be at the destination in the end.
        present: what of it is there already.
        request_s: how long a small request has taken.
        by_look: a program may be asked in the sandbox.
    """

    sandbox_id: SandboxId
    path: str
    destination: Path
    options: TransferOptions
    is_dir: bool
    summary: PlanSummary
    work: TransferPlan
    found: TransferPlan
    present: Present
    request_s: float = 0.0
    by_look: bool = True

    @property
    def base(self) -> Path:
        """The directory that targets are below."""
        return self.destination if self.is_dir else self.destination.parent

    @property
    def root(self) -> str:
        """The directory of the sandbox that targets are below."""
        return self.path if self.is_dir else parent_path(self.path)

    @property
    def key(self) -> str:
        """What the same pull has the same of, however often it is begun."""
        words = json.dumps([self.sandbox_id, self.path, os.path.abspath(self.destination)])  # noqa: PTH100
        return hashlib.sha256(words.encode()).hexdigest()[:16]

    def kept(self) -> Path | None:
        """Return where what arrived before an interruption is kept; None where nothing is. Looks at the disk."""
        return Staging(self.base, self.key).kept()

    def with_policy(self, policy: ConflictPolicy) -> PullPlan:
        """Return the same plan with another answer to what exists already; asks nobody, but looks at the disk."""
        return concluded(replace(self, options=replace(self.options, conflict=policy)))


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
        on_progress: told that the tree is being listed; totals are 0.

    Raises:
        NotFoundError: there is no such path.
        TransferError: the destination cannot be what is asked for.
        DaytonaTuiError: whatever else made it impossible to look.
    """
    on_progress(TransferProgress())
    return await planned(source, sandbox_id, path, destination, options)


async def planned(
    source: PullSource,
    sandbox_id: SandboxId,
    path: str,
    destination: Path,
    options: TransferOptions,
    *,
    by_look: bool = True,
) -> PullPlan:
    """Return what ``plan`` returns; ``by_look`` is False for a source that can only list directories."""
    began = time.monotonic()
    # Most often it is a directory, and then nobody has waited to be told so before it is looked into.
    looking = asyncio.ensure_future(_looked(source, sandbox_id, path, options, by_look=by_look))
    try:
        entry = await source.info(sandbox_id, path)
        request_s = time.monotonic() - began
        if entry.is_special:
            raise TransferError(f"{path!r} is not a regular file")
        if not entry.is_dir and await settled(asyncio.to_thread(destination.is_dir)):
            raise TransferError(f"{destination} is a directory, not a file")
        base = destination if entry.is_dir else destination.parent
        if entry.is_dir:
            found = await _tree(source, sandbox_id, path, base, options, await looking)
        else:
            found = plan_file(entry, path, local_name(destination.name))
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
    here = await settled(asyncio.to_thread(partial(present, base, found, by_time=options.equality is Equality.TIME)))
    bare = PullPlan(
        sandbox_id, path, destination, options, entry.is_dir, PlanSummary(""), found, found, here, request_s, by_look
    )
    if options.equality is Equality.CHECKSUM and here.same_size:
        same = await _same_contents(source, bare)
        bare = replace(bare, present=here.with_equal(same))
    return await settled(asyncio.to_thread(concluded, bare))


async def _looked(
    source: PullSource, sandbox_id: SandboxId, path: str, options: TransferOptions, *, by_look: bool
) -> Survey | None:
    if not by_look:
        return None
    # A .gitignore may take back what is usually left out, so that with those everything has to be looked at.
    pruned = () if options.gitignore else Ignoring(options.ignore, usual=options.ignore_usual).pruned
    return await survey(source, sandbox_id, path, pruned)


async def _tree(
    source: PullSource, sandbox_id: SandboxId, path: str, base: Path, options: TransferOptions, told: Survey | None
) -> TransferPlan:
    ignoring = Ignoring(options.ignore, usual=options.ignore_usual)
    left_out: tuple[TransferItem, ...] = ()
    if told is not None:
        seen, failed = told.seen, told.failed
    else:
        tree = await walk(source, sandbox_id, path)
        seen, failed, left_out = tuple(seen_by(tree)), tuple(tree.failed), tuple(tree.left_out)
    if options.gitignore:
        await _take_in_gitignores(source, sandbox_id, path, seen, ignoring)
    fold_case = await settled(asyncio.to_thread(folds_case, base))
    # Thousands of entries take long enough to be felt in a key press.
    sort = partial(plan_seen, path, seen, ignoring, fold_case=fold_case, links=options.links)
    found = await settled(asyncio.to_thread(sort))
    return replace(found, left_out=(*left_out, *found.left_out), failed=(*failed, *found.failed))


async def _take_in_gitignores(
    source: PullSource, sandbox_id: SandboxId, root: str, seen: Iterable[Seen], ignoring: Ignoring
) -> None:
    files = {
        f"{root.rstrip('/')}/{'/'.join(each.parts)}": each.parts[:-1]
        for each in seen
        if each.parts[-1] == ".gitignore" and each.kind == "f" and each.size_bytes <= _GITIGNORE_BYTES
    }
    paths = [path for path in files if is_text(path)]
    for at in range(0, len(paths), BATCH_FILES):
        async for path, contents in source.read_many(sandbox_id, paths[at : at + BATCH_FILES]):
            if isinstance(contents, bytes) and path in files:
                ignoring.add_file(files[path], contents.decode("utf-8", "replace"))


async def _same_contents(source: PullSource, plan: PullPlan) -> frozenset[Parts]:
    """Return the targets whose SHA-256 is the same here and there."""
    files = {relative(plan, file): file for file in plan.found.files if file.target in plan.present.same_size}
    same: set[Parts] = set()
    for names in batches({name: file.size_bytes for name, file in files.items()}):
        total = sum(files[name].size_bytes for name in names)
        there = await hashes(source, plan.sandbox_id, plan.root, names, total)
        for name, told in (there or {}).items():
            file = files.get(name)
            if file is not None:
                here = await settled(asyncio.to_thread(digest, plan.base.joinpath(*file.target)))
                same |= {file.target} if here == told else set()
    return frozenset(same)


def relative(plan: PullPlan, file: PlannedFile) -> str:
    """Return the name of a file below the plan's root."""
    return file.source[len(plan.root.rstrip("/")) + 1 :]


def concluded(plan: PullPlan) -> PullPlan:
    """Return the plan with its work and its summary, under its policy. Blocks: looks at the disk."""
    found, here, options = plan.found, plan.present, plan.options
    files = tuple(file for file in found.files if file.target not in here.equal)
    links = tuple(link for link in found.links if link.target not in here.equal)
    wanted = replace(found, files=files, links=links)
    conflicts = tuple(
        TransferItem(each.source, "it exists here and differs") for each in wanted.items if each.target in here.existing
    )
    policy = ConflictPolicy.SKIP if options.conflict is ConflictPolicy.FAIL else options.conflict
    work = apply_policy(
        wanted,
        here.existing,
        policy,
        older=here.older,
        is_taken=lambda parts: os.path.lexists(plan.base.joinpath(*parts)),
    )
    if options.conflict is ConflictPolicy.FAIL:
        work = replace(work, left_out=wanted.left_out)  # they are conflicts, and end it
    arrived = Staging(plan.base, plan.key).arrived(work) if options.resume else []
    resumed_bytes = sum(each.file.size_bytes for each in arrived)
    summary = PlanSummary(
        str(plan.destination),
        len(work.files),
        work.size_bytes,
        len(work.directories),
        len(work.links),
        len(here.equal),
        len(arrived),
        resumed_bytes,
        conflicts,
        work.left_out,
        work.failed,
        _questions(work, options),
        _way(work, options),
        _seconds(work, plan.request_s, resumed_bytes),
    )
    return replace(plan, work=work, summary=summary)


def _questions(work: TransferPlan, options: TransferOptions) -> tuple[str, ...]:
    questions = []
    if options.max_files is not None and len(work.files) > options.max_files:
        questions.append(f"there are {len(work.files):,} files, which is more than {options.max_files:,}")
    if options.max_bytes is not None and work.size_bytes > options.max_bytes:
        questions.append(f"it is {size(work.size_bytes)}, which is more than {size(options.max_bytes)}")
    return tuple(questions)


def _way(work: TransferPlan, options: TransferOptions) -> Way:
    if options.way is not Way.AUTO:
        return options.way
    small = sum(file.size_bytes <= SMALL_BYTES for file in work.files)
    return Way.BULK if small > 1 else Way.STREAM


def _seconds(work: TransferPlan, request_s: float, here_bytes: int) -> float:
    large = sum(file.size_bytes > SMALL_BYTES for file in work.files)
    requests = 2 + large / 4 + len(work.files) / BATCH_FILES / 4
    return request_s * requests + (work.size_bytes - here_bytes) / _BYTES_PER_S
