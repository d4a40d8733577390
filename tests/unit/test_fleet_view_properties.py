"""What holds of the rows whatever the fleet, the order, the groups and the news."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from daytona_tui.domain import cost
from daytona_tui.domain.filters import FilterContext
from daytona_tui.domain.fleet import Fleet
from daytona_tui.domain.grouping import GROUPINGS, Heading, Row, count_groups, group_value
from daytona_tui.domain.sandbox import Lifetimes, Resources, Sandbox, SandboxId, SandboxState
from daytona_tui.domain.views import Arrangement, Sort
from daytona_tui.presentation.columns import COLUMNS, column_named
from daytona_tui.store.fleet_view import FleetView

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CONTEXT = FilterContext(NOW, partial(cost.hourly, book=cost.PriceBook()))

MOMENTS = st.none() | st.integers(0, 5).map(lambda hours: NOW - timedelta(hours=hours))
FEW = st.none() | st.integers(0, 3)
WORDS = st.sampled_from(["", "a", "B", "ß", "ä"])
SANDBOXES = st.builds(
    Sandbox,
    id=st.integers(0, 30).map(lambda number: SandboxId(f"id-{number}")),
    name=WORDS,
    state=st.sampled_from(SandboxState),
    snapshot=WORDS,
    region=WORDS,
    labels=st.dictionaries(st.sampled_from(["team", "owner"]), WORDS, max_size=2),
    resources=st.builds(Resources, cpu=FEW, memory_gib=FEW, disk_gib=FEW, gpu=FEW),
    lifetimes=st.builds(Lifetimes, auto_stop_min=FEW, auto_delete_min=st.none() | st.integers(-1, 2)),
    created_at=MOMENTS,
    last_activity_at=MOMENTS,
    public=st.booleans(),
)
FLEETS = st.lists(SANDBOXES, max_size=25).map(Fleet.of)
SORTS = st.lists(
    st.builds(
        Sort, st.sampled_from([column.key for column in COLUMNS] + ["label:team", "label:nosuch"]), st.booleans()
    ),
    max_size=3,
).map(tuple)
GROUPS = st.sampled_from(["", *GROUPINGS, "label:team"])
TYPED = st.sampled_from(["", "state:started", "state:started (", "age>2h", "age>2h !", "a"])
ARRANGEMENTS = st.builds(Arrangement, columns=st.just(()), sorts=SORTS, group=GROUPS)


def sandboxes_of(rows: tuple[Row, ...]) -> list[Sandbox]:
    return [row for row in rows if isinstance(row, Sandbox)]


@given(FLEETS, ARRANGEMENTS)
def test_arranging_neither_loses_nor_repeats_a_sandbox(fleet: Fleet, arrangement: Arrangement) -> None:
    rows = sandboxes_of(FleetView("", arrangement).rows(fleet, CONTEXT))

    assert len(rows) == len(fleet)
    assert {row.id for row in rows} == set(fleet.by_id)


@given(FLEETS, SORTS)
def test_no_row_comes_before_one_that_should_precede_it(fleet: Fleet, sorts: tuple[Sort, ...]) -> None:
    rows = sandboxes_of(FleetView("", Arrangement((), sorts)).rows(fleet, CONTEXT))

    for one, other in pairwise(rows):
        for sort in sorts:
            column = column_named(sort.column)
            assert column is not None
            mine, theirs = column.sort_key(one, CONTEXT.hourly), column.sort_key(other, CONTEXT.hourly)
            if mine is None or theirs is None:
                assert mine is not None or theirs is None
            elif mine != theirs:
                assert (mine > theirs) is sort.is_reversed
            if (mine is None) is not (theirs is None) or mine != theirs:
                break
        else:
            assert (one.name.casefold(), one.id) < (other.name.casefold(), other.id)


@given(FLEETS, ARRANGEMENTS, st.lists(st.integers(0, 30), max_size=8), st.lists(SANDBOXES, max_size=8))
def test_rows_after_news_are_those_of_a_new_view(
    fleet: Fleet, arrangement: Arrangement, gone: list[int], fresh: list[Sandbox]
) -> None:
    view = FleetView("", arrangement)
    view.rows(fleet, CONTEXT)
    kept = {key: each for key, each in fleet.by_id.items() if key not in {f"id-{number}" for number in gone}}
    later = Fleet.of([*kept.values(), *fresh])

    assert view.rows(later, CONTEXT) == FleetView("", arrangement).rows(later, CONTEXT)


@given(ARRANGEMENTS, st.lists(st.tuples(FLEETS, TYPED), min_size=1, max_size=6))
def test_rows_after_typing_and_news_are_those_of_a_new_view(
    arrangement: Arrangement, steps: list[tuple[Fleet, str]]
) -> None:
    view = FleetView("", arrangement)
    for fleet, text in steps:
        view.filter_text = text

        assert view.rows(fleet, CONTEXT) == FleetView(text, arrangement).rows(fleet, CONTEXT)


@given(FLEETS, ARRANGEMENTS, st.sets(WORDS))
def test_headings_are_right_about_what_is_below_them(fleet: Fleet, arrangement: Arrangement, folded: set[str]) -> None:
    view = FleetView("", arrangement)
    view.folded = folded
    rows = view.rows(fleet, CONTEXT)
    headings = [row for row in rows if isinstance(row, Heading)]

    assert sum(heading.subtotal.count for heading in headings) == (len(fleet) if view.group else 0)
    assert len({heading.id for heading in headings}) == len(headings)
    current: Heading | None = None
    for row in rows:
        if isinstance(row, Heading):
            current = row
        elif view.group:
            assert current is not None
            assert not current.is_folded
            assert group_value(view.group)(row) == current.value
    for heading in headings:
        members = view.members(heading)
        assert len(members) == heading.subtotal.count
        assert heading.is_folded is (heading.value in folded)
        assert heading.subtotal.running == sum(member.is_running for member in members)


@given(FLEETS, ARRANGEMENTS, st.sampled_from(["a", "state:started", "nosuch", "state:(", "age>2h", ""]))
def test_marks_outlive_filters_orders_and_groups(fleet: Fleet, arrangement: Arrangement, text: str) -> None:
    view = FleetView()
    view.rows(fleet, CONTEXT)
    view.marks = set(list(fleet.by_id)[::2])
    before = set(view.marks)

    view.filter_text, view.arrangement = text, arrangement
    view.rows(fleet, CONTEXT)

    assert view.marks == before


@given(FLEETS)
def test_a_filter_that_cannot_be_read_selects_nothing(fleet: Fleet) -> None:
    view = FleetView("state:(")

    assert view.rows(fleet, CONTEXT) == ()
    assert view.matching == ()


@given(FLEETS)
def test_groups_are_counted_as_they_are_made(fleet: Fleet) -> None:
    counts = count_groups(list(fleet))

    for by in (*GROUPINGS, "label:team", "label:owner"):
        made = {group_value(by)(sandbox) for sandbox in fleet}
        assert counts.get(by, 1 if len(fleet) else 0) == len(made)
