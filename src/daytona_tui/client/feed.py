"""The organisation's event feed: one socket.io connection for the whole fleet, ours and not the SDK's.

The SDK's own connection takes over SIGINT, ties events to single sandbox objects and can outlive ``close``. This one
reconnects by itself with growing, jittered pauses, says when it is up and when it is down, and goes with its reader.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode, urlsplit

from daytona_tui.client.errors import clean, without_key
from daytona_tui.client.loading import Link, Sdk
from daytona_tui.client.mapping import sandbox_from, time_from
from daytona_tui.domain.ports import FeedDown, FeedEvent, FeedUp, SandboxChanged, StateChanged
from daytona_tui.domain.sandbox import SandboxState
from daytona_tui.errors import DaytonaTuiError

_log = logging.getLogger(__name__)

_CONNECT_S = 10.0
_CLOSE_S = 2.0
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
_REFUSED_PAUSE_S = 60.0
_MAX_WAITING = 20_000
_RECORD_KEYS = ("name", "organizationId", "state")


async def follow_feed(link: Link) -> AsyncIterator[FeedEvent]:
    """Yield events for ever; ends only when ``link`` is closed."""
    pause = _FIRST_PAUSE_S
    while True:
        line = _Line()
        link.closers.add(line.close)
        try:
            if await line.open(link):
                pause = _FIRST_PAUSE_S
                yield FeedUp()
                while (event := await line.next()) is not None:
                    yield event
        finally:
            link.closers.discard(line.close)
            await line.close()
        if link.is_closed:
            return
        yield FeedDown(line.reason)
        wait = _REFUSED_PAUSE_S if line.is_refused else pause
        await link.pause(wait * random.uniform(0.75, 1.25))
        pause = min(pause * 2, _LONGEST_PAUSE_S)


def event_from(name: str, payload: object) -> FeedEvent | None:
    """Return what an event of the wire means for the fleet; None if nothing."""
    if not isinstance(payload, dict) or not name.startswith("sandbox."):
        return None
    inner = payload.get("sandbox")
    record: dict[str, Any] = inner if isinstance(inner, dict) else payload
    sandbox = sandbox_from(record)
    if sandbox is None:
        return None
    if all(isinstance(record.get(key), str) for key in _RECORD_KEYS):
        return SandboxChanged(sandbox)
    word = record.get("state") or payload.get("newState")
    if not isinstance(word, str) or not word:
        return None
    at = record.get("updatedAt") or payload.get("updatedAt")
    return StateChanged(sandbox.id, SandboxState.parse(word), word, time_from(at) if isinstance(at, str) else None)


class _Line:
    """One connection, from its opening to its loss."""

    def __init__(self) -> None:
        self.reason = "the event feed was closed"
        self.is_refused = False
        self._key = ""
        self._client: Any = None
        self._events: asyncio.Queue[FeedEvent | None] = asyncio.Queue(_MAX_WAITING)
        self._is_lost = False

    async def open(self, link: Link) -> bool:
        """Connect; False, with a reason, if that fails."""
        from socketio.exceptions import ConnectionError as FeedConnectionError

        try:
            sdk = await link.sdk()
            self._key = sdk.connection.bearer.reveal()
            async with asyncio.timeout(_CONNECT_S):
                await self._connect(sdk)
        except DaytonaTuiError as error:
            return self._lose(error.message)
        except TimeoutError:
            return self._lose(f"no answer from the event feed within {_CONNECT_S:g} s")
        except (FeedConnectionError, OSError, ValueError) as error:
            words = without_key(clean(str(error)) or type(error).__name__, self._key)
            return self._lose(f"the event feed cannot be opened: {words}")
        return not self._is_lost

    async def next(self) -> FeedEvent | None:
        """Return the next event; None once the connection is lost and everything that came was handed out."""
        if self._is_lost and self._events.empty():
            return None
        return await self._events.get()

    async def close(self) -> None:
        """Disconnect and leave no task behind. Bounded, and safe at any time."""
        self._lose("the event feed was closed")
        client, self._client = self._client, None
        if client is None:
            return
        with contextlib.suppress(TimeoutError, Exception):
            async with asyncio.timeout(_CLOSE_S):
                await client.disconnect()
        tasks = [task for name in ("read_loop_task", "write_loop_task") if (task := getattr(client.eio, name, None))]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_CLOSE_S)

    async def _connect(self, sdk: Sdk) -> None:
        import socketio

        self._client = client = socketio.AsyncClient(
            reconnection=False, handle_sigint=False, logger=False, engineio_logger=False, http_session=sdk.session
        )
        client.on("connect_error", self._on_refusal)
        client.on("disconnect", self._on_disconnect)
        client.on("*", self._on_event)
        parts = urlsplit(sdk.connection.api_url)
        query = {"source": "daytona-tui"}
        if sdk.connection.organization_id:
            query["organizationId"] = sdk.connection.organization_id
        await client.connect(
            f"{parts.scheme}://{parts.netloc}?{urlencode(query)}",
            transports=["websocket"],
            auth={"token": self._key},
            socketio_path=f"{parts.path.strip('/')}/socket.io",
            wait_timeout=_CONNECT_S,
        )

    async def _on_refusal(self, data: object = None) -> None:
        """Called for a refusal by the server (a message object) and for a failed connection (a text)."""
        if isinstance(data, dict):
            self.is_refused = True
            words = without_key(clean(str(data.get("message", ""))), self._key)
            self._lose(f"the event feed refuses us: {words}".rstrip(": "))

    async def _on_disconnect(self, *_reason: object) -> None:
        self._lose("the connection to the event feed was lost")

    async def _on_event(self, name: str, *payload: object) -> None:
        event = event_from(name, payload[0] if payload else None)
        if event is None:
            return
        try:
            self._events.put_nowait(event)
        except asyncio.QueueFull:
            # The reader lists everything anew after a loss; that is cheaper than catching up.
            self._lose("more events came than could be taken in")

    def _lose(self, reason: str) -> bool:
        """Note that the connection is lost, for the first reason given; always False."""
        if not self._is_lost:
            self._is_lost, self.reason = True, reason
            with contextlib.suppress(asyncio.QueueFull):
                self._events.put_nowait(None)
        return False
