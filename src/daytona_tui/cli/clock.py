"""The time that ``--timeout`` gives the whole of a subcommand."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio


class Clock:
    """Ends what runs within it when the time is over.

    Attributes:
        seconds: how long the whole may take; None for as long as it takes.
    """

    def __init__(self) -> None:
        self.seconds: int | None = None
        self._limit: asyncio.Timeout | None = None
        self._ends_at: float | None = None

    @contextlib.asynccontextmanager
    async def limit(self) -> AsyncIterator[None]:
        """Cancel the body when the time is over.

        Raises:
            TimeoutError: it was.
        """
        import asyncio

        loop = asyncio.get_running_loop()
        self._ends_at = None if self.seconds is None else loop.time() + self.seconds
        try:
            async with asyncio.timeout_at(self._ends_at) as self._limit:
                yield
        finally:
            self._ends_at = None

    @property
    def is_over(self) -> bool:
        """Whether the body is, or was, ended for its time."""
        return self._limit is not None and self._limit.expired()

    def taken_over(self, usual: float) -> int:
        """Return the whole seconds left for a wait that ends by itself, and let it do so.

        ``usual`` is what it has without ``--timeout``. What waits for one thing knows better than we what is left
        behind when the time is over.
        """
        import math

        left = self._left_s()
        if self._limit is not None and not self._limit.expired():
            self._limit.reschedule(None)
        return math.ceil(usual) if left is None else max(1, math.ceil(left))

    def for_program(self) -> int | None:
        """Return the whole of the time for a program in a sandbox, which begins now; None where it has no end.

        A slow way to the sandbox takes nothing of it; the way had as much.
        """
        self.taken_over(0)
        return self.seconds

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Let the time stand still while a person is asked."""
        limit, left = self._limit, self._left_s()
        if limit is None or left is None or limit.when() is None:
            yield
            return
        limit.reschedule(None)
        try:
            yield
        finally:
            import asyncio

            self._ends_at = asyncio.get_running_loop().time() + left
            if not limit.expired():
                limit.reschedule(self._ends_at)

    def _left_s(self) -> float | None:
        import asyncio

        return None if self._ends_at is None else self._ends_at - asyncio.get_running_loop().time()
