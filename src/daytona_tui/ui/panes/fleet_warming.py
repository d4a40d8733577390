"""Works out ahead what the first filter, sort or group of ten thousand sandboxes would have to wait for."""

from __future__ import annotations

import asyncio
from itertools import islice

from textual.timer import Timer

from daytona_tui.domain.filters import prepare
from daytona_tui.domain.fleet import Fleet
from daytona_tui.ui import workers
from daytona_tui.ui.panes.fleet_base import FleetBase
from daytona_tui.ui.services import Services

_EVERY_S = 0.5
"""Seconds from news to the next round: a storm of events makes no storm of rounds."""

_SLICE = 100
"""Sandboxes that are read at a stretch: well below a millisecond, so that no key waits."""


class FleetWarming(FleetBase):
    """Reads the fleet in small slices between whatever else the loop has to do."""

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self._warmed: Fleet | None = None
        self._warming: Timer | None = None

    @property
    def is_warm(self) -> bool:
        """True once the first fleet was read ahead."""
        return self._warmed is not None

    def warm_soon(self, fleet: Fleet) -> None:
        """Read what is new in ``fleet`` before long."""
        if fleet is not self._warmed and self._warming is None:
            self._warming = self.set_timer(_EVERY_S, self._begin_warming)

    def _begin_warming(self) -> None:
        self.run_worker(self._warm(), name="read ahead", group=workers.FLEET_WARM, exit_on_error=False)

    async def _warm(self) -> None:
        fleet = self.store.fleet
        sandboxes = iter(fleet)
        while some := list(islice(sandboxes, _SLICE)):
            prepare(some)
            await asyncio.sleep(0)
        self._warmed, self._warming = fleet, None
