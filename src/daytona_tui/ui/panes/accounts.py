"""What the status line says of money and quotas, and what the key may do: asked rarely, counted in the background."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from itertools import chain, count, islice

from daytona_tui.domain.effects import Amount
from daytona_tui.domain.fleet import Fleet
from daytona_tui.domain.ports import Identity
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.domain.tally import Tally
from daytona_tui.domain.usage import Quotas
from daytona_tui.errors import AuthError, DaytonaTuiError, UnsupportedError
from daytona_tui.presentation import figures
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Cell
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.status_line import StatusPart

QUOTAS_S = 60.0
"""Seconds between two questions for the quotas."""
COSTS_S = 600.0
"""Seconds between two questions for the costs, which Daytona itself tells hours late."""
COUNT_S = 2.0
"""Seconds between two counts of a fleet that keeps changing."""

_SLICE = 100
"""Sandboxes that are counted before the loop has its turn: less than a millisecond."""
_RANK = 4
"""What leaves the status line sooner than health and counts; the greater, the sooner."""
_WRITING = frozenset({"write:sandboxes", "delete:sandboxes"})

_log = logging.getLogger(__name__)


class Accounts:
    """Money, quotas and permissions of one connection.

    Args:
        services: the connection.
        changed: called when there is something new to show.

    Attributes:
        quotas: what the organisation may use; None as long as, or where, it is not known.
        spent: dollars that today has really cost; None likewise.
        tally: what the fleet holds and costs by the price book; None before the first count.
    """

    def __init__(self, services: Services, changed: Callable[[], None]) -> None:
        self._services = services
        self._changed = changed
        self._fleet = Fleet()
        self._news = asyncio.Event()
        self.quotas: Quotas | None = None
        self.spent: float | None = None
        self.tally: Tally | None = None

    def see(self, fleet: Fleet) -> None:
        """Take another fleet; it is counted soon."""
        if fleet is not self._fleet:
            self._fleet = fleet
            self._news.set()

    async def count(self) -> None:
        """Count the fleet for ever, whenever it is another."""
        while True:
            await self._news.wait()
            self._news.clear()
            tally = Tally(self._services.prices)
            sandboxes = iter(self._fleet)
            while part := tuple(islice(sandboxes, _SLICE)):
                tally.add(part)
                await asyncio.sleep(0)
            self.tally = tally
            self._changed()
            await asyncio.sleep(COUNT_S)

    async def ask_quotas(self) -> None:
        """Ask for the quotas for ever; until the server says that it does not tell them."""

        async def ask() -> None:
            self.quotas = await self._services.gateway.quotas()

        await self._again_and_again(ask, QUOTAS_S)

    async def ask_costs(self) -> None:
        """Ask for today's costs for ever; until the server says that it does not tell them."""

        async def ask() -> None:
            now = self._services.now()
            costs = await self._services.gateway.costs(_midnight(now), now)
            self.spent = sum(costs.values())

        await self._again_and_again(ask, COSTS_S)

    async def _again_and_again(self, ask: Callable[[], Awaitable[None]], pause_s: float) -> None:
        while True:
            try:
                await ask()
            except (AuthError, UnsupportedError) as error:
                _log.info("not told: %s", error.message)
                return
            except DaytonaTuiError as error:
                _log.info("not told this time: %s", error.message)
            self._changed()
            await asyncio.sleep(pause_s)

    async def find_out_rights(self) -> str:
        """Ask what the key may do; from then on ``Services.read_only`` holds. Return why nothing may be changed.

        Empty when something may, when that is not known, or when it was known before.
        """
        if self._services.read_only:
            return ""
        try:
            identity = await self._services.gateway.identify()
        except DaytonaTuiError as error:
            _log.info("permissions not told: %s", error.message)
            return ""
        self._services.read_only = why_read_only(identity)
        return self._services.read_only

    def parts(self, selected: Sandbox | None) -> tuple[StatusPart, ...]:
        """Return the parts of the status line, those that matter most first.

        Args:
            selected: the sandbox under the cursor: its region is the one that is told.
        """
        parts = []
        if self.tally is not None and len(self._fleet):
            parts.append(StatusPart(figures.burn_cells(self.tally.burn), _RANK))
        if self.spent is not None:
            parts.append(StatusPart(figures.spent_cells(self.spent), _RANK + 2))
        # Processors are what runs out first: they outlast today's costs, and those outlast the rest.
        ranks = chain((_RANK + 1,), count(_RANK + 3))
        return (*parts, *map(StatusPart, self._meters(selected), ranks))

    def _meters(self, selected: Sandbox | None) -> Iterable[tuple[Cell, ...]]:
        region, kind = ("", "") if selected is None else (selected.region, selected.sandbox_class)
        quotas = None if self.quotas is None else figures.quotas_of(self.quotas, region, kind)
        if quotas is not None:
            return figures.meters(quotas)
        if self.tally is None:
            return ()
        if region:
            return figures.sums(self.tally.regions.get(region, Amount()), region)
        return figures.sums(sum(self.tally.regions.values(), Amount()), "")


def why_read_only(identity: Identity) -> str:
    """Return why a key may change no sandbox, in words; empty when it may, or when that is not told."""
    is_told = bool(identity.permissions or identity.key_name)
    if not is_told or _WRITING & set(identity.permissions):
        return ""
    return f"the key {safe(identity.key_name) or 'in use'} lacks the permission write:sandboxes"


def _midnight(now: datetime) -> datetime:
    """The beginning of the user's day."""
    return now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
