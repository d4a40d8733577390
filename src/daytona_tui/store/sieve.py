"""Which sandboxes a filter lets through, kept so that a change of a few records tries a few."""

from __future__ import annotations

from daytona_tui.domain.filters import EVERYTHING, Filter, FilterContext
from daytona_tui.domain.fleet import Fleet
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.store.ordering import News


class Sieve:
    """Tries records once, and again only when they, the filter, the prices or, if it matters, the time is another.

    Attributes:
        passed: ids of what the filter lets through. Replaced, never changed in place.
    """

    def __init__(self) -> None:
        self.passed: frozenset[SandboxId] | None = None
        """None: everything passes."""
        self._filter = EVERYTHING
        self._context: FilterContext | None = None

    def update(self, fleet: Fleet, news: News, wanted: Filter, context: FilterContext) -> None:
        """Bring ``passed`` up to date.

        Args:
            fleet: what is to be tried.
            news: what is different since the last call.
            wanted: the filter.
            context: time and prices to try with.
        """
        before, self._context = self._context, context
        if wanted == EVERYTHING:
            self.passed = None
        elif self.passed is None or wanted != self._filter or self._is_outdated(wanted, before, context):
            self.passed = frozenset(sandbox.id for sandbox in wanted.select(fleet, context))
        elif news.touched:
            fresh = (sandbox.id for sandbox in wanted.select(news.fresh, context))
            self.passed = self.passed.difference(news.touched).union(fresh)
        self._filter = wanted

    @staticmethod
    def _is_outdated(wanted: Filter, before: FilterContext | None, now: FilterContext) -> bool:
        if before is None or before.hourly is not now.hourly:
            return True
        return before.now != now.now and wanted.is_timed
