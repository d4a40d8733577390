"""Every repository in a sandbox, and how it stands: one look that is bounded in time, depth and length, and peeks."""

from __future__ import annotations

import asyncio
import contextlib
import posixpath
import secrets
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from daytona_tui.domain.git import Commit, FoundRepository
from daytona_tui.domain.git_porcelain import status_of
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.tree import home_of
from daytona_tui.errors import ConflictError, DaytonaTuiError, NotFoundError
from daytona_tui.operations.git_reading import commits, moment, remotes
from daytona_tui.operations.git_script import HEAD, LOOK_S, NoGitError, look

MOST_REPOSITORIES = 50
MOST_BYTES = 8_000_000
_EACH_BYTES = 400_000
_PATH_BYTES = 10_000
_DEPTH = 6
"""Levels below the working directory."""

PLACES = ("/workspace", "/workspaces", "/testbed")
"""Where images and evaluation harnesses put a repository beside the working directory; four levels are looked at."""

_SKIPPED = (
    "node_modules", "__pycache__", ".cache", ".npm", ".cargo", ".rustup", ".venv", "venv", "site-packages", ".tox",
)  # fmt: skip

# The working directory is W; the places are the parameters. What is found twice by two ways is told once.
_SCRIPT = r"""
printf '%s found\0' "$T"
{
  {
    find -H "$W" -maxdepth @DEPTH@ \( @SKIP@ \) -prune -o -name .git -prune -print
    for p; do [ -d "$p" ] && find -H "$p" -maxdepth 4 \( @SKIP@ \) -prune -o -name .git -prune -print; done
  } 2> /dev/null | head -n 400 | while IFS= read -r d; do
    d=${d%/.git}; d=${d:-/}
    t=$(g "$d" rev-parse --show-toplevel 2> /dev/null) || continue
    case "$s" in *"/:$t:"*) continue ;; esac
    s="$s/:$t:"; n=$((n + 1))
    [ "$n" -le @COUNT@ ] || { printf '%s more\0' "$T"; break; }
    printf '%s repository\0%s\0' "$T" "$t"
    g "$t" config --get remote.origin.url; printf '\0'
    g "$t" rev-list --walk-reflogs --count refs/stash --; printf '\0'
    g "$t" config --get user.name; printf '\0'; g "$t" config --get user.email; printf '\0'
    g "$t" log -1 --no-color --encoding=UTF-8 --format='%H%x1f%an%x1f%ae%x1f%aI%x1f%s' --; printf '\0'
    g "$t" status --porcelain=v2 --branch -z --untracked-files=all | head -c @EACH@
    printf '\0'
  done
} 2> /dev/null | head -c @MOST@
printf '%s done\0' "$T"
exit 0
"""


@dataclass(frozen=True, slots=True)
class Repositories:
    """What was found.

    Attributes:
        found: by path.
        is_partial: there may be more.
    """

    found: tuple[FoundRepository, ...] = ()
    is_partial: bool = False


async def repositories(gateway: Gateway, sandbox_id: SandboxId) -> Repositories:
    """Return every repository below the working directory and where repositories usually are.

    Raises:
        NoGitError: the sandbox has no program git.
        DaytonaTuiError: it could not be looked at.
    """
    mark = secrets.token_hex(12)
    parts = {
        "@DEPTH@": str(_DEPTH),
        "@SKIP@": " -o ".join(["-path /proc -o -path /sys -o -path /dev", *(f"-name {name}" for name in _SKIPPED)]),
        "@COUNT@": str(MOST_REPOSITORIES),
        "@EACH@": str(_EACH_BYTES),
        "@MOST@": str(MOST_BYTES),
    }
    script = HEAD + _SCRIPT
    for key, text in parts.items():
        script = script.replace(key, text)
    work_dir = await gateway.work_dir(sandbox_id)
    places = " ".join(map(shlex.quote, PLACES))
    head = f"T={mark}; W={shlex.quote(posixpath.normpath(work_dir))}; s=; n=0; set -- {places}"
    outcome = await gateway.look(sandbox_id, f"{head}\n{script}", timeout_s=LOOK_S)
    first, _, said = outcome.output.partition("\0")
    if first == f"{mark} none":
        raise NoGitError
    is_whole = first == f"{mark} found" and said.endswith(f"{mark} done\0") and f"{mark} more\0" not in said
    found = await asyncio.to_thread(lambda: tuple(_read(said, mark)))
    return Repositories(tuple(sorted(found, key=lambda each: each.path)), not is_whole)


async def repository_at(gateway: Gateway, sandbox_id: SandboxId, path: str = "") -> str:
    """Return the absolute path of the repository that is meant: the one that is named, or else the only one.

    Raises:
        NotFoundError: there is none.
        ConflictError: there are several; names them.
    """
    work_dir = await gateway.work_dir(sandbox_id)
    if path:
        if path == "~" or path.startswith("~/"):
            path = home_of(work_dir) + path[1:]
        return await _top_of(gateway, sandbox_id, posixpath.normpath(posixpath.join(work_dir, path)))
    try:
        found = [each.path for each in (await repositories(gateway, sandbox_id)).found]
    except NoGitError:
        return work_dir  # the toolbox may know git all the same
    return _only(found, work_dir)


async def _top_of(gateway: Gateway, sandbox_id: SandboxId, path: str) -> str:
    """Return the repository in which a directory lies; the directory itself where that cannot be told."""
    try:
        seen = await look(gateway, sandbox_id, path, 'g "$R" rev-parse --show-toplevel', most=_PATH_BYTES)
    except DaytonaTuiError:
        return path  # what is asked of it next says why
    top = seen.text.removesuffix("\n")
    return top if top.startswith("/") else path


def _only(found: Sequence[str], work_dir: str) -> str:
    if not found:
        raise NotFoundError(f"no repository was found below {work_dir!r}", hint="name its directory, or clone one")
    if work_dir in found or len(found) == 1:
        return work_dir if work_dir in found else found[0]
    named = ", ".join(found[:5])
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    raise ConflictError(f"there are {len(found)} repositories: {named}{more}", hint="name the one that is meant")


async def repository(gateway: Gateway, sandbox_id: SandboxId, path: str) -> FoundRepository:
    """Return how the repository at ``path`` stands, by the toolbox's own word where there is no program git.

    Raises:
        NotFoundError: there is none.
        DaytonaTuiError: it could not be looked at.
    """
    status = await gateway.repository_status(sandbox_id, path)
    origin = ""
    with contextlib.suppress(NotFoundError):  # there may be nobody who tells
        told = await remotes(gateway, sandbox_id, path)
        origin = next((each.address for each in told if each.name == "origin"), "")
    head: Commit | None = None
    with contextlib.suppress(DaytonaTuiError):  # there may be no commit yet
        head = next(iter(await commits(gateway, sandbox_id, path, 1)), None)
    return FoundRepository(path, status, head, origin)


def _read(said: str, mark: str) -> Iterator[FoundRepository]:
    for part in said.split(f"{mark} repository\0")[1:]:
        told = part.split(f"{mark} ", 1)[0]
        path, origin, stashes, name, email, head, status = [*told.split("\0", 6), *[""] * 6][:7]
        if not path.startswith("/"):
            continue
        count, name, email = stashes.strip(), name.strip(), email.strip()
        yield FoundRepository(
            path=path,
            status=status_of(status.split("\0")),
            head=_head(head.strip("\n")),
            origin=origin.strip("\n"),
            stashes=int(count) if count.isascii() and count.isdigit() and len(count) < 10 else 0,
            author=f"{name} <{email}>" if name and email else "",
            is_partial=len(status.encode("utf-8", "replace")) >= _EACH_BYTES,
        )


def _head(line: str) -> Commit | None:
    fields = line.split("\x1f", 4)
    return Commit(fields[0], fields[1], fields[2], fields[4], moment(fields[3])) if len(fields) == 5 else None
