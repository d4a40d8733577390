"""What goes on in the background on behalf of the organisation: builds, volumes coming and going, warm pools."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from daytona_tui.emulator.clock import Clock

_log = logging.getLogger(__name__)


class Errands:
    """Tasks by the id of what they are for; one at a time each.

    Args:
        clock: the emulator's time.
        speed: factor on every duration; 0 lets an errand end before its request is answered.
    """

    def __init__(self, clock: Clock, speed: float) -> None:
        self._clock = clock
        self.speed = speed
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._is_closed = False

    async def run(self, key: str, errand: Coroutine[Any, Any, None], *, is_awaited: bool = True) -> None:
        """Begin an errand; at the instant pace, return at its end.

        Args:
            key: the id of what it is for; an earlier errand for that is cancelled.
            errand: what is to be done. It sees to its own failures; others are logged.
            is_awaited: false for what is never awaited, at no pace.
        """
        if self._is_closed:
            errand.close()
            return
        self.cancel(key)
        task = asyncio.create_task(self._guarded(key, errand), name=f"errand {key}")
        self._tasks[key] = task
        task.add_done_callback(lambda done: self._ended(key, done))
        if self.speed == 0 and is_awaited:
            await asyncio.shield(asyncio.wait([task]))

    def cancel(self, key: str) -> None:
        """Give up an errand, if there is one."""
        task = self._tasks.get(key)
        if task is not None:
            task.cancel()

    async def last(self, seconds: float) -> None:
        """Let a duration at the natural pace pass at this one."""
        if self.speed:
            await self._clock.wait(seconds * self.speed)

    async def close(self) -> None:
        """Give up every errand. Idempotent."""
        self._is_closed = True
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _guarded(self, key: str, errand: Coroutine[Any, Any, None]) -> None:
        try:
            await errand
        except Exception:
            _log.exception("errand %s failed", key)

    def _ended(self, key: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(key) is task:
            del self._tasks[key]
