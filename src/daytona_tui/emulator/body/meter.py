"""Measuring one sandbox: processor and memory of its processes, and disk of its directory a little at a time."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from daytona_tui.emulator.body.census import ProcessInfo

WINDOW_S = 0.5
"""Shortest time that processor use is an average of."""
DISK_AGE_S = 5.0
"""How long a directory's size is taken for true."""
DISK_SLICE_S = 0.05
"""Longest time that one sample spends on sizing a directory; a large one takes several samples."""
_BLOCK = 512


class Measured(Protocol):
    """What can be measured: a sandbox's body."""

    root: Path
    """Its directory."""

    def processes(self) -> Sequence[ProcessInfo]:
        """Return what runs in it; blocks."""


class Meter:
    """What one box remembers between samples."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cpu_at = 0.0
        self._cpu_s = 0.0
        self._cores = 0.0
        self._disk = 0
        self._disk_at = -DISK_AGE_S
        self._walk: Iterator[int] | None = None
        self._walked = 0

    def read(self, box: Measured) -> tuple[float, int, int]:
        """Return processors used on average, bytes of memory and bytes of disk; blocks for a few milliseconds."""
        with self._lock:
            processes = box.processes()
            self._count_cpu(sum(process.cpu_s for process in processes))
            return self._cores, sum(process.rss for process in processes), self._size(box.root)

    def _count_cpu(self, cpu_s: float) -> None:
        now = time.monotonic()
        passed = now - self._cpu_at
        if self._cpu_at == 0.0 or cpu_s < self._cpu_s:  # the first, or the first of another life
            self._cores = 0.0
        elif passed < WINDOW_S:
            return
        else:
            self._cores = (cpu_s - self._cpu_s) / passed
        self._cpu_at, self._cpu_s = now, cpu_s

    def _size(self, root: Path) -> int:
        """Return the size of a directory as far as it is known, and learn a little more of it."""
        now = time.monotonic()
        if self._walk is None:
            if now - self._disk_at < DISK_AGE_S:
                return self._disk
            self._walk, self._walked = _sizes(str(root)), 0
        for size in self._walk:
            self._walked += size
            if time.monotonic() - now > DISK_SLICE_S:
                self._disk = max(self._disk, self._walked)
                return self._disk
        self._walk, self._disk, self._disk_at = None, self._walked, now
        return self._disk


def _sizes(root: str) -> Iterator[int]:
    """Yield what each entry below a directory takes on disk; a file with several names counts once."""
    seen: set[tuple[int, int]] = set()
    todo = [root]
    while todo:
        try:
            entries = list(os.scandir(todo.pop()))
        except OSError:
            continue
        for entry in entries:
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if stat.S_ISDIR(status.st_mode):
                todo.append(entry.path)
            elif status.st_nlink > 1:
                if (status.st_dev, status.st_ino) in seen:
                    continue
                seen.add((status.st_dev, status.st_ino))
            yield status.st_blocks * _BLOCK
