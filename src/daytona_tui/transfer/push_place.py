"""Where in a sandbox the sources of a push go: as ``cp`` would put them."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from daytona_tui.domain.files import FileEntry
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import DaytonaTuiError, NotFoundError, TransferError
from daytona_tui.transfer.push_stage import litter
from daytona_tui.transfer.safety import local_path
from daytona_tui.transfer.walk import ends_everything


@dataclass(frozen=True, slots=True)
class Place:
    """A destination: its absolute path, and whether sources go into it instead of getting its name."""

    path: str
    is_into: bool


@dataclass(frozen=True, slots=True)
class Targets:
    """What becomes what.

    Attributes:
        pairs: each source with its absolute path in the sandbox.
        base: the directory that holds all of them.
        shown: the destination as it is to be named.
    """

    pairs: tuple[tuple[Path, str], ...]
    base: str
    shown: str


async def find_place(gateway: Gateway, sandbox_id: SandboxId, destination: str) -> Place:
    """Return the place that is meant by ``destination``, which may be relative to the working directory.

    A directory that exists is gone into, but not where a push from here came to no end which gave it that name: the
    same command goes on.

    Raises:
        TransferError: it cannot be a place.
        DaytonaTuiError: the sandbox cannot be asked.
    """
    if "\0" in destination:
        raise TransferError("a path cannot contain a NUL")
    _refuse_what_cannot_travel(destination)
    path = destination
    if not path.startswith("/"):
        path = posixpath.join(await gateway.work_dir(sandbox_id), path)
    is_into = destination == "" or posixpath.basename(destination) in ("", ".", "..")
    path = posixpath.normpath("/" + path.lstrip("/"))
    there = await _found(gateway, sandbox_id, path)
    if is_into and there is not None and not there.is_dir:
        raise TransferError(f"{path!r} is a file in the sandbox, not a directory")
    if not is_into and there is not None and there.is_dir:
        is_into = not await _is_unfinished(gateway, sandbox_id, path)
    return Place(path, is_into)


def _refuse_what_cannot_travel(path: str) -> None:
    try:
        path.encode()
    except UnicodeEncodeError as error:
        said = os.fsencode(path).decode("utf-8", "replace")
        raise TransferError(
            f"{said!r} is not UTF-8, and paths travel as such", hint="push it by another name"
        ) from error


async def _found(gateway: Gateway, sandbox_id: SandboxId, path: str) -> FileEntry | None:
    try:
        return await gateway.info(sandbox_id, path)
    except NotFoundError:
        return None


async def _is_unfinished(gateway: Gateway, sandbox_id: SandboxId, path: str) -> bool:
    """Return True where a push that made ``path`` has left its staging directory beside it."""
    above = posixpath.dirname(path)
    try:
        entries = await gateway.list_dir(sandbox_id, above)
    except DaytonaTuiError as error:
        if ends_everything(error):
            raise
        return False
    return any(litter((posixpath.join(above, entry.name) for entry in entries), path))


def targets_of(sources: Sequence[str], place: Place) -> Targets:
    """Return where each source goes.

    Raises:
        TransferError: one of them has no name that it could get, or one that cannot travel, or lies in no home.
    """
    is_into = place.is_into or len(sources) > 1
    pairs: list[tuple[Path, str]] = []
    base = place.path
    for source in sources:
        path = local_path(source)
        name = path.name or path.resolve().name
        stands_for_contents = source.endswith("/") or posixpath.basename(source) in (".", "..")
        if stands_for_contents and path.is_dir():
            pairs.append((path, place.path))
        elif is_into:
            if not name:
                raise TransferError(f"{source!r} has no name that it could get; write a slash at its end")
            pairs.append((path, posixpath.join(place.path, name)))
        else:
            pairs.append((path, place.path))
            base = posixpath.dirname(place.path)
        _refuse_what_cannot_travel(pairs[-1][1])
    return Targets(tuple(pairs), base, pairs[0][1] if len(pairs) == 1 else place.path)
