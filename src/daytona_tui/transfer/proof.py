"""SHA-256 of files as they are in the sandbox, by whatever tool it has. Reads and changes nothing.

One program for many files is quick, and where there is openssl it takes a quarter of the time, as that knows what the
processor can do. What its lines do not say of a file (a name with a line break in it, a file that went away) is asked
for by itself.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence

from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.transfer.quoting import quoted
from daytona_tui.transfer.source import Looker

BATCH_FILES = 2000
BATCH_NAMES = 90_000
"""Bytes of names in one script: less than what Linux takes as one argument."""
BATCH_BYTES = 4 * 1024**3
_HASH_S = 60
_BYTES_PER_S = 20_000_000
"""What even a busy sandbox reads: a look gets so much longer for large files."""

_DIGEST = re.compile("[0-9a-f]{64}")

_TOOL = r"""
if openssl dgst -sha256 -r </dev/null >/dev/null 2>&1; then h() { openssl dgst -sha256 -r "$@"; }
elif command -v sha256sum >/dev/null 2>&1; then h() { sha256sum "$@"; }
elif busybox sha256sum </dev/null >/dev/null 2>&1; then h() { busybox sha256sum "$@"; }
elif command -v shasum >/dev/null 2>&1; then h() { shasum -a 256 "$@"; }
else echo no tool; exit 0; fi
cd -- @ROOT@ || exit 0
"""
_MANY = "h @PATHS@ 2>/dev/null; echo done\n"
_EACH = 'each() { if [ -r "$2" ]; then head -c "$1" < "$2" | h; else echo none; fi; }\n@CALLS@\necho done\n'


async def hashes(
    source: Looker, sandbox_id: SandboxId, root: str, names: Sequence[str], size_bytes: int
) -> dict[str, str] | None:
    """Return the SHA-256 of files by their names below ``root``; those that cannot be told lack.

    None where the sandbox cannot tell: it has no tool for it, or no time. The names have to fit into one script, see
    ``batches``.

    Raises:
        DaytonaTuiError: the sandbox cannot be asked.
    """
    paths = await asyncio.to_thread(lambda: " ".join(quoted(f"./{name}") for name in names))
    said = await _look(source, sandbox_id, root, _MANY.replace("@PATHS@", paths), size_bytes)
    return None if said is None else await asyncio.to_thread(_read_all, said)


def _read_all(said: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in said:
        digest, _, path = line.partition(" ")
        if path.startswith((" ./", "*./")) and is_digest(digest):  # one that begins with \ has a name not as it is
            found[path[3:]] = digest
    return found


async def prefix_hashes(
    source: Looker, sandbox_id: SandboxId, root: str, lengths: Sequence[tuple[str, int]]
) -> list[str] | None:
    """Return the SHA-256 of the first bytes of files, ``(name, length)`` each; empty for one that cannot be read.

    None where the sandbox cannot tell.
    """
    calls = "\n".join(f"each {length} {quoted(f'./{name}')}" for name, length in lengths)
    size_bytes = sum(length for _, length in lengths)
    said = await _look(source, sandbox_id, root, _EACH.replace("@CALLS@", calls), size_bytes)
    if said is None or len(said) != len(lengths):
        return None if said is None else [""] * len(lengths)
    words = [line.split(" ")[0] for line in said]
    return [word if is_digest(word) else "" for word in words]


async def _look(source: Looker, sandbox_id: SandboxId, root: str, body: str, size_bytes: int) -> list[str] | None:
    script = _TOOL.replace("@ROOT@", quoted(root)) + body
    outcome = await source.look(sandbox_id, script, timeout_s=_HASH_S + size_bytes // _BYTES_PER_S)
    lines = outcome.output.split("\n")
    if "no tool" in lines[:1]:
        return None
    # Without its last word it was not run, or not to its end: nothing of it counts.
    return lines[:-2] if lines[-2:] == ["done", ""] else None


def is_digest(text: str) -> bool:
    """Return True for what has the form of a SHA-256."""
    return _DIGEST.fullmatch(text) is not None


def batches(sizes: Mapping[str, int]) -> Iterator[list[str]]:
    """Yield the names, with the size of their files, in runs that fit into one script."""
    batch: list[str] = []
    names, size_bytes = BATCH_NAMES, BATCH_BYTES
    for name, size in sizes.items():
        needed = len(quoted(name).encode()) + 24
        if batch and (len(batch) == BATCH_FILES or needed > names or size > size_bytes):
            yield batch
            batch, names, size_bytes = [], BATCH_NAMES, BATCH_BYTES
        batch.append(name)
        names -= needed
        size_bytes -= size
    if batch:
        yield batch
