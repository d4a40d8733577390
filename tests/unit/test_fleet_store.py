"""Merging listings, events and our own acts into one fleet: the rule of ``store.fleet``, case by case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from daytona_tui.domain.ports import SandboxChanged, StateChanged
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.store.fleet import BELIEVED_AFTER, FleetStore

T0 = datetime(2026, 1, 1, tzinfo=UTC)
A = SandboxId("a")


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def sandbox(name: str = "a", state: SandboxState = SandboxState.STARTED, updated: float | None = 0) -> Sandbox:
    return Sandbox(SandboxId(name), name, state, updated_at=None if updated is None else at(updated))


def listing(store: FleetStore, *sandboxes: Sandbox, meanwhile: Callable[[], object] = lambda: None) -> None:
    """List completely; ``meanwhile`` happens after it was asked for and before it arrives."""
    store.begin_listing()
    meanwhile()
    store.apply_page(sandboxes)
    store.end_listing(T0)


def listed(*sandboxes: Sandbox) -> FleetStore:
    store = FleetStore()
    listing(store, *sandboxes)
    return store


def changed(name: str = "a", state: SandboxState = SandboxState.STOPPED, updated: float | None = 0) -> SandboxChanged:
    return SandboxChanged(sandbox(name, state, updated))


def names(store: FleetStore) -> list[str]:
    return [each.name for each in store.fleet]


def state(store: FleetStore, name: str = "a") -> SandboxState:
    known = store.fleet.get(SandboxId(name))
    assert known is not None
    return known.state


# Listings


def test_pages_add_up_and_what_a_whole_listing_lacks_goes() -> None:
    store = listed(sandbox("a"), sandbox("b"))

    store.begin_listing()
    assert store.apply_page([sandbox("c")])
    assert names(store) == ["a", "b", "c"]
    assert store.apply_page([sandbox("a")]) is False
    assert store.end_listing(at(5))

    assert names(store) == ["a", "c"]
    assert store.listed_at == at(5)


def test_a_listing_that_fails_half_way_takes_nothing_away() -> None:
    store = listed(sandbox("a"), sandbox("b"))

    store.begin_listing()
    store.apply_page([sandbox("a")])

    assert names(store) == ["a", "b"]


def test_an_equal_record_keeps_the_object_so_that_nothing_is_redrawn() -> None:
    store = listed(sandbox("a"))
    before = store.fleet

    listing(store, sandbox("a"))

    assert store.fleet is before


def test_a_fleet_that_was_handed_out_never_changes() -> None:
    store = listed(sandbox("a"), sandbox("b"))
    before = store.fleet

    store.apply_event(changed("a", updated=1))
    store.forget(SandboxId("b"))

    assert [each.name for each in before] == ["a", "b"]
    assert before.get(A) == sandbox("a")


# Rules 1 and 2: which of two records counts


def test_a_page_asked_for_before_an_event_does_not_undo_it() -> None:
    store = listed(sandbox())

    listing(store, sandbox(), meanwhile=lambda: store.apply_event(changed(updated=7)))

    assert state(store) is SandboxState.STOPPED


def test_a_page_asked_for_before_an_event_still_brings_what_is_newer() -> None:
    store = listed(sandbox())
    news = changed(state=SandboxState.STOPPING, updated=7)

    listing(store, sandbox(state=SandboxState.STOPPED, updated=8), meanwhile=lambda: store.apply_event(news))

    assert state(store) is SandboxState.STOPPED


@pytest.mark.parametrize("stamp", [7, None])
def test_where_stamps_do_not_tell_what_was_asked_for_later_counts(stamp: float | None) -> None:
    store = listed(sandbox(updated=stamp))
    page = sandbox(state=SandboxState.PAUSED, updated=stamp)

    listing(store, page, meanwhile=lambda: store.apply_event(changed(updated=stamp)))
    assert state(store) is SandboxState.STOPPED

    listing(store, page)
    assert state(store) is SandboxState.PAUSED


def test_an_event_older_than_what_is_known_is_dropped() -> None:
    store = listed(sandbox(state=SandboxState.STOPPED, updated=9))

    assert not store.apply_event(changed(state=SandboxState.STOPPING, updated=8))

    assert state(store) is SandboxState.STOPPED


def test_a_page_older_than_what_is_known_is_dropped_even_if_it_was_asked_for_later() -> None:
    store = listed(sandbox())
    store.apply_event(changed(updated=9))

    listing(store, sandbox(updated=8))

    assert state(store) is SandboxState.STOPPED


def test_an_event_twice_changes_nothing_the_second_time() -> None:
    store = listed(sandbox())

    assert store.apply_event(changed(updated=9))
    before = store.fleet
    assert not store.apply_event(changed(updated=9))

    assert store.fleet is before


def test_no_clock_of_ours_has_a_say() -> None:
    years = 60 * 60 * 24 * 365.0
    store = listed(sandbox(updated=-30 * years))

    store.apply_event(changed(updated=-30 * years + 1))
    store.begin_listing()
    store.apply_page([sandbox(state=SandboxState.ARCHIVED, updated=-30 * years + 2)])
    store.end_listing(at(20 * years))
    store.apply_event(changed(state=SandboxState.STARTED, updated=-30 * years + 3))

    assert state(store) is SandboxState.STARTED


# Rule 3: what has ended


def test_a_sandbox_made_while_a_listing_runs_stays() -> None:
    store = listed(sandbox("a"))

    listing(store, sandbox("a"), meanwhile=lambda: store.apply_event(changed("new", updated=6)))

    assert names(store) == ["a", "new"]


def test_a_deleted_sandbox_does_not_come_back_with_a_late_page() -> None:
    store = listed(sandbox("a"), sandbox("b"))
    end = changed("a", SandboxState.DESTROYED, updated=6)

    listing(store, sandbox("a"), sandbox("b"), meanwhile=lambda: store.apply_event(end))

    assert names(store) == ["b"]


def test_a_deleted_sandbox_does_not_come_back_with_a_late_event() -> None:
    store = listed(sandbox("a"))
    store.apply_event(changed("a", SandboxState.DESTROYED, updated=7))

    for news in (changed("a", SandboxState.DESTROYING, updated=6), changed("a", updated=8)):
        assert not store.apply_event(news)

    assert names(store) == []


def test_the_end_of_a_sandbox_nobody_knew_is_remembered() -> None:
    store = listed()
    store.apply_event(changed("a", SandboxState.DESTROYED, updated=7))

    store.apply_event(changed("a", SandboxState.STARTED, updated=6))

    assert names(store) == []


def test_an_end_counts_even_with_an_older_stamp() -> None:
    store = listed(sandbox("a", updated=9))

    assert store.apply_event(changed("a", SandboxState.DESTROYED, updated=8))

    assert names(store) == []


def test_what_a_complete_listing_lacked_does_not_come_back_with_an_event_that_was_under_way() -> None:
    store = listed(sandbox("a", updated=5))
    listing(store)

    store.apply_event(changed("a", SandboxState.DESTROYING, updated=6))

    assert names(store) == []


# Rule 4: the last word


def test_what_only_a_listing_lacked_comes_back_with_the_next_that_shows_it() -> None:
    store = listed(sandbox("a"))
    listing(store)

    listing(store, sandbox("a"))

    assert names(store) == ["a"]


def test_a_stamp_from_the_future_heals_when_the_server_insists() -> None:
    store = listed(sandbox(state=SandboxState.ERROR, updated=99_999))

    for _ in range(BELIEVED_AFTER - 1):
        listing(store, sandbox(updated=5))
        assert state(store) is SandboxState.ERROR
    listing(store, sandbox(updated=5))

    assert state(store) is SandboxState.STARTED


def test_a_sandbox_wrongly_taken_for_gone_heals_when_the_server_insists() -> None:
    store = listed(sandbox("a"))
    store.forget(A)

    for _ in range(BELIEVED_AFTER - 1):
        listing(store, sandbox("a"))
        assert names(store) == []
    listing(store, sandbox("a"))

    assert names(store) == ["a"]


def test_a_lagging_index_is_not_believed_while_there_is_news() -> None:
    store = listed(sandbox())
    for number in range(2 * BELIEVED_AFTER):
        news = changed(updated=10 + number)
        listing(store, sandbox(updated=5), meanwhile=partial(store.apply_event, news))

        assert state(store) is SandboxState.STOPPED


def test_a_row_that_appears_twice_in_one_listing_counts_once() -> None:
    store = listed(sandbox(state=SandboxState.ERROR, updated=99_999))

    listing(store, *[sandbox(updated=5)] * (BELIEVED_AFTER + 1))

    assert state(store) is SandboxState.ERROR


# Rule 5: events with a state alone


def test_a_state_alone_is_put_on_the_record_we_hold() -> None:
    store = listed(replace(sandbox(), user="ana"))

    assert store.apply_event(StateChanged(A, SandboxState.STOPPED, "stopped", at(3)))

    known = store.fleet.get(A)
    assert known is not None
    assert (known.state, known.user, known.updated_at) == (SandboxState.STOPPED, "ana", at(3))


def test_a_late_state_alone_is_dropped() -> None:
    store = listed(sandbox(updated=5))

    assert not store.apply_event(StateChanged(A, SandboxState.STOPPED, "stopped", at(3)))


def test_a_state_without_a_time_yields_only_to_what_is_asked_for_later() -> None:
    store = listed(sandbox(updated=5))
    news = StateChanged(A, SandboxState.STOPPED, "stopped")

    listing(store, sandbox(state=SandboxState.STOPPING, updated=6), meanwhile=lambda: store.apply_event(news))
    assert state(store) is SandboxState.STOPPED

    listing(store, sandbox(state=SandboxState.STARTED, updated=5))
    assert state(store) is SandboxState.STARTED


def test_a_state_of_a_sandbox_nobody_knows_makes_no_row() -> None:
    store = FleetStore()

    assert not store.knows(SandboxId("x"))
    assert not store.apply_event(StateChanged(SandboxId("x"), SandboxState.STARTED, "started"))
    assert len(store.fleet) == 0


# What an earlier run knew


def test_rows_of_an_earlier_run_are_doubtful_until_there_is_news_of_each() -> None:
    store = FleetStore()
    store.begin_listing()
    assert store.restore([sandbox("a"), sandbox("b"), sandbox("c"), sandbox("d")])
    assert set(store.unconfirmed) == {"a", "b", "c", "d"}

    assert store.apply_page([sandbox("a")])  # equal, but no longer in doubt
    store.apply_event(changed("b", updated=3))
    assert set(store.unconfirmed) == {"c", "d"}
    store.apply_page([sandbox("c", SandboxState.STOPPED, 4)])
    store.end_listing(T0)

    assert names(store) == ["a", "b", "c"]
    assert not store.unconfirmed
    assert state(store, "c") is SandboxState.STOPPED


def test_what_an_earlier_run_knew_undoes_no_news() -> None:
    store = FleetStore()
    store.begin_listing()
    store.apply_page([sandbox("a", SandboxState.STOPPED, 5)])
    store.apply_event(changed("b", SandboxState.DESTROYED, 5))

    store.restore([sandbox("a"), sandbox("b"), sandbox("c")])
    assert state(store) is SandboxState.STOPPED
    assert names(store) == ["a", "c"]
    store.end_listing(T0)

    assert not store.restore([sandbox("d")])


# The graveyard


def test_what_failed_and_was_deleted_shows_only_when_asked_for() -> None:
    store = listed(sandbox("a"), sandbox("b"))
    buried = replace(sandbox("a", SandboxState.ERROR, 5), desired_state="destroyed")

    assert store.apply_event(SandboxChanged(buried))
    assert names(store) == ["b"]
    store.show_buried(True)
    assert sorted(names(store)) == ["a", "b"]
    listing(store, sandbox("b"), buried)
    assert sorted(names(store)) == ["a", "b"]
    store.show_buried(False)

    assert names(store) == ["b"]
    listing(store, sandbox("b"))
    assert names(store) == ["b"]


def test_what_waits_in_a_warm_pool_is_no_row_until_it_is_claimed() -> None:
    store = listed()
    waiting = replace(sandbox("a", updated=1), warm_pool_id="pool")

    assert not store.apply_event(SandboxChanged(waiting))
    assert names(store) == []
    assert store.apply_event(SandboxChanged(sandbox("a", updated=2)))

    assert names(store) == ["a"]


# Our own acts


def test_what_the_platform_renames_while_destroying_keeps_its_name() -> None:
    store = listed(sandbox("a"))
    renamed = replace(sandbox("a", SandboxState.DESTROYING, updated=3), name="DESTROYED_a_1")

    store.apply_event(SandboxChanged(renamed))

    assert names(store) == ["a"]
    assert state(store) is SandboxState.DESTROYING


def test_an_act_is_pending_until_it_settles_and_a_second_one_is_refused() -> None:
    store = listed(sandbox())

    assert store.begin_act(A, "archive", "stopping", at(1))
    assert not store.begin_act(A, "stop", "stopping", at(2))
    store.note_step(A, "archiving")
    assert store.pending[A].step == "archiving"
    assert store.pending[A].since == at(1)
    store.settle(A, sandbox(state=SandboxState.ARCHIVED, updated=5))

    assert not store.pending
    assert state(store) is SandboxState.ARCHIVED


def test_an_act_that_leaves_nothing_takes_the_row_away_for_good() -> None:
    store = listed(sandbox())
    store.begin_act(A, "delete", "deleting", at(1))

    listing(store, sandbox(), meanwhile=lambda: store.settle(A, None))

    assert names(store) == []


def test_an_act_whose_answer_is_older_than_an_event_undoes_nothing() -> None:
    store = listed(sandbox())
    store.apply_event(changed(state=SandboxState.STARTED, updated=9))

    store.settle(A, sandbox(state=SandboxState.STOPPED, updated=8))

    assert state(store) is SandboxState.STARTED


def test_a_failed_act_leaves_the_row() -> None:
    store = listed(sandbox())
    store.begin_act(A, "stop", "stopping", at(1))

    store.fail(A)

    assert not store.pending
    assert state(store) is SandboxState.STARTED


def test_the_name_is_kept_also_where_the_new_one_comes_before_the_new_state() -> None:
    store = listed(sandbox("a"))
    renamed = replace(sandbox("a", SandboxState.STOPPED, updated=3), name="DESTROYED_a_1795259971286")

    store.apply_event(SandboxChanged(renamed))

    assert [each.name for each in store.fleet] == ["a"]


def test_a_record_that_is_told_again_is_the_same_and_another_object() -> None:
    store = listed(sandbox("a"), sandbox("b"))
    before = store.fleet
    assert store.retell([A, SandboxId("nosuch")])
    assert store.fleet.get(A) == before.get(A)
    assert store.fleet.get(A) is not before.get(A)
    assert store.fleet.get(SandboxId("b")) is before.get(SandboxId("b"))
    assert not store.retell([SandboxId("nosuch")])
