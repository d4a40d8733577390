"""The context of a build: the archives that were pushed for it, unpacked, and what a step takes of it.

Archives are hostile. Links are made last, so that nothing is ever written through one. Everything here blocks on disk.
"""

from __future__ import annotations

import os
import re
import shutil
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from daytona_tui.emulator.workshop.copies import Copy, CopyError

MOST_MEMBERS = 200_000
LARGEST = 2 << 30
"""Bytes of all files of a context."""


class ContextError(ValueError):
    """A context that cannot be used; the message says why, for a person."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A file or directory of a context on its way into the image.

    Attributes:
        path: where it is here.
        name: where it belongs below the target; empty for the target itself.
    """

    path: Path
    name: str


def unpack(archives: Iterable[Path], root: Path) -> None:
    """Unpack the archives of a context over one another.

    Raises:
        ContextError: one is damaged, too large, or holds what leads out of it.
    """
    root.mkdir(parents=True, exist_ok=True)
    links: list[tuple[Path, str]] = []
    count = size = 0
    for archive in archives:
        try:
            with tarfile.open(archive, "r:*") as tar:
                for member in tar:
                    count, size = count + 1, size + max(member.size, 0)
                    if count > MOST_MEMBERS or size > LARGEST:
                        raise ContextError(f"the context is too large: {MOST_MEMBERS} files, {LARGEST} bytes at most")
                    _unpack_one(tar, member, root, links)
        except (tarfile.TarError, EOFError, OSError) as error:
            raise ContextError(f"the context cannot be unpacked: {error}") from error
    for path, points_to in links:
        if not path.exists() and not path.is_symlink():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(points_to)


def _unpack_one(tar: tarfile.TarFile, member: tarfile.TarInfo, root: Path, links: list[tuple[Path, str]]) -> None:
    parts = [part for part in member.name.split("/") if part not in ("", ".")]
    if member.name.startswith("/") or ".." in parts:
        raise ContextError(f"the context holds a path that leads out of it: {member.name!r}")
    path = root.joinpath(*parts)
    if member.isdir():
        path.mkdir(parents=True, exist_ok=True)
    elif member.issym():
        links.append((path, member.linkname))
    elif member.isfile():
        path.parent.mkdir(parents=True, exist_ok=True)
        source = tar.extractfile(member)
        if source is None:
            raise ContextError(f"the context has no content for {member.name!r}")
        with source, path.open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
        path.chmod(member.mode & 0o777 | 0o600)
    else:
        raise ContextError(f"the context holds something that is no file, directory or link: {member.name!r}")


def chosen(root: Path, copy: Copy) -> tuple[list[Chosen], bool]:
    """Return what a step copies, and whether a directory is among its sources.

    A directory is copied without itself, a file under its name; of a lone file the name is empty: it may get another.

    Raises:
        CopyError: a source is not in the context.
    """
    found: list[Path] = []
    for source in copy.sources:
        matches = list(_matches(root, source))
        if not matches:
            raise CopyError(f"{source} is not in the context of the build: not found")
        found += matches
    if len(found) > 1 and not copy.is_into:
        raise CopyError(f"{copy.target} gets {len(found)} sources and has to end with /")
    has_dir = any(path.is_dir() for path in found)
    is_lone = len(found) == 1 and not has_dir and not copy.is_into
    picked: list[Chosen] = []
    for path in found:
        if path.is_dir():
            picked += [Chosen(path / name, name) for name in sorted(os.listdir(path))]  # noqa: PTH208
        else:
            picked.append(Chosen(path, "" if is_lone else path.name))
    return picked, has_dir


def _matches(root: Path, source: str) -> Iterator[Path]:
    """Yield what a source names, links followed as long as they stay in the context."""
    parts = [part for part in source.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise CopyError(f"{source} leads out of the context of the build: forbidden path")
    places = [root]
    for part in parts:
        expression = _expression(part) if re.search(r"[*?\[]", part) else None
        if expression is None:
            places = [place / part for place in places]
        else:
            places = [
                place / name
                for place in places
                if place.is_dir()
                for name in sorted(os.listdir(place))  # noqa: PTH208
                if expression.fullmatch(name)
            ]
        places = [place for place in places if place.exists() and _is_inside(root, place)]
    yield from places


def _is_inside(root: Path, path: Path) -> bool:
    return PurePosixPath(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def _expression(glob: str) -> re.Pattern[str]:
    """Return the expression of a part of a path, with the wildcards that Docker's own COPY has."""
    made, at = [], 0
    while at < len(glob):
        letter = glob[at]
        end = glob.find("]", at + 2) if letter == "[" else -1
        if letter == "*":
            made.append("[^/]*")
        elif letter == "?":
            made.append("[^/]")
        elif end > 0:
            body = glob[at + 1 : end]
            negated = body[:1] in ("^", "!")
            letters = (body[1:] if negated else body).replace("\\", "\\\\").replace("[", "\\[")
            made.append(f"[{'^' if negated else ''}{letters}]")
            at = end
        else:
            made.append(re.escape(letter))
        at += 1
    try:
        return re.compile("".join(made), re.DOTALL)
    except re.error:
        raise CopyError(f"syntax error in pattern: {glob}") from None
