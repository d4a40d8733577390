"""Which processes a box has, and what they use, as the host's /proc tells it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class ProcessInfo:
    """One living process.

    Attributes:
        pid: as the host counts them.
        cpu_s: seconds of processor time, with those of its children that have ended.
        rss: bytes of memory in use.
    """

    pid: int
    cpu_s: float
    rss: int


def census(keeper: int) -> list[ProcessInfo]:
    """Return the descendants of a keeper, itself included; blocks while it reads /proc.

    The keeper adopts every process of its box whose parent has ended, so all of them descend from it, and the
    processor time of what has ended is counted with it. What goes or comes meanwhile may be missing.
    """
    found: list[ProcessInfo] = []
    todo = [keeper]
    while todo:
        pid = todo.pop()
        info = _look(pid)
        if info is not None:
            found.append(info)
            todo += _children(pid)
    return found


def _children(pid: int) -> list[int]:
    """Return the children that each thread of a process has started."""
    children: list[int] = []
    try:
        for thread in (_PROC / str(pid) / "task").iterdir():
            children += map(int, (thread / "children").read_bytes().split())
    except OSError:
        return children
    return children


def _look(pid: int) -> ProcessInfo | None:
    try:
        fields = (_PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
    if fields[0] in (b"Z", b"X"):
        return None
    return ProcessInfo(pid, sum(map(int, fields[11:15])) / _TICKS, int(fields[21]) * _PAGE)
