"""Answers of the generated clients, taken raw: status checked, JSON parsed, nothing validated to death."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from daytona_tui.client.errors import Refusal
from daytona_tui.errors import ProtocolError

if TYPE_CHECKING:
    from aiohttp import ClientResponse

_PARSE_INLINE = 256 * 1024
_MAX_REFUSAL = 64 * 1024
_MAX_ANSWER = 128 * 1024 * 1024
"""Longer than anything that is right, and less than what would fill the memory: a sandbox may answer without end."""


async def answer(call: Awaitable[Any], *, source: str) -> Any:
    """Await a ``…_without_preload_content`` call and return the JSON of its answer; None for an empty one.

    Raises:
        Refusal: the status is not 2xx.
        ProtocolError: the body is not JSON, or does not end.
    """
    response: ClientResponse = await call
    async with response:
        await check(response, source=source)
        body = await read_whole(response, _MAX_ANSWER, source=source)
    if not body:
        return None
    return await parse(body, source=source)


async def check(response: ClientResponse, *, source: str) -> None:
    """Raise ``Refusal`` unless the status is 2xx."""
    if not 200 <= response.status < 300:
        body = await response.content.read(_MAX_REFUSAL)
        raise Refusal(response.status, response.headers, body, source=source)


async def read_whole(response: ClientResponse, limit: int, *, source: str = "toolbox") -> bytes:
    """Return the body of an answer.

    Raises:
        ProtocolError: it is longer than ``limit`` bytes.
    """
    pieces: list[bytes] = []
    size = 0
    while piece := await response.content.readany():
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise ProtocolError("the answer is longer than can be right", source=source)
    return b"".join(pieces)


async def parse(body: bytes, *, source: str) -> Any:
    """Return the JSON in ``body``; long ones are parsed in a thread.

    Raises:
        ProtocolError: it is not JSON.
    """
    try:
        if len(body) > _PARSE_INLINE:
            return await asyncio.to_thread(json.loads, body)
        return json.loads(body)
    except (ValueError, RecursionError):
        kind = "a page of HTML" if body.lstrip()[:1] == b"<" else "not JSON"
        raise ProtocolError(
            f"the answer is {kind}", hint="is this the address of a Daytona API?", source=source
        ) from None
