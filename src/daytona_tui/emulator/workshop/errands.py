"""What goes on in the background on behalf of the organisation: builds, volumes coming and going, warm pools."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from daytona_tui.emulator.clock import Tempo
from daytona_tui.emulator.tasks import Tasks

_log = logging.getLogger(__name__)


class Errands:
    """Tasks by the id of what they are for; one at a time each.

    Args:
        tempo: how long they take; an instant one lets an errand end before its request is answered.
    """

    def __init__(self, tempo: Tempo) -> None:
        self.tempo = tempo
        self._tasks = Tasks()
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
        task = self._tasks.start(self._guarded(key, errand), key, name=f"errand {key}")
        if self.tempo.is_instant and is_awaited:
            await asyncio.shield(asyncio.wait([task]))

    def cancel(self, key: str) -> None:
        """Give up an errand, if there is one."""
        self._tasks.cancel(key)

    async def close(self) -> None:
        """Give up every errand. Idempotent."""
        self._is_closed = True
        await self._tasks.close()

    async def _guarded(self, key: str, errand: Coroutine[Any, Any, None]) -> None:
        try:
            await errand
        except Exception:
            _log.exception("errand %s failed", key)
