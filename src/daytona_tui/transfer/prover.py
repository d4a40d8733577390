"""Asks a sandbox for the SHA-256 of many files while they are being copied."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import DaytonaTuiError, RateLimitedError, UnreachableError
from daytona_tui.transfer.concurrency import together
from daytona_tui.transfer.proof import batches, hashes
from daytona_tui.transfer.source import Looker

T = TypeVar("T")

_AT_ONCE = 4
_TRIES = 3
_LONGEST_S = 30.0


class Prover:
    """What a sandbox says of its files.

    Attributes:
        there: SHA-256 by name; one that could not be told lacks.
        has_no_tool: the sandbox has nothing to say it with.
    """

    def __init__(self, source: Looker, sandbox_id: SandboxId, root: str) -> None:
        self._source = source
        self._sandbox_id = sandbox_id
        self._root = root
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self.there: dict[str, str] = {}
        self.has_no_tool = False

    async def ask(self, sizes: Mapping[str, int]) -> None:
        """Ask for all files, each with its size. What cannot be asked now lacks: it is asked for by itself later."""
        runs = await asyncio.to_thread(lambda: list(batches(sizes)))
        await together(self._ask(names, sum(sizes[name] for name in names)) for names in runs)

    async def _ask(self, names: Sequence[str], size_bytes: int) -> None:
        async with self._slots:
            if self.has_no_tool:
                return
            with contextlib.suppress(DaytonaTuiError):
                told = await hashes(self._source, self._sandbox_id, self._root, names, size_bytes)
                self.has_no_tool = told is None and not self.there
                self.there.update(told or {})

    async def patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Return what ``ask`` returns, asking again where the network was away.

        Raises:
            DaytonaTuiError: it stays away, or something else is wrong.
        """
        for number in range(_TRIES):
            try:
                return await ask()
            except (UnreachableError, RateLimitedError) as error:
                told = error.retry_after_s if isinstance(error, RateLimitedError) else None
                await asyncio.sleep(min(told or 2.0**number, _LONGEST_S))
        return await ask()
