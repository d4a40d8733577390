"""How far a box is kept apart from the host: behind ``bwrap`` where that works, a plain process tree elsewhere.

Neither is a security boundary for hostile code. Bubblewrap protects the host's files and the other boxes from accidents
and hides the emulator from a box's programs; plain mode protects nothing but still ends everything with the box.
"""

from __future__ import annotations

import contextlib
import functools
import os
import py_compile
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from daytona_tui.emulator.body import bubblewrap
from daytona_tui.emulator.body.bubblewrap import Rooms

Wanted = Literal["auto", "bubblewrap", "plain"]
"""What can be asked for."""

KEEPER = Path(__file__).with_name("keeper.py")
PROBE_S = 5.0
"""Longest wait for one attempt; a usual one takes 20–50 ms."""
PIDS = 1024
"""Most processes and threads of a box that is isolated."""
PLAIN_PIDS = 4096
"""The same without isolation, where everything else that the user runs is counted in."""
_PIDS_PER_NAMESPACE = (6, 14)
_SYSCTL = "/proc/sys/kernel"


class IsolationError(Exception):
    """Bubblewrap was asked for and does not work; the message says why."""


@dataclass(frozen=True)
class Isolation:
    """One way to keep boxes apart.

    Attributes:
        name: ``bubblewrap`` or ``plain``.
        reason: why it is not ``bubblewrap``, in the system's words; empty otherwise.
        bwrap: the program, and how it makes namespaces on this machine.
    """

    name: Literal["bubblewrap", "plain"]
    reason: str = ""
    bwrap: tuple[str, ...] = ()

    @property
    def is_isolated(self) -> bool:
        """Whether programs see their own /home and /tmp."""
        return self.name == "bubblewrap"

    def argv(self, rooms: Rooms, sysctl: int = -1) -> list[str]:
        """Return the command line of a keeper for these rooms.

        Args:
            rooms: the box's own.
            sysctl: descriptor that the keeper inherits, see :func:`open_sysctl`.
        """
        if not self.is_isolated:
            return [bubblewrap.python(), "-I", "-S", str(keeper()), self.name, str(PLAIN_PIDS), "-1"]
        return bubblewrap.command(rooms, keeper(), self.bwrap, [self.name, str(PIDS), str(sysctl)])


PLAIN = Isolation("plain", "plain was asked for")


@functools.cache
def keeper() -> Path:
    """Return the keeper in the form that starts soonest: compiled, where its bytecode can be kept."""
    try:
        return Path(py_compile.compile(str(KEEPER), doraise=True) or KEEPER)
    except (OSError, py_compile.PyCompileError):
        return KEEPER


def open_sysctl() -> int | None:
    """Return a descriptor through which process 1 of a new pid namespace can limit that; None where it would not.

    Before Linux 6.14 the same file is the limit of the whole machine, which no box may touch.
    """
    version = os.uname().release.split(".")[:2]
    if sys.platform != "linux" or not all(part.isdigit() for part in version):
        return None
    if tuple(int(part) for part in version) < _PIDS_PER_NAMESPACE:
        return None
    with contextlib.suppress(OSError):
        return os.open(_SYSCTL, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    return None


def detect_isolation(wanted: Wanted = "auto") -> Isolation:
    """Return the way to use, having tried it once; the first call blocks for about 30 ms.

    Raises:
        IsolationError: ``bubblewrap`` is wanted and does not work.
    """
    if wanted == "plain":
        return PLAIN
    found = _best()
    if wanted == "bubblewrap" and not found.is_isolated:
        raise IsolationError(f"bubblewrap does not work here: {found.reason}")
    return found


@functools.cache
def _best() -> Isolation:
    """Return bubblewrap, or plain with the reason of the last refusal."""
    if sys.platform != "linux":
        return Isolation("plain", f"it is a Linux program, this is {sys.platform}")
    program = shutil.which("bwrap")
    if program is None:
        return Isolation("plain", "there is no bwrap program (Debian's package is named bubblewrap)")
    reason = ""
    is_root = os.geteuid() == 0
    for way in [(), ("--unshare-user",)] if is_root else [("--unshare-user",)]:
        candidate = Isolation("bubblewrap", bwrap=(program, *way, *(bubblewrap.root_options() if is_root else ())))
        reason = _attempt(candidate)
        if not reason:
            return candidate
    return Isolation("plain", reason)


def _attempt(isolation: Isolation) -> str:
    """Return why a keeper does not start in this way; empty when it does."""
    place = KEEPER.parent  # any directory will do, nothing is written; one made for this could be left behind
    ours, theirs = socket.socketpair()
    ours.close()  # an emulator that has already gone: the keeper says ready and ends
    try:
        probe = subprocess.run(
            isolation.argv(Rooms(place, place, place, place / "nowhere")),
            stdin=theirs.fileno(),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PROBE_S,
            check=False,
            env={},
        )
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    finally:
        theirs.close()
    if "ready" in probe.stdout.split():
        return ""
    return (probe.stderr.strip().splitlines() or ["the keeper did not start"])[-1]
