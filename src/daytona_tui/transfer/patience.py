"""How a transfer bears that the network goes away: it waits, tries again, and gives up after a while."""

from __future__ import annotations

import asyncio
import time

from daytona_tui.errors import DaytonaTuiError, RateLimitedError, RemoteError, UnreachableError
from daytona_tui.transfer.progress import Meter

_FIRST_S = 0.25
_LONGEST_S = 5.0
_PASSING = frozenset({502, 503, 504})
"""What something between us and the sandbox says while it is away for a moment."""


class Patience:
    """Counts from the first failure after something has arrived. One for all requests of a transfer."""

    def __init__(self, seconds: float, meter: Meter) -> None:
        self._seconds = seconds
        self._meter = meter
        self._since: float | None = None
        self._tries = 0

    def bears(self, error: DaytonaTuiError) -> bool:
        """Return True for a failure that may pass by itself."""
        if isinstance(error, RemoteError):
            return self._seconds > 0 and error.status in _PASSING
        return isinstance(error, UnreachableError | RateLimitedError)

    def moved(self) -> None:
        """Something has arrived: the network is there."""
        if self._since is not None:
            self._since = None
            self._tries = 0
            self._meter.waits("")

    async def wait(self, error: DaytonaTuiError) -> None:
        """Return when it may be tried again.

        Raises:
            DaytonaTuiError: ``error`` itself, when nothing has arrived for too long.
        """
        now = time.monotonic()
        if self._since is None:
            self._since = now
        left = self._since + self._seconds - now
        if left <= 0:
            raise error
        pause = min(_LONGEST_S, _FIRST_S * 2**self._tries)
        if isinstance(error, RateLimitedError) and error.retry_after_s:
            pause = max(pause, error.retry_after_s)
        self._tries += 1
        self._meter.waits(f"trying again: {error.message}")
        await asyncio.sleep(min(pause, left))
