"""What a sandbox has already in the directories that a push will write to, found out in as few looks as can be.

One ``find`` over many directories at once; directory by directory where the sandbox has no such ``find``. Only the
directories themselves are listed, never what is below them, so that a large disk costs nothing.
"""

from __future__ import annotations

import asyncio
import posixpath
import secrets
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from daytona_tui.domain.files import FileEntry
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import DaytonaTuiError, NotFoundError
from daytona_tui.transfer.concurrency import together
from daytona_tui.transfer.push_plan import There
from daytona_tui.transfer.walk import ends_everything

MAX_SCRIPT_BYTES = 100_000
"""Of names in one script: a little less than what Linux takes as one argument."""

TOOLS = ("python3", "sha256sum", "busybox", "openssl", "tar")

_LOOK_S = 120
_AT_ONCE = 8
_NS = 1_000_000_000

# M is a mark that nobody in the sandbox knows. Records end with NUL: mark, word, and what it says; or an entry.
_ABOUT = r"""M=@MARK@
for t in @TOOLS@; do command -v "$t" >/dev/null 2>&1 && printf '%s tool %s\0' "$M" "$t"; done
n=; for p in @ABOVE@; do if [ -d "$p" ]; then n=$p; else printf '%s missing %s\0' "$M" "$p"; fi; done
f=$(df -Pk -- "$n" 2>/dev/null | tail -n 1 | awk '{print $4}') && printf '%s free %s\0' "$M" "$f"
find "$n" -maxdepth 0 -printf '' 2>/dev/null && printf '%s finds \0' "$M"
printf '%s done \0' "$M"
"""
_LIST = r"""M=@MARK@
cd -- @BASE@ || exit 0
find @PATHS@ -mindepth 1 -maxdepth 1 -printf '%y %Y %s %T@ %p\0%l\0' 2>/dev/null
printf '%s done \0' "$M"
"""


@dataclass(slots=True)
class Site:
    """What is there.

    Attributes:
        entries: what is in the directories, by its absolute path.
        directories: those of the directories asked for that exist.
        missing: the base and those above it, as far as they do not exist.
        tools: which of ``TOOLS`` there are; empty where nothing can be run.
        free_bytes: room on the disk; None where nobody tells.
    """

    entries: dict[str, There] = field(default_factory=dict)
    directories: set[str] = field(default_factory=set)
    missing: tuple[str, ...] = ()
    tools: frozenset[str] = frozenset()
    free_bytes: int | None = None


async def survey(gateway: Gateway, sandbox_id: SandboxId, base: str, directories: Sequence[str]) -> Site:
    """Return what is in ``directories``, which are ``base`` and directories below it, parents first. Peeks.

    Raises:
        DaytonaTuiError: the sandbox cannot be asked.
    """
    site = Site()
    finds = await _ask_about(gateway, sandbox_id, base, site)
    if base in site.missing:
        return site
    if not (finds and await _find_all(gateway, sandbox_id, base, directories, site)):
        await _list_all(gateway, sandbox_id, base, directories, site)
    site.directories = {base, *(each for each in directories if each in site.entries and _holds(site, each))}
    return site


def _holds(site: Site, path: str) -> bool:
    return site.entries[path].holds_files


async def _ask_about(gateway: Gateway, sandbox_id: SandboxId, base: str, site: Site) -> bool:
    """Note what the sandbox can do; return True where its ``find`` describes what it finds."""
    mark = secrets.token_hex(12)
    above = _above(base)
    script = _ABOUT.replace("@MARK@", mark).replace("@TOOLS@", " ".join(TOOLS)).replace("@ABOVE@", shlex.join(above))
    said = await _look(gateway, sandbox_id, script, mark)
    if said is None:
        missing = await together(_is_missing(gateway, sandbox_id, path) for path in above)
        site.missing = tuple(path for path, is_missing in zip(above, missing, strict=True) if is_missing)
        return False
    words = [record.removeprefix(f"{mark} ").partition(" ") for record in said if record.startswith(f"{mark} ")]
    site.tools = frozenset(rest for word, _, rest in words if word == "tool") & frozenset(TOOLS)
    gone = {rest for word, _, rest in words if word == "missing"}
    site.missing = tuple(path for path in above if path in gone)
    free = next((rest for word, _, rest in words if word == "free"), "")
    site.free_bytes = int(free) * 1024 if free.isascii() and free.isdigit() and len(free) < 16 else None
    return any(word == "finds" for word, _, _ in words)


def _above(base: str) -> list[str]:
    """Return the root, the directories above ``base``, and itself."""
    paths = [base]
    while paths[-1] != "/":
        paths.append(posixpath.dirname(paths[-1]))
    return paths[::-1]


async def _is_missing(gateway: Gateway, sandbox_id: SandboxId, path: str) -> bool:
    try:
        return not (await gateway.info(sandbox_id, path)).is_dir
    except NotFoundError:
        return True


async def _look(gateway: Gateway, sandbox_id: SandboxId, script: str, mark: str) -> list[str] | None:
    """Return the records of a script that came to its end; None where it did not."""
    try:
        outcome = await gateway.look(sandbox_id, script, timeout_s=_LOOK_S)
    except DaytonaTuiError as error:
        if ends_everything(error):
            raise
        return None
    records = outcome.output.split("\0")
    return records if f"{mark} done " in records else None


async def _find_all(gateway: Gateway, sandbox_id: SandboxId, base: str, directories: Sequence[str], site: Site) -> bool:
    slots = asyncio.Semaphore(_AT_ONCE)

    async def found(paths: Sequence[str]) -> bool:
        mark = secrets.token_hex(12)
        script = _LIST.replace("@MARK@", mark).replace("@BASE@", shlex.quote(base))
        async with slots:
            records = await _look(gateway, sandbox_id, script.replace("@PATHS@", shlex.join(paths)), mark)
        if records is None:
            return False
        await asyncio.to_thread(_read_entries, records, base, site.entries)
        return True

    relative = ("./" + (each[len(base) :].lstrip("/") + "/").lstrip("/") for each in directories)
    return all(await together(found(paths) for paths in in_scripts(relative)))


def in_scripts(words: Iterable[str]) -> Iterator[list[str]]:
    """Yield runs of words that fit into one script once they are quoted."""
    run: list[str] = []
    room = MAX_SCRIPT_BYTES
    for word in words:
        needed = len(shlex.quote(word).encode()) + 1
        if run and needed > room:
            yield run
            run, room = [], MAX_SCRIPT_BYTES
        run.append(word)
        room -= needed
    if run:
        yield run


def _read_entries(records: Sequence[str], base: str, entries: dict[str, There]) -> None:
    kinds = {"f": "file", "d": "directory", "l": "link"}
    for record, points_to in zip(records[::2], records[1::2], strict=False):
        kind, _, rest = record.partition(" ")
        leads_to, _, rest = rest.partition(" ")
        size, _, rest = rest.partition(" ")
        modified, _, path = rest.partition(" ")
        if not (size.isascii() and size.isdigit() and path.startswith("./")):
            continue
        word = kinds.get(kind, "other")
        entries[posixpath.normpath(posixpath.join(base, path))] = There(
            word, int(size), _nanoseconds(modified), leads_to == "d", points_to if word == "link" else None
        )


def _nanoseconds(text: str) -> int:
    seconds, _, fraction = text.partition(".")
    try:
        return int(seconds) * _NS + int(fraction[:9].ljust(9, "0"))
    except ValueError:
        return 0


async def _list_all(gateway: Gateway, sandbox_id: SandboxId, base: str, directories: Sequence[str], site: Site) -> None:
    """List directory by directory, none whose own directory is not there."""
    slots = asyncio.Semaphore(_AT_ONCE)

    async def listed(path: str) -> tuple[str, tuple[FileEntry, ...]]:
        async with slots:
            try:
                return path, await gateway.list_dir(sandbox_id, path)
            except DaytonaTuiError as error:
                if ends_everything(error):
                    raise
                return path, ()

    levels: dict[int, list[str]] = {}
    for directory in directories:
        levels.setdefault(directory.rstrip("/").count("/"), []).append(directory)
    for _, level in sorted(levels.items()):
        wanted = [each for each in level if each == base or (each in site.entries and _holds(site, each))]
        for path, entries in await together(listed(each) for each in wanted):
            for entry in entries:
                site.entries[posixpath.join(path, entry.name)] = _there(entry)


def _there(entry: FileEntry) -> There:
    kind = "directory" if entry.is_dir else "link" if entry.is_link else "other" if entry.is_special else "file"
    modified = entry.modified_at
    nanoseconds = 0 if modified is None else int(modified.timestamp()) * _NS + modified.microsecond * 1000
    return There(kind, entry.size_bytes, nanoseconds, entry.is_dir)
