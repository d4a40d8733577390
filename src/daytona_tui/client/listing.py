"""The whole fleet, a page at a time, without the SDK's models: one odd sandbox costs one cell, not the list."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

from daytona_tui.client.first_page import FirstPage
from daytona_tui.client.loading import Link
from daytona_tui.client.mapping import LISTED_BY, PAGE_LIMIT, Page, next_cursor, page_from
from daytona_tui.client.wire import answer
from daytona_tui.domain.listing import EVERYTHING, ListWish
from daytona_tui.domain.ports import ListedPage
from daytona_tui.errors import ProtocolError

_log = logging.getLogger(__name__)


async def pages(
    link: Link,
    first_page: FirstPage | None = None,
    *,
    errored_deleted: bool = False,
    wish: ListWish = EVERYTHING,
) -> AsyncIterator[ListedPage]:
    """Yield the fleet; a page that fails raises after the earlier ones were yielded.

    Only the answer tells where the next page begins, so pages come one after another. But each is asked for before the
    one in hand is read, one page ahead and no more: reading and drawing cost no time while the network is slower.

    Raises:
        ProtocolError: among others, a cursor that leads in a circle.
    """
    asking = _Asking(link, errored_deleted, wish)
    page = await first_page.result() if first_page is not None else None
    try:
        if page is None:
            asking.begin("")
        else:
            asking.begin_next(page.next_cursor)
            yield _listed(page)
        while asking.is_begun:
            body = await asking.answer()
            asking.begin_next(next_cursor(body))
            yield _listed(page_from(body))
    finally:
        await asking.give_up()


class _Asking:
    """The page that is asked for, if there is one."""

    def __init__(self, link: Link, errored_deleted: bool, wish: ListWish) -> None:
        self._link = link
        self._wish = wish
        self._errored_deleted = errored_deleted
        self._cursors: set[str] = set()
        self._task: asyncio.Task[Any] | None = None

    @property
    def is_begun(self) -> bool:
        return self._task is not None

    def begin_next(self, cursor: str) -> None:
        """Ask for the page after the one whose answer held ``cursor``, if there is one."""
        if cursor:
            self.begin(cursor)

    def begin(self, cursor: str) -> None:
        """Ask for the page at ``cursor``; the first one for an empty one."""
        is_circle = cursor in self._cursors
        self._cursors.add(cursor)
        self._task = asyncio.create_task(_circle() if is_circle else self._fetch(cursor), name="list a page")

    async def answer(self) -> Any:
        """Return the answer that is under way."""
        assert self._task is not None
        task = self._task
        body = await task
        self._task = None
        return body

    async def give_up(self) -> None:
        """Leave no request behind."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _fetch(self, cursor: str) -> Any:
        async with self._link.calling("listing sandboxes") as sdk:
            from daytona_api_client_async import SandboxListSortDirection, SandboxListSortField, SandboxState

            wish = self._wish
            call = sdk.sandboxes.list_sandboxes_without_preload_content(
                limit=min(PAGE_LIMIT, wish.page_size or PAGE_LIMIT),
                cursor=cursor or None,
                name=wish.name_prefix or None,
                labels=json.dumps(labels) if (labels := wish.exact_labels) else None,
                states=[SandboxState(state) for state in wish.states] or None,
                sort=SandboxListSortField(LISTED_BY),
                order=SandboxListSortDirection.ASC,
                include_errored_deleted=self._errored_deleted or None,
            )
            return await answer(call, source="api")


async def _circle() -> Any:
    raise ProtocolError("the list of sandboxes never ends: its cursor leads in a circle", source="api")


def _listed(page: Page) -> ListedPage:
    if page.nameless:
        _log.warning("%d listed sandboxes have no id and are left out", page.nameless)
    return ListedPage.of(page.sandboxes, page.nameless)
