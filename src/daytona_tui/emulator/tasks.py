"""Tasks in the background: kept from being forgotten, known by what they are for, and awaited at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


class Tasks:
    """Running tasks, of which each key names the latest."""

    def __init__(self) -> None:
        self._named: dict[str, asyncio.Task[None]] = {}
        self._running: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None], *keys: str, name: str) -> asyncio.Task[None]:
        """Begin ``work``; from here on the keys name it instead of what they named before, which goes on."""
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        self._named.update(dict.fromkeys(keys, task))
        task.add_done_callback(lambda done: self._ended(done, keys))
        return task

    def __contains__(self, key: str) -> bool:
        """Whether the task that ``key`` names goes on."""
        return key in self._named

    def cancel(self, key: str) -> None:
        """Give up the task that ``key`` names, if there is one; it ends in its own time."""
        task = self._named.get(key)
        if task is not None:
            _give_up(task)

    async def wait(self, key: str) -> None:
        """Await the end of the task that ``key`` names, if there is one; how it ended is its own matter."""
        task = self._named.get(key)
        if task is not None:
            await asyncio.wait([task])

    async def finish(self) -> None:
        """Await the end of every task, and of those that these begin."""
        while self._running:
            await asyncio.wait(self._running)

    async def close(self) -> None:
        """Give up every task and await its end, also of those that were given up or replaced before. Idempotent."""
        for task in self._running:
            _give_up(task)
        await self.finish()

    def _ended(self, task: asyncio.Task[None], keys: tuple[str, ...]) -> None:
        self._running.discard(task)
        for key in keys:
            if self._named.get(key) is task:
                del self._named[key]


def _give_up(task: asyncio.Task[None]) -> None:
    if not task.cancelling():  # once: a second time would interrupt what it does to end well
        task.cancel()
