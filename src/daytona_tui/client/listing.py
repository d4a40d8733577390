"""The whole fleet, a page at a time, without the SDK's models: one odd sandbox costs one cell, not the list."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

from daytona_tui.client.first_page import FirstPage
from daytona_tui.client.loading import Link
from daytona_tui.client.mapping import PAGE_LIMIT, Page, page_from
from daytona_tui.client.wire import answer
from daytona_tui.domain.ports import ListedPage
from daytona_tui.errors import ProtocolError

_log = logging.getLogger(__name__)


async def pages(link: Link, first_page: FirstPage | None) -> AsyncIterator[ListedPage]:
    """Yield the fleet; a page that fails raises after the earlier ones were yielded.

    Raises:
        ProtocolError: among others, a cursor that leads in a circle.
    """
    page = await first_page.result() if first_page is not None else None
    if page is None:
        page = await _fetch(link, None)
    seen: set[str] = set()
    while True:
        if page.nameless:
            _log.warning("%d listed sandboxes have no id and are left out", page.nameless)
        yield ListedPage.of(page.sandboxes, page.nameless)
        if not page.next_cursor:
            return
        if page.next_cursor in seen:
            raise ProtocolError("the list of sandboxes never ends: its cursor leads in a circle", source="api")
        seen.add(page.next_cursor)
        page = await _fetch(link, page.next_cursor)


async def _fetch(link: Link, cursor: str | None) -> Page:
    async with link.calling("listing sandboxes") as sdk:
        call = sdk.sandboxes.list_sandboxes_without_preload_content(limit=PAGE_LIMIT, cursor=cursor)
        return page_from(await answer(call, source="api"))
