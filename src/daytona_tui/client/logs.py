"""Output of executions. All of it peeks.

The socket is read at the pace of the reader: nothing is queued here, so a slow reader slows the sender down through
the connection itself, and nothing is lost.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from daytona_tui.client.demux import Demux
from daytona_tui.client.room import Part
from daytona_tui.client.toolbox_mapping import sessions_from
from daytona_tui.domain.executions import OutputChunk, Session
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import RemoteError, UnreachableError

if TYPE_CHECKING:
    from aiohttp import ClientWebSocketResponse

_HEARTBEAT_S = 20.0  # a line on which even pings are not answered is dead, however quiet the program
_CLOSE_S = 2.0
_CLEAN = 1000
_LOST = 1006


class LogsPart(Part):
    """Implements ``LogSource``."""

    async def sessions(self, sandbox_id: SandboxId) -> tuple[Session, ...]:
        """Return the sandbox's sessions with their executions."""
        async with self._toolbox(sandbox_id, "listing sessions") as toolbox:
            return sessions_from(await self._ask_toolbox(toolbox.watch.list_sessions_without_preload_content()))

    async def follow(self, sandbox_id: SandboxId, session_id: str, execution_id: str) -> AsyncIterator[OutputChunk]:
        """Yield the output from its beginning, then as it is written, until the execution ends.

        Raises:
            RemoteError: the sandbox closed the stream for a reason of its own; what came before was yielded.
            UnreachableError: the connection was lost.
        """
        socket = await self._open(sandbox_id, session_id, execution_id)
        demux = Demux()
        try:
            # A quiet program is no reason to give up: the heartbeat decides whether the line is dead.
            while isinstance(frame := _taken(await socket.receive(), socket), bytes):
                for chunk in demux.feed(frame):
                    yield chunk
            for chunk in demux.finish():
                yield chunk
            _judge(frame)
        finally:
            with contextlib.suppress(TimeoutError):
                await _close(socket)

    async def _open(self, sandbox_id: SandboxId, session_id: str, execution_id: str) -> ClientWebSocketResponse[bool]:
        import aiohttp

        sdk = await self._link.sdk()
        async with self._toolbox(sandbox_id, "following output") as toolbox:
            proxy: Any = toolbox.watch.api_client
            _, url, headers, *_ = proxy.param_serialize(
                method="GET",
                resource_path="/process/session/{sessionId}/command/{commandId}/logs",
                path_params={"sessionId": session_id, "commandId": execution_id},
                query_params=[("follow", "true")],
            )
            return await sdk.session.ws_connect(
                "ws" + url.removeprefix("http"),
                headers=headers,
                heartbeat=_HEARTBEAT_S,
                max_msg_size=0,
                timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_S),
            )


def _taken(message: Any, socket: ClientWebSocketResponse[bool]) -> bytes | int:
    """Return the bytes of a frame, or the code with which the stream ended."""
    from aiohttp import WSMsgType

    if message.type is WSMsgType.BINARY:
        return bytes(message.data)
    if message.type is WSMsgType.TEXT:
        return str(message.data).encode("utf-8", "surrogatepass")
    if message.type is WSMsgType.CLOSE:
        # The socket's own code says "lost" if the other side has gone before our farewell could be sent.
        return int(message.data or _CLEAN)
    return socket.close_code or _LOST


def _judge(code: int) -> None:
    """Raise unless the stream was closed as it should be."""
    if code == _LOST:
        raise UnreachableError("the connection was lost while following output", source="toolbox")
    if code != _CLEAN:
        raise RemoteError(f"the sandbox ended the output stream (close code {code})", source="toolbox")


async def _close(socket: ClientWebSocketResponse[bool]) -> None:
    if not socket.closed:
        async with asyncio.timeout(_CLOSE_S):
            await socket.close()
