"""Lists a tree of a sandbox with bounded concurrency. Links are not followed, so that it cannot go round in circles."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from daytona_tui.domain.files import FileEntry, join_path
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.transfers import TransferItem
from daytona_tui.errors import (
    AuthError,
    ConflictError,
    DaytonaTuiError,
    RateLimitedError,
    UnreachableError,
    UnsafePathError,
)
from daytona_tui.transfer.concurrency import together
from daytona_tui.transfer.safety import MAX_DEPTH, local_name
from daytona_tui.transfer.source import Files

_AT_ONCE = 8

Parts = tuple[str, ...]
"""A path below the root of a pull, as names."""


@dataclass(frozen=True, slots=True)
class Found:
    """One file or directory of the tree."""

    parts: Parts
    entry: FileEntry


@dataclass(slots=True)
class Tree:
    """What a walk found, in the order of discovery: parents before children."""

    root: str
    directories: list[Found] = field(default_factory=list)
    files: list[Found] = field(default_factory=list)
    left_out: list[TransferItem] = field(default_factory=list)
    failed: list[TransferItem] = field(default_factory=list)

    def path(self, parts: Parts) -> str:
        """Return the path in the sandbox."""
        path = self.root
        for name in parts:
            path = join_path(path, name)
        return path


def ends_everything(error: DaytonaTuiError) -> bool:
    """Return True for a failure that every further item would meet too."""
    if isinstance(error, AuthError):
        return error.source != "toolbox" or error.status == 401  # the toolbox says "forbidden" of one file
    return isinstance(error, UnreachableError | RateLimitedError | ConflictError)


async def walk(files: Files, sandbox_id: SandboxId, root: str) -> Tree:
    """Return everything below the directory ``root``.

    Links, special files and names that cannot be names here are left out with the reason; a directory that cannot be
    listed is failed, and the rest goes on.

    Raises:
        DaytonaTuiError: the root itself cannot be listed, or nothing can be any more.
    """
    tree = Tree(root)
    slots = asyncio.Semaphore(_AT_ONCE)
    level: list[Parts] = [()]

    async def listed(parts: Parts) -> tuple[Parts, tuple[FileEntry, ...] | DaytonaTuiError]:
        async with slots:
            try:
                return parts, await files.list_dir(sandbox_id, tree.path(parts))
            except DaytonaTuiError as error:
                if not parts or ends_everything(error):
                    raise
                return parts, error

    while level:
        results = await together(listed(parts) for parts in level)
        level = []
        for parts, entries in results:
            if isinstance(entries, DaytonaTuiError):
                tree.failed.append(TransferItem(tree.path(parts), entries.message))
            else:
                level += _sort_in(tree, parts, entries)
    return tree


def _sort_in(tree: Tree, parent: Parts, entries: tuple[FileEntry, ...]) -> list[Parts]:
    """Add the entries of one directory to the tree; return the directories to list next."""
    deeper: list[Parts] = []
    for entry in sorted(entries, key=lambda entry: entry.name):
        parts = (*parent, entry.name)
        reason = _left_out_because(entry, len(parts))
        if reason:
            tree.left_out.append(TransferItem(join_path(tree.path(parent), entry.name), reason))
        elif entry.is_dir:
            tree.directories.append(Found(parts, entry))
            deeper.append(parts)
        else:
            tree.files.append(Found(parts, entry))
    return deeper


def _left_out_because(entry: FileEntry, depth: int) -> str:
    try:
        local_name(entry.name)
    except UnsafePathError as error:
        return error.message
    if entry.is_link:
        return "a link"
    if entry.is_special:
        return "not a regular file"
    return "too deep" if depth > MAX_DEPTH else ""
