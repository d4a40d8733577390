"""Which part of the fleet is shown, in what order, under what headings, and what is marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from daytona_tui.domain.filters import EVERYTHING, Filter, FilterContext, FilterError, parse
from daytona_tui.domain.fleet import Fleet
from daytona_tui.domain.grouping import Heading, Hourly, Row, is_grouping
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.domain.views import Arrangement, Sort
from daytona_tui.store.groups import Groups
from daytona_tui.store.ordering import News, Ordering
from daytona_tui.store.sieve import Sieve

Ranking = tuple[SandboxId, ...]
"""Sandboxes in an order of their own."""


class FleetView:
    """What the user asked to see. Work is remembered by record, so that a key press or a change costs little.

    Attributes:
        marks: ids of the marked sandboxes, shown or not.
        folded: values of the groups whose sandboxes are not shown.
        filter_error: why the filter's text does not parse; then nothing is shown, and certainly not everything.
    """

    def __init__(self, filter_text: str = "", arrangement: Arrangement | None = None) -> None:
        self.marks: set[SandboxId] = set()
        self.folded: set[str] = set()
        self.filter_error: FilterError | None = None
        self._arrangement = arrangement or Arrangement()
        self._filter: Filter = EVERYTHING
        self._filter_text = ""
        self._known: Mapping[SandboxId, Sandbox] = {}
        self._ordering = Ordering()
        self._sieve = Sieve()
        self._inputs: object = None
        self._matching: tuple[Sandbox, ...] = ()
        self._groups = Groups()
        self._rows: tuple[Row, ...] = ()
        self._ranking: Ranking | None = None
        self._ranked: tuple[Fleet, Ranking, list[Sandbox]] | None = None
        self._narrowed: tuple[object, Ranking, frozenset[SandboxId]] | None = None
        self.filter_text = filter_text

    # What is asked for

    @property
    def filter_text(self) -> str:
        """The filter as it was typed."""
        return self._filter_text

    @filter_text.setter
    def filter_text(self, text: str) -> None:
        self._filter_text = text
        try:
            self._filter, self.filter_error = parse(text), None
        except FilterError as error:
            self.filter_error = error

    @property
    def filter(self) -> Filter:
        """The last filter that parsed. It selects only while there is no ``filter_error``."""
        return self._filter

    @property
    def arrangement(self) -> Arrangement:
        """Columns, sorts and group."""
        return self._arrangement

    @arrangement.setter
    def arrangement(self, arrangement: Arrangement) -> None:
        if arrangement.group != self._arrangement.group:
            self.folded = set()
        self._arrangement = arrangement

    @property
    def ranking(self) -> Ranking | None:
        """Who is shown, in an order that no column gives, grouped by run; None: whom the arrangement shows."""
        return self._ranking

    @ranking.setter
    def ranking(self, ranking: Ranking | None) -> None:
        if (ranking is None) != (self._ranking is None):
            self.folded = set()
        self._ranking = ranking

    @property
    def sorts(self) -> tuple[Sort, ...]:
        """By what the rows are sorted, the most important first; nothing where they have an order of their own."""
        return self._arrangement.sorts if self._ranking is None else ()

    @property
    def group(self) -> str:
        """By what the rows are grouped; empty if they are not."""
        if self._ranking is not None:
            return "run"
        return self._arrangement.group if is_grouping(self._arrangement.group) else ""

    # What is shown

    def rows(self, fleet: Fleet, context: FilterContext) -> tuple[Row, ...]:
        """Return what is shown, from top to bottom: the same object as long as nothing of it is different.

        Marks of sandboxes that are gone go too.
        """
        news = News.between(self._known, fleet.by_id)
        if news.touched:
            self._known = fleet.by_id
            self.marks &= fleet.by_id.keys()
            self._groups.forget(news.touched)
        self._ordering.update(fleet, news, self._arrangement.sorts, context.hourly)
        # Also while the text is mistyped: news is told once, and the last filter may come back.
        self._sieve.update(fleet, news, self._filter, context)
        passed = self._passed
        order, folded = self._in_order(fleet), frozenset(self.folded)
        inputs = (order, passed, self.group, folded, context.hourly)
        if not _are_same(inputs, self._inputs):
            self._inputs = inputs
            self._matching = tuple(order if passed is None else (each for each in order if each.id in passed))
            self._rows = self._under_headings(context.hourly) if self.group else self._matching
        return self._rows

    def _in_order(self, fleet: Fleet) -> list[Sandbox]:
        ranking, known = self._ranking, self._ranked
        if ranking is None:
            return self._ordering.order
        if known is None or known[0] is not fleet or known[1] is not ranking:
            by_id = fleet.by_id
            known = self._ranked = fleet, ranking, [by_id[each] for each in ranking if each in by_id]
        return known[2]

    @property
    def _passed(self) -> frozenset[SandboxId] | None:
        passed = frozenset[SandboxId]() if self.filter_error else self._sieve.passed
        ranking, known = self._ranking, self._narrowed
        if ranking is None:
            return passed
        if known is None or known[0] is not passed or known[1] is not ranking:
            ranked = frozenset(ranking)
            known = self._narrowed = passed, ranking, ranked if passed is None else ranked & passed
        return known[2]

    @property
    def matching(self) -> tuple[Sandbox, ...]:
        """What the filter let through when rows were last asked for, also what is folded away."""
        return self._matching

    def members(self, heading: Heading) -> tuple[Sandbox, ...]:
        """Return the sandboxes under a heading, also when they are folded away."""
        return tuple(self._groups.members.get(heading.value, ())) if heading.by == self.group else ()

    def hidden(self, sandboxes: Set[SandboxId]) -> Set[SandboxId]:
        """Return which of ``sandboxes`` the filter did not let through when rows were last asked for."""
        passed = self._passed
        return frozenset() if passed is None else sandboxes - passed

    def marked_in(self) -> dict[str, int]:
        """Return how many sandboxes of each group are marked, by the id of its heading; groups without are left out."""
        if not self.group or not self.marks:
            return {}
        marked: dict[str, int] = {}
        for key in self.marks - self.hidden(self.marks):
            value = self._groups.value_of(key)
            if value is not None:
                marked[value] = marked.get(value, 0) + 1
        return {row.id: marked[row.value] for row in self._rows if isinstance(row, Heading) and row.value in marked}

    def heading_of(self, sandbox: Sandbox) -> Heading | None:
        """Return the heading above a sandbox that is shown; None without groups."""
        value = self._groups.value_of(sandbox.id)
        return next((row for row in self._rows if isinstance(row, Heading) and row.value == value), None)

    def _under_headings(self, hourly: Hourly) -> tuple[Row, ...]:
        self._groups.arrange(self.group, self._matching, hourly)
        if self._ranking is not None:
            return self._groups.rows(frozenset(self.folded), by_cost=True)
        is_reversed = any(sort.column == self.group and sort.is_reversed for sort in self.sorts[:1])
        return self._groups.rows(frozenset(self.folded), is_reversed=is_reversed)

    # What changes it

    def sort_by(self, column: str) -> None:
        """Sort by one column alone; asking for the one in force reverses it."""
        first = self.sorts[0] if self.sorts else None
        is_reversed = first is not None and first.column == column and not first.is_reversed
        self._sort((Sort(column, is_reversed),))

    def sort_also_by(self, column: str) -> None:
        """Sort what is equal by one more column; if it counts already, the other way round."""
        if any(sort.column == column for sort in self.sorts):
            self._sort(_turned(sort, sort.column == column) for sort in self.sorts)
        else:
            self._sort((*self.sorts, Sort(column)))

    def reverse(self) -> None:
        """Turn the order round."""
        self._sort(_turned(sort, index == 0) for index, sort in enumerate(self.sorts or (Sort("name"),)))

    def _sort(self, sorts: Iterable[Sort]) -> None:
        self._arrangement = Arrangement(self._arrangement.columns, tuple(sorts), self._arrangement.group)

    def fold(self, heading: Heading, is_folded: bool) -> None:
        """Fold a group away, or show it again."""
        self.folded = self.folded | {heading.value} if is_folded else self.folded - {heading.value}

    def toggle(self, sandboxes: Iterable[Sandbox]) -> None:
        """Mark sandboxes; if all of them are marked, take their marks away."""
        ids = {sandbox.id for sandbox in sandboxes}
        self.marks = self.marks - ids if ids <= self.marks else self.marks | ids

    def invert(self, shown: Iterable[Sandbox]) -> None:
        """Mark what is shown without a mark, and take the marks away that it has."""
        self.marks ^= {sandbox.id for sandbox in shown}


def _turned(sort: Sort, is_turned: bool) -> Sort:
    return Sort(sort.column, sort.is_reversed != is_turned)


def _are_same(inputs: tuple[object, ...], before: object) -> bool:
    if not isinstance(before, tuple):
        return False
    order, passed, *rest = inputs
    known_order, known_passed, *known_rest = before
    return order is known_order and passed is known_passed and rest == known_rest
