"""The whole fleet in order, kept so that a change of a few records moves a few."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from daytona_tui.domain.fleet import Fleet
from daytona_tui.domain.grouping import Hourly
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.domain.views import Sort
from daytona_tui.presentation.columns import column_named

FEW = 200
"""Changed records that are put in their places one by one; beyond, sorting all is cheaper."""


@dataclass(frozen=True, slots=True)
class News:
    """What is different between two fleets.

    Attributes:
        fresh: records that are new or replace others.
        touched: ids of those and of what is gone.
    """

    fresh: tuple[Sandbox, ...] = ()
    touched: Collection[SandboxId] = frozenset()

    @classmethod
    def between(cls, before: Mapping[SandboxId, Sandbox], after: Mapping[SandboxId, Sandbox]) -> News:
        """Return what leads from ``before`` to ``after``; records are told apart by identity, which is fast."""
        if before is after:
            return cls()
        fresh = tuple(sandbox for key, sandbox in after.items() if before.get(key) is not sandbox)
        gone = (key for key in before if key not in after)
        return cls(fresh, {*(sandbox.id for sandbox in fresh), *gone})


class Ordering:
    """Sorts by several columns. Ties go by name and then by id, so that the order is the same every time.

    ``order`` is replaced, never changed in place: who holds it may compare it by identity.
    """

    def __init__(self) -> None:
        self.order: list[Sandbox] = []
        self._sorts: tuple[Sort, ...] = ()
        self._hourly: Hourly | None = None
        self._keys: dict[str, dict[SandboxId, Any]] = {}
        """By column and sandbox; whatever news touches is forgotten."""
        self._ties: dict[SandboxId, str] = {}
        self._tied: list[Sandbox] | None = None
        """The fleet by name alone, with which every sorting begins; None once it is not true any more."""

    def update(self, fleet: Fleet, news: News, sorts: Iterable[Sort], hourly: Hourly) -> None:
        """Bring ``order`` up to date.

        Args:
            fleet: what is to be in order.
            news: what is different since the last call.
            sorts: the first counts most; a column that does not exist is passed over.
            hourly: what sandboxes cost; another function than before means that prices changed.
        """
        if news.touched:
            self._tied = None
        sorts = tuple(sort for sort in sorts if column_named(sort.column) is not None)
        if hourly is not self._hourly:
            self._hourly = hourly
            if self._keys.pop("cost", None) is not None:
                self._sorts = ()
        for keys in (self._ties, *self._keys.values()):
            for key in news.touched:
                keys.pop(key, None)
        if sorts != self._sorts or len(news.touched) > FEW:
            self._sorts = sorts
            self.order = self._sorted(fleet)
        elif news.touched:
            self.order = self._inserted(news)

    def _sorted(self, fleet: Fleet) -> list[Sandbox]:
        if self._tied is None:
            ties = self._all_ties(fleet)
            self._tied = sorted(fleet, key=lambda sandbox: ties[sandbox.id])
        order = self._tied.copy()
        for sort in reversed(self._sorts):
            keys = self._all_keys(sort.column, fleet)
            unknown = [sandbox for sandbox in order if keys[sandbox.id] is None] if None in keys.values() else []
            if unknown:
                order = [sandbox for sandbox in order if keys[sandbox.id] is not None]
            order.sort(key=lambda sandbox, keys=keys: keys[sandbox.id], reverse=sort.is_reversed)  # type: ignore[misc]
            order += unknown
        return order

    def _all_ties(self, sandboxes: Iterable[Sandbox]) -> dict[SandboxId, str]:
        ties = self._ties
        for sandbox in sandboxes:
            if sandbox.id not in ties:
                ties[sandbox.id] = f"{sandbox.name.casefold()}\0{sandbox.id}"
        return ties

    def _all_keys(self, column_key: str, sandboxes: Iterable[Sandbox]) -> dict[SandboxId, Any]:
        keys, column, hourly = self._keys.setdefault(column_key, {}), column_named(column_key), self._hourly
        assert column is not None
        assert hourly is not None
        sort_key = column.sort_key
        # Neither holds anything but the fleet, so equal sizes mean that no key is missing.
        for sandbox in sandboxes if len(keys) < len(self._ties) else ():
            if sandbox.id not in keys:
                keys[sandbox.id] = sort_key(sandbox, hourly)
        return keys

    def _inserted(self, news: News) -> list[Sandbox]:
        order = [sandbox for sandbox in self.order if sandbox.id not in news.touched]
        self._all_ties(news.fresh)
        for sort in self._sorts:
            self._all_keys(sort.column, news.fresh)
        for sandbox in news.fresh:
            low, high = 0, len(order)
            while low < high:
                middle = (low + high) // 2
                if self._precedes(order[middle], sandbox):
                    low = middle + 1
                else:
                    high = middle
            order.insert(low, sandbox)
        return order

    def _precedes(self, one: Sandbox, other: Sandbox) -> bool:
        for sort in self._sorts:
            keys = self._keys[sort.column]
            mine, theirs = keys[one.id], keys[other.id]
            if mine is None or theirs is None:
                if mine is theirs:
                    continue
                return theirs is None
            if mine != theirs:
                return bool(mine > theirs) if sort.is_reversed else bool(mine < theirs)
        return self._ties[one.id] < self._ties[other.id]
