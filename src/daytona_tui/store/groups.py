"""The groups that the shown sandboxes fall into, kept so that a change of a few records counts few groups again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from operator import is_

from daytona_tui.domain.grouping import Heading, Hourly, Row, Subtotal, group_value, subtotal
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.presentation.columns import column_named


class Groups:
    """Puts sandboxes under headings.

    Attributes:
        members: the sandboxes of each group, by what they have in common; those that are folded away too.
    """

    def __init__(self) -> None:
        self.members: dict[str, list[Sandbox]] = {}
        self._by = ""
        self._hourly: Hourly | None = None
        self._values: dict[SandboxId, str] = {}
        self._costs: dict[SandboxId, float | None] = {}
        self._subtotals: dict[str, Subtotal] = {}

    def value_of(self, sandbox_id: SandboxId) -> str | None:
        """Return which group a sandbox belongs to; None if it was in none of those that were shown."""
        return self._values.get(sandbox_id)

    def forget(self, touched: Iterable[SandboxId]) -> None:
        """Forget what was worked out of records that are others now, or gone."""
        for key in touched:
            self._values.pop(key, None)
            self._costs.pop(key, None)

    def arrange(self, by: str, sandboxes: Iterable[Sandbox], hourly: Hourly) -> None:
        """Find the groups.

        Args:
            by: what to group by.
            sandboxes: in the order in which they stand within their groups.
            hourly: what they cost; another function than before means that prices changed.
        """
        if by != self._by:
            self._by, self._values, self.members = by, {}, {}
        if hourly is not self._hourly:
            self._hourly, self._costs, self.members = hourly, {}, {}
        value, values = group_value(by), self._values
        groups: dict[str, list[Sandbox]] = defaultdict(list)
        for sandbox in sandboxes:
            try:
                common = values[sandbox.id]
            except KeyError:
                common = values[sandbox.id] = value(sandbox)
            groups[common].append(sandbox)
        before, self.members = self.members, dict(groups)
        self._subtotals = {
            common: self._subtotals[common] if _are_same(members, before.get(common)) else self._subtotal(members)
            for common, members in groups.items()
        }

    def _subtotal(self, members: Sequence[Sandbox]) -> Subtotal:
        costs, hourly = self._costs, self._hourly
        assert hourly is not None
        for sandbox in members:
            if sandbox.id not in costs:
                costs[sandbox.id] = hourly(sandbox)
        return subtotal(members, lambda sandbox: costs[sandbox.id])

    def rows(self, folded: frozenset[str], *, is_reversed: bool = False, by_cost: bool = False) -> tuple[Row, ...]:
        """Return headings and the sandboxes under them. Groups go as their column does, what is not known last.

        Args:
            folded: what the sandboxes of the groups have in common that are not shown.
            is_reversed: the last group first.
            by_cost: the most expensive group first instead, then the one whose first sandbox comes first.
        """
        rows: list[Row] = []
        for common in self._by_cost() if by_cost else self._order(is_reversed):
            is_folded = common in folded
            rows.append(Heading(self._by, common, self._subtotals[common], is_folded))
            rows += () if is_folded else self.members[common]
        return tuple(rows)

    def _by_cost(self) -> list[str]:
        return sorted(self.members, key=lambda common: -(self._subtotals[common].hourly or 0.0))

    def _order(self, is_reversed: bool) -> list[str]:
        column, hourly = column_named(self._by), self._hourly
        assert column is not None
        assert hourly is not None
        keys = {common: column.sort_key(members[0], hourly) for common, members in self.members.items()}
        known = sorted((each for each in keys if each), key=lambda each: (keys[each], each), reverse=is_reversed)
        return known + ([""] if "" in keys else [])


def _are_same(members: Sequence[Sandbox], before: Sequence[Sandbox] | None) -> bool:
    """Compare by identity: equal records that are not the same are rare, and comparing them takes long."""
    if before is None or len(members) != len(before):
        return False
    return all(map(is_, members, before))
