"""Keeps the fleet store current: lists again and again, and listens to the feed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from daytona_tui.domain.ports import FeedDown, FeedEvent, FeedUp, StateChanged
from daytona_tui.errors import AuthError, ConfigError, DaytonaTuiError, RateLimitedError
from daytona_tui.store.fleet import FleetStore
from daytona_tui.ui.panes.fleet_health import Health
from daytona_tui.ui.services import Services

LONGEST_PAUSE_S = 60.0
"""However often it failed: asked again at least this often."""

_SHARE = 4
"""A listing that takes long is followed by a pause of so many times its length: most of the time nothing is asked."""

_LIVE_SHARE, _LONGEST_LIVE_S = 50, 90.0
"""The same while the feed brings changes of state by itself, so that a large fleet costs little; but at least so often.
Of labels, intervals and activity it tells nothing: a small fleet is listed as often as without it."""

_SLICE = 50
"""Events that are applied before keys get their turn."""

_HINT_S = 0.3
"""Seconds for which hints that a listing is needed are gathered."""


class FleetWatch:
    """Two loops that feed one store, each run by a worker of the pane.

    Attributes:
        health: how the loops fare.
        is_listing: a listing is under way.
        on_listed: called when a listing is complete.
    """

    def __init__(self, services: Services, store: FleetStore, changed: Callable[[], None]) -> None:
        self.on_listed: Callable[[], None] = lambda: None
        self.health = Health(poll_s=services.settings.poll_s)
        self.is_listing = False
        self._services = services
        self._store = store
        self._changed = changed
        self._wake = asyncio.Event()
        self._hint: asyncio.TimerHandle | None = None
        self._took_s = 0.0

    def wake(self) -> None:
        """List again now rather than when it is time."""
        self._wake.set()

    async def poll(self) -> None:
        """List for ever. A failure keeps what is known and lengthens the pause.

        Raises:
            AuthError: the key is refused: asking again would not help.
            ConfigError: there is no key after all, or the settings are wrong otherwise; likewise.
        """
        failures = 0
        while True:
            self._wake.clear()
            try:
                began = self._services.now()
                await self._list()
                self._took_s = max(0.0, (self._services.now() - began).total_seconds())
                failures = 0
                pause = max(self._rest_s(), _SHARE * self._took_s)
                self.health = replace(self.health, error=None, failing_since=None, listed_at=self._store.listed_at)
                self.on_listed()
            except (AuthError, ConfigError):
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
        """Apply the feed's events for ever, with room for keys between them."""
        heard = 0
        while True:
            try:
                async for event in self._services.gateway.feed():
                    self._hear(event)
                    heard += 1
                    if heard % _SLICE == 0:
                        await asyncio.sleep(0)
            except DaytonaTuiError as error:
                self._hear(FeedDown(error.message))
            await asyncio.sleep(self._services.settings.poll_s)

    async def _list(self) -> None:
        self.is_listing = True
        self._store.begin_listing()
        began = self._services.now()
        nameless = 0
        is_begun = False
        try:
            async for page in self._services.gateway.list_pages(errored_deleted=self._store.shows_buried):
                if self._store.apply_page(page):
                    self._changed()
                nameless += page.nameless
                is_begun = True
                await asyncio.sleep(0)
        except DaytonaTuiError:
            # What came before stays, and so does what an earlier listing brought: nothing is taken for gone.
            self.health = replace(self.health, is_partial=self.health.is_partial or is_begun)
            raise
        self._store.end_listing(began)
        self.health = replace(self.health, nameless=nameless, is_partial=False)

    def _hear(self, event: FeedEvent) -> None:
        if isinstance(event, FeedUp | FeedDown):
            # What happened while the feed was down was not told: list. When it goes down the pauses get shorter.
            if self.health.is_feed_up != isinstance(event, FeedUp):
                self.health = replace(self.health, is_feed_up=isinstance(event, FeedUp))
                if self.health.listed_at is not None or self.is_listing:
                    self._wake_unless_told_to_wait()
                self._changed()
            return
        if isinstance(event, StateChanged) and not self._store.knows(event.sandbox_id):
            self._need_listing()
        if self._store.apply_event(event):
            self._changed()

    def _need_listing(self) -> None:
        """List soon: hints come in bursts, and a large fleet is not listed all the time for them."""
        if self._hint is None:
            self._hint = asyncio.get_running_loop().call_later(max(_HINT_S, self._took_s), self._hinted)

    def _hinted(self) -> None:
        self._hint = None
        self._wake_unless_told_to_wait()

    def _wake_unless_told_to_wait(self) -> None:
        if not isinstance(self.health.error, RateLimitedError):
            self.wake()

    def _rest_s(self) -> float:
        poll_s = self._services.settings.poll_s
        if not self.health.is_feed_up:
            return poll_s
        return max(poll_s, min(_LIVE_SHARE * self._took_s, _LONGEST_LIVE_S))

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
