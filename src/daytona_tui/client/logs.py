"""Output of executions. All of it peeks."""

from __future__ import annotations

from collections.abc import AsyncIterator

from daytona_tui.client.demux import Demux
from daytona_tui.client.room import Part, is_no_route
from daytona_tui.client.sockets import Closed, Route, judge
from daytona_tui.client.toolbox_mapping import session_from, sessions_from
from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.executions import OutputChunk, Session, Stream
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import NotFoundError, ProtocolError, UnsupportedError

_FOLLOWING = "following output"
_REFUSALS = {404: "the sandbox knows no such command"}


class LogsPart(Part):
    """Implements ``LogSource``, save what the server and not the sandbox keeps."""

    async def sessions(self, sandbox_id: SandboxId) -> tuple[Session, ...]:
        """Return the sandbox's sessions with their executions."""
        async with self._toolbox(sandbox_id, "listing sessions", needs=Ability.SESSIONS) as toolbox:
            return sessions_from(await self._ask_toolbox(toolbox.watch.list_sessions_without_preload_content()))

    async def output_so_far(self, sandbox_id: SandboxId, session_id: str, execution_id: str) -> tuple[OutputChunk, ...]:
        """Return what an execution has written by now, each stream as one piece."""
        async with self._toolbox(sandbox_id, "reading output", needs=Ability.SESSIONS) as toolbox:
            call = toolbox.watch.get_session_command_logs_without_preload_content(session_id, execution_id)
            told = await self._ask_toolbox(call)
        if not isinstance(told, dict):
            raise ProtocolError("the output of the command has an unknown form", source="toolbox")
        streams = (
            (Stream.STDOUT, told.get("stdout", told.get("output"))),
            (Stream.STDERR, told.get("stderr")),
        )  # fmt: skip
        return tuple(OutputChunk(stream, text) for stream, text in streams if isinstance(text, str) and text)

    def follow(self, sandbox_id: SandboxId, session_id: str, execution_id: str) -> AsyncIterator[OutputChunk]:
        """Yield the output from its beginning, then as it is written, until the execution ends.

        Raises:
            RemoteError: the sandbox closed the stream for a reason of its own; what came before was yielded.
            UnreachableError: the connection was lost.
        """
        path = "/process/session/{sessionId}/command/{commandId}/logs"
        return self._follow(sandbox_id, path, {"sessionId": session_id, "commandId": execution_id})

    async def entrypoint(self, sandbox_id: SandboxId) -> Session:
        """Return the session of the program that the sandbox started with."""
        try:
            async with self._toolbox(sandbox_id, "asking for its entrypoint") as toolbox:
                call = toolbox.watch.get_entrypoint_session_without_preload_content()
                return session_from(await self._ask_toolbox(call))
        except NotFoundError as error:
            if is_no_route(error):
                words = "this sandbox is too old to tell of its entrypoint"
                raise UnsupportedError(words, source="toolbox", status=404) from None
            raise

    def follow_entrypoint(self, sandbox_id: SandboxId) -> AsyncIterator[OutputChunk]:
        """Yield what that program wrote, from its beginning, then as it is written, until it ends."""
        return self._follow(sandbox_id, "/process/session/entrypoint/logs", {})

    async def _follow(self, sandbox_id: SandboxId, path: str, names: dict[str, str]) -> AsyncIterator[OutputChunk]:
        async with self._toolbox(sandbox_id, _FOLLOWING) as toolbox:
            route = Route(path, names, query=[("follow", "true")], refusals=_REFUSALS)
            socket = await self._connect(toolbox, toolbox.watch, route)
        demux = Demux()
        try:
            # A quiet program is no reason to give up: only a line that gives no sign of life is dead.
            while not isinstance(frame := await socket.receive(), Closed):
                data = frame if isinstance(frame, bytes) else frame.encode("utf-8", "surrogatepass")
                for chunk in demux.feed(data):
                    yield chunk
            for chunk in demux.finish():
                yield chunk
            judge(frame, _FOLLOWING)
        finally:
            await socket.close()
