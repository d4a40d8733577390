"""Asking again what may be asked again: while the network is away, or the server wants to be left alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from daytona_tui.errors import DaytonaTuiError
from daytona_tui.transfer.patience import Patience

T = TypeVar("T")


async def patiently(act: Callable[[], Awaitable[T]], patience: Patience) -> T:
    """Return what ``act`` returns, asking again for as long as that may help.

    Args:
        act: what to do; it must not matter if it was done already and only the answer was lost.
        patience: that of the whole transfer.

    Raises:
        DaytonaTuiError: the last failure.
    """
    while True:
        try:
            result = await act()
        except DaytonaTuiError as error:
            if not patience.bears(error):
                raise
            await patience.wait(error)
        else:
            patience.moved()
            return result
