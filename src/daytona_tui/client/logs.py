"""Output of executions. All of it peeks.

The socket is read at the pace of the reader: nothing is queued here, so a slow reader slows the sender down through
the connection itself, and nothing is lost.
"""

from __future__ import annotations

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
_CLEAN = (None, 1000)


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
            while (frame := await self._frame(socket)) is not None:
                for chunk in demux.feed(frame):
                    yield chunk
            for chunk in demux.finish():
                yield chunk
            _judge(socket)
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

    async def _frame(self, socket: ClientWebSocketResponse[bool]) -> bytes | None:
        """Return the next frame; None at the end. A quiet program is no reason to give up: the heartbeat decides."""
        from aiohttp import WSMsgType

        message = await socket.receive()
        if message.type is WSMsgType.BINARY:
            return bytes(message.data)
        if message.type is WSMsgType.TEXT:
            return str(message.data).encode("utf-8", "surrogatepass")
        return None


def _judge(socket: ClientWebSocketResponse[bool]) -> None:
    """Raise unless the stream was closed as it should be."""
    code = socket.close_code
    if code in _CLEAN:
        return
    if code == 1006:
        raise UnreachableError("the connection was lost while following output", source="toolbox")
    raise RemoteError(f"the sandbox ended the output stream (close code {code})", source="toolbox")


async def _close(socket: ClientWebSocketResponse[bool]) -> None:
    import asyncio

    if not socket.closed:
        async with asyncio.timeout(_CLOSE_S):
            await socket.close()
