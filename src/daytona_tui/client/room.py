"""What the parts of the gateway share: the link and the toolbox handles."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable
from typing import Any

from daytona_tui.client.errors import Refusal
from daytona_tui.client.handles import Handles, Toolbox
from daytona_tui.client.loading import REQUEST_S, Link
from daytona_tui.client.sockets import Route, Socket, open_socket
from daytona_tui.client.wire import answer
from daytona_tui.config.connection import Connection
from daytona_tui.domain.abilities import Abilities, Ability
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import AuthError, NotFoundError, RemoteError, UnreachableError, UnsupportedError

_NO_ROUTE = "404 page not found"
"""The whole answer of an older toolbox, in plain text."""


def is_no_route(error: Exception) -> bool:
    """Tell whether an older toolbox does not know the path that was asked for."""
    return isinstance(error, NotFoundError) and error.code is None and error.message.lower() == _NO_ROUTE


class Part:
    """Base of the gateway's parts."""

    def __init__(self, connection: Connection | Awaitable[Connection], *, request_s: float = REQUEST_S) -> None:
        self._link = Link(connection, request_s=request_s)
        self._handles = Handles()

    @property
    def abilities(self) -> Abilities:
        """What the server was found to lack so far."""
        return self._link.abilities

    @contextlib.asynccontextmanager
    async def _toolbox(
        self,
        sandbox_id: SandboxId,
        doing: str,
        *,
        timeout_s: float | None = None,
        is_act: bool = False,
        needs: Ability | None = None,
    ) -> AsyncIterator[Toolbox]:
        """Give the block the sandbox's toolbox under a deadline; only our errors leave it.

        With ``needs`` a toolbox that does not know the path is remembered to lack that, for this sandbox alone.
        """
        try:
            async with self._link.calling(doing, timeout_s=timeout_s, is_act=is_act) as sdk:
                yield await self._handles.toolbox(sdk, sandbox_id)
            if needs is not None:
                self.abilities.forget_in(sandbox_id, needs)
        except (UnreachableError, AuthError, NotFoundError, RemoteError) as error:
            if error.code is None:  # not the toolbox's own words: perhaps it is somewhere else by now
                self._handles.forget(sandbox_id)
            if needs is not None and is_no_route(error):
                words = self.abilities.note_in(sandbox_id, needs)
                raise UnsupportedError(words, source="toolbox", status=404) from None
            raise

    async def _connect(self, toolbox: Toolbox, api: Any, route: Route) -> Socket:
        """Connect to a WebSocket; ``api`` of the toolbox decides whether that counts as activity."""
        sdk = await self._link.sdk()
        try:
            return await open_socket(sdk, api, route, request_s=self._link.request_s)
        except Refusal:
            # An ordinary question is refused in words: where the sandbox does not run, those are the reason.
            await self._ask_toolbox(toolbox.info.get_version_without_preload_content())
            raise

    async def _ask_api(self, call: Awaitable[Any]) -> Any:
        return await answer(call, source="api")

    async def _ask_toolbox(self, call: Awaitable[Any]) -> Any:
        return await answer(call, source="toolbox")
