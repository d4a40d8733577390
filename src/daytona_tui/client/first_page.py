"""The first page of the fleet, fetched with the standard library while Textual and the SDK are still loading.

It is a head start and nothing more: whatever goes wrong here is left to the ordinary way, which meets the same
trouble and reports it properly.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from daytona_tui.client.mapping import LISTED_BY, PAGE_LIMIT, Page, page_from

if TYPE_CHECKING:
    import http.client

    from daytona_tui.config.connection import Connection

_log = logging.getLogger(__name__)

_ANSWER_S = 10.0
_RESULT_S = 30.0
_MAX_BYTES = 16 * 1024 * 1024


class FirstPage:
    """A page of the fleet that is being fetched in a thread."""

    def __init__(self, connection: Callable[[], Connection]) -> None:
        """Remember ``connection``: a blocking call, made in the thread."""
        self._connection = connection
        self._page: Future[Page | None] = Future()
        self._page.set_running_or_notify_cancel()  # whoever stops waiting for it does not stop it

    def start(self) -> None:
        """Begin to fetch. Call it once, as early as the settings are known."""
        threading.Thread(target=self._run, name="first-page", daemon=True).start()

    async def result(self) -> Page | None:
        """Return the page; None if it could not be had."""
        try:
            async with asyncio.timeout(_RESULT_S):
                return await asyncio.wrap_future(self._page)
        except TimeoutError:
            return None

    def _run(self) -> None:
        try:
            self._page.set_result(_fetch(self._connection()))
        except Exception as error:
            # Its text may hold what the server sent; the class is enough for the diagnostics.
            _log.info("no first page: %s", type(error).__name__)
            self._page.set_result(None)


def _fetch(connection: Connection) -> Page | None:
    import json
    from urllib.parse import urlsplit

    parts = urlsplit(connection.api_url)
    if _is_proxied(parts.scheme, parts.hostname or ""):
        return None  # tunnels are the ordinary way's business
    headers = {"Authorization": f"Bearer {connection.bearer.reveal()}", "Accept": "application/json"}
    if not connection.api_key:
        headers["X-Daytona-Organization-ID"] = connection.organization_id
    line = _line(parts.scheme, parts.hostname or "", parts.port)
    query = f"limit={PAGE_LIMIT}&sort={LISTED_BY}&order=asc"
    try:
        line.request("GET", f"{parts.path.rstrip('/')}/sandbox?{query}", headers=headers)
        answer = line.getresponse()
        if answer.status != 200:
            return None
        return page_from(json.loads(answer.read(_MAX_BYTES)))
    finally:
        line.close()


def _line(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    import http.client

    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=_ANSWER_S)
    return http.client.HTTPConnection(host, port, timeout=_ANSWER_S)


def _is_proxied(scheme: str, host: str) -> bool:
    import os

    names = (f"{scheme}_proxy", "all_proxy")
    is_local = host in ("127.0.0.1", "::1", "localhost")
    return not is_local and any(os.environ.get(name) or os.environ.get(name.upper()) for name in names)
