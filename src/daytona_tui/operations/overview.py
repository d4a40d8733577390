"""Everything below a directory of a sandbox in one look: to find by a few letters, and to see what was written last."""

from __future__ import annotations

import asyncio
import posixpath
import secrets
import shlex
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from daytona_tui.domain.files import FileEntry
from daytona_tui.domain.ports import Inspector, RemoteFiles
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import NotFoundError, UnsupportedError

PRUNED = (
    "node_modules", "__pycache__", ".cache", ".npm", ".cargo", ".rustup", ".venv", "venv", "site-packages", ".tox",
    ".mypy_cache", ".pytest_cache", ".ruff_cache", ".gradle", ".m2",
)  # fmt: skip
"""Directories of what can be had again: they are named, what is in them is not. Likewise ``.git``."""

MOST_BYTES = 4_000_000
"""Of what is told: forty thousand paths or so, which can be looked through between two key presses."""

_LOOK_S = 60
_DEPTH = 3
"""Levels that are listed where the sandbox has no program that looks for files."""

# T is a mark that nobody in the sandbox knows, P where to look. Where find cannot print, stat describes many files at
# once: a name with a line feed in it comes in pieces then, of which none is taken for a path of its own.
_SCRIPT = r"""
[ -e "$P" ] || { printf '%s gone\0' "$T"; exit 0; }
command -v find > /dev/null || { printf '%s none\0' "$T"; exit 0; }
printf '%s found\0' "$T"
{
  if find / -maxdepth 0 -printf '' 2> /dev/null; then
    find -H "$P" -mindepth 1 @SYSTEM@ \( -name .git @PRUNE@ \) -prune -printf '%y %s %T@ %p\0' -o \
      -printf '%y %s %T@ %p\0'
  else
    find -H "$P" -mindepth 1 @SYSTEM@ \( -name .git @PRUNE@ \) -prune -exec stat -c '%f %s %Y %n' {} + -o \
      -exec stat -c '%f %s %Y %n' {} + | tr '\n' '\0'
  fi
  printf '%s done\0' "$T"
} 2> /dev/null | head -c @MOST@
exit 0
"""
_SYSTEM = r"\( -path /proc -o -path /sys -o -path /dev \) -prune -o"
_KINDS = {0x4000: "d", 0x8000: "f", 0xA000: "l"}


class Looks(RemoteFiles, Inspector, Protocol):
    """What this needs of a gateway."""


class Seen(NamedTuple):
    """One thing that is there.

    Attributes:
        path: absolute, in the sandbox: hostile text.
        kind: ``f`` a file, ``d`` a directory, ``l`` a link, ``s`` something else.
        size_bytes: length of a file.
        modified_at: when it was written last; None where that is not told.
    """

    path: str
    kind: str
    size_bytes: int = 0
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """What is below a directory.

    Attributes:
        seen: in no order.
        is_partial: there is more than was told.
        depth: how many levels were looked at; 0 for all.
    """

    seen: tuple[Seen, ...]
    is_partial: bool = False
    depth: int = 0


async def overview(gateway: Looks, sandbox_id: SandboxId, path: str) -> Overview:
    """Return what is below an absolute ``path``, links not followed. Peeks.

    Raises:
        NotFoundError: there is nothing at ``path``.
        DaytonaTuiError: it could not be looked at.
    """
    path = posixpath.normpath(path)
    mark = secrets.token_hex(12)
    parts = {
        "@SYSTEM@": _SYSTEM if path == "/" else "",
        "@PRUNE@": " ".join(f"-o -name {shlex.quote(name)}" for name in PRUNED),
        "@MOST@": str(MOST_BYTES),
    }
    script = _SCRIPT
    for key, text in parts.items():
        script = script.replace(key, text)
    try:
        outcome = await gateway.look(sandbox_id, f"T={mark}; P={shlex.quote(path)}\n{script}", timeout_s=_LOOK_S)
    except UnsupportedError:
        return await _by_listing(gateway, sandbox_id, path)
    first, _, told = outcome.output.partition("\0")
    if first == f"{mark} gone":
        raise NotFoundError(f"there is no {path!r} in the sandbox", source="toolbox")
    if first != f"{mark} found":
        return await _by_listing(gateway, sandbox_id, path)
    # Forty thousand records take long enough to be felt in a key press.
    return await asyncio.to_thread(_overview, told, f"{mark} done", path.rstrip("/") + "/")


def _overview(told: str, end: str, below: str) -> Overview:
    records = told.split("\0")
    is_whole = end in records
    if not is_whole:
        records.pop()  # what was cut off in the middle is no path
    seen = (each for record in records if (each := _seen(record)) is not None and each.path.startswith(below))
    return Overview(tuple(seen), is_partial=not is_whole)


def newest(overview: Overview, most: int) -> tuple[Seen, ...]:
    """Return the files that were written last, the newest first."""
    files = [each for each in overview.seen if each.kind == "f" and each.modified_at is not None]
    files.sort(key=lambda each: (each.modified_at or datetime.min.replace(tzinfo=UTC), each.path), reverse=True)
    return tuple(files[:most])


async def _by_listing(gateway: Looks, sandbox_id: SandboxId, path: str) -> Overview:
    try:
        entries, depth = await gateway.list_tree(sandbox_id, path, _DEPTH), _DEPTH
    except UnsupportedError:
        entries, depth = await gateway.list_dir(sandbox_id, path), 1
    return Overview(tuple(map(_of_entry, entries)), depth=depth)


def _of_entry(entry: FileEntry) -> Seen:
    kind = "l" if entry.is_link else "d" if entry.is_dir else "s" if entry.is_special else "f"
    return Seen(entry.path, kind, entry.size_bytes, entry.modified_at)


def _seen(record: str) -> Seen | None:
    kind, _, rest = record.partition(" ")
    size, _, rest = rest.partition(" ")
    seconds, _, path = rest.partition(" ")
    if not path.startswith("/"):
        return None
    if len(kind) > 1:
        try:
            kind = _KINDS.get(int(kind, 16) & 0xF000, "s")
        except ValueError:
            return None
    return Seen(path, kind, int(size) if size.isascii() and size.isdigit() else 0, _moment(seconds))


def _moment(seconds: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None
