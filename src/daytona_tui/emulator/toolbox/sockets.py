"""What goes on beside each other while a WebSocket of the toolbox is open."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from aiohttp import WSMsgType, web

_ENDS = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR)


async def until_one_ends(*works: Coroutine[Any, Any, None]) -> None:
    """Do several things beside each other until one of them ends; give up the others, and return at their end."""
    tasks = {asyncio.create_task(work) for work in works}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def listen(socket: web.WebSocketResponse) -> None:
    """Read until the client closes; reading is also what answers its pings."""
    while (await socket.receive()).type not in _ENDS:
        pass
