"""The gate: the only room that speaks to Daytona, through its SDK. What leaves it are domain values and our errors.

Importing it is cheap. The SDK costs about a second, so it is loaded in a thread when the first call needs it.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

from daytona_tui.client.first_page import FirstPage

if TYPE_CHECKING:
    from daytona_tui.config.connection import Connection
    from daytona_tui.domain.ports import Gateway

__all__ = ["FirstPage", "open_gateway"]


def open_gateway(connection: Connection | Awaitable[Connection], *, first_page: FirstPage | None = None) -> Gateway:
    """Return a gateway at once; it connects when it is first used.

    Args:
        connection: where and with which key; may still be on its way (an emulator that is starting).
        first_page: a page of the fleet that is being fetched already; the first listing begins with it.
    """
    from daytona_tui.client.gateway import DaytonaGateway

    return DaytonaGateway(connection, first_page=first_page)
