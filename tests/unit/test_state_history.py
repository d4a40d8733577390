"""The states that were seen: kept in order, few at a time, and only where something changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from daytona_tui.domain.ports import SandboxChanged, StateChanged
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.store.fleet import FleetStore
from daytona_tui.store.history import MOST

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ONE = SandboxId("1")


def _box(state: str, seconds: int) -> Sandbox:
    return Sandbox(ONE, "one", SandboxState.parse(state), state, updated_at=NOW + timedelta(seconds=seconds))


def _states(store: FleetStore) -> list[str]:
    sandbox = store.fleet.get(ONE)
    assert sandbox is not None
    return [seen.word for seen in store.history.of(sandbox)]


def test_what_never_changed_has_the_state_it_was_found_in() -> None:
    store = FleetStore()
    store.apply_event(SandboxChanged(_box("started", 0)))
    store.apply_event(SandboxChanged(_box("started", 5)))

    (seen,) = store.history.of(_box("started", 5))

    assert seen.is_first
    assert seen.word == "started"


def test_changes_are_told_in_order_with_the_servers_time_of_each() -> None:
    store = FleetStore()
    for seconds, state in enumerate(["started", "stopping", "stopped", "a-new-state"]):
        store.apply_event(SandboxChanged(_box(state, seconds)))

    seen = store.history.of(_box("a-new-state", 3))

    assert [each.word for each in seen] == ["started", "stopping", "stopped", "a-new-state"]
    assert [each.is_first for each in seen] == [True, False, False, False]
    assert [each.since for each in seen] == [NOW + timedelta(seconds=seconds) for seconds in range(4)]


def test_late_news_is_no_change_and_a_bare_event_is_one() -> None:
    store = FleetStore()
    store.apply_event(SandboxChanged(_box("stopped", 9)))
    store.apply_event(SandboxChanged(_box("stopping", 8)))
    store.apply_event(StateChanged(ONE, SandboxState.STARTING, "starting"))

    assert _states(store) == ["stopped", "starting"]


def test_only_the_newest_are_kept_and_nothing_of_what_is_gone() -> None:
    store = FleetStore()
    for seconds in range(3 * MOST):
        store.apply_event(SandboxChanged(_box("started" if seconds % 2 else "stopped", seconds)))
    assert len(_states(store)) == MOST

    store.forget(ONE)

    assert [seen.word for seen in store.history.of(_box("x", 0))] == ["x"]
