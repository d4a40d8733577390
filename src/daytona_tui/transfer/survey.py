"""Lists a whole tree of a sandbox by one look: a shell script that reads and changes nothing, and what it says.

A name may hold anything but NUL, so records end with NUL. It keeps to what GNU and busybox have; where ``find`` cannot
describe what it finds, ``stat`` does, many files at a time. What comes back is hostile text all the same.

The records travel packed where the sandbox can do that: they get a tenth as long, and a name that is no UTF-8 arrives
as it is, held as ``os.fsdecode`` holds it.
"""

from __future__ import annotations

import asyncio
import base64
import posixpath
import secrets
import shlex
import stat
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from daytona_tui.domain.executions import ExecOutcome
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.transfers import TransferItem
from daytona_tui.errors import AuthError, DaytonaTuiError, RateLimitedError, TransferError, UnreachableError
from daytona_tui.transfer.concurrency import settled
from daytona_tui.transfer.source import Looker
from daytona_tui.transfer.walk import Parts

LOOK_S = 300
"""What a look may take: millions of files on a slow disk."""
_NS = 1_000_000_000
_MOST_BYTES = 128 * 1024 * 1024
"""Of records, unpacked. A little can be packed that has no end."""
_MOST_ENTRIES = 1_000_000
"""More would fill the memory."""
_KINDS = {"f": stat.S_IFREG, "d": stat.S_IFDIR, "l": stat.S_IFLNK}

# The records: six numbers and the name, then what a link points at. The last part is what could not be read.
_SCRIPT = r"""
tell() {
cd -- @ROOT@ 2>/dev/null || { printf '%s gone\0' @MARK@; exit 0; }
exec 3>&1
if find . -maxdepth 0 -printf '' 2>/dev/null; then
  printf '%s printf\0' @MARK@
  e=$(LC_ALL=C find . -mindepth 1 @PRUNE@ -printf '%y %s %m %T@ %b %P\0%l\0' 2>&1 >&3 | head -c 65536)
else
  command -v find >/dev/null && command -v stat >/dev/null || exit 0
  printf '%s stat\0' @MARK@
  e=$(LC_ALL=C find . -mindepth 1 @PRUNE@ -exec sh -c @EACH@ sh {} + 2>&1 >&3 | head -c 65536)
fi
printf '%s errors\0%s\0%s done\0' @MARK@ "$e" @MARK@
}
if command -v gzip >/dev/null && command -v base64 >/dev/null; then
  printf '%s packed\n' @MARK@
  tell | gzip -1 | base64
else tell; fi
"""
_EACH = r"""
printf '%s\0' "$#"
for f; do printf '%s\0' "$f"; if [ -L "$f" ]; then readlink "$f" | tr -d '\n'; fi; printf '\0'; done
stat -c '%f %s %Y %b' -- "$@"
printf '\0'
"""


class Seen(NamedTuple):
    """One entry of the tree.

    Attributes:
        parts: its names below the root.
        kind: ``f`` file, ``d`` directory, ``l`` link, anything else is special.
        size_bytes: length of a file.
        mode: permission bits; None where nobody says.
        modified_ns: nanoseconds since 1970; None where nobody says.
        allocated_bytes: what it takes on the sandbox's disk; less than its size where it is sparse, None if not known.
        link: what a link points at.
    """

    parts: Parts
    kind: str
    size_bytes: int = 0
    mode: int | None = None
    modified_ns: int | None = None
    allocated_bytes: int | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Survey:
    """What a look saw: entries in any order, and what could not be looked at."""

    seen: tuple[Seen, ...]
    failed: tuple[TransferItem, ...] = ()


async def survey(source: Looker, sandbox_id: SandboxId, root: str, pruned: Sequence[str] = ()) -> Survey | None:
    """Return what is below the directory ``root``; None where the sandbox has no tools for it.

    Args:
        source: where to look.
        sandbox_id: the sandbox.
        root: absolute path.
        pruned: names of directories not to look into; they are listed themselves.

    Raises:
        DaytonaTuiError: the sandbox cannot be asked at all, or holds more than can be listed.
    """
    mark = secrets.token_hex(12)
    try:
        outcome = await source.look(sandbox_id, _script(root, mark, pruned), timeout_s=LOOK_S)
    except (UnreachableError, RateLimitedError, AuthError):
        raise
    except DaytonaTuiError:
        return None
    # Thousands of records take long enough to be felt in a key press.
    return await settled(asyncio.to_thread(read_survey, outcome, mark, root))


def _script(root: str, mark: str, pruned: Sequence[str]) -> str:
    names = " -o ".join(f"-name {shlex.quote(name)}" for name in pruned)
    prune = f"\\( -type d \\( {names} \\) -prune -o ! -name '' \\)" if names else ""
    script = _SCRIPT.replace("@EACH@", shlex.quote(_EACH)).replace("@PRUNE@", prune)
    return script.replace("@MARK@", mark).replace("@ROOT@", shlex.quote(root))


def read_survey(outcome: ExecOutcome, mark: str, root: str) -> Survey | None:
    """Return what the script has said; None where it is not whole.

    Raises:
        TransferError: there is more than can be held.
    """
    output: str | None = outcome.output
    _, is_packed, packed = outcome.output.partition(f"{mark} packed\n")
    if is_packed:
        output = _unpacked(packed)
    if output is None:
        return None
    if output.count("\0") > 2 * _MOST_ENTRIES:
        raise TransferError(
            f"there are more than {_MOST_ENTRIES:,} files below {root!r}", hint="copy a directory of it at a time"
        )
    begin, _, rest = output.partition("\0")
    form = begin.rpartition(f"{mark} ")[2]
    told, found, errors = rest.rpartition(f"{mark} errors\0")
    if form not in ("printf", "stat") or not found or not errors.endswith(f"\0{mark} done\0"):
        return None
    fields = told.split("\0")
    try:
        seen = tuple(_printed(fields) if form == "printf" else _stated(fields))
    except (ValueError, IndexError):
        return None
    unread = errors.removesuffix(f"\0{mark} done\0").splitlines()
    return Survey(seen, tuple(_unreadable(line, root) for line in unread if line))


def _unpacked(text: str) -> str | None:
    unzip = zlib.decompressobj(wbits=31)
    try:
        data = unzip.decompress(base64.b64decode(text), _MOST_BYTES)
    except (ValueError, zlib.error):
        return None
    return data.decode("utf-8", "surrogateescape") if unzip.eof else None


def _printed(fields: Sequence[str]) -> Iterator[Seen]:
    above: dict[str, Parts] = {"": ()}  # what many have in common is held once
    for at in range(0, len(fields) - 1, 2):
        kind, size_bytes, mode, modified, blocks, name = fields[at].split(" ", 5)
        seconds, _, fraction = modified.partition(".")
        nanoseconds = int(seconds) * _NS + int(f"{fraction:0<9.9}")
        last = name.rpartition("/")[2]
        directory = name.removesuffix(last)
        if directory not in above:
            above[directory] = tuple(directory[:-1].split("/"))
        yield Seen(
            (*above[directory], last),
            kind,
            max(0, int(size_bytes)),
            int(mode, 8) & 0o777,
            nanoseconds,
            int(blocks) * 512,
            fields[at + 1],
        )


def _stated(fields: Sequence[str]) -> Iterator[Seen]:
    """Yield the entries of groups: how many, each with its name and link, then as many lines of numbers."""
    at = 0
    while at < len(fields) - 1:
        number = int(fields[at])
        names = fields[at + 1 : at + 1 + 2 * number : 2]
        links = fields[at + 2 : at + 2 + 2 * number : 2]
        lines = fields[at + 1 + 2 * number].splitlines()
        if len(lines) != number:
            raise ValueError("something went away meanwhile")
        for name, link, line in zip(names, links, lines, strict=True):
            raw, size_bytes, seconds, blocks = line.split()
            mode = int(raw, 16)
            kind = next((kind for kind, bits in _KINDS.items() if stat.S_IFMT(mode) == bits), "?")
            parts = tuple(name.removeprefix("./").split("/"))
            yield Seen(parts, kind, int(size_bytes), mode & 0o777, int(seconds) * _NS, int(blocks) * 512, link)
        at += 2 + 2 * number


def _unreadable(line: str, root: str) -> TransferItem:
    """Return what ``find`` complains of: ``find: './a/b': Permission denied``."""
    said = line.removeprefix("find: ")
    path, _, reason = said.rpartition(": ")
    path = path.strip("'\"`‘’")
    if not reason or not path.startswith("."):
        return TransferItem(root, said)
    return TransferItem(posixpath.normpath(posixpath.join(root, path)), reason.lower())
