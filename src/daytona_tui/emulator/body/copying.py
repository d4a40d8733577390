"""Walking through a directory that somebody hostile may be changing, and building one from what was found.

The walk holds every directory open and reaches each entry through it, never through a path or a link. All functions
block.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, cast

CHUNK = 1 << 20
"""Bytes that are read at a time."""

_DEEPEST = 200
_LONGEST = 3500  # bytes of a path; with the place it is restored to it must stay below the system's 4096
_GONE = frozenset({errno.ENOENT, errno.ELOOP, errno.ENOTDIR, errno.ENXIO})


class Stopped(Exception):
    """The work was given up on request."""


@dataclass(frozen=True, slots=True)
class Meta:
    """What is kept of an entry besides its name and content; the mode without the file's kind."""

    mode: int
    mtime_ns: int
    uid: int
    gid: int


class Writer(Protocol):
    """Takes in a tree: each directory before what is in it; paths are relative, the first is ``.``."""

    def directory(self, path: str, meta: Meta) -> None:
        """Take in a directory."""

    def file(self, path: str, meta: Meta, content: BinaryIO, size: int) -> None:
        """Take in a file of ``size`` bytes."""

    def symlink(self, path: str, meta: Meta, target: str) -> None:
        """Take in a symbolic link."""

    def hardlink(self, path: str, meta: Meta, first: str) -> None:
        """Take in another name of a file that came before."""

    def finish(self) -> None:
        """Know that nothing comes any more."""


def check_stop(stop: threading.Event | None) -> None:
    """Give up if that is wanted.

    Raises:
        Stopped: it is.
    """
    if stop is not None and stop.is_set():
        raise Stopped


def walk(directory: Path, writer: Writer, stop: threading.Event | None = None) -> None:
    """Hand everything in ``directory`` to ``writer``; what vanishes on the way is left out.

    Raises:
        OSError: something cannot be read, or lies too deep.
        Stopped: ``stop`` was set.
    """
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        writer.directory(".", _meta(os.fstat(descriptor)))
        _Walk(writer, stop).enter(descriptor, "", 0)
    finally:
        os.close(descriptor)
    writer.finish()


class _Walk:
    def __init__(self, writer: Writer, stop: threading.Event | None) -> None:
        self._writer = writer
        self._stop = stop
        self._seen: dict[tuple[int, int], str] = {}

    def enter(self, directory: int, prefix: str, depth: int) -> None:
        if depth > _DEEPEST:
            raise OSError(errno.ENAMETOOLONG, "directories lie too deep in each other", prefix[:100])
        for name in sorted(os.listdir(directory)):
            check_stop(self._stop)
            path = prefix + name
            if len(os.fsencode(path)) > _LONGEST:
                raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), path[:100])
            try:
                status = os.stat(name, dir_fd=directory, follow_symlinks=False)
                self._take(directory, name, path, status, depth)
            except OSError as error:
                if error.errno not in _GONE:
                    raise

    def _take(self, directory: int, name: str, path: str, status: os.stat_result, depth: int) -> None:
        if stat.S_ISLNK(status.st_mode):
            self._writer.symlink(path, _meta(status), os.readlink(name, dir_fd=directory))
        elif stat.S_ISDIR(status.st_mode):
            with _opened(directory, name, os.O_DIRECTORY) as (descriptor, meta):
                self._writer.directory(path, meta)
                self.enter(descriptor, f"{path}/", depth + 1)
        elif stat.S_ISREG(status.st_mode):
            self._take_file(directory, name, path, status)

    def _take_file(self, directory: int, name: str, path: str, status: os.stat_result) -> None:
        number = (status.st_dev, status.st_ino)
        if status.st_nlink > 1 and number in self._seen:
            self._writer.hardlink(path, _meta(status), self._seen[number])
            return
        with _opened(directory, name, 0) as (descriptor, meta):
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                return
            content = cast("BinaryIO", _Content(descriptor, found.st_size, self._stop))
            self._writer.file(path, meta, content, found.st_size)
            if status.st_nlink > 1:
                self._seen[number] = path


class _Content:
    """A file that is as long as it was in the beginning, whatever becomes of it meanwhile."""

    def __init__(self, descriptor: int, size: int, stop: threading.Event | None) -> None:
        self._descriptor = descriptor
        self._left = size
        self._stop = stop

    def read(self, size: int = -1) -> bytes:
        check_stop(self._stop)
        wanted = self._left if size < 0 else min(size, self._left)
        data = os.read(self._descriptor, min(wanted, CHUNK)) if wanted else b""
        while len(data) < wanted:
            more = os.read(self._descriptor, min(wanted - len(data), CHUNK))
            data += more or bytes(wanted - len(data))
        self._left -= len(data)
        return data


@contextmanager
def _opened(directory: int, name: str, flags: int) -> Iterator[tuple[int, Meta]]:
    """Open an entry to read it, also one that its owner may not read; yield it with what it is like otherwise."""
    flags |= os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(name, flags, dir_fd=directory)
    except PermissionError:
        with _made_readable(directory, name, flags) as opened:
            yield opened
        return
    try:
        yield descriptor, _meta(os.fstat(descriptor))
    finally:
        os.close(descriptor)


@contextmanager
def _made_readable(directory: int, name: str, flags: int) -> Iterator[tuple[int, Meta]]:
    handle = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
    try:
        itself = f"/proc/self/fd/{handle}"  # this very entry, whatever its name leads to by now
        status = os.fstat(handle)
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT), name)
        mode = stat.S_IMODE(status.st_mode)
        os.chmod(itself, mode | (0o500 if stat.S_ISDIR(status.st_mode) else 0o400))  # noqa: PTH101
        try:
            descriptor = os.open(itself, flags & ~os.O_NOFOLLOW)
            try:
                yield descriptor, _meta(status)
            finally:
                os.close(descriptor)
        finally:
            os.chmod(itself, mode)  # noqa: PTH101
    finally:
        os.close(handle)


def _meta(status: os.stat_result) -> Meta:
    return Meta(stat.S_IMODE(status.st_mode), status.st_mtime_ns, status.st_uid, status.st_gid)


class TreeWriter:
    """Builds a tree on the disk, in a directory that is not there yet.

    Paths must be relative and without ``..``; what would lie below anything but a directory of this tree is refused.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._directories: dict[str, Meta] = {}

    def directory(self, path: str, meta: Meta) -> None:
        """Make a directory; only its owner can look into it until the end."""
        if path == ".":
            self._root.mkdir(mode=0o700, parents=True)
        else:
            self._place(path).mkdir(mode=0o700)
        self._directories[path] = meta

    def file(self, path: str, meta: Meta, content: BinaryIO, size: int) -> None:
        """Write a file."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(self._place(path), flags, 0o600), "wb") as file:
            shutil.copyfileobj(content, file, min(size, CHUNK) or 1)
            file.flush()
            _own(file.fileno(), meta)
            os.fchmod(file.fileno(), meta.mode)
            os.utime(file.fileno(), ns=(meta.mtime_ns, meta.mtime_ns))

    def symlink(self, path: str, meta: Meta, target: str) -> None:
        """Make a symbolic link."""
        place = self._place(path)
        place.symlink_to(target)
        _own(place, meta)
        os.utime(place, ns=(meta.mtime_ns, meta.mtime_ns), follow_symlinks=False)

    def hardlink(self, path: str, meta: Meta, first: str) -> None:
        """Give a file another name."""
        os.link(self._place(first), self._place(path), follow_symlinks=False)

    def finish(self) -> None:
        """Give the directories their own modes and times, the deepest first."""
        for path, meta in reversed(self._directories.items()):
            place = self._root / path
            _own(place, meta)
            place.chmod(meta.mode)
            os.utime(place, ns=(meta.mtime_ns, meta.mtime_ns))

    def _place(self, path: str) -> Path:
        parent = path.rpartition("/")[0] or "."
        if parent not in self._directories:
            raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path[:100])
        return self._root / path


def _own(place: int | Path, meta: Meta) -> None:
    if os.geteuid() == 0:
        os.chown(place, meta.uid, meta.gid, follow_symlinks=isinstance(place, int))
