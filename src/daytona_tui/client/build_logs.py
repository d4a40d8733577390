"""The log of the build of a sandbox's image."""

from __future__ import annotations

import asyncio
import codecs
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from daytona_tui.client.accounts import AccountsPart, may_have_key
from daytona_tui.client.errors import translated
from daytona_tui.client.loading import Sdk
from daytona_tui.client.wire import check
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import NotFoundError, ProtocolError, UnsupportedError

if TYPE_CHECKING:
    from aiohttp import ClientResponse

_BUILDING = frozenset({"pending_build", "building_snapshot", "pulling_snapshot", "creating", "unknown"})
"""States in which a log that is silent may still go on."""

_DOING = "following a build"
NOT_BUILT = "has no build info"
"""The server's words."""


class BuildLogsPart(AccountsPart):
    """Implements ``follow_build``."""

    async def follow_build(self, sandbox_id: SandboxId) -> AsyncIterator[str]:
        """Yield the log of the build of the sandbox's image, cut anywhere, until the build is over."""
        url = await self._address(sandbox_id)
        async with aclosing(self._follow_at(url, lambda: self._is_building(sandbox_id))) as texts:
            async for text in texts:
                yield text

    async def _follow_at(self, url: str, goes_on: Callable[[], Awaitable[bool]]) -> AsyncGenerator[str, None]:
        """Yield what is said at ``url``, until it ends or is silent while nothing ``goes_on``."""
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        async with self._link.calling(_DOING) as sdk:
            response = await self._open(sdk, url)
        try:
            while piece := await self._piece(sdk, response, goes_on):
                if text := decoder.decode(piece):
                    yield text
            if text := decoder.decode(b"", final=True):
                yield text
        finally:
            response.close()

    async def _open(self, sdk: Sdk, url: str) -> ClientResponse:
        import aiohttp

        response = await sdk.session.get(
            url + ("&" if urlsplit(url).query else "?") + "follow=true",
            headers={"Authorization": f"Bearer {sdk.connection.bearer.reveal()}"},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._link.request_s),
            allow_redirects=False,
        )
        try:
            await check(response, source="api")
        except BaseException:
            response.close()
            raise
        return response

    async def _address(self, sandbox_id: SandboxId) -> str:
        try:
            async with self._link.calling(_DOING) as sdk:
                told = await self._ask_api(sdk.sandboxes.get_build_logs_url_without_preload_content(sandbox_id))
        except UnsupportedError:  # an older server, which sends the log itself
            return f"{sdk.connection.api_url.rstrip('/')}/sandbox/{quote(sandbox_id, safe='')}/build-logs"
        except NotFoundError as error:
            if NOT_BUILT in error.message:
                raise NotFoundError("nothing was built for this sandbox", source="api", status=404) from None
            raise
        return address_in(told, sdk)

    async def _piece(self, sdk: Sdk, response: ClientResponse, goes_on: Callable[[], Awaitable[bool]]) -> bytes:
        """Return what comes next; empty at the end, and when it is silent although nothing is built any more."""
        while True:
            async with translated(_DOING, timeout_s=24 * 3600.0, host=sdk.connection.host):
                try:
                    async with asyncio.timeout(self._link.request_s):
                        return await response.content.readany()
                except TimeoutError:
                    pass
            if not await goes_on():
                return b""

    async def _is_building(self, sandbox_id: SandboxId) -> bool:
        async with self._link.calling(_DOING) as sdk:
            told = await self._ask_api(sdk.sandboxes.get_sandbox_without_preload_content(sandbox_id))
        return isinstance(told, dict) and told.get("state") in _BUILDING


def address_in(told: object, sdk: Sdk) -> str:
    """Return where the server says that a build's log is.

    Raises:
        ProtocolError: it does not say, or our key must not go there.
    """
    url = told.get("url") if isinstance(told, dict) else None
    if not isinstance(url, str) or not may_have_key(url, sdk):
        raise ProtocolError("the server does not say where the build's log is", source="api")
    return url
