"""Sandbox paths to host paths: what a client names, found where a program of the box would find it."""

from __future__ import annotations

import errno
import os
import posixpath
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from daytona_tui.emulator.box import Box
from daytona_tui.emulator.envelope import ApiError, daemon_error
from daytona_tui.emulator.processes import BoxClosedError

MAX_LINKS = 40
"""As many symbolic links as Linux follows for one path."""


def absolute(box: Box, path: str) -> str:
    """Return a client's path as an absolute sandbox path; a relative one starts at the working directory.

    Raises:
        ApiError: 400, it cannot be a path.
    """
    if "\0" in path:
        raise daemon_error(400, "invalid path: it contains a NUL character", "INVALID_FILE_PATH")
    try:
        os.fsencode(path)
    except UnicodeEncodeError as error:
        raise daemon_error(400, "invalid path: it cannot be encoded", "INVALID_FILE_PATH") from error
    return posixpath.join(box.work_dir, path)


def host_path(box: Box, path: str, *, follow: bool = True, write: bool = False) -> str:
    """Return the host path of a client's path; touches the disk.

    Every symbolic link is followed inside the box's own root, so that an absolute or climbing link leads where it
    would lead a program of the box, and never into the emulator's own view of the machine.

    Args:
        box: an open box.
        path: as the client gave it.
        follow: also follow the last component; deleting or moving a link must not.
        write: the file is to be changed. An isolated box has a read-only host; in plain mode this is what keeps a
            client's request within the box and the machine's directory for temporary files.

    Raises:
        OSError: too many links.
        ApiError: 400 for an impossible path; 403 for /proc, which would show the emulator's own processes, for another
            box, and for a change outside the box.
    """
    view = box.view
    done = ""
    todo = [part for part in absolute(box, path).split("/") if part not in ("", ".")][::-1]
    links = 0
    while todo:
        part = todo.pop()
        if part == "..":
            done = posixpath.dirname(done).rstrip("/")
            continue
        here = f"{done}/{part}"
        if here == "/proc":  # its links lead anywhere, and its files describe the emulator
            raise _forbidden(path)
        target = _link_target(view + here) if todo or follow else None
        if target is None:
            done = here
            continue
        links += 1
        if links > MAX_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
        if target.startswith("/"):
            done = ""
        todo.extend([part for part in target.split("/") if part not in ("", ".")][::-1])
    if _is_forbidden(box, done, write=write):
        raise _forbidden(path)
    return view + (done or "/")


def _forbidden(path: str) -> ApiError:
    """Return the refusal of a path."""
    return daemon_error(403, f"{path}: permission denied", "FILE_ACCESS_DENIED")


def _is_forbidden(box: Box, path: str, *, write: bool) -> bool:
    """Whether a resolved sandbox path is none of this box's business."""
    if box.isolation.is_isolated:
        return False
    root = os.path.realpath(box.root)
    if _is_below(path, root):
        return False
    return _is_below(path, posixpath.dirname(root)) or (write and not _is_below(path, tempfile.gettempdir()))


def _is_below(path: str, top: str) -> bool:
    """Whether a path is ``top`` or something in it."""
    return path == top or path.startswith(f"{top}/")


def _link_target(path: str) -> str | None:
    """Return where a symbolic link points; None for anything else, also for what does not exist."""
    try:
        return os.readlink(path) if stat.S_ISLNK(os.lstat(path).st_mode) else None  # noqa: PTH115 - exact text
    except OSError:
        return None


def file_error(error: OSError, path: str) -> ApiError:
    """Return the daemon's refusal for a file operation on ``path`` that failed."""
    text = f"{path}: {(error.strerror or str(error)).lower()}"
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return daemon_error(404, text, "FILE_NOT_FOUND")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return daemon_error(403, text, "FILE_ACCESS_DENIED")
    if error.errno == errno.EEXIST:
        return daemon_error(409, text)
    if error.errno in (errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP, errno.EISDIR, errno.ENXIO):
        return daemon_error(400, text, "INVALID_FILE_PATH")
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
