"""The link: settings in, a loaded SDK with one HTTP session out.

What the environment could do to us, and the answer given here:

- ``import daytona`` takes a second: it happens in a thread, and so does building the TLS contexts.
- The SDK's event mode takes over SIGINT, keeps every listed object for minutes and can outlive ``close``: its polling
  mode is used, and its warning that the mode is deprecated is silenced here and nowhere else.
- ``.env`` files of the working directory: key, address and organisation are always passed, so a file cannot change
  where or as whom we ask; tracing, which a file could switch on, is disabled; the file's complaint is silenced.
- ``HTTP_PROXY`` also catches loopback, and a matching ``.netrc`` entry breaks every call: the session is ours and
  reads neither. A proxy is taken from the environment by the standard library's rules, and never for loopback.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import inspect
import ipaddress
import logging
import socket
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from daytona_tui.client.errors import clean, scrub, translated
from daytona_tui.client.tls import share_context
from daytona_tui.config.connection import Connection, checked
from daytona_tui.domain.abilities import Abilities, Ability
from daytona_tui.errors import ConfigError, DaytonaTuiError, UnsentError, UnsupportedError

if TYPE_CHECKING:
    import aiohttp
    from daytona import AsyncDaytona
    from daytona_api_client_async import ApiKeysApi, SandboxApi
    from daytona_toolbox_api_client_async import ApiClient as ToolboxClient

_log = logging.getLogger(__name__)

REQUEST_S = 30.0
"""Deadline of an ordinary request, in seconds; what moves data may stand still for twice as long."""

PEEK_HEADER = "X-Daytona-Skip-Last-Activity-Update"
"""Toolbox requests that carry it as ``true`` leave the sandbox's idle clock alone."""

_POOL = 512  # streams hold a slot each; a full pool makes every other call wait without a word
_READ_BUFFER = 256 * 1024
_LOAD_S = 120.0
_CLOSE_S = 5.0
_SIGNS_OF_LIFE = {"TCP_KEEPIDLE": 30, "TCP_KEEPALIVE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}
"""A line is asked after so many seconds of silence (by one of the first two names), and is dead a minute later."""


@dataclass(frozen=True)
class Sdk:
    """The loaded SDK and what is built from it once.

    Attributes:
        acting: toolbox client whose requests count as activity.
        peeking: the same, with the header that leaves the idle clock alone.
    """

    connection: Connection
    daytona: AsyncDaytona
    session: aiohttp.ClientSession
    sandboxes: SandboxApi
    keys: ApiKeysApi
    acting: ToolboxClient
    peeking: ToolboxClient


class Link:
    """One shared, lazily loaded :class:`Sdk`. A load that failed is tried again by the next call."""

    def __init__(self, connection: Connection | Awaitable[Connection], *, request_s: float = REQUEST_S) -> None:
        self.request_s = request_s
        self._given = connection
        self._connecting: asyncio.Future[Connection] | None = None
        self._connection: Connection | None = None
        self._loading: asyncio.Task[Sdk] | None = None
        self._closed = asyncio.Event()
        self.abilities = Abilities()
        self.closers: set[Callable[[], Awaitable[None]]] = set()
        """Called by ``close`` before the session goes: for what holds a connection of its own."""

    @property
    def is_closed(self) -> bool:
        """True once ``close`` was called."""
        return self._closed.is_set()

    async def pause(self, seconds: float) -> None:
        """Sleep for ``seconds``, or until the link is closed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closed.wait()

    async def sdk(self) -> Sdk:
        """Return the loaded SDK, loading it first if need be.

        Raises:
            ConfigError: the settings are wrong, or the SDK cannot be loaded.
        """
        self._refuse_if_closed()
        loading = self._loading
        if loading is None or (loading.done() and not _succeeded(loading)):
            self._loading = loading = asyncio.create_task(self._load(), name="load-sdk")
            loading.add_done_callback(_succeeded)  # nobody may be left to look at a failure
        try:
            return await asyncio.shield(loading)
        except asyncio.CancelledError:
            if not _is_cancelling():  # the load was cancelled by ``close``, and not we
                self._refuse_if_closed()
            raise

    @contextlib.asynccontextmanager
    async def calling(
        self, doing: str, *, timeout_s: float | None = None, is_act: bool = False, needs: Ability | None = None
    ) -> AsyncIterator[Sdk]:
        """Give the block a loaded SDK and a deadline; only our errors leave it (see ``errors.translated``).

        With ``needs`` a server that does not know the operation is remembered for it, and not asked again.
        """
        if needs is not None and (words := self.abilities.lacks(needs)):
            raise UnsupportedError(words, source="api", status=404)
        sdk = await self.sdk()
        try:
            async with translated(
                doing,
                timeout_s=self.request_s if timeout_s is None else timeout_s,
                host=sdk.connection.host,
                secret=sdk.connection.bearer,
                is_act=is_act,
            ):
                yield sdk
        except UnsupportedError as error:
            if needs is None or error.status == 422:  # which is about this very sandbox
                raise
            words = self.abilities.note(needs)
            raise UnsupportedError(words, source=error.source, status=error.status, hint=error.hint) from None

    async def close(self) -> None:
        """Give back everything. Idempotent; takes a few seconds at most."""
        if self.is_closed:
            return
        self._closed.set()
        if inspect.iscoroutine(self._given) and self._connecting is None:
            self._given.close()  # it was never awaited, and need not be any more
        for closer in tuple(self.closers):
            with contextlib.suppress(Exception):
                await closer()
        for future in (self._loading, self._connecting):
            if future is not None and not future.done():
                future.cancel()
                await asyncio.wait([future], timeout=_CLOSE_S)
        if self._loading is not None and _succeeded(self._loading):
            daytona: Any = self._loading.result().daytona
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_CLOSE_S):
                    await daytona.close()

    def _refuse_if_closed(self) -> None:
        if self.is_closed:
            raise UnsentError("this connection is closed")

    async def _load(self) -> Sdk:
        try:
            async with asyncio.timeout(_LOAD_S):
                connection = await self._settings()
                daytona, extras = await asyncio.to_thread(_build, connection)
                return _open(connection, daytona, extras)
        except DaytonaTuiError as error:
            if self._connection is not None:
                scrub(error, self._connection.bearer)
            raise
        except TimeoutError:
            raise UnsentError(f"no connection after {_LOAD_S:g} s") from None
        except Exception as error:
            ours = ConfigError(clean(f"the Daytona SDK cannot be used: {error}"), hint="is the package daytona whole?")
            if self._connection is not None:
                scrub(ours, self._connection.bearer)
            _log.warning("loading failed: %s", type(error).__name__)
            raise ours from None

    async def _settings(self) -> Connection:
        if self._connection is None:
            if isinstance(self._given, Connection):
                given = self._given
            else:
                # An awaitable can be awaited once; its outcome serves every attempt.
                self._connecting = self._connecting or asyncio.ensure_future(self._given)
                given = await asyncio.shield(self._connecting)
            self._connection = checked(given)
        return self._connection


def _succeeded(task: asyncio.Task[Sdk]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


def _is_cancelling() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _build(connection: Connection) -> tuple[AsyncDaytona, dict[str, Any]]:
    """Import the SDK and build its client; in a thread, it takes a second."""
    import aiohttp  # noqa: F401 - loaded here, so that the loop does not have to
    import daytona_toolbox_api_client_async  # noqa: F401 - likewise
    import socketio  # noqa: F401 - likewise, for the feed
    from daytona import AsyncDaytona, DaytonaConfig

    share_context("daytona_api_client_async", "daytona_toolbox_api_client_async")

    class QuietDaytona(AsyncDaytona):
        """Never traces: a stray setting or ``.env`` file would replace the global tracer and block ``close``."""

        def _init_otel(self, sdk_version: str) -> None:
            _log.info("tracing was asked for in the environment and is left off")

    warnings.filterwarnings("ignore", message="Polling-only mode", category=DeprecationWarning)
    warnings.filterwarnings("ignore", message=r"`DAYTONA_\w+` set in a \.env", category=UserWarning)
    config = DaytonaConfig(
        api_key=connection.api_key.reveal() or None,
        jwt_token=connection.jwt_token.reveal() or None,
        organization_id=connection.organization_id or None,
        api_url=connection.api_url,
        target=connection.target or None,
        connection_pool_maxsize=_POOL,
        use_deprecated_polling=True,
        otel_enabled=False,
    )
    proxy = proxy_for(connection.api_url)
    return QuietDaytona(config), {"proxy": proxy} if proxy else {}


def _open(connection: Connection, daytona: AsyncDaytona, extras: dict[str, Any]) -> Sdk:
    """Give the client a session of ours; on the loop, because sessions belong to one."""
    import aiohttp
    from daytona_api_client_async import ApiKeysApi

    main, acting = daytona._api_client, daytona._toolbox_api_client
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=_POOL, keepalive_timeout=30, ssl=main.rest_client.ssl_context, socket_factory=watched_socket
        ),
        trust_env=False,
        read_bufsize=_READ_BUFFER,
        **extras,
    )
    daytona._shared_session._adopt(session)
    # A shallow copy shares session and retries with the original; only the headers differ.
    peeking = copy.copy(acting)
    peeking.default_headers = {**acting.default_headers, PEEK_HEADER: "true"}
    return Sdk(connection, daytona, session, daytona._sandbox_api, ApiKeysApi(main), acting, peeking)


def watched_socket(address: tuple[Any, ...]) -> socket.socket:
    """Return a socket of which the system asks, when it is quiet, whether the other side is still there.

    What runs for hours without a word would else wait for ever on a line that was cut without one.

    Args:
        address: as ``socket.getaddrinfo`` tells it.
    """
    family, kind, protocol, *_ = address
    made = socket.socket(family, kind, protocol)
    with contextlib.suppress(OSError):
        made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _SIGNS_OF_LIFE.items():
            if hasattr(socket, name):
                made.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return made


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for ``url``; None for loopback."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if _is_loopback(host) or proxy_bypass(host):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
