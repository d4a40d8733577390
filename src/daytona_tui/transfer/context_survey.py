"""Finds what a Dockerfile copies from this machine, and nothing outside its context. Blocks: call in a thread."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

from daytona_tui.domain.build_context import (
    LARGEST_BYTES,
    MOST_FILES,
    BuildContext,
    ContextEntry,
    EntryKind,
    looks_secret,
)
from daytona_tui.domain.dockerfiles import LocalFile, local_files
from daytona_tui.errors import MisuseError
from daytona_tui.presentation.phrases import os_reason
from daytona_tui.transfer.dockerignore import DockerIgnore
from daytona_tui.transfer.ignoring import expression

Parts = tuple[str, ...]

_MOST_LINKS = 40
_LONGEST_IGNORE = 1 << 20
_SMALLER = "name in .dockerignore what the build does not need"


class Stopped(Exception):
    """It was told to stop: nobody wants its result any more."""


def survey(
    text: str, root: Path, *, dockerfile: Path | None = None, stop: threading.Event | None = None
) -> BuildContext:
    """Return what would be sent for a Dockerfile.

    Args:
        text: its content.
        root: the directory that its sources are in.
        dockerfile: where it is, for a ``.dockerignore`` of its own beside it; None where it is not a file.
        stop: set by another thread to have this end soon.

    Raises:
        MisuseError: a source is missing, leads out of the directory, or it is all too much.
        Stopped: ``stop`` was set.
    """
    try:
        real = root.resolve(strict=True)
        if not real.is_dir():
            raise MisuseError(f"the context {root} is no directory")
    except (OSError, RuntimeError) as error:
        reason = os_reason(error) if isinstance(error, OSError) else "the link goes round in circles"
        raise MisuseError(f"the context {root} cannot be read: {reason}") from None
    walk = _Survey(real, DockerIgnore(_ignore_text(real, dockerfile)), stop or threading.Event())
    try:
        for each in local_files(text):
            walk.add(each)
    except OSError as error:  # it went away while it was looked at
        where = os.fspath(error.filename or real)
        raise MisuseError(f"{where} cannot be read: {os_reason(error)}", hint="try again") from None
    return walk.result()


def _ignore_text(root: Path, dockerfile: Path | None) -> str:
    own = [dockerfile.with_name(f"{dockerfile.name}.dockerignore")] if dockerfile is not None else []
    for file in (*own, root / ".dockerignore"):
        try:
            # One that is a pipe would be waited for without end, by a thread that nothing stops.
            with open(os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as stream:  # noqa: PTH123
                if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                    raise MisuseError(f"{file} is no regular file")
                data = stream.read(_LONGEST_IGNORE + 1)
        except FileNotFoundError:
            continue
        except OSError as error:  # without it, what must not leave could leave
            raise MisuseError(f"{file} cannot be read: {os_reason(error)}") from None
        if len(data) > _LONGEST_IGNORE:
            raise MisuseError(f"{file} is too long for a .dockerignore")
        return data.decode("utf-8", "surrogateescape")
    return ""


class _Survey:
    """One survey."""

    def __init__(self, root: Path, ignore: DockerIgnore, stop: threading.Event) -> None:
        self._root = root
        self._ignore = ignore
        self._stop = stop
        self._found: dict[str, ContextEntry] = {}
        self._ignored: set[Parts] = set()
        self._left_out: dict[str, str] = {}
        self._size = 0

    def add(self, source: LocalFile) -> None:
        """Take in what one source names."""
        written = source.path.replace("\\", "/")
        if written.startswith("/"):
            raise MisuseError(f"line {source.line} copies {source.path!r}: a source is written relative to the context")
        parts = tuple(part for part in written.split("/") if part not in ("", "."))
        if ".." in parts:
            raise MisuseError(f"line {source.line} copies {source.path!r}, which is outside the context {self._root}")
        if "$" in source.path:  # only the build knows what it stands for
            parts = ()
        matches = self._matches(parts)
        before = len(self._ignored)
        for match in matches:
            self._take(match, source, 0)
        if not matches or (before < len(self._ignored) and all(self._ignore.leaves_out(each) for each in matches)):
            why = "is left out by .dockerignore" if matches else f"is not in {self._root}"
            raise MisuseError(
                f"line {source.line} copies {source.path!r}, which {why}", hint="--context names another directory"
            )

    def result(self) -> BuildContext:
        """Return all that was taken in."""
        entries = tuple(self._found[name] for name in sorted(self._found))
        suspects = tuple(each.name for each in entries if each.kind is EntryKind.FILE and looks_secret(each.name))
        reasons = tuple(f"{name}: {why}" for name, why in sorted(self._left_out.items()))
        return BuildContext(str(self._root), entries, len(self._ignored), reasons, suspects)

    def _matches(self, parts: Parts) -> list[Parts]:
        places: list[Parts] = [()]
        for part in parts:
            if not any(letter in part for letter in "*?["):
                places = [(*place, part) for place in places if os.path.lexists(self._path((*place, part)))]
                continue
            glob = expression(part)
            places = [(*place, name) for place in places for name in self._names(place) if glob.fullmatch(name)]
        return places

    def _names(self, place: Parts) -> list[str]:
        path = self._path(place)
        if not self._is_inside(path):
            return []
        try:
            return sorted(os.listdir(path))  # noqa: PTH208
        except OSError:
            return []

    def _take(self, parts: Parts, source: LocalFile, links: int) -> None:
        """Take in a path with all that is below it; links on the way to it are followed within the context."""
        for depth in range(1, len(parts) + 1):
            path = self._path(parts[:depth])
            if not path.is_symlink():
                continue
            if links >= _MOST_LINKS or not self._is_inside(path):
                where = "/".join(parts[:depth])
                raise MisuseError(
                    f"line {source.line} copies {source.path!r}, and {where!r} is a link out of the context"
                )
            self._link(path, parts[:depth])
            real = Path(os.path.realpath(path)).relative_to(self._root).parts
            self._take((*real, *parts[depth:]), source, links + 1)
            return
        path = self._path(parts)
        try:
            described = path.lstat()
        except OSError as error:
            raise MisuseError(f"{path} cannot be read: {os_reason(error)}") from None
        if parts and self._is_left_out(parts, is_dir=stat.S_ISDIR(described.st_mode)):
            return
        if stat.S_ISDIR(described.st_mode):
            self._directory(parts)
        else:
            self._file(path, parts, described)

    def _directory(self, top: Parts) -> None:
        waiting = [top]
        while waiting:
            if self._stop.is_set():
                raise Stopped
            here = waiting.pop()
            try:
                with os.scandir(self._path(here)) as listing:
                    entries = sorted(listing, key=lambda entry: entry.name)
                if here and not self._ignore.leaves_out(here):
                    mode = stat.S_IMODE(self._path(here).stat().st_mode)
                    self._keep(ContextEntry("/".join(here), EntryKind.DIRECTORY, mode=mode))
            except OSError as error:
                raise MisuseError(f"{self._path(here)} cannot be read: {os_reason(error)}", hint=_SMALLER) from None
            for entry in entries:
                parts = (*here, entry.name)
                is_dir = entry.is_dir(follow_symlinks=False)
                if self._is_left_out(parts, is_dir=is_dir):
                    if is_dir and self._ignore.takes_back:
                        waiting.append(parts)
                elif is_dir:
                    waiting.append(parts)
                elif entry.is_symlink():
                    self._link(Path(entry.path), parts)
                else:
                    self._file(Path(entry.path), parts, entry.stat(follow_symlinks=False))

    def _is_left_out(self, parts: Parts, *, is_dir: bool) -> bool:
        if not self._ignore.leaves_out(parts):
            return False
        if not any(parts[:depth] in self._ignored for depth in range(1, len(parts))):
            self._ignored.add(parts)
        return True

    def _link(self, path: Path, parts: Parts) -> None:
        points_to = os.readlink(path)  # noqa: PTH115 - a Path would tidy up what the link says
        if points_to.startswith("/") or not self._is_inside(path):
            self._left_out["/".join(parts)] = "a link out of the context"
        else:
            self._keep(ContextEntry("/".join(parts), EntryKind.LINK, 0, 0o777, points_to))

    def _file(self, path: Path, parts: Parts, described: os.stat_result) -> None:
        if not stat.S_ISREG(described.st_mode):
            self._left_out["/".join(parts)] = "not a regular file"
            return
        if not os.access(path, os.R_OK):
            raise MisuseError(f"{path} cannot be read", hint=_SMALLER)
        mode = stat.S_IMODE(described.st_mode) & 0o777
        self._keep(ContextEntry("/".join(parts), EntryKind.FILE, described.st_size, mode))

    def _keep(self, entry: ContextEntry) -> None:
        if entry.name in self._found:
            return
        try:
            (entry.name + entry.points_to).encode()
        except UnicodeEncodeError:
            said = os.fsencode(entry.name).decode("utf-8", "replace")
            self._left_out[said] = "its name is not UTF-8, and paths travel as such"
            return
        self._found[entry.name] = entry
        self._size += entry.size
        if len(self._found) > MOST_FILES:
            raise MisuseError(f"the context {self._root} has more than {MOST_FILES:,} files", hint=_SMALLER)
        if self._size > LARGEST_BYTES:
            raise MisuseError(f"the context {self._root} has more than {LARGEST_BYTES >> 30} GiB", hint=_SMALLER)

    def _is_inside(self, path: Path) -> bool:
        return Path(os.path.realpath(path)).is_relative_to(self._root)

    def _path(self, parts: Parts) -> Path:
        return self._root.joinpath(*parts)
