"""What a push will do, worked out before it does anything: what is here, what is there, and the policy. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.transfers import ConflictPolicy, Equality, PlanSummary, TransferItem, TransferOptions, Way
from daytona_tui.presentation.human import size
from daytona_tui.transfer.present import is_same_time

SMALL_BYTES = 256 * 1024
"""Up to here files travel many to a request."""
BATCH_FILES = 1000
_BYTES_PER_S = 25_000_000
"""A usual line, for estimates."""
_NS = 1_000_000_000
_USUAL = TransferOptions()


@dataclass(frozen=True, slots=True)
class There:
    """What the sandbox has already where something is to be put.

    Attributes:
        kind: ``file``, ``directory``, ``link`` or ``other``.
        modified_ns: nanoseconds since 1970; whole seconds where the sandbox tells no more.
        holds_files: names can be put below it: a directory, or a link to one.
        points_to: where a link leads; None where that was not told.
    """

    kind: str
    size_bytes: int = 0
    modified_ns: int = 0
    holds_files: bool = False
    points_to: str | None = None


@dataclass(frozen=True, slots=True)
class PushFile:
    """One file to copy.

    Attributes:
        source: the local file.
        target: absolute path in the sandbox.
        size_bytes: its length when it was listed; it may have changed since.
        mode: permission bits, without set-uid, set-gid and sticky.
        there: what is at the target; None: nothing.
        is_equal: what is there is the same file.
    """

    source: Path
    target: str
    size_bytes: int
    modified_ns: int
    mode: int
    there: There | None = None
    is_equal: bool = False


@dataclass(frozen=True, slots=True)
class PushLink:
    """A symbolic link to make."""

    source: Path
    target: str
    points_to: str
    there: There | None = None

    @property
    def is_equal(self) -> bool:
        """True where this very link is there."""
        return self.there is not None and self.there.points_to == self.points_to


@dataclass(frozen=True, slots=True)
class PushDirectory:
    """A directory that must be there; parents come before their children."""

    target: str
    mode: int
    modified_ns: int
    exists: bool = False


@dataclass(frozen=True)
class PushPlan:
    """What a push will do.

    Attributes:
        sandbox_id: where to.
        destination: where it goes, an absolute path of the sandbox: the directory, or the file itself.
        base: the directory that holds everything; it need not exist yet.
        files: all files, those that are equal too.
        directories: all directories, those that exist too.
        made: the base and the directories above it, as far as they do not exist; the uppermost first.
        left_out: what is not copied and was not meant to be, with the reason.
        failed: what cannot be copied, with the reason.
        present: what else is in the directories, so that new names can keep clear of it.
        tools: programs that the sandbox has, of those that are of use; empty where nothing can be run in it.
        free_bytes: room on its disk; None where it does not tell.
        request_s: how long a small request has taken.
    """

    sandbox_id: SandboxId
    destination: str
    base: str
    files: tuple[PushFile, ...] = ()
    directories: tuple[PushDirectory, ...] = ()
    links: tuple[PushLink, ...] = ()
    made: tuple[str, ...] = ()
    left_out: tuple[TransferItem, ...] = ()
    failed: tuple[TransferItem, ...] = ()
    present: frozenset[str] = frozenset()
    tools: frozenset[str] = frozenset()
    free_bytes: int | None = None
    request_s: float = 0.0
    options: TransferOptions = field(default_factory=TransferOptions)

    def with_policy(self, policy: ConflictPolicy) -> PushPlan:
        """Return the plan with another answer to the conflicts; nothing is asked of the sandbox."""
        return replace(self, options=replace(self.options, conflict=policy))

    @property
    def policy(self) -> ConflictPolicy:
        """What happens to the conflicts."""
        return self.options.conflict

    @cached_property
    def equal(self) -> tuple[PushFile, ...]:
        """The files that need no copying."""
        return tuple(file for file in self.files if file.is_equal)

    @cached_property
    def conflicts(self) -> tuple[PushFile | PushLink, ...]:
        """The files and links that differ from what is there."""
        every: tuple[PushFile | PushLink, ...] = (*self.files, *self.links)
        return tuple(one for one in every if one.there is not None and not one.is_equal)

    @cached_property
    def to_copy(self) -> tuple[PushFile, ...]:
        """The files that will be copied under the policy, with the targets that they will have."""
        taken = {*self.present, *(file.target for file in self.files)}
        return tuple(_decided(self.files, self.policy, taken))

    @cached_property
    def to_link(self) -> tuple[PushLink, ...]:
        """The links that will be made under the policy. One that exists and differs is only ever overwritten."""
        replaces = self.policy is ConflictPolicy.OVERWRITE
        return tuple(link for link in self.links if link.there is None or (replaces and not link.is_equal))

    @cached_property
    def skipped(self) -> tuple[TransferItem, ...]:
        """The conflicts that stay as they are under the policy."""
        going = {file.source for file in self.to_copy} | {link.source for link in self.to_link}
        reason = "what is there is not older" if self.policy is ConflictPolicy.NEWER else "it exists there already"
        return tuple(TransferItem(str(one.source), reason) for one in self.conflicts if one.source not in going)

    @cached_property
    def size_bytes(self) -> int:
        """Sum of what will be copied."""
        return sum(file.size_bytes for file in self.to_copy)

    @property
    def _way(self) -> Way:
        if self.options.way is not Way.AUTO:
            return self.options.way
        if all(file.size_bytes > SMALL_BYTES for file in self.to_copy):
            return Way.STREAM
        return Way.TAR if "tar" in self.tools else Way.BULK

    @property
    def _seconds(self) -> float:
        large = sum(file.size_bytes > SMALL_BYTES for file in self.to_copy)
        requests = 4 + (2 * large + len(self.to_copy) / BATCH_FILES) / 4
        return self.request_s * requests + self.size_bytes / _BYTES_PER_S

    @cached_property
    def summary(self) -> PlanSummary:
        """The plan in numbers."""
        return PlanSummary(
            destination=self.destination,
            files=len(self.to_copy),
            size_bytes=self.size_bytes,
            directories=len(self.directories),
            links=len(self.to_link),
            equal=len(self.equal),
            conflicts=tuple(TransferItem(one.target, "it exists there and differs") for one in self.conflicts),
            left_out=self.left_out if self.policy is ConflictPolicy.FAIL else (*self.left_out, *self.skipped),
            failed=self.failed,
            questions=tuple(_questions(self)),
            way=self._way,
            seconds=self._seconds,
        )


def is_same(size_bytes: int, modified_ns: int, there: There | None, equality: Equality = Equality.TIME) -> bool:
    """Return True where size and time of change say that the sandbox has this file already."""
    if there is None or there.kind != "file" or there.size_bytes != size_bytes or equality is not Equality.TIME:
        return False
    return is_same_time(modified_ns, there.modified_ns)


def _decided(files: Sequence[PushFile], policy: ConflictPolicy, taken: set[str]) -> Iterator[PushFile]:
    for file in files:
        if file.is_equal:
            continue
        if file.there is None or policy is ConflictPolicy.OVERWRITE:
            yield file
        elif policy is ConflictPolicy.NEWER:
            if file.modified_ns // _NS > file.there.modified_ns // _NS:
                yield file
        elif policy is ConflictPolicy.RENAME:
            target = free_name(file.target, taken)
            taken.add(target)
            yield replace(file, target=target, there=None)


def free_name(target: str, taken: set[str]) -> str:
    """Return ``target`` with a number before its ending, so that it is none of ``taken``."""
    directory, name = posixpath.split(target)
    stem, ending = posixpath.splitext(name)
    number = 1
    while (free := posixpath.join(directory, f"{stem} ({number}){ending}")) in taken:
        number += 1
    return free


def _questions(plan: PushPlan) -> Iterator[str]:
    options = plan.options
    if options.max_files is not None and len(plan.to_copy) > options.max_files:
        yield f"there are {len(plan.to_copy):,} files, which is more than {options.max_files:,}"
    if options.max_bytes is not None and plan.size_bytes > options.max_bytes:
        yield f"it is {size(plan.size_bytes)}, which is more than {size(options.max_bytes)}"


def way_of(size_bytes: int, way: Way) -> Way:
    """Return how a file of this size travels."""
    if way in (Way.BULK, Way.STREAM):
        return way
    return Way.BULK if size_bytes <= SMALL_BYTES else Way.STREAM
