"""Sandbox paths: what a client names, found where a program of the box would find it.

A path is walked one name at a time, each looked up in an open directory and none followed by the kernel when it is a
symbolic link: links are read and their targets walked in the same way, below the root that programs of the box see. So
nothing that a program swaps during the walk can lead a request elsewhere, and what was found is used through the
directory that was found, never by its path again. (``openat2`` with ``RESOLVE_IN_ROOT`` would do the same in one call,
but Python does not offer it and some container hosts refuse it.)
"""

from __future__ import annotations

import errno
import os
import posixpath
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.body.processes import BoxClosedError
from daytona_tui.emulator.envelope import ApiError, daemon_error

MAX_LINKS = 40
"""As many symbolic links as Linux follows for one path."""

DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
"""Flags that open a directory itself, to read its entries."""

_PASSAGE = DIRECTORY | getattr(os, "O_PATH", 0)  # passing through needs no right to read
_CALLER = {errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP, errno.EISDIR, errno.ENXIO, errno.EBUSY}


@dataclass(frozen=True, slots=True)
class Place:
    """A name in an open directory, there or not; valid while :func:`found` has it open.

    Attributes:
        fd: the directory.
        name: the last name, never a link when links are followed; ``.`` for the root.
        path: the resolved sandbox path.
        is_shared: whether it lies in the host's directory for temporary files, where only what everybody may read is
            the sandbox's business.
    """

    fd: int
    name: str
    path: str
    is_shared: bool = False

    def stat(self) -> os.stat_result:
        """Describe what is there, a link itself; raises OSError."""
        return os.stat(self.name, dir_fd=self.fd, follow_symlinks=False)

    def exists(self) -> bool:
        """Whether anything is there; raises OSError when that cannot be told."""
        try:
            self.stat()
        except FileNotFoundError:
            return False
        return True

    def open(self, flags: int, mode: int = 0o644) -> int:
        """Open what is there without ever waiting or following a link; raises OSError."""
        safe = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        return os.open(self.name, flags | safe, mode, dir_fd=self.fd)


@contextmanager
def held(fd: int) -> Iterator[int]:
    """Close a descriptor at the end of the block."""
    try:
        yield fd
    finally:
        os.close(fd)


def absolute(box: Box, path: str) -> str:
    """Return a client's path as an absolute sandbox path; a relative one starts at the working directory.

    Raises:
        ApiError: 400, it cannot be a path.
    """
    if "\0" in path:
        raise daemon_error(400, "invalid path: it contains a NUL character", "INVALID_FILE_PATH")
    try:
        encoded = os.fsencode(path)
    except UnicodeEncodeError as error:
        raise daemon_error(400, "invalid path: it cannot be encoded", "INVALID_FILE_PATH") from error
    if len(encoded) >= 4096:  # PATH_MAX, which a walk name by name would not notice
        raise daemon_error(400, "invalid path: file name too long", "INVALID_FILE_PATH")
    return posixpath.join(box.work_dir, path)


@contextmanager
def found(box: Box, path: str, *, follow: bool = True, write: bool = False, make: bool = False) -> Iterator[Place]:
    """Find a client's path, and turn OSError of the block into the daemon's refusal; touches the disk.

    Args:
        box: an open box.
        path: as the client gave it.
        follow: also follow the last name; deleting or moving a link must not.
        write: it is to be changed.
        make: make the directories on the way.

    An isolated box has a view of its own, with a read-only host. In plain mode, programs see the whole host, and this
    is what keeps a client's request within the box, its volumes, and what is public in the machine's directory for
    temporary files.

    Raises:
        ApiError: 400 for an impossible path, 404 for a missing directory on the way; 403 for /proc, which would show
            the emulator's own processes, for what lies outside the box, and for a change that is not the box's to make.
        BoxClosedError: an isolated box has been closed.
    """
    with file_errors(path):
        walk = _Walk(box, path, write=write, make=make)
        try:
            yield walk.place(follow=follow)
        finally:
            walk.close()


class _Walk:
    """One way from the root of a box's view to a place."""

    def __init__(self, box: Box, path: str, *, write: bool, make: bool) -> None:
        self._path, self._write, self._make = path, write, make
        self._bounds = None if box.isolation.is_isolated else _Bounds(box)
        self._todo = _names(absolute(box, path))
        self._done: list[str] = []
        self._links = 0
        try:
            self._root = os.open(box.view or "/", _PASSAGE & ~os.O_NOFOLLOW)
        except FileNotFoundError:
            raise BoxClosedError from None
        self._here = os.dup(self._root)

    def close(self) -> None:
        """Let go of the directories."""
        os.close(self._here)
        os.close(self._root)

    def place(self, *, follow: bool) -> Place:
        """Walk to the end; raises OSError and ApiError."""
        while self._todo:
            name = self._todo.pop()
            if name == "..":
                self._restart(self._done[:-1])
                continue
            self._admit([*self._done, name])
            target = self._link_target(name) if self._todo or follow else None
            if target is not None:
                self._turn(target)
            elif self._todo:
                self._enter(name)
            else:
                return self._arrive(name)
        name = self._done[-1] if self._done else "."
        self._restart(self._done[:-1])
        return self._arrive(name)

    def _arrive(self, name: str) -> Place:
        parts = [*self._done, name] if name != "." else []
        is_shared = self._admit(parts, write=self._write, is_end=True)
        return Place(self._here, name, "/" + "/".join(parts), is_shared)

    def _enter(self, name: str) -> None:
        if self._make and not self._is_there(name):
            self._admit([*self._done, name], write=True)
            with suppress(FileExistsError):  # somebody else has just made it
                os.mkdir(name, 0o755, dir_fd=self._here)
        self._go(os.open(name, _PASSAGE, dir_fd=self._here))
        self._done.append(name)

    def _is_there(self, name: str) -> bool:
        return Place(self._here, name, "").exists()

    def _turn(self, target: str) -> None:
        """Go where a link points."""
        self._links += 1
        if self._links > MAX_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), self._path)
        if target.startswith("/"):
            self._restart([])
        self._todo.extend(_names(target))

    def _restart(self, parts: list[str]) -> None:
        """Walk from the root again: the parent of a directory may by now be another than the one it was found in."""
        self._go(os.dup(self._root))
        for name in parts:
            self._go(os.open(name, _PASSAGE, dir_fd=self._here))
        self._done = parts

    def _go(self, directory: int) -> None:
        os.close(self._here)
        self._here = directory

    def _link_target(self, name: str) -> str | None:
        try:
            return os.readlink(name, dir_fd=self._here)
        except OSError:  # no link, or not there: whatever comes next will tell
            return None

    def _admit(self, parts: list[str], *, write: bool = False, is_end: bool = False) -> bool:
        """Refuse what is none of this box's business; return whether the host's programs share it."""
        path = "/" + "/".join(parts)
        is_foreign = parts[:1] == ["proc"] or (write and parts[:1] in (["dev"], ["sys"]))
        is_shared = False
        if self._bounds is not None and not self._bounds.is_own(path):
            is_shared = _is_below(path, self._bounds.shared)
            if is_shared:
                is_foreign = self._is_private(path, parts[-1]) or (write and path == self._bounds.shared)
            else:
                is_foreign = is_foreign or write or is_end
            is_foreign = is_foreign or self._bounds.is_neighbour(path, is_end=is_end)
        if is_foreign:
            raise daemon_error(403, f"{self._path}: permission denied", "FILE_ACCESS_DENIED")
        return is_shared

    def _is_private(self, path: str, name: str) -> bool:
        """Whether somebody keeps a shared place to themselves, other than for the box's own files to lie in."""
        if self._bounds is not None and self._todo and self._bounds.is_above(path):
            return False
        if self._bounds is not None and self._bounds.is_beside(path):
            return True
        try:
            return is_private(os.stat(name, dir_fd=self._here, follow_symlinks=False))
        except FileNotFoundError:
            return False


class _Bounds:
    """What of the host a box in plain mode may use."""

    def __init__(self, box: Box) -> None:
        self._root = os.path.realpath(box.root)
        self._own = [self._root, *(os.path.realpath(mount.source) for mount in box.mounts)]
        self._boxes = posixpath.dirname(self._root)
        self.shared = os.path.realpath(tempfile.gettempdir())
        above = [self._root[:at] for at, letter in enumerate(self._root) if letter == "/"]
        hidden = (top for top in above if _is_below(top, self.shared) and is_private(os.lstat(top)))
        self._hidden = next(hidden, None)

    def is_own(self, path: str) -> bool:
        """Whether a path belongs to the box."""
        return any(_is_below(path, top) for top in self._own)

    def is_above(self, path: str) -> bool:
        """Whether the way to the box's files leads through a path."""
        return any(_is_below(top, path) for top in self._own)

    def is_beside(self, path: str) -> bool:
        """Whether a path lies in the private directory that the box lies in as well, such as one for its state."""
        return self._hidden is not None and _is_below(path, self._hidden)

    def is_neighbour(self, path: str, *, is_end: bool) -> bool:
        """Whether a path belongs to another box."""
        return _is_below(path, self._boxes) and (is_end or path != self._boxes)


def is_private(described: os.stat_result) -> bool:
    """Whether not everybody may read what is described; links are judged by where they lead."""
    return not stat.S_ISLNK(described.st_mode) and not described.st_mode & stat.S_IROTH


def _names(path: str) -> list[str]:
    """Return the names of a path, last first, as a stack to take them from."""
    return [name for name in path.split("/") if name not in ("", ".")][::-1]


def _is_below(path: str, top: str) -> bool:
    """Whether a path is ``top`` or something in it."""
    return path == top or path.startswith(f"{top}/")


def require_regular(found_there: os.stat_result, path: str) -> None:
    """Refuse with 400 whatever is not a regular file."""
    if not stat.S_ISREG(found_there.st_mode):
        kind = "is a directory" if stat.S_ISDIR(found_there.st_mode) else "not a regular file"
        raise daemon_error(400, f"{path}: {kind}", "INVALID_FILE_PATH")


def file_error(error: OSError, path: str) -> ApiError:
    """Return the daemon's refusal for a file operation on ``path`` that failed."""
    text = f"{path}: {(error.strerror or str(error)).lower()}"
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return daemon_error(404, text, "FILE_NOT_FOUND")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return daemon_error(403, text, "FILE_ACCESS_DENIED")
    if error.errno == errno.EEXIST:
        return daemon_error(409, text)
    if error.errno in _CALLER:
        return daemon_error(400, text, "INVALID_FILE_PATH")
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.ENOTEMPTY):
        return daemon_error(400, text)
    return daemon_error(400, text, "FILE_READ_FAILED")


@contextmanager
def file_errors(path: str) -> Iterator[None]:
    """Turn OSError into the daemon's refusal for ``path``."""
    try:
        yield
    except BoxClosedError:
        raise
    except OSError as error:
        raise file_error(error, path) from error
