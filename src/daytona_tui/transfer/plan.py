"""What a pull will do, worked out before it does anything: entries and policy in, plan out. Pure."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from daytona_tui.domain.files import FileEntry
from daytona_tui.domain.transfers import ConflictPolicy, TransferItem
from daytona_tui.errors import TransferError, UnsafePathError
from daytona_tui.transfer.circles import circular
from daytona_tui.transfer.ignoring import Ignoring
from daytona_tui.transfer.safety import MAX_DEPTH, MAX_PATH_BYTES, collision_key, link_objection, local_name
from daytona_tui.transfer.survey import Seen
from daytona_tui.transfer.walk import Parts, Tree

_HERE_ALREADY = "it exists here already"
_LEFT_BY_AGE = "what is here is as new"
_ROUND = "a link that leads round in a circle"


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One file to copy.

    Attributes:
        source: path in the sandbox.
        target: path below the destination.
        size_bytes: length when it was listed; the file may have changed since.
        modified_ns: nanoseconds since 1970; None where nobody says.
        mode: permission bits; None where nobody says.
        allocated_bytes: what it takes on the sandbox's disk, None where nobody says.
    """

    source: str
    target: Parts
    size_bytes: int
    modified_ns: int | None = None
    mode: int | None = None
    allocated_bytes: int | None = None

    @property
    def executable(self) -> bool:
        """True where its owner may execute it."""
        return bool((self.mode or 0) & 0o100)

    @property
    def needed_bytes(self) -> int:
        """What it takes on a disk: less than its size where it is sparse."""
        return self.size_bytes if self.allocated_bytes is None else min(self.size_bytes, self.allocated_bytes)

    @property
    def is_sparse(self) -> bool:
        """True for a file with holes."""
        return self.needed_bytes < self.size_bytes


@dataclass(frozen=True, slots=True)
class PlannedLink:
    """One symbolic link to make.

    Attributes:
        source: path of the link in the sandbox.
        target: path of the link below the destination.
        points_to: what it says; leads to somewhere below the destination.
    """

    source: str
    target: Parts
    points_to: str


@dataclass(frozen=True, slots=True)
class TransferPlan:
    """What will be made below the destination; parents come before their children.

    Attributes:
        directories: each with its time of modification, in nanoseconds since 1970.
        modes: permission bits of directories, where they are known.
    """

    directories: tuple[tuple[Parts, int | None], ...] = ()
    files: tuple[PlannedFile, ...] = ()
    left_out: tuple[TransferItem, ...] = ()
    failed: tuple[TransferItem, ...] = ()
    links: tuple[PlannedLink, ...] = ()
    modes: Mapping[Parts, int] = field(default_factory=dict)

    @property
    def size_bytes(self) -> int:
        """Sum of all files."""
        return sum(file.size_bytes for file in self.files)

    @property
    def items(self) -> tuple[PlannedFile | PlannedLink, ...]:
        """Files and links."""
        return (*self.files, *self.links)

    @property
    def needed_bytes(self) -> int:
        """What all files take on a disk."""
        return sum(file.needed_bytes for file in self.files)


def plan_file(entry: FileEntry, source: str, name: str) -> TransferPlan:
    """Return the plan for one file that will be called ``name``."""
    seen = _seen((name,), entry)
    return TransferPlan(files=(PlannedFile(source, (name,), seen.size_bytes, seen.modified_ns, seen.mode),))


def plan_tree(tree: Tree, *, fold_case: bool) -> TransferPlan:
    """Return the plan for everything that a walk has found.

    Args:
        tree: what was found.
        fold_case: the local file system takes ``A`` for ``a``. The second of two names that collide is left out, and a
            directory with everything in it.
    """
    plan = plan_seen(tree.root, seen_by(tree), Ignoring(usual=False), fold_case=fold_case)
    return replace(plan, left_out=(*tree.left_out, *plan.left_out), failed=(*tree.failed, *plan.failed))


def seen_by(tree: Tree) -> list[Seen]:
    """Return what a walk has found as a look would have seen it."""
    return [_seen(found.parts, found.entry) for found in (*tree.directories, *tree.files)]


def plan_seen(
    root: str, seen: Iterable[Seen], ignoring: Ignoring, *, fold_case: bool, links: bool = False
) -> TransferPlan:
    """Return the plan for everything that was seen below ``root``, parents before their children.

    Args:
        root: path in the sandbox.
        seen: what there is.
        ignoring: what to leave out by its name.
        fold_case: as for ``plan_tree``.
        links: make links that stay within; else leave all out.
    """
    sorting = _Sorting(root, ignoring, fold_case=fold_case, links=links)
    for each in sorted(seen, key=lambda seen: len(seen.parts) if seen.kind == "d" else MAX_DEPTH + 1):
        sorting.take(each)
    return sorting.plan()


class _Sorting:
    """Sorts entries into what is copied and what is not."""

    def __init__(self, root: str, ignoring: Ignoring, *, fold_case: bool, links: bool) -> None:
        self._root = root.rstrip("/")
        self._ignoring = ignoring
        self._fold_case = fold_case
        self._links_wanted = links
        self._taken: set[tuple[str, ...]] = set()
        self._kept: set[Parts] = {()}
        self._modes: dict[Parts, int] = {}
        self._directories: list[tuple[Parts, int | None]] = []
        self._files: list[PlannedFile] = []
        self._links: list[PlannedLink] = []
        self._left_out: list[TransferItem] = []

    def plan(self) -> TransferPlan:
        circles = circular({link.target: link.points_to for link in self._links})
        self._left_out += [TransferItem(link.source, _ROUND) for link in self._links if link.target in circles]
        return TransferPlan(
            tuple(self._directories),
            tuple(self._files),
            tuple(self._left_out),
            (),
            tuple(link for link in self._links if link.target not in circles),
            self._modes,
        )

    def take(self, seen: Seen) -> None:
        parts = seen.parts
        if parts[:-1] not in self._kept:
            return  # its directory was left out: said once
        path = f"{self._root}/{'/'.join(parts)}"
        if reason := self._objection(seen):
            self._left_out.append(TransferItem(path, reason))
        elif seen.kind == "d":
            self._kept.add(parts)
            self._directories.append((parts, seen.modified_ns))
            if seen.mode is not None:
                self._modes[parts] = seen.mode
        elif seen.kind == "l":
            self._links.append(PlannedLink(path, parts, seen.link))
        else:
            self._files.append(
                PlannedFile(path, parts, seen.size_bytes, seen.modified_ns, seen.mode, seen.allocated_bytes)
            )

    def _objection(self, seen: Seen) -> str:
        parts = seen.parts
        if reason := _name_objection(parts):
            return reason
        if pattern := self._ignoring.because(parts, is_dir=seen.kind == "d"):
            return f"ignored: {pattern}"
        if seen.kind == "l":
            if not self._links_wanted:
                return "a link"
            if reason := link_objection(seen.link, len(parts) - 1):
                return reason
        elif seen.kind not in ("f", "d"):
            return "not a regular file"
        key = tuple(collision_key(name, fold_case=True) for name in parts) if self._fold_case else parts
        if key in self._taken:
            return "another name here differs only in case"
        self._taken.add(key)
        return ""


def _name_objection(parts: Parts) -> str:
    try:
        local_name(parts[-1])
    except UnsafePathError as error:
        return error.message
    if len(parts) > MAX_DEPTH:
        return "too deep"
    return "its path is too long for this system" if len(os.fsencode("/".join(parts))) > MAX_PATH_BYTES else ""


def _seen(parts: Parts, entry: FileEntry) -> Seen:
    kind = "d" if entry.is_dir else "l" if entry.is_link else "s" if entry.is_special else "f"
    return Seen(parts, kind, max(0, entry.size_bytes), mode_bits(entry.mode), nanoseconds(entry.modified_at))


def nanoseconds(at: datetime | None) -> int | None:
    """Return a time in nanoseconds since 1970."""
    return None if at is None else int(at.timestamp()) * 1_000_000_000 + at.microsecond * 1000


def mode_bits(text: str) -> int | None:
    """Return the permission bits of ``-rwxr-xr-x``; None where it has no such form."""
    letters = text[-9:]
    if len(text) < 10 or any(letter not in "rwxsStT-" for letter in letters):
        return None
    return sum(1 << (8 - place) for place, letter in enumerate(letters) if letter not in "-ST")


# What exists already


def apply_policy(
    plan: TransferPlan,
    existing: Collection[Parts],
    policy: ConflictPolicy,
    *,
    older: Collection[Parts] = (),
    is_taken: Callable[[Parts], bool] = lambda _: False,
) -> TransferPlan:
    """Return the plan with the targets that exist already dealt with.

    Args:
        plan: with all targets.
        existing: those that exist.
        policy: what to do with them.
        older: those of them that are older than the source.
        is_taken: says whether any other name exists.

    Raises:
        TransferError: the policy is to fail and a target exists; nothing was written yet.
    """
    present = [each for each in plan.items if each.target in existing]
    if not present or policy is ConflictPolicy.OVERWRITE:
        return plan
    if policy is ConflictPolicy.FAIL:
        more = f" and {len(present) - 1} more" if len(present) > 1 else ""
        raise TransferError(
            f"{'/'.join(present[0].target)!r}{more} exists at the destination", hint="choose to overwrite or to skip"
        )
    if policy is ConflictPolicy.RENAME:
        return _renamed(plan, existing, is_taken)
    replaced = frozenset(older) if policy is ConflictPolicy.NEWER else frozenset()
    reason = _LEFT_BY_AGE if policy is ConflictPolicy.NEWER else _HERE_ALREADY
    skipped = tuple(TransferItem(each.source, reason) for each in present if each.target not in replaced)
    return replace(
        plan,
        files=tuple(file for file in plan.files if file.target not in existing or file.target in replaced),
        links=tuple(link for link in plan.links if link.target not in existing or link.target in replaced),
        left_out=plan.left_out + skipped,
    )


def _renamed(plan: TransferPlan, existing: Collection[Parts], is_taken: Callable[[Parts], bool]) -> TransferPlan:
    taken = {each.target for each in plan.items} | {parts for parts, _ in plan.directories}

    def free(target: Parts) -> Parts:
        if target not in existing:
            return target
        name = next(name for name in _numbered(target) if name not in taken and not is_taken(name))
        taken.add(name)
        return name

    files = tuple(replace(file, target=free(file.target)) for file in plan.files)
    return replace(plan, files=files, links=tuple(replace(link, target=free(link.target)) for link in plan.links))


def _numbered(target: Parts) -> Iterator[Parts]:
    """Yield ``name (1).txt``, ``name (2).txt`` and so on, each of which can be a name here."""
    stem, ending = posixpath.splitext(target[-1])
    number = 0
    while True:
        number += 1
        addition = f" ({number}){ending}"
        short = stem
        while len(f"{short}{addition}".encode("utf-8", "surrogateescape")) > 255 and short:
            short = short[:-1]
        yield (*target[:-1], f"{short}{addition}")
