"""Find files in a sandbox by what they are called, are, weigh and contain."""

from __future__ import annotations

import fnmatch
import posixpath
import secrets
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from daytona_tui.domain.files import FileEntry, FoundLine, file_name
from daytona_tui.domain.ports import Inspector, RemoteFiles
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import NotFoundError, UnsupportedError
from daytona_tui.transfer.walk import walk

MOST_BYTES = 16_000_000
"""Of what ``find`` says: a hundred thousand files or so. What is longer is known to be incomplete."""

_LOOK_S = 120
_FORMAT = "%y %s %T@ %p\\0"

# T is a mark that nobody in the sandbox knows, P where to look; @TESTS@ is made of numbers and quoted words only.
_SCRIPT = r"""
[ -e "$P" ] || { printf '%s gone\0' "$T"; exit 0; }
command -v find > /dev/null || { printf '%s none\0' "$T"; exit 0; }
printf '%s found\0' "$T"
{
  if find / -maxdepth 0 -printf '' 2> /dev/null; then
    find -H "$P" @DEPTH@ @SYSTEM@ @TESTS@ -printf '@FORMAT@'
  else
    find -H "$P" @DEPTH@ @SYSTEM@ @TESTS@ -exec sh -c '
      for f; do
        if [ -h "$f" ]; then y=l; elif [ -d "$f" ]; then y=d; elif [ -f "$f" ]; then y=f; else y=s; fi
        printf "%s %s %s\0" "$y" "$(stat -c "%s %Y" "$f")" "$f"
      done' sh {} +
  fi || printf '%s partial\0' "$T"
  printf '%s done\0' "$T"
} 2> /dev/null | head -c @MOST@
exit 0
"""
_SYSTEM = r"\( -path /proc -o -path /sys -o -path /dev \) -prune -o"


class Looks(RemoteFiles, Inspector, Protocol):
    """What this needs of a gateway."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; everything has to hold, and what is empty or None always does.

    Attributes:
        name: a glob for the last part of the path: ``*.py``.
        fold_case: the name matches in capitals or not.
        kind: ``f`` a file, ``d`` a directory, ``l`` a link.
        at_least: bytes.
        at_most: bytes.
        newer_s: written within so many seconds.
        depth: how many levels below the top are looked at; None for all.
        text: what a line of it contains.
    """

    name: str = ""
    fold_case: bool = False
    kind: str = ""
    at_least: int | None = None
    at_most: int | None = None
    newer_s: float | None = None
    depth: int | None = None
    text: str = ""

    @property
    def is_any(self) -> bool:
        """True where everything that has the text is wanted."""
        tests = (self.at_least, self.at_most, self.newer_s, self.depth)
        return not (self.name or self.kind) and all(each is None for each in tests)


class FoundFile(NamedTuple):
    """One thing that was found.

    Attributes:
        path: absolute, in the sandbox: hostile text.
        kind: ``f`` a file, ``d`` a directory, ``l`` a link, ``s`` something else.
        size_bytes: length of a file.
        modified_at: when it was written last; None where that is not told.
    """

    path: str
    kind: str
    size_bytes: int
    modified_at: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to.

    Attributes:
        files: by path.
        lines: where a text was looked for: the lines that have it, by path and number.
        is_partial: some places could not be read, or there was too much to tell.
    """

    files: tuple[FoundFile, ...] = ()
    lines: tuple[FoundLine, ...] = ()
    is_partial: bool = False


async def search(gateway: Looks, sandbox_id: SandboxId, path: str, wanted: Wanted, now: datetime) -> Found:
    """Return what is wanted below an absolute ``path``, links not followed. Peeks.

    Raises:
        NotFoundError: there is nothing at ``path``.
        DaytonaTuiError: it could not be looked at.
    """
    path = posixpath.normpath(path)
    if not wanted.text:
        return await _files(gateway, sandbox_id, path, wanted, now)
    lines = sorted(await gateway.search_contents(sandbox_id, path, wanted.text))
    if wanted.is_any or not lines:
        return Found(lines=tuple(lines))
    among = await _files(gateway, sandbox_id, path, wanted, now)
    paths = {file.path for file in among.files}
    return Found(lines=tuple(line for line in lines if line.path in paths), is_partial=among.is_partial)


async def _files(gateway: Looks, sandbox_id: SandboxId, path: str, wanted: Wanted, now: datetime) -> Found:
    try:
        found = await _by_find(gateway, sandbox_id, path, wanted)
    except UnsupportedError:
        found = None
    return await _by_walk(gateway, sandbox_id, path, wanted, now) if found is None else found


async def _by_find(gateway: Looks, sandbox_id: SandboxId, path: str, wanted: Wanted) -> Found | None:
    """Return what the program finds; None where there is none."""
    mark = secrets.token_hex(12)
    parts = {
        "@DEPTH@": "" if wanted.depth is None else f"-maxdepth {wanted.depth}",
        "@SYSTEM@": _SYSTEM if path == "/" else "",
        "@FORMAT@": _FORMAT,
        "@MOST@": str(MOST_BYTES),
        "@TESTS@": " ".join(_tests(wanted)),  # last: what somebody typed is nobody's place
    }
    script = _SCRIPT
    for key, text in parts.items():
        script = script.replace(key, text)
    head = f"T={mark}; P={shlex.quote(path)}"
    outcome = await gateway.look(sandbox_id, f"{head}\n{script}", timeout_s=_LOOK_S)
    first, *records = outcome.output.split("\0")
    if first == f"{mark} gone":
        raise NotFoundError(f"there is no {path!r} in the sandbox", source="toolbox")
    if first != f"{mark} found":
        return None
    files = [file for record in records if (file := _file(record)) is not None]
    is_partial = f"{mark} partial" in records or f"{mark} done" not in records
    return Found(_by_path(files), is_partial=is_partial)


def _tests(wanted: Wanted) -> Iterator[str]:
    if wanted.name:
        yield f"{'-iname' if wanted.fold_case else '-name'} {shlex.quote(wanted.name)}"
    if wanted.kind:
        yield f"-type {shlex.quote(wanted.kind)}"
    if wanted.at_least is not None and wanted.at_least > 0:
        yield f"-size +{wanted.at_least - 1}c"
    if wanted.at_most is not None:
        yield f"-size -{wanted.at_most + 1}c"
    if wanted.newer_s is not None:
        yield f"-mmin -{max(1, round(wanted.newer_s / 60))}"


def _by_path(files: Iterable[FoundFile]) -> tuple[FoundFile, ...]:
    return tuple(sorted(files, key=lambda file: file.path))


def _file(record: str) -> FoundFile | None:
    kind, _, rest = record.partition(" ")
    size, _, rest = rest.partition(" ")
    seconds, _, path = rest.partition(" ")
    if not path.startswith("/") or len(kind) != 1:
        return None
    try:
        modified_at = datetime.fromtimestamp(float(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        modified_at = None
    return FoundFile(path, kind, int(size) if size.isascii() and size.isdigit() else 0, modified_at)


async def _by_walk(gateway: Looks, sandbox_id: SandboxId, path: str, wanted: Wanted, now: datetime) -> Found:
    """Return what is found directory by directory, where the sandbox has no program for it. Links are not among it."""
    top = await gateway.info(sandbox_id, path)
    if not top.is_dir:
        return Found((_as_found(top, path),) if _is_wanted(top, path, 0, wanted, now) else ())
    tree = await walk(gateway, sandbox_id, path)
    found = [
        _as_found(each.entry, tree.path(each.parts))
        for each in (*tree.directories, *tree.files)
        if _is_wanted(each.entry, tree.path(each.parts), len(each.parts), wanted, now)
    ]
    if _is_wanted(top, path, 0, wanted, now):
        found.append(_as_found(top, path))
    return Found(_by_path(found), is_partial=bool(tree.failed))


def _as_found(entry: FileEntry, path: str) -> FoundFile:
    return FoundFile(path, "d" if entry.is_dir else "f", entry.size_bytes, entry.modified_at)


def _is_wanted(entry: FileEntry, path: str, depth: int, wanted: Wanted, now: datetime) -> bool:
    name, glob = file_name(path), wanted.name
    if wanted.fold_case:
        name, glob = name.casefold(), glob.casefold()
    age_s = (now - entry.modified_at).total_seconds() if entry.modified_at is not None else None
    tests = (
        not glob or fnmatch.fnmatchcase(name, glob),
        not wanted.kind or wanted.kind == ("d" if entry.is_dir else "f"),
        wanted.at_least is None or entry.size_bytes >= wanted.at_least,
        wanted.at_most is None or entry.size_bytes <= wanted.at_most,
        wanted.newer_s is None or (age_s is not None and age_s <= wanted.newer_s),
        wanted.depth is None or depth <= wanted.depth,
    )
    return all(tests)
