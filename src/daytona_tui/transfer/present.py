"""What the destination holds already. Blocks: call in a thread."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from daytona_tui.transfer.plan import PlannedFile, PlannedLink, TransferPlan
from daytona_tui.transfer.walk import Parts

_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Present:
    """What exists of a plan's targets.

    Attributes:
        existing: those that exist, as anything, and are not known to be equal.
        older: those of them that are older than the source.
        same_size: those of them that are files as long as the source: a checksum may find them equal.
        equal: those that are there and the same.
    """

    existing: frozenset[Parts] = frozenset()
    older: frozenset[Parts] = frozenset()
    same_size: frozenset[Parts] = frozenset()
    equal: frozenset[Parts] = frozenset()

    def with_equal(self, targets: frozenset[Parts]) -> Present:
        """Return the same, knowing that these are equal, too."""
        return Present(self.existing - targets, self.older - targets, self.same_size - targets, self.equal | targets)


def present(base: Path, plan: TransferPlan, *, by_time: bool) -> Present:
    """Return what of the plan exists below ``base``.

    Args:
        base: the destination.
        plan: what is to be made there.
        by_time: a file of the same size and time is equal.
    """
    if not os.path.lexists(base):
        return Present()
    existing: set[Parts] = set()
    older: set[Parts] = set()
    same_size: set[Parts] = set()
    equal: set[Parts] = set()
    for planned, found in _found(base, plan):
        target = planned.target
        if isinstance(planned, PlannedLink):
            is_equal = stat.S_ISLNK(found.st_mode) and _reads(base.joinpath(*target)) == planned.points_to
            (equal if is_equal else existing).add(target)
            continue
        is_same_size = stat.S_ISREG(found.st_mode) and found.st_size == planned.size_bytes
        if by_time and is_same_size and is_same_time(planned.modified_ns, found.st_mtime_ns):
            equal.add(target)
            continue
        existing.add(target)
        if is_same_size:
            same_size.add(target)
        if planned.modified_ns is not None and found.st_mtime_ns // _NS < planned.modified_ns // _NS:
            older.add(target)
    return Present(frozenset(existing), frozenset(older), frozenset(same_size), frozenset(equal))


def _found(base: Path, plan: TransferPlan) -> Iterator[tuple[PlannedFile | PlannedLink, os.stat_result]]:
    root = os.fspath(base)
    for planned in plan.items:
        try:
            yield planned, os.lstat("/".join((root, *planned.target)))
        except OSError:  # not there, or what is above it is no directory: moving will say so
            continue


def _reads(path: Path) -> str:
    try:
        return os.readlink(path)  # noqa: PTH115 - a Path would tidy up what the link says
    except OSError:
        return ""


def is_same_time(one: int | None, other: int | None) -> bool:
    """Return True for times, in nanoseconds, that are the same as far as both sides can tell."""
    if one is None or other is None:
        return False
    if one // 1000 == other // 1000:
        return True
    return (one % _NS == 0 or other % _NS == 0) and one // _NS == other // _NS


def digest(path: Path, length: int | None = None) -> str:
    """Return the SHA-256 of a file, or of its first bytes; empty where it cannot be read or is shorter."""
    hashing = hashlib.sha256()
    left = length
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as stream:
            while left is None or left > 0:
                data = stream.read(1 << 20 if left is None else min(1 << 20, left))
                if not data:
                    break
                hashing.update(data)
                left = None if left is None else left - len(data)
    except OSError:
        return ""
    return "" if left else hashing.hexdigest()


def folds_case(base: Path) -> bool:
    """Return True where the file system takes ``A`` for ``a``; asks an existing name, and writes nothing."""
    place = base
    while not place.exists() and place != place.parent:
        place = place.parent
    for path in (place, *place.parents):
        other = path.name.swapcase()
        if other != path.name:
            try:
                return path.with_name(other).samefile(path)
            except OSError:
                return False
    return False
