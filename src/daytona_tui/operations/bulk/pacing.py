"""Waiting while a limiter of the server is closed, for all rows of a batch that it concerns.

Daytona names the limiter that closed: one that counts changes of state holds those deeds only, and looking goes on;
any other, and one without a name, holds everything. When it opens the rows go on one after another and not at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time

from daytona_tui.domain.deeds import Verb
from daytona_tui.errors import RateLimitedError

LONGEST_S = 900.0
"""A server that asks for a longer wait than this gets no further requests of the batch."""

_LIFECYCLE = "sandbox-lifecycle"
_UNSAID_S = 5.0
_JITTER_S = 1.5
_BESIDE_LIFECYCLE = frozenset({Verb.LABELS, Verb.LIFETIMES, Verb.EXECUTE, Verb.PULL})


class Pacing:
    """Which limiters are closed, and until when."""

    def __init__(self, *, jitter_s: float = _JITTER_S) -> None:
        self._until: dict[str, float] = {}
        self._jitter_s = jitter_s

    def hold(self, error: RateLimitedError) -> None:
        """Remember that a limiter closed; the longest wait that was asked for counts."""
        seconds = _UNSAID_S if error.retry_after_s is None else max(0.0, error.retry_after_s)
        until = time.monotonic() + seconds
        self._until[error.limiter] = max(until, self._until.get(error.limiter, 0.0))

    def wait_s(self, verb: Verb | None) -> float:
        """Return how long a deed has to wait from now, in seconds; None asks for a mere look."""
        return max(0.0, self._opens(verb) - time.monotonic())

    def limiter(self, verb: Verb | None) -> str:
        """Return the limiter that holds a deed the longest; empty for none and for one without a name."""
        closed = self._concerned(verb)
        return max(closed, key=lambda name: closed[name], default="")

    async def opened(self, verb: Verb | None, end: asyncio.Event) -> None:
        """Return when a deed may be asked for, or when ``end`` is set."""
        while not end.is_set() and (left := self.wait_s(verb)) > 0:
            await pause(left + random.uniform(0.0, min(self._jitter_s, left)), end)

    def _opens(self, verb: Verb | None) -> float:
        return max(self._concerned(verb).values(), default=0.0)

    def _concerned(self, verb: Verb | None) -> dict[str, float]:
        is_lifecycle = verb is not None and verb not in _BESIDE_LIFECYCLE
        return {name: until for name, until in self._until.items() if is_lifecycle or name != _LIFECYCLE}


async def pause(seconds: float, end: asyncio.Event) -> None:
    """Sleep for ``seconds``, or until ``end`` is set."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await end.wait()
