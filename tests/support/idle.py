"""When a program under test has nothing left to do.

Textual's pilot asks the processor's clock, twice after each key: a program that draws a clock or follows a log is never
idle by it and costs up to a second, and one that gets no processor is idle at once. The loop itself knows better.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

_TURNS = 5
"""So many turns of the loop without anything to do: what came over a socket meanwhile has been taken."""


async def wait_for_idle(min_sleep: float = 0.02, max_sleep: float = 1) -> None:
    """Wait until nothing waits for its turn, at least ``min_sleep`` and at most ``max_sleep`` seconds."""
    loop: Any = asyncio.get_running_loop()
    began = time.monotonic()
    turns = 0
    while turns < _TURNS or time.monotonic() - began < min_sleep:
        await asyncio.sleep(0)
        turns = 0 if loop._ready else turns + 1  # private in asyncio: what waits for its turn
        if time.monotonic() - began >= max_sleep:
            return
