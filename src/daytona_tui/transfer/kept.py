"""What an interrupted pull has left, so that the same pull goes on from there. Blocks: call in a thread.

A journal lies beside the staged files. A file counts as arrived when its line is whole, the sandbox still tells of it
what it told then, and what is here has the size and time that were noted. Everything else is read again; of a large
file, what is here is taken up only when it is the beginning of what is there, by its SHA-256.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from daytona_tui.errors import TransferError
from daytona_tui.transfer.plan import PlannedFile, TransferPlan
from daytona_tui.transfer.walk import Parts


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that is here.

    Attributes:
        file: as it was planned.
        size_bytes: what arrived, which may be more than was planned.
        digest: its SHA-256.
    """

    file: PlannedFile
    size_bytes: int
    digest: str


class Journal:
    """Notes what has arrived in a staging directory; only one process at a time may hold it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1
        self._is_added_to = False  # what is added is not looked up again, and may be a hundred thousand files
        self._lines: dict[Parts, tuple[int, int | None, int, str]] = {}

    def open(self) -> None:
        """Make it, or read what an interrupted transfer has noted.

        Raises:
            TransferError: another process holds it.
            OSError: the disk refuses.
        """
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        self._descriptor = os.open(self._path, flags, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.close()
            raise TransferError(
                "the same pull is under way already", hint="wait for it, or choose another destination"
            ) from None
        torn = self.load()
        if torn:  # killed while it was written
            os.ftruncate(self._descriptor, os.fstat(self._descriptor).st_size - torn)

    def load(self) -> int:
        """Read what is noted; return how many bytes at the end are no whole line.

        Raises:
            OSError: there is none, or the disk refuses.
        """
        whole, _, torn = self._path.read_bytes().rpartition(b"\n")
        for line in whole.splitlines():
            with contextlib.suppress(ValueError, TypeError, KeyError):
                parts, planned, modified, size_bytes, digest = json.loads(line)
                self._lines[tuple(map(str, parts))] = (planned, modified, size_bytes, str(digest))
        return len(torn)

    @property
    def is_empty(self) -> bool:
        """True while nothing is noted."""
        return not self._lines and not self._is_added_to

    def add(self, arrived: Iterable[Arrived]) -> None:
        """Note that files have arrived.

        Raises:
            OSError: the disk refuses.
        """
        if self._descriptor < 0:
            return
        lines = []
        for each in arrived:
            file = each.file
            line = (file.size_bytes, file.modified_ns, each.size_bytes, each.digest)
            lines.append(json.dumps([file.target, *line]) + "\n")
        os.write(self._descriptor, "".join(lines).encode())
        self._is_added_to = self._is_added_to or bool(lines)

    def arrived(self, contents: Path, plan: TransferPlan) -> list[Arrived]:
        """Return the files of the plan that are here as noted when it was read."""
        found = []
        for file in plan.files:
            line = self._lines.get(file.target)
            if line is None or line[:2] != (file.size_bytes, file.modified_ns):
                continue
            try:
                here = os.lstat(contents.joinpath(*file.target))
            except OSError:
                continue
            is_dated = file.modified_ns is None or here.st_mtime_ns // 1000 == file.modified_ns // 1000
            if stat.S_ISREG(here.st_mode) and here.st_size == line[2] and (is_dated or line[2] != line[0]):
                found.append(Arrived(file, line[2], line[3]))
        return found

    def close(self) -> None:
        """Let another process have it; idempotent."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def taken(contents: Path, plan: TransferPlan, here: Iterable[Arrived]) -> int:
    """Return how many bytes of what the plan needs the disk has given already: to files, and to half ones."""
    whole = {each.file.target for each in here}
    halves = {file.target: file for file in plan.files if file.target not in whole}
    size_bytes = sum(file.needed_bytes for file in plan.files if file.target in whole)
    for above, _, names in os.walk(contents):
        parts = Path(above).relative_to(contents).parts
        for name in names:
            if (half := halves.get((*parts, name))) is not None:
                size_bytes += min(half.needed_bytes, Path(above, name).lstat().st_blocks * 512)
    return size_bytes


def tidy(contents: Path, plan: TransferPlan) -> None:
    """Remove from a staging directory what the plan does not speak of; nothing of it may be moved into place."""
    directories = {parts for parts, _ in plan.directories}
    files = {file.target for file in plan.files}
    for here, names, others in os.walk(contents):
        above = Path(here).relative_to(contents).parts
        for name in tuple(names):
            if (*above, name) not in directories:
                path = Path(here, name)
                path.unlink() if path.is_symlink() else shutil.rmtree(path)
                names.remove(name)
        for name in others:
            if (*above, name) not in files:
                Path(here, name).unlink()
