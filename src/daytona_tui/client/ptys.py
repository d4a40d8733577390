"""Terminals of started sandboxes. A connection counts as activity as long as it is open, unless it peeks."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Mapping

from daytona_tui.client.pty_link import PtyConnection
from daytona_tui.client.room import Part
from daytona_tui.client.sockets import Route, Socket
from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.ptys import PtyLink, PtySize
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import NotFoundError, OperationTimeoutError

_CONNECT = "/process/pty/{sessionId}/connect"
_EXIT_CONTROL = "X-Daytona-Pty-Exit-Control"
_TOO_OLD = "this sandbox opens no terminal at one go"
_ENVS = "X-Daytona-Pty-Envs~"
_CONNECTED_S = 10.0
"""How long a sandbox that took the connection may take to say so; the SDK gives it as long."""


class PtysPart(Part):
    """Implements ``Ptys``."""

    async def open_pty(
        self,
        sandbox_id: SandboxId,
        pty_id: str,
        *,
        size: PtySize,
        cwd: str | None = None,
        envs: Mapping[str, str] | None = None,
    ) -> PtyLink:
        """Start a login shell on a new terminal and connect to it."""
        try:
            return await self._create_connected(sandbox_id, pty_id, size, cwd, envs)
        except NotFoundError as error:
            if error.message != _TOO_OLD:
                raise
        await self._create(sandbox_id, pty_id, size, cwd, envs)
        return await self.attach_pty(sandbox_id, pty_id, peeks=False)

    async def _create_connected(
        self, sandbox_id: SandboxId, pty_id: str, size: PtySize, cwd: str | None, envs: Mapping[str, str] | None
    ) -> PtyLink:
        query = [("id", pty_id), ("cols", str(size.cols)), ("rows", str(size.rows))]
        query += [("cwd", cwd)] if cwd else []
        protocols = [_EXIT_CONTROL, *([_ENVS + _packed(envs)] if envs else [])]
        async with self._toolbox(sandbox_id, "opening a terminal") as toolbox:
            refusals = {
                400: f"no terminal can be opened in {cwd}: is it a directory?" if cwd else "no terminal can be opened",
                404: _TOO_OLD,
                409: f"there is a terminal {pty_id} already",
            }
            route = Route("/process/pty/create-connect", query=query, protocols=protocols, refusals=refusals)
            socket = await self._connect(toolbox, toolbox.process, route)
        return await self._linked(socket, pty_id)

    async def _create(
        self, sandbox_id: SandboxId, pty_id: str, size: PtySize, cwd: str | None, envs: Mapping[str, str] | None
    ) -> None:
        from daytona_toolbox_api_client_async import PtyCreateRequest

        request = PtyCreateRequest(
            id=pty_id, cols=size.cols, rows=size.rows, cwd=cwd, envs=dict(envs) if envs else None, lazy_start=True
        )
        async with self._toolbox(sandbox_id, "opening a terminal", needs=Ability.PTYS) as toolbox:
            await self._ask_toolbox(toolbox.process.create_pty_session_without_preload_content(request))

    async def attach_pty(self, sandbox_id: SandboxId, pty_id: str, *, peeks: bool) -> PtyLink:
        """Connect to a terminal that is open; others may be connected to it too. ``peeks`` is for watching."""
        async with self._toolbox(sandbox_id, "attaching to a terminal") as toolbox:
            route = Route(_CONNECT, {"sessionId": pty_id}, protocols=[_EXIT_CONTROL])
            socket = await self._connect(toolbox, toolbox.watch if peeks else toolbox.process, route)
        return await self._linked(socket, pty_id)

    async def resize_pty(self, sandbox_id: SandboxId, pty_id: str, size: PtySize) -> None:
        """Change a terminal's size for everybody."""
        from daytona_toolbox_api_client_async import PtyResizeRequest

        request = PtyResizeRequest(cols=size.cols, rows=size.rows)
        async with self._toolbox(sandbox_id, "resizing a terminal") as toolbox:
            call = toolbox.process.resize_pty_session_without_preload_content(pty_id, request)
            await self._ask_toolbox(call)

    async def kill_pty(self, sandbox_id: SandboxId, pty_id: str) -> None:
        """End a terminal and what runs on it."""
        try:
            async with self._toolbox(sandbox_id, "ending a terminal") as toolbox:
                await self._ask_toolbox(toolbox.process.delete_pty_session_without_preload_content(pty_id))
        except NotFoundError:
            return

    async def _linked(self, socket: Socket, pty_id: str) -> PtyLink:
        limit = min(_CONNECTED_S, self._link.request_s)
        connection = PtyConnection(socket, pty_id, answer_s=self._link.request_s)
        try:
            async with asyncio.timeout(limit):
                await connection.begin()
        except TimeoutError:
            await connection.close()
            raise OperationTimeoutError(
                f"the sandbox took the terminal's connection and then said nothing for {limit:g} s",
                hint="try again; if it stays so, restart the sandbox",
                source="toolbox",
            ) from None
        except BaseException:
            await connection.close()
            raise
        return connection


def _packed(envs: Mapping[str, str]) -> str:
    """Return an environment as a subprotocol can carry it: what is secret stays out of addresses and their logs."""
    return base64.urlsafe_b64encode(json.dumps(dict(envs)).encode()).rstrip(b"=").decode()
