"""Keeps the fleet store current: lists again and again, and listens to the feed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from daytona_tui.domain.ports import FeedDown, FeedEvent, FeedUp, StateChanged
from daytona_tui.errors import AuthError, DaytonaTuiError, RateLimitedError
from daytona_tui.store.fleet import FleetStore
from daytona_tui.ui.panes.fleet_health import Health
from daytona_tui.ui.services import Services

LIVE_FACTOR = 6
"""While the feed brings changes by itself, listings only reconcile: so much rarer."""

LONGEST_PAUSE_S = 60.0
"""However often it failed: asked again at least this often."""

_SHARE = 4
"""A listing that takes long is followed by a pause of so many times its length: most of the time nothing is asked."""


class FleetWatch:
    """Two loops that feed one store, each run by a worker of the pane.

    Attributes:
        health: how the loops fare.
        is_listing: a listing is under way.
    """

    def __init__(self, services: Services, store: FleetStore, changed: Callable[[], None]) -> None:
        self.health = Health(poll_s=services.settings.poll_s)
        self.is_listing = False
        self._services = services
        self._store = store
        self._changed = changed
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """List again now rather than when it is time."""
        self._wake.set()

    async def poll(self) -> None:
        """List for ever. A failure keeps what is known and lengthens the pause.

        Raises:
            AuthError: the key is refused: asking again would not help.
        """
        failures = 0
        while True:
            self._wake.clear()
            try:
                began = self._services.now()
                await self._list()
                took = (self._services.now() - began).total_seconds()
                failures = 0
                pause = max(self._rest_s(), _SHARE * took)
                self.health = replace(self.health, error=None, failing_since=None, listed_at=self._store.listed_at)
            except AuthError:
                raise
            except DaytonaTuiError as error:
                failures += 1
                pause = self._back_off_s(error, failures)
                since = self.health.failing_since or self._services.now()
                self.health = replace(self.health, error=error, failing_since=since)
            finally:
                self.is_listing = False
            self.health = replace(self.health, retry_at=self._services.now() + timedelta(seconds=pause))
            self._changed()
            await self._sleep(pause)

    async def listen(self) -> None:
        """Apply the feed's events for ever."""
        while True:
            try:
                async for event in self._services.gateway.feed():
                    self._hear(event)
            except DaytonaTuiError as error:
                self._hear(FeedDown(error.message))
            await asyncio.sleep(self._services.settings.poll_s)

    async def _list(self) -> None:
        now = self._services.now
        self.is_listing = True
        self._store.begin_listing()
        began = asked_at = now()
        nameless = 0
        async for page in self._services.gateway.list_pages():
            if self._store.apply_page(page, asked_at):
                self._changed()
            nameless += page.nameless
            asked_at = now()
        self._store.end_listing(began)
        self.health = replace(self.health, nameless=nameless)

    def _hear(self, event: FeedEvent) -> None:
        if isinstance(event, FeedUp | FeedDown):
            # What happened while the feed was down was not told: list. When it goes down the pauses get shorter.
            if self.health.is_feed_up != isinstance(event, FeedUp):
                self.health = replace(self.health, is_feed_up=isinstance(event, FeedUp))
                if self.health.listed_at is not None:
                    self.wake()
                self._changed()
            return
        if isinstance(event, StateChanged) and self._store.fleet.get(event.sandbox_id) is None:
            self.wake()
        if self._store.apply_event(event, self._services.now()):
            self._changed()

    def _rest_s(self) -> float:
        poll_s = self._services.settings.poll_s
        return poll_s * LIVE_FACTOR if self.health.is_feed_up else poll_s

    def _back_off_s(self, error: DaytonaTuiError, failures: int) -> float:
        pause = min(LONGEST_PAUSE_S, self._services.settings.poll_s * 2.0 ** (failures - 1))
        pause *= random.uniform(0.8, 1.2)  # so that many screens do not come back at the same moment
        if isinstance(error, RateLimitedError) and error.retry_after_s is not None:
            pause = max(pause, error.retry_after_s)
        return pause

    async def _sleep(self, pause_s: float) -> None:
        try:
            async with asyncio.timeout(pause_s):
                await self._wake.wait()
        except TimeoutError:
            return
