"""Keeps the sandboxes pane current: the fleet of the last run at once, then listings and the feed."""

from __future__ import annotations

import time
from dataclasses import replace

from textual.message import Message
from textual.timer import Timer

from daytona_tui.domain.fleet import Fleet
from daytona_tui.domain.transitions import is_buried
from daytona_tui.errors import AuthError, ConfigError
from daytona_tui.operations.fleet_cache import FleetCache
from daytona_tui.ui import collector, workers
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.fleet_base import REDRAW_S, FleetBase
from daytona_tui.ui.panes.fleet_health import as_of
from daytona_tui.ui.services import Services

TICK_S = 1.0
"""Seconds between two looks at the clock: ages and countdowns go on while nothing happens."""

FILE = "fleet.jsonl"
"""Name of the last fleet in the directory of its connection."""

_FIRST_SAVE_S, _NEXT_SAVE_S = 1.0, 30.0
"""Seconds from a complete listing to the keeping of it: the first one soon, and then not for every change."""

_REDRAW_SHARE, _LONGEST_REDRAW_S = 5, 0.5
"""However large the fleet, news takes a fifth of the time for drawing, and is shown within half a second."""

_LARGE = 1_000
"""Rows that a garbage collection takes noticeable time to look at."""


class FleetLive(FleetBase):
    """Runs what brings news, and keeps the fleet for the next run."""

    class Refused(Message):
        """The key is refused, or cannot be had."""

        def __init__(self, error: AuthError | ConfigError) -> None:
            super().__init__()
            self.error = error

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self._cache = None if services.is_passing else FleetCache(services.state_dir / FILE)
        self._saved: Fleet | None = None
        self._saving: Timer | None = None
        self._listens = False
        self._set_aside = 0
        self.watch_news.on_listed = self._listed

    def begin_live(self) -> None:
        """Show what was kept; then ask. The frame comes first: what asks the network loads modules and holds it up."""
        if self._cache is not None:
            restoring = self._restore(self._cache)
            self.run_worker(restoring, name="read the kept fleet", group=workers.FLEET_CACHE, exit_on_error=False)
        self.call_after_refresh(self._begin_asking)

    def _begin_asking(self) -> None:
        self.run_worker(self._poll(), name="poll fleet", group=workers.FLEET_POLL, exclusive=True, exit_on_error=False)
        self.set_interval(TICK_S, self.draw)

    def draw(self) -> None:
        """Show the store as it is now, and listen to the feed once there is something to compare its news with."""
        if is_leaving(self):
            return
        began = time.perf_counter()
        super().draw()
        self.redraw_s = min(_LONGEST_REDRAW_S, max(REDRAW_S, _REDRAW_SHARE * (time.perf_counter() - began)))
        if self.store.listed_at is not None or self.watch_news.health.error is not None:
            self.call_after_refresh(self._begin_listening)

    def _begin_listening(self) -> None:
        """Listen once the first rows are there: the feed loads the SDK, which takes the processor for a second."""
        if not self._listens:
            self._listens = True
            self.run_worker(
                self.watch_news.listen(), name="hear events", group=workers.FLEET_FEED, exclusive=True,
                exit_on_error=False,
            )  # fmt: skip

    async def _poll(self) -> None:
        try:
            await self.watch_news.poll()
        except (AuthError, ConfigError) as error:
            self.post_message(self.Refused(error))

    def do_refresh(self) -> None:
        """List again now."""
        self.watch_news.wake()

    # The last run's fleet

    async def _restore(self, cache: FleetCache) -> None:
        count = 0
        async for part in cache.load():
            if self.store.restore(part.sandboxes):
                self.watch_news.health = replace(self.watch_news.health, saved_at=part.saved_at)
                if count == 0:
                    self.draw()  # the newest, which is what most people see first
                count += 1
        if count > 1:
            self.draw()

    def _listed(self) -> None:
        """A listing is complete: keep it, and spare the garbage collector a fleet that is large and new."""
        self._save_soon()
        count = len(self.store.fleet)
        if count >= _LARGE and count > 2 * self._set_aside:
            self._set_aside = count
            collector.set_aside()

    def _save_soon(self) -> None:
        if self._cache is not None and self._saving is None and self.is_mounted:
            self._saving = self.set_timer(_FIRST_SAVE_S if self._saved is None else _NEXT_SAVE_S, self._save)

    def _save(self) -> None:
        self._saving = None
        fleet, listed_at = self.store.fleet, self.store.listed_at
        if self._cache is not None and listed_at is not None and fleet is not self._saved:
            self._saved = fleet
            self.run_worker(
                self._cache.save(fleet, listed_at),
                name="keep the fleet",
                group=workers.FLEET_CACHE,
                exit_on_error=False,
            )

    # The graveyard

    def do_graveyard(self) -> None:
        """Show or hide what failed and was deleted."""
        self.store.show_buried(not self.store.shows_buried)
        self.watch_news.wake()
        self.view_changed()

    # The frame

    def notes(self) -> list[str]:
        """Return how whole and how fresh the rows are, after what the other parts say."""
        health, now = self.watch_news.health, self.services.now()
        notes = [*super().notes(), *(["partial"] if health.is_partial else [])]
        if self.store.shows_buried:
            count = sum(map(is_buried, self.store.fleet))
            notes.append(f"graveyard: {count:,}" if count or not self.watch_news.is_listing else "graveyard …")
        if health.true_at is not None and (health.listed_at is None or health.is_stale(now)):
            notes.append(as_of(health.true_at, now))
        return notes
