"""Files as they are written here. Blocks: call in a thread.

Each is made anew, never through a link, and belongs to a directory that only our own user can enter. The umask takes
from its mode what the user does not want; set-uid, set-gid and sticky never arrive.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from daytona_tui.transfer.plan import PlannedFile

DISK_ENDS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
"""What is wrong with a disk, and not with one file on it."""
_BLOCK = 64 * 1024
_EMPTY = hashlib.sha256().hexdigest()
"""Held once, however many empty files there are."""
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def put(contents: Path, file: PlannedFile, data: bytes) -> str:
    """Write a whole small file and return its SHA-256.

    Raises:
        OSError: the disk refuses.
    """
    if file.is_sparse and len(data) > _BLOCK:
        return _put_with_holes(contents, file, data)
    path = "/".join((os.fspath(contents), *file.target))
    descriptor = _create(path, file)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        _date(descriptor, file.modified_ns)
    finally:
        os.close(descriptor)
    return hashlib.sha256(data).hexdigest() if data else _EMPTY


def _put_with_holes(contents: Path, file: PlannedFile, data: bytes) -> str:
    landing = Landing(contents, file)
    try:
        landing.begin()
        landing.write((data,))
        landing.hash((data,))
        return landing.finish(file.modified_ns)
    finally:
        landing.close()


def _create(path: str, file: PlannedFile) -> int:
    mode = 0o666 if file.mode is None else (file.mode & 0o777) | 0o400  # what cannot be read cannot be compared
    try:
        return os.open(path, _FLAGS, mode)
    except FileExistsError:  # the rest of an interrupted transfer
        os.unlink(path)  # noqa: PTH108 - a Path costs as much as the file
        return os.open(path, _FLAGS, mode)


def _date(descriptor: int, modified_ns: int | None) -> None:
    if modified_ns is not None:
        with contextlib.suppress(OverflowError):  # a time that no file system holds
            os.utime(descriptor, ns=(modified_ns, modified_ns))


class Landing:
    """One large file that is being written. Holes stay holes in a file that has some.

    Attributes:
        size_bytes: how much of it is here.
    """

    def __init__(self, contents: Path, file: PlannedFile) -> None:
        self._path = contents.joinpath(*file.target)
        self._file = file
        self._descriptor = -1
        self._hashing = hashlib.sha256()
        self._hashed_bytes = 0
        self._ends_in_a_hole = False
        self._mode: int | None = None
        self.size_bytes = 0

    def begin(self) -> None:
        """Make the file, or make it anew."""
        self.close()
        self._descriptor = _create(os.fspath(self._path), self._file)
        self._hashing = hashlib.sha256()
        self._hashed_bytes = 0
        self._mode = None
        self.size_bytes = 0

    def take_up(self) -> str:
        """Open what an interrupted transfer has left of the file, and return its SHA-256; empty where there is none."""
        try:
            left = os.lstat(self._path)
            if not stat.S_ISREG(left.st_mode) or left.st_size == 0:
                return ""
            self._path.chmod(stat.S_IMODE(left.st_mode) | 0o600)
            descriptor = os.open(self._path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return ""
        self._mode = stat.S_IMODE(left.st_mode)
        self._descriptor = descriptor
        with os.fdopen(os.dup(descriptor), "rb") as stream:
            while data := stream.read(1 << 20):
                self._hashing.update(data)
                self.size_bytes += len(data)
        self._hashed_bytes = self.size_bytes
        return self._hashing.hexdigest() if self.size_bytes else ""

    def write(self, chunks: Sequence[bytes]) -> None:
        """Write what comes next; where a SHA-256 is wanted, ``hash`` is given the same, perhaps at the same time."""
        if not self._file.is_sparse:
            data = b"".join(chunks)
            self._write(memoryview(data), self.size_bytes)
            self.size_bytes += len(data)
            return
        for chunk in chunks:
            self._write_around_holes(chunk)

    def hash(self, chunks: Sequence[bytes]) -> None:
        """Take in what comes next."""
        data = b"".join(chunks)  # in one step: each piece would wait for its turn in Python
        self._hashing.update(data)
        self._hashed_bytes += len(data)

    def _write_around_holes(self, chunk: bytes) -> None:
        view = memoryview(chunk)
        for at in range(0, len(chunk), _BLOCK):
            piece = view[at : at + _BLOCK]
            if chunk.count(0, at, at + len(piece)) == len(piece):
                self._ends_in_a_hole = True
            else:
                self._ends_in_a_hole = False
                self._write(piece, self.size_bytes)
            self.size_bytes += len(piece)

    def _write(self, view: memoryview, at: int) -> None:
        while view:
            written = os.pwrite(self._descriptor, view, at)
            view, at = view[written:], at + written

    def finish(self, modified_ns: int | None) -> str:
        """Date and close the file, and return its SHA-256; empty where not all of it was hashed."""
        if self._ends_in_a_hole:
            os.ftruncate(self._descriptor, self.size_bytes)
        if self._mode is not None:
            os.fchmod(self._descriptor, self._mode)
        _date(self._descriptor, modified_ns)
        self.close()
        return self._hashing.hexdigest() if self._hashed_bytes == self.size_bytes else ""

    def close(self) -> None:
        """Close the file; idempotent."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
