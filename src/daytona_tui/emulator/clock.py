"""The emulator's time: the machine's, plus what somebody has advanced it by, and how long changes take by it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from datetime import UTC, datetime, timedelta

_CENTURY_S = 100 * 365 * 86_400.0


class Clock:
    """Moments of the emulator. Advancing it wakes everyone who waits for a moment, so timers fire at once."""

    def __init__(self) -> None:
        self._ahead_s = 0.0
        self._advanced = asyncio.Event()

    @property
    def ahead_s(self) -> float:
        """Seconds by which it has been advanced."""
        return self._ahead_s

    def now(self) -> datetime:
        """Return the present moment in UTC, to the millisecond as the wire carries it."""
        now = datetime.now(UTC) + timedelta(seconds=self._ahead_s)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def monotonic(self) -> float:
        """Return seconds that never go back, advanced ones included; for windows and deadlines of the emulator."""
        return time.monotonic() + self._ahead_s

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass at once.

        Raises:
            ValueError: a negative time, or more than a century altogether.
        """
        if not (seconds >= 0 and self._ahead_s + seconds <= _CENTURY_S):
            raise ValueError("a clock advances by zero or more seconds, by a century at most")
        self._ahead_s += seconds
        self._advanced.set()
        self._advanced = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Return when ``seconds`` of this clock have passed, however they passed."""
        end = self.monotonic() + seconds
        while (left := end - self.monotonic()) > 0:
            advanced = self._advanced
            try:
                async with asyncio.timeout(left):
                    await advanced.wait()
            except TimeoutError:
                continue

    async def tick(self, seconds: float) -> None:
        """Return when ``seconds`` have passed, or as soon as it is advanced at all."""
        advanced = self._advanced
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await advanced.wait()


class Tempo:
    """How much of the natural duration of a change passes.

    Args:
        clock: whose time passes.
        speed: factor on every duration; 0 makes a change complete before its request is answered.
    """

    def __init__(self, clock: Clock, speed: float) -> None:
        self._clock = clock
        self._speed = speed

    @property
    def is_instant(self) -> bool:
        """Whether changes take no time of their own."""
        return self._speed == 0

    async def last(self, seconds: float) -> None:
        """Let a duration at the natural pace pass at this one."""
        if self._speed:
            await self._clock.wait(seconds * self._speed)
