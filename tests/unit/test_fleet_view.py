"""What is shown of the fleet: filter, order, marks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest

from daytona_tui.domain.fleet import Fleet
from daytona_tui.domain.sandbox import Lifetimes, Sandbox, SandboxId, SandboxState
from daytona_tui.store.fleet_view import ORDERS, FleetView

NOW = datetime(2026, 1, 1, tzinfo=UTC)


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
        sandbox("beta", age_h=5, idle_h=1, labels=MappingProxyType({"owner": "Ana", "env": "dev"})),
        sandbox("Alpha", age_h=1, idle_h=4, state=SandboxState.BUILD_FAILED, snapshot="ubuntu-22"),
        sandbox("gamma", age_h=None, idle_h=None, lifetimes=Lifetimes(destroy_at=NOW)),
        sandbox("hermes-1", age_h=2, idle_h=2, state=SandboxState.STOPPED),
    ]
)


def shown(view: FleetView) -> list[str]:
    return [each.name for each in view.rows(FLEET)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["Alpha", "hermes-1", "beta", "gamma"]),
        ("ALPHA", ["Alpha"]),
        ("id-beta", ["beta"]),
        ("env=dev", ["beta"]),
        ("ana", ["beta"]),
        ("build failed", ["Alpha"]),
        ("ubuntu", ["Alpha"]),
        ("hermes stopped", ["hermes-1"]),
        ("hermes started", []),
    ],
)
def test_every_word_has_to_be_somewhere(text: str, names: list[str]) -> None:
    assert shown(FleetView(filter_text=text)) == names


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("name", ["Alpha", "beta", "gamma", "hermes-1"]),
        ("state", ["Alpha", "beta", "gamma", "hermes-1"]),
        ("owner", ["beta", "hermes-1", "Alpha", "gamma"]),
        ("age", ["Alpha", "hermes-1", "beta", "gamma"]),
        ("idle", ["beta", "hermes-1", "Alpha", "gamma"]),
        ("next", ["gamma", "Alpha", "beta", "hermes-1"]),
    ],
)
def test_orders(order: str, names: list[str]) -> None:
    assert shown(FleetView(order=order)) == names
    assert shown(FleetView(order=order, is_reversed=True)) == names[::-1]


def test_asking_for_the_order_in_force_reverses_it() -> None:
    view = FleetView(order="name")

    view.sort_by("name")
    assert view.is_reversed
    view.sort_by("idle")
    assert (view.order, view.is_reversed) == ("idle", False)


def test_the_orders_come_round() -> None:
    view = FleetView()
    seen = []
    for _ in ORDERS:
        view.next_order()
        seen.append(view.order)

    assert sorted(seen) == sorted(ORDERS)


def test_marks_of_sandboxes_that_are_gone_go_too() -> None:
    view = FleetView(marks={SandboxId("id-beta"), SandboxId("id-gone")})

    view.rows(FLEET)

    assert view.marks == {"id-beta"}


def test_inverting_leaves_what_is_hidden_alone() -> None:
    view = FleetView(filter_text="a", marks={SandboxId("id-beta"), SandboxId("id-hermes-1")})
    view.filter_text = "beta"

    view.invert(view.rows(FLEET))

    assert view.marks == {"id-hermes-1"}
