"""Asking again while the network is away or the server wants to be left alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from daytona_tui.errors import DaytonaTuiError, RateLimitedError, RemoteError, UnreachableError

T = TypeVar("T")

_FIRST_S = 0.25
_LONGEST_S = 8.0
_PASSING = frozenset({500, 502, 503, 504})
"""What something between us and the sandbox says while it is away for a moment."""


async def patiently(act: Callable[[], Awaitable[T]], patience_s: float, waiting: Callable[[str], None]) -> T:
    """Return what ``act`` returns, asking again with growing pauses for as long as that may help.

    Args:
        act: what to do; it must not matter if it was done already and only the answer was lost.
        patience_s: all pauses together may take so long.
        waiting: is told why nothing moves, and the empty string when it goes on.

    Raises:
        DaytonaTuiError: the last failure.
    """
    pause, left = _FIRST_S, patience_s
    while True:
        try:
            return await act()
        except DaytonaTuiError as error:
            wait = _wait_s(error, pause)
            if wait is None or wait > left:
                raise
            waiting(error.message)
        await asyncio.sleep(wait)
        waiting("")
        left -= wait
        pause = min(_LONGEST_S, 2 * pause)


def _wait_s(error: DaytonaTuiError, pause: float) -> float | None:
    """Return how long to wait before asking again; None where that cannot help."""
    if isinstance(error, RateLimitedError):
        return max(pause, error.retry_after_s or 0.0)
    if isinstance(error, UnreachableError) or (isinstance(error, RemoteError) and error.status in _PASSING):
        return pause
    return None
