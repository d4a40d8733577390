"""Whole trees of files, by open directories: walk them, copy them, remove them.

Nothing here follows a link or goes by a path, so that a program that swaps a directory for a link gains nothing.
"""

from __future__ import annotations

import contextlib
import errno
import os
import posixpath
import secrets
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from daytona_tui.emulator.toolbox.paths import DIRECTORY, Place, held, is_private

MAX_DEPTH = 200
"""Levels that are walked and copied: each takes an open directory."""

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_BLOCK = 1 << 24
_ROUNDS = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """Something in a tree; ``fd``, its directory, is valid until the next entry is asked for.

    Attributes:
        fd: the open directory that holds it.
        name: its name there.
        below: its path below the top of the tree.
        stat: a link is described itself.
    """

    fd: int
    name: str
    below: str
    stat: os.stat_result


def walk(directory: int, depth: int = MAX_DEPTH, above: str = "", *, only_public: bool = False) -> Iterator[Entry]:
    """Yield what is in an open directory, sorted by name, each directory before what is in it; touches the disk.

    What vanishes meanwhile, or cannot be read, is left out.

    Args:
        directory: the directory; it stays open.
        depth: 1 for its entries alone, 2 for those of its subdirectories too, and so on.
        above: what comes before the names in ``below``.
        only_public: leave out what not everybody may read.

    Raises:
        OSError: the directory itself cannot be read.
    """
    with os.scandir(directory) as scan:
        entries = sorted(scan, key=lambda entry: os.fsencode(entry.name))
    for entry in entries:
        try:
            described = entry.stat(follow_symlinks=False)
        except OSError:
            continue
        if only_public and is_private(described):
            continue
        below = posixpath.join(above, entry.name)
        yield Entry(directory, entry.name, below, described)
        if depth > 1 and stat.S_ISDIR(described.st_mode):
            with contextlib.suppress(OSError), _opened(directory, entry.name, DIRECTORY) as inner:
                yield from walk(inner, depth - 1, below, only_public=only_public)


def _opened(directory: int, name: str, flags: int = _READ) -> AbstractContextManager[int]:
    return held(os.open(name, flags, 0o600, dir_fd=directory))


def move(source: Place, target: Place) -> None:
    """Rename, or copy and remove where the two lie on different file systems; raises OSError."""
    try:
        os.rename(source.name, target.name, src_dir_fd=source.fd, dst_dir_fd=target.fd)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        try:
            _copy(source.fd, source.name, target.fd, target.name, MAX_DEPTH)
        except BaseException:
            with contextlib.suppress(OSError):
                remove(target.fd, target.name)
            raise
        remove(source.fd, source.name)


def remove(directory: int, name: str) -> None:
    """Remove a name and all that is in it, at any depth; raises OSError."""
    if not _is_directory(directory, name):
        os.unlink(name, dir_fd=directory)
        return
    with _opened(directory, name, DIRECTORY) as top:
        for _ in range(_ROUNDS):  # again for what was brought up from the depth, or made meanwhile
            children = _children(top)
            if not children:
                break
            for child in children:
                _remove(top, child, top, MAX_DEPTH)
    os.rmdir(name, dir_fd=directory)


def _remove(directory: int, name: str, top: int, depth: int) -> None:
    """Remove a name below ``top``; what lies too deep is brought up to ``top`` for the next round."""
    if not _is_directory(directory, name):
        os.unlink(name, dir_fd=directory)
    elif depth == 0:
        os.rename(name, f".daytona-removed-{secrets.token_hex(8)}", src_dir_fd=directory, dst_dir_fd=top)
    else:
        with _opened(directory, name, DIRECTORY) as inner:
            for child in _children(inner):
                _remove(inner, child, top, depth - 1)
        os.rmdir(name, dir_fd=directory)


def _children(directory: int) -> list[str]:
    return os.listdir(directory)


def _is_directory(directory: int, name: str) -> bool:
    return stat.S_ISDIR(os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode)


def _copy(source: int, name: str, target: int, new: str, depth: int) -> None:
    """Copy a name with its mode and times; links stay links, and sockets and devices are refused."""
    described = os.stat(name, dir_fd=source, follow_symlinks=False)
    mode = stat.S_IMODE(described.st_mode)
    times = (described.st_atime_ns, described.st_mtime_ns)
    if stat.S_ISLNK(described.st_mode):
        os.symlink(os.readlink(name, dir_fd=source), new, dir_fd=target)
    elif stat.S_ISDIR(described.st_mode) and depth > 0:
        os.mkdir(new, 0o700, dir_fd=target)
        with _opened(source, name, DIRECTORY) as inner, _opened(target, new, DIRECTORY) as copy:
            for child in _children(inner):
                _copy(inner, child, copy, child, depth - 1)
            _finish(copy, mode, times)
    elif stat.S_ISREG(described.st_mode):
        with _opened(source, name) as inner, _opened(target, new, _NEW) as copy:
            while os.sendfile(copy, inner, None, _BLOCK):
                pass
            _finish(copy, mode, times)
    elif stat.S_ISFIFO(described.st_mode):
        os.mkfifo(new, mode, dir_fd=target)
    else:
        raise OSError(errno.EINVAL, f"cannot move {name} to another file system")


def _finish(fd: int, mode: int, times: tuple[int, int]) -> None:
    os.fchmod(fd, mode)
    os.utime(fd, ns=times)
