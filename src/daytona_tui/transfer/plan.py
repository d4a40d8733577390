"""What a pull will do, worked out before it does anything: entries and policy in, plan out. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from daytona_tui.domain.files import FileEntry
from daytona_tui.domain.transfers import ConflictPolicy, TransferItem
from daytona_tui.errors import TransferError
from daytona_tui.transfer.safety import collision_key
from daytona_tui.transfer.walk import Parts, Tree

_HERE_ALREADY = "it exists here already"


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One file to copy.

    Attributes:
        source: path in the sandbox.
        target: path below the destination.
        size_bytes: length when it was listed; the file may have changed since.
        executable: True where its owner may execute it.
    """

    source: str
    target: Parts
    size_bytes: int
    modified_at: datetime | None = None
    executable: bool = False


@dataclass(frozen=True, slots=True)
class TransferPlan:
    """What will be made below the destination; parents come before their children."""

    directories: tuple[tuple[Parts, datetime | None], ...] = ()
    files: tuple[PlannedFile, ...] = ()
    left_out: tuple[TransferItem, ...] = ()
    failed: tuple[TransferItem, ...] = ()

    @property
    def size_bytes(self) -> int:
        """Sum of all files."""
        return sum(file.size_bytes for file in self.files)


def plan_file(entry: FileEntry, source: str, name: str) -> TransferPlan:
    """Return the plan for one file that will be called ``name``."""
    return TransferPlan(files=(_planned(entry, source, (name,)),))


def plan_tree(tree: Tree, *, fold_case: bool) -> TransferPlan:
    """Return the plan for a whole directory.

    Args:
        tree: what was found.
        fold_case: the local file system takes ``A`` for ``a``. The second of two names that collide is left out, and a
            directory with everything in it.
    """
    taken: set[tuple[str, ...]] = set()
    kept: set[Parts] = {()}
    left_out = list(tree.left_out)

    def is_free(parts: Parts) -> bool:
        if parts[:-1] not in kept:
            return False  # its directory was left out: said once
        key = tuple(collision_key(name, fold_case=fold_case) for name in parts)
        if key in taken:
            left_out.append(TransferItem(tree.path(parts), "another name here differs only in case"))
            return False
        taken.add(key)
        return True

    directories: list[tuple[Parts, datetime | None]] = []
    for found in tree.directories:
        if is_free(found.parts):
            kept.add(found.parts)
            directories.append((found.parts, found.entry.modified_at))
    files = [_planned(f.entry, tree.path(f.parts), f.parts) for f in tree.files if is_free(f.parts)]
    return TransferPlan(tuple(directories), tuple(files), tuple(left_out), tuple(tree.failed))


def apply_policy(plan: TransferPlan, existing: Collection[Parts], policy: ConflictPolicy) -> TransferPlan:
    """Return the plan with the targets that exist already dealt with.

    Raises:
        TransferError: the policy is to fail and a target exists; nothing was written yet.
    """
    present = [file for file in plan.files if file.target in existing]
    if not present or policy is ConflictPolicy.OVERWRITE:
        return plan
    if policy is ConflictPolicy.FAIL:
        more = f" and {len(present) - 1} more" if len(present) > 1 else ""
        raise TransferError(
            f"{'/'.join(present[0].target)!r}{more} exists at the destination", hint="choose to overwrite or to skip"
        )
    skipped = tuple(TransferItem(file.source, _HERE_ALREADY) for file in present)
    remaining = tuple(file for file in plan.files if file.target not in existing)
    return replace(plan, files=remaining, left_out=plan.left_out + skipped)


def _planned(entry: FileEntry, source: str, target: Parts) -> PlannedFile:
    executable = len(entry.mode) > 3 and entry.mode[3] in "xs"
    return PlannedFile(source, target, max(0, entry.size_bytes), entry.modified_at, executable)
