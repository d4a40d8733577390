"""What is shown of the fleet: filter, order, groups, marks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from types import MappingProxyType

import pytest

from daytona_tui.domain import cost
from daytona_tui.domain.filters import FilterContext
from daytona_tui.domain.fleet import Fleet
from daytona_tui.domain.grouping import Heading
from daytona_tui.domain.sandbox import Lifetimes, Resources, Sandbox, SandboxId, SandboxState
from daytona_tui.domain.views import Arrangement, Sort
from daytona_tui.presentation.columns import COLUMNS
from daytona_tui.store.fleet_view import FleetView

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOURLY = partial(cost.hourly, book=cost.PriceBook())
CONTEXT = FilterContext(NOW, HOURLY)


def sandbox(name: str, *, age_h: float | None = 1, idle_h: float | None = 1, **fields: object) -> Sandbox:
    known: dict[str, object] = {
        "state": SandboxState.STARTED,
        "created_at": None if age_h is None else NOW - timedelta(hours=age_h),
        "last_activity_at": None if idle_h is None else NOW - timedelta(hours=idle_h),
        **fields,
    }
    return Sandbox(SandboxId(f"id-{name}"), name, **known)  # type: ignore[arg-type]


FLEET = Fleet.of(
    [
        sandbox(
            "beta", age_h=5, idle_h=1, labels=MappingProxyType({"owner": "Ana", "env": "dev"}),
            resources=Resources(2, 4, 10),
        ),
        sandbox("Alpha", age_h=1, idle_h=4, state=SandboxState.BUILD_FAILED, snapshot="ubuntu-22"),
        sandbox("gamma", age_h=None, idle_h=None, lifetimes=Lifetimes(destroy_at=NOW), snapshot="debian"),
        sandbox("hermes-1", age_h=2, idle_h=2, state=SandboxState.STOPPED, snapshot="debian"),
    ]
)  # fmt: skip


def sorted_by(*sorts: Sort, group: str = "", text: str = "") -> FleetView:
    return FleetView(text, Arrangement((), sorts, group))


def shown(view: FleetView, fleet: Fleet = FLEET) -> list[str]:
    return [f"[{row.value}]" if isinstance(row, Heading) else row.name for row in view.rows(fleet, CONTEXT)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["Alpha", "hermes-1", "beta", "gamma"]),
        ("ALPHA", ["Alpha"]),
        ("id-beta", ["beta"]),
        ("ana", ["beta"]),
        ("ubuntu", ["Alpha"]),
        ("hermes nosuch", []),
    ],
)
def test_a_filter_lets_through_what_it_says(text: str, names: list[str]) -> None:
    assert shown(FleetView(text)) == names


def test_news_that_comes_while_a_filter_is_mistyped_is_not_lost() -> None:
    view = FleetView("state:started")
    assert shown(view) == ["beta", "gamma"]

    view.filter_text = "state:started ("
    stopped = Fleet.of([sandbox("beta", state=SandboxState.STOPPED), sandbox("delta")])
    assert shown(view, stopped) == []

    view.filter_text = "state:started"
    assert shown(view, stopped) == ["delta"]


def test_a_filter_that_does_not_parse_shows_nothing_and_says_why() -> None:
    view = FleetView("beta")
    assert shown(view) == ["beta"]

    view.filter_text = "state:("

    assert shown(view) == []
    assert view.filter_error is not None
    assert view.filter_error.message
    view.filter_text = ""
    assert len(shown(view)) == len(FLEET)
    assert view.filter_error is None


@pytest.mark.parametrize(
    ("column", "names", "reversed_names"),
    [
        ("name", ["Alpha", "beta", "gamma", "hermes-1"], ["hermes-1", "gamma", "beta", "Alpha"]),
        ("state", ["Alpha", "beta", "gamma", "hermes-1"], ["hermes-1", "beta", "gamma", "Alpha"]),
        ("owner", ["beta", "hermes-1", "Alpha", "gamma"], ["hermes-1", "beta", "Alpha", "gamma"]),
        ("age", ["Alpha", "hermes-1", "beta", "gamma"], ["beta", "hermes-1", "Alpha", "gamma"]),
        ("idle", ["beta", "hermes-1", "Alpha", "gamma"], ["Alpha", "hermes-1", "beta", "gamma"]),
        ("next", ["gamma", "Alpha", "beta", "hermes-1"], ["gamma", "Alpha", "beta", "hermes-1"]),
        ("snapshot", ["gamma", "hermes-1", "Alpha", "beta"], ["Alpha", "gamma", "hermes-1", "beta"]),
        ("cpu", ["beta", "Alpha", "gamma", "hermes-1"], ["beta", "Alpha", "gamma", "hermes-1"]),
        ("label:env", ["beta", "Alpha", "gamma", "hermes-1"], ["beta", "Alpha", "gamma", "hermes-1"]),
    ],
)
def test_what_is_unknown_comes_last_in_either_direction(
    column: str, names: list[str], reversed_names: list[str]
) -> None:
    assert shown(sorted_by(Sort(column))) == names
    assert shown(sorted_by(Sort(column, is_reversed=True))) == reversed_names


def test_what_is_equal_is_sorted_by_the_next_key() -> None:
    assert shown(sorted_by(Sort("snapshot"), Sort("name", is_reversed=True))) == ["hermes-1", "gamma", "Alpha", "beta"]


def test_a_sort_by_a_column_that_does_not_exist_is_passed_over() -> None:
    assert shown(sorted_by(Sort("nosuch"), Sort("name"))) == ["Alpha", "beta", "gamma", "hermes-1"]


def test_asking_for_the_order_in_force_reverses_it() -> None:
    view = sorted_by(Sort("name"))

    view.sort_by("name")
    assert list(view.sorts) == [Sort("name", is_reversed=True)]
    view.sort_by("idle")
    assert list(view.sorts) == [Sort("idle")]
    view.sort_also_by("name")
    view.sort_also_by("idle")
    assert list(view.sorts) == [Sort("idle", is_reversed=True), Sort("name")]


def test_every_column_sorts_a_fleet_of_which_little_is_known() -> None:
    bare = Fleet.of(Sandbox(SandboxId(str(at)), "", SandboxState.UNKNOWN) for at in range(5))

    for column in COLUMNS:
        assert len(sorted_by(Sort(column.key)).rows(bare, CONTEXT)) == 5, column.key


def test_groups_stand_under_headings_that_say_what_they_come_to() -> None:
    view = sorted_by(Sort("name"), group="snapshot")

    assert shown(view) == ["[debian]", "gamma", "hermes-1", "[ubuntu-22]", "Alpha", "[]", "beta"]
    heading = view.rows(FLEET, CONTEXT)[5]
    assert isinstance(heading, Heading)
    total = heading.subtotal
    assert (total.count, total.running, total.cpu, total.memory_gib, total.disk_gib) == (1, 1, 2, 4, 10)
    assert total.hourly == pytest.approx(HOURLY(FLEET.by_id[SandboxId("id-beta")]))


def test_groups_turn_round_with_the_column_that_they_are_made_by() -> None:
    view = sorted_by(Sort("snapshot", is_reversed=True), group="snapshot")

    assert [row for row in shown(view) if row.startswith("[")] == ["[ubuntu-22]", "[debian]", "[]"]


def test_a_folded_group_keeps_its_heading_and_its_subtotal() -> None:
    view = sorted_by(Sort("name"), group="snapshot")
    heading = view.rows(FLEET, CONTEXT)[0]
    assert isinstance(heading, Heading)

    view.fold(heading, is_folded=True)

    assert shown(view) == ["[debian]", "[ubuntu-22]", "Alpha", "[]", "beta"]
    folded = view.rows(FLEET, CONTEXT)[0]
    assert isinstance(folded, Heading)
    assert (folded.is_folded, folded.subtotal) == (True, heading.subtotal)
    assert [each.name for each in view.members(folded)] == ["gamma", "hermes-1"]
    assert len(view.matching) == 4
    view.fold(folded, is_folded=False)
    assert len(shown(view)) == 7


def test_headings_count_the_marks_below_them() -> None:
    view = sorted_by(Sort("name"), group="snapshot")
    heading = view.rows(FLEET, CONTEXT)[0]
    assert isinstance(heading, Heading)

    view.toggle(view.members(heading))

    assert view.marked_in() == {heading.id: 2}
    view.toggle(view.members(heading))
    assert not view.marks


def test_marks_of_sandboxes_that_are_gone_go_too() -> None:
    view = FleetView()
    view.marks = {SandboxId("id-beta"), SandboxId("id-gone")}

    view.rows(FLEET, CONTEXT)

    assert view.marks == {"id-beta"}


def test_inverting_leaves_what_is_hidden_alone() -> None:
    view = FleetView("beta")
    view.marks = {SandboxId("id-beta"), SandboxId("id-hermes-1")}
    view.rows(FLEET, CONTEXT)

    view.invert(view.matching)

    assert view.marks == {"id-hermes-1"}


def test_a_second_that_passes_makes_no_new_rows() -> None:
    view = sorted_by(Sort("idle"), group="owner")
    rows = view.rows(FLEET, CONTEXT)

    assert view.rows(FLEET, FilterContext(NOW + timedelta(seconds=1), HOURLY)) is rows


def test_a_filter_by_age_is_tried_again_when_time_passes() -> None:
    view = FleetView("age>5h")
    assert shown(view) == []

    later = view.rows(FLEET, FilterContext(NOW + timedelta(minutes=1), HOURLY))

    assert [row.name for row in later if isinstance(row, Sandbox)] == ["beta"]
