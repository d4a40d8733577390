"""Refuses what would be one too many: snapshots, volumes and secrets past their quotas."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from aiohttp import web
from aiohttp.typedefs import Handler

from daytona_tui.emulator.accounts.quotas import SNAPSHOTS_COUNTED, VOLUMES_UNCOUNTED, Quotas
from daytona_tui.emulator.fleet.catalogue import Catalogue
from daytona_tui.emulator.gate.permissions import route_pattern


class Admission:
    """Looks at every request that makes something of which there may be so many only.

    Args:
        quotas: how many there may be.
        catalogue: what there is.
    """

    def __init__(self, quotas: Quotas, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        snapshots = self._of(quotas.admit_snapshot, self.snapshots)
        self._checks: Mapping[tuple[str, str], Callable[[], None]] = {
            ("POST", "/api/snapshots"): snapshots,
            ("POST", "/api/sandbox/{}/snapshot"): snapshots,
            ("POST", "/api/volumes"): self._of(quotas.admit_volume, self.volumes),
            ("POST", "/api/secret"): self._of(quotas.admit_secret, self.secrets),
        }

    def snapshots(self) -> int:
        """Return how many snapshots count: the organisation's own that take up room."""
        records = self._catalogue.snapshots.records.values()
        return sum(record.state in SNAPSHOTS_COUNTED and not record.is_general for record in records)

    def volumes(self) -> int:
        """Return how many volumes count."""
        return sum(record.state not in VOLUMES_UNCOUNTED for record in self._catalogue.volumes.records.values())

    def secrets(self) -> int:
        """Return how many secrets there are."""
        return len(self._catalogue.secrets.records)

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse a request past a quota with 400, before its body is looked at."""
        check = self._checks.get((request.method, route_pattern(request)))
        if check is not None:
            check()
        return await handler(request)

    @staticmethod
    def _of(admit: Callable[[int], None], count: Callable[[], int]) -> Callable[[], None]:
        return lambda: admit(count())
