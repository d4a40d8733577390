"""Merging listings, events and our own acts into one fleet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from daytona_tui.domain.ports import SandboxChanged, StateChanged
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.store.fleet import FleetStore

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def sandbox(name: str = "a", state: SandboxState = SandboxState.STARTED, updated: float = 0) -> Sandbox:
    return Sandbox(SandboxId(name), name, state, updated_at=at(updated))


def listed(*sandboxes: Sandbox, asked: float = 0) -> FleetStore:
    store = FleetStore()
    store.begin_listing()
    store.apply_page(sandboxes, at(asked))
    store.end_listing(at(asked))
    return store


def names(store: FleetStore) -> list[str]:
    return [each.name for each in store.fleet]


def state(store: FleetStore, name: str = "a") -> SandboxState:
    known = store.fleet.get(SandboxId(name))
    assert known is not None
    return known.state


def test_pages_add_up_and_what_a_whole_listing_lacks_goes() -> None:
    store = listed(sandbox("a"), sandbox("b"))

    store.begin_listing()
    assert store.apply_page([sandbox("c")], at(5))
    assert names(store) == ["a", "b", "c"]
    assert store.apply_page([sandbox("a")], at(6)) is False
    assert store.end_listing(at(5))

    assert names(store) == ["a", "c"]
    assert store.listed_at == at(5)


def test_a_listing_that_fails_half_way_takes_nothing_away() -> None:
    store = listed(sandbox("a"), sandbox("b"))

    store.begin_listing()
    store.apply_page([sandbox("a")], at(5))

    assert names(store) == ["a", "b"]


def test_an_equal_record_keeps_the_object_so_that_nothing_is_redrawn() -> None:
    store = listed(sandbox("a"))
    before = store.fleet

    store.apply_page([sandbox("a")], at(5))

    assert store.fleet is before


def test_a_page_asked_for_before_an_event_does_not_undo_it() -> None:
    store = listed(sandbox())
    store.apply_event(SandboxChanged(sandbox(state=SandboxState.STOPPED, updated=7)), at(7))

    changed = store.apply_page([sandbox(state=SandboxState.STARTED, updated=0)], at(6))

    assert not changed
    assert state(store) is SandboxState.STOPPED


def test_a_page_asked_for_before_an_event_still_brings_what_is_newer() -> None:
    store = listed(sandbox())
    store.apply_event(SandboxChanged(sandbox(state=SandboxState.STOPPING, updated=7)), at(7))

    store.apply_page([sandbox(state=SandboxState.STOPPED, updated=8)], at(6))

    assert state(store) is SandboxState.STOPPED


def test_a_page_asked_for_after_an_event_counts() -> None:
    store = listed(sandbox())
    store.apply_event(StateChanged(SandboxId("a"), SandboxState.STOPPED, "stopped"), at(7))

    store.apply_page([sandbox(state=SandboxState.STARTED)], at(8))

    assert state(store) is SandboxState.STARTED


def test_an_event_older_than_what_is_known_is_dropped() -> None:
    store = listed(sandbox(state=SandboxState.STOPPED, updated=9))

    assert not store.apply_event(SandboxChanged(sandbox(state=SandboxState.STOPPING, updated=8)), at(10))

    assert state(store) is SandboxState.STOPPED


def test_a_sandbox_made_while_a_listing_runs_stays() -> None:
    store = listed(sandbox("a"))
    store.begin_listing()
    store.apply_page([sandbox("a")], at(5))

    store.apply_event(SandboxChanged(sandbox("new", updated=6)), at(6))
    store.end_listing(at(5))

    assert names(store) == ["a", "new"]


def test_a_deleted_sandbox_does_not_come_back_with_a_late_page() -> None:
    store = listed(sandbox("a"), sandbox("b"))
    store.begin_listing()

    store.apply_event(SandboxChanged(sandbox("a", SandboxState.DESTROYED, updated=6)), at(6))
    store.apply_page([sandbox("a"), sandbox("b")], at(5))
    store.end_listing(at(5))

    assert names(store) == ["b"]


def test_what_the_platform_renames_while_destroying_keeps_its_name() -> None:
    store = listed(sandbox("a"))
    renamed = replace(sandbox("a", SandboxState.DESTROYING, updated=3), name="DESTROYED_a_1")

    store.apply_event(SandboxChanged(renamed), at(3))

    assert names(store) == ["a"]
    assert state(store) is SandboxState.DESTROYING


def test_a_state_of_a_sandbox_nobody_knows_makes_no_row() -> None:
    store = FleetStore()

    assert not store.apply_event(StateChanged(SandboxId("x"), SandboxState.STARTED, "started"), at(1))
    assert len(store.fleet) == 0


def test_an_act_is_pending_until_it_settles_and_a_second_one_is_refused() -> None:
    store = listed(sandbox())

    assert store.begin_act(SandboxId("a"), "archive", "stopping", at(1))
    assert not store.begin_act(SandboxId("a"), "stop", "stopping", at(2))
    store.note_step(SandboxId("a"), "archiving")
    assert store.pending[SandboxId("a")].step == "archiving"
    assert store.pending[SandboxId("a")].since == at(1)
    store.settle(SandboxId("a"), sandbox(state=SandboxState.ARCHIVED, updated=5), at(5))

    assert not store.pending
    assert state(store) is SandboxState.ARCHIVED


def test_an_act_that_leaves_nothing_takes_the_row_away_for_good() -> None:
    store = listed(sandbox())
    store.begin_act(SandboxId("a"), "delete", "deleting", at(1))

    store.settle(SandboxId("a"), None, at(2))
    store.apply_page([sandbox()], at(1.5))

    assert names(store) == []


def test_a_failed_act_leaves_the_row() -> None:
    store = listed(sandbox())
    store.begin_act(SandboxId("a"), "stop", "stopping", at(1))

    store.fail(SandboxId("a"))

    assert not store.pending
    assert state(store) is SandboxState.STARTED
