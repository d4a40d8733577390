"""Doing things at once, and cancelling what cannot be cancelled."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Coroutine, Iterable
from typing import Any, TypeVar

from daytona_tui.errors import DaytonaTuiError

T = TypeVar("T")


async def settled(work: Awaitable[T]) -> T:
    """Await ``work``; when cancelled, still let it end before the cancellation goes on.

    A thread that writes to the disk cannot be stopped. Were it left behind, it could write a file after its directory
    was cleaned up.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with contextlib.suppress(asyncio.CancelledError):  # a second cancellation changes nothing
                await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # looked at, so that asyncio does not report it as forgotten
        raise


async def together(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Return the results of all of ``work``, in order. The first error cancels the others and is raised as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
    except ExceptionGroup as errors:
        # Not `except*`: what is raised inside of one comes wrapped in a group again, depending on the Python.
        ours, foreign = errors.split(DaytonaTuiError)
        raise (foreign or ours or errors).exceptions[0] from None
    return [task.result() for task in tasks]


@contextlib.asynccontextmanager
async def closing(stream: AsyncIterator[T]) -> AsyncIterator[AsyncIterator[T]]:
    """Close ``stream`` at the end if it is a generator, so that its connection is given back at once."""
    try:
        yield stream
    finally:
        close = getattr(stream, "aclose", None)
        if close is not None:
            await close()
