"""Rows in an order of their own, grouped by run."""

from __future__ import annotations

from datetime import UTC, datetime

from daytona_tui.domain.filters import FilterContext
from daytona_tui.domain.fleet import Fleet
from daytona_tui.domain.grouping import Heading
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.store.fleet_view import FleetView

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
COSTS = {"a": 1.0, "b": 2.0, "c": 1.5, "d": 9.0, "e": 0.0}


def cost(sandbox: Sandbox) -> float | None:
    return COSTS[sandbox.name]


CONTEXT = FilterContext(NOW, cost)


def sandbox(name: str, run: str = "") -> Sandbox:
    labels = {"created_by": "inspect-ai", "inspect_run_id": run} if run else {}
    return Sandbox(SandboxId(f"id-{name}"), name, SandboxState.STARTED, "started", labels=labels)


FLEET = Fleet.of([sandbox("a", "r1"), sandbox("b", "r2"), sandbox("c", "r1"), sandbox("d"), sandbox("e", "r2")])


def shown(view: FleetView, fleet: Fleet = FLEET) -> list[str]:
    rows = view.rows(fleet, CONTEXT)
    return [f"[{row.value}]" if isinstance(row, Heading) else row.name for row in rows]


def ranked(*names: str, text: str = "") -> FleetView:
    view = FleetView(text)
    view.ranking = tuple(SandboxId(f"id-{name}") for name in names)
    return view


def test_the_most_expensive_run_comes_first_and_each_keeps_the_order() -> None:
    view = ranked("c", "b", "a")

    assert shown(view) == ["[inspect-ai r1]", "c", "a", "[inspect-ai r2]", "b"]


def test_without_a_ranking_everything_is_as_before() -> None:
    view = FleetView()
    before = shown(view)
    view.ranking = (SandboxId("id-a"),)
    assert shown(view) == ["[inspect-ai r1]", "a"]

    view.ranking = None

    assert shown(view) == before


def test_who_is_not_ranked_is_hidden_marks_among_them() -> None:
    view = ranked("a", "c")
    view.marks = {SandboxId("id-a"), SandboxId("id-b")}
    shown(view)

    assert view.hidden(view.marks) == {"id-b"}
    assert [each.name for each in view.matching] == ["a", "c"]


def test_the_filter_narrows_what_is_ranked() -> None:
    assert shown(ranked("d", "c", "b", text="run:r1")) == ["[inspect-ai r1]", "c"]
    assert shown(ranked("d", "c", "b", text="run:(")) == []


def test_who_is_gone_is_left_out() -> None:
    view = ranked("a", "c")
    shown(view)

    assert shown(view, Fleet.of([sandbox("c", "r1")])) == ["[inspect-ai r1]", "c"]


def test_the_same_ranking_gives_the_same_rows() -> None:
    view = ranked("a", "c")
    assert view.rows(FLEET, CONTEXT) is view.rows(FLEET, CONTEXT)
    first = view.rows(FLEET, CONTEXT)
    view.ranking = (SandboxId("id-c"), SandboxId("id-a"))
    assert view.rows(FLEET, CONTEXT) is not first


def test_folds_go_with_the_ranking() -> None:
    view = ranked("a", "c")
    heading = view.rows(FLEET, CONTEXT)[0]
    assert isinstance(heading, Heading)
    view.fold(heading, True)
    assert shown(view) == ["[inspect-ai r1]"]

    view.ranking = None

    assert not view.folded
