"""Changes to the files of a sandbox, each looked at before it is asked for, so that nothing is replaced unseen."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence

from daytona_tui.domain.file_acts import Below
from daytona_tui.domain.files import FileEntry, file_name, join_path, parent_path
from daytona_tui.domain.ports import Gateway, Inspector, RemoteFiles
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import ConflictError, DaytonaTuiError, NotFoundError, RemoteError

COPY_TIMEOUT_S = 600
"""Seconds that copying one entry within the sandbox may take."""

COUNT_TIMEOUT_S = 10
"""Seconds that counting what would be deleted may take; what takes longer is told without its number."""

_COUNT = (
    "find {0} ! -type d 2>/dev/null | wc -l; find {0} -type d 2>/dev/null | wc -l; du -sk {0} 2>/dev/null | cut -f1"
)


Tell = Callable[[str, DaytonaTuiError | None], None]
"""Is told of each path when it is over: with None when that went well."""


async def count_below(gateway: Inspector, sandbox_id: SandboxId, path: str) -> Below | None:
    """Return how much is in a directory; None where that cannot be found out in time. Peeks."""
    script = _COUNT.format(f"./{shlex.quote(path)}" if not path.startswith("/") else shlex.quote(path))
    try:
        outcome = await gateway.look(sandbox_id, script, timeout_s=COUNT_TIMEOUT_S)
        files, directories, kibibytes = (int(word) for word in outcome.output.split())
    except (DaytonaTuiError, ValueError):
        return None
    return Below(files, directories, kibibytes * 1024)


async def found_at(files: RemoteFiles, sandbox_id: SandboxId, path: str) -> FileEntry | None:
    """Return what is at a path; None where nothing is."""
    try:
        return await files.info(sandbox_id, path)
    except NotFoundError:
        return None


async def make_folder(gateway: Gateway, sandbox_id: SandboxId, path: str) -> None:
    """Make a directory, with those above it that are missing.

    Raises:
        ConflictError: something of that name is there.
    """
    if await found_at(gateway, sandbox_id, path.rstrip("/")) is not None:
        raise ConflictError(f"{path!r} is there already")
    await gateway.make_dir(sandbox_id, path.rstrip("/"))


async def destination_of(gateway: RemoteFiles, sandbox_id: SandboxId, source: str, destination: str) -> str:
    """Return the path that ``source`` gets when it is moved or copied to ``destination``, where nothing is yet.

    A directory that is there takes it in, under its own name.

    Raises:
        ConflictError: something is there, or the directory for it is not, or it would lie in itself.
    """
    plain = destination.rstrip("/") or "/"
    there = await found_at(gateway, sandbox_id, plain)
    if there is not None and there.is_dir and plain != source:
        plain = join_path(plain, file_name(source))
        there = await found_at(gateway, sandbox_id, plain)
    elif destination.endswith("/") and there is None:
        raise ConflictError(f"there is no directory {plain!r}")
    if there is not None:
        raise ConflictError(f"{plain!r} is there already")
    if plain.startswith(source.rstrip("/") + "/"):
        raise ConflictError(f"{source!r} cannot lie in itself")
    if await found_at(gateway, sandbox_id, parent_path(plain)) is None:
        raise ConflictError(f"there is no directory {parent_path(plain)!r}")
    return plain


async def move(gateway: Gateway, sandbox_id: SandboxId, source: str, destination: str) -> str:
    """Move or rename one entry and return its new path.

    Raises:
        ConflictError: see ``destination_of``.
    """
    target = await destination_of(gateway, sandbox_id, source, destination)
    await gateway.move(sandbox_id, source, target)
    return target


async def copy(gateway: Gateway, sandbox_id: SandboxId, source: str, destination: str) -> str:
    """Copy one entry within the sandbox, with modes, times and links, and return the path of the copy.

    Raises:
        ConflictError: see ``destination_of``.
        RemoteError: ``cp`` failed.
    """
    target = await destination_of(gateway, sandbox_id, source, destination)
    command = f"cp -a -- {shlex.quote(source)} {shlex.quote(target)}"
    outcome = await gateway.run(sandbox_id, command, timeout_s=COPY_TIMEOUT_S)
    if outcome.exit_code != 0:
        raise RemoteError(f"{source!r} was not copied: {_last_line(outcome.output) or f'exit {outcome.exit_code}'}")
    return target


def _last_line(output: str) -> str:
    lines = output.strip().splitlines()
    return lines[-1].removeprefix("cp: ")[:200] if lines else ""


async def delete(gateway: Gateway, sandbox_id: SandboxId, entries: Sequence[FileEntry], tell: Tell) -> None:
    """Delete entries one after the other; a directory with all that is in it, of a link only itself.

    What is gone already counts as deleted. One that fails costs none of the others.
    """
    for entry in entries:
        try:
            await gateway.remove(sandbox_id, entry.path, recursive=entry.is_dir and not entry.is_link)
        except NotFoundError:
            tell(entry.path, None)
        except DaytonaTuiError as error:
            tell(entry.path, error)
        else:
            tell(entry.path, None)
