"""How far a box is kept apart from the host: own namespaces where the kernel allows, a plain process tree elsewhere.

Neither is a security boundary for hostile code. Namespaces protect the host's files and the other boxes from accidents
and hide the emulator from a box's programs; plain mode protects nothing but still ends everything with the box.
"""

from __future__ import annotations

import functools
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

KEEPER = Path(__file__).with_name("keeper.py")
PROBE_S = 2.0
"""Longest wait for the one attempt; a usual one takes 20–50 ms."""


@dataclass(frozen=True)
class Isolation:
    """One way to keep boxes apart.

    Attributes:
        name: ``namespaces`` or ``plain``.
        reason: why it is not ``namespaces``, in the system's words; empty otherwise.
    """

    name: Literal["namespaces", "plain"]
    reason: str = ""

    @property
    def is_isolated(self) -> bool:
        """Whether programs see their own /home and /tmp."""
        return self.name == "namespaces"

    def argv(self, home: Path, tmp: Path, run: Path, hide: Path) -> list[str]:
        """Return the command line of a keeper for these directories."""
        return [sys.executable, "-I", "-S", str(KEEPER), self.name, str(home), str(tmp), str(run), str(hide)]


PLAIN = Isolation("plain")
NAMESPACES = Isolation("namespaces")


@functools.cache
def detect_isolation() -> Isolation:
    """Try namespaces once with a real keeper; blocks for about 30 ms, at most ``PROBE_S``."""
    if sys.platform != "linux":
        return Isolation("plain", f"namespaces are a Linux feature, this is {sys.platform}")
    place = KEEPER.parent  # any directory will do, nothing is written; one made for this could be left behind
    ours, theirs = socket.socketpair()
    ours.close()  # an emulator that has already gone: the keeper says ready and ends
    try:
        probe = subprocess.run(
            NAMESPACES.argv(place, place, place, place),
            stdin=theirs.fileno(),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PROBE_S,
            check=False,
            env={},
        )
    except (OSError, subprocess.SubprocessError) as error:
        return Isolation("plain", str(error))
    finally:
        theirs.close()
    if "ready" in probe.stdout.split():
        return NAMESPACES
    return Isolation("plain", (probe.stderr.strip().splitlines() or ["the keeper did not start"])[-1])
