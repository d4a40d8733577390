"""What the tests look at on the host."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable
from pathlib import Path


def unique_nap() -> str:
    """Return a number of seconds that no other process sleeps for."""
    return f"{10_000_000 + uuid.uuid4().int % 80_000_000}"


def running_with(text: str) -> list[int]:
    """Return the pids whose command line contains ``text`` as one argument; zombies have none."""
    found = []
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            with contextlib.suppress(OSError):
                if text.encode() in (path / "cmdline").read_bytes().split(b"\0"):
                    found.append(int(path.name))
    return found


async def until(condition: Callable[[], object], *, within_s: float = 5.0) -> None:
    """Wait for a condition, or fail."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_s
    while not condition():
        assert loop.time() < deadline, f"it did not become true within {within_s} s"
        await asyncio.sleep(0.01)
