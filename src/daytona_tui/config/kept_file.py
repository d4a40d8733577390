"""Small files of our own that only their owner may read, and that are either whole or as they were."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from pathlib import Path


def make_private(directory: Path) -> None:
    """Make a directory, and those above it that are missing, for the owner alone. Blocks.

    Raises:
        OSError: the disk refuses.
    """
    for each in reversed((directory, *directory.parents)):  # a mode given to mkdir would hold for the last one only
        if not each.exists():
            each.mkdir(mode=0o700, exist_ok=True)


def write_private(path: Path, text: str) -> None:
    """Write ``text`` to ``path``, for the owner's eyes only. Blocks.

    Whoever reads meanwhile, or after a power failure, finds the old text or the new one. Directories that are missing
    are made, for the owner alone.

    Raises:
        OSError: the disk refuses, or a device, a pipe or a directory has that name; what was there is still there.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if path.exists() and not path.is_file():  # /dev/null would become a file, for everybody on this machine
        raise OSError(errno.EINVAL, "it is no ordinary file")
    make_private(path.parent)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
