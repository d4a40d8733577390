"""What takes the room in a sandbox: one look with ``du``, or a walk through the tree where there is no such program."""

from __future__ import annotations

import posixpath
import re
import secrets
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from daytona_tui.domain.ports import Inspector, RemoteFiles
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import NotFoundError, UnsupportedError
from daytona_tui.transfer.walk import walk

MOST_BYTES = 8_000_000
"""Of what ``du`` says: a hundred thousand names or so. What is longer is asked for again without the files."""

_LOOK_S = 120
_KIB = 1024
_LINE = re.compile(r"(\d{1,15})\t(/.*)", re.DOTALL)

# T is a mark that nobody in the sandbox knows, P the path, D how many levels, A whether files are named too. Records
# end with NUL where du can do that; busybox ends them with a line feed. Other file systems are left out from the top
# only, where they are those of the kernel.
_SCRIPT = r"""
[ -e "$P" ] || { printf '%s gone\0' "$T"; exit 0; }
command -v du > /dev/null || { printf '%s none\0' "$T"; exit 0; }
z=; du -0 -s /dev/null > /dev/null 2>&1 && z=-0
x=; [ "$P" = / ] && x=-x
printf '%s %s\0' "$T" "${z:-lines}"
{
  du -k $A $z $x -d "$D" "$P" || printf '\0%s partial\0' "$T"
  printf '\0%s done\0' "$T"
} 2> /dev/null | head -c @MOST@
exit 0
"""


class Looks(RemoteFiles, Inspector, Protocol):
    """What this needs of a gateway."""


class Used(NamedTuple):
    """One file or directory, with all that is in it."""

    path: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class DiskUse:
    """What takes the room below a path.

    Attributes:
        path: what was looked at, absolute.
        size_bytes: all of it; None where that was not told.
        entries: what is in it, as deep as was asked for, the largest first: hostile names.
        has_files: files stand among the entries, not directories alone.
        is_partial: some of it could not be read, or there was too much to tell.
        by_listing: sizes are sums of the files' lengths, not of the disk's blocks.
    """

    path: str
    size_bytes: int | None
    entries: tuple[Used, ...] = ()
    has_files: bool = True
    is_partial: bool = False
    by_listing: bool = False


async def disk_use(gateway: Looks, sandbox_id: SandboxId, path: str, *, depth: int = 1) -> DiskUse:
    """Return what takes the room below an absolute ``path``. Peeks.

    Args:
        gateway: where it is.
        sandbox_id: the sandbox, which must run.
        path: of a directory or file.
        depth: how many levels below it are named; what lies deeper counts with what holds it.

    Raises:
        NotFoundError: there is nothing at ``path``.
        DaytonaTuiError: it could not be looked at.
    """
    path = posixpath.normpath(path)
    try:
        found = await _by_du(gateway, sandbox_id, path, depth, has_files=True)
        if found is not None and found.size_bytes is None:
            found = await _by_du(gateway, sandbox_id, path, depth, has_files=False)
    except UnsupportedError:
        found = None
    return found or await _by_listing(gateway, sandbox_id, path, depth)


async def _by_du(gateway: Looks, sandbox_id: SandboxId, path: str, depth: int, *, has_files: bool) -> DiskUse | None:
    """Return what the program says; None where there is none."""
    mark = secrets.token_hex(12)
    head = f"T={mark}; P={shlex.quote(path)}; D={depth}; A={'-a' if has_files else ''}"
    script = _SCRIPT.replace("@MOST@", str(MOST_BYTES))
    outcome = await gateway.look(sandbox_id, f"{head}\n{script}", timeout_s=_LOOK_S)
    first, _, rest = outcome.output.partition("\0")
    if first == f"{mark} gone":
        raise NotFoundError(f"there is no {path!r} in the sandbox", source="toolbox")
    if first not in (f"{mark} -0", f"{mark} lines"):
        return None
    marks = {f"{mark} partial", f"{mark} done"}
    records = rest.split("\0")
    said = [record for record in records if record not in marks]
    used = dict(_used("\0".join(said), "\0") if first.endswith("-0") else _used("".join(said), "\n"))
    total = used.pop(path, None)
    is_whole = f"{mark} done" in records
    largest = sorted((Used(*each) for each in used.items()), key=lambda each: (-each.size_bytes, each.path))
    is_partial = f"{mark} partial" in records or not is_whole
    return DiskUse(path, total if is_whole else None, tuple(largest), has_files, is_partial)


def _used(text: str, end: str) -> Iterator[tuple[str, int]]:
    """Yield paths and bytes. Where a line feed ends a record, a name may hold one: what begins no record goes on."""
    pending: Sequence[str] = ()
    for record in text.split(end):
        match = _LINE.fullmatch(record)
        if match is None:
            if pending and record and end == "\n":
                pending = (pending[0], f"{pending[1]}\n{record}")
            continue
        if pending:
            yield pending[1], int(pending[0]) * _KIB
        pending = match.groups()
    if pending:
        yield pending[1], int(pending[0]) * _KIB


async def _by_listing(gateway: Looks, sandbox_id: SandboxId, path: str, depth: int) -> DiskUse:
    entry = await gateway.info(sandbox_id, path)
    if not entry.is_dir:
        return DiskUse(path, entry.size_bytes, by_listing=True)
    tree = await walk(gateway, sandbox_id, path)
    sums: dict[tuple[str, ...], int] = {found.parts: 0 for found in tree.directories if len(found.parts) <= depth}
    total = 0
    for found in tree.files:
        total += found.entry.size_bytes
        for level in range(1, min(depth, len(found.parts)) + 1):
            parts = found.parts[:level]
            sums[parts] = sums.get(parts, 0) + found.entry.size_bytes
    entries = sorted((Used(tree.path(parts), size) for parts, size in sums.items()), key=lambda each: -each.size_bytes)
    return DiskUse(path, total, tuple(entries), is_partial=bool(tree.failed), by_listing=True)
