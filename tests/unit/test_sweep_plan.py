"""What the plan of a sweep may never contain, whatever the server says and whoever asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.sweep_fleet import NOW, fleets, judged, leaks, sandboxes, scan_of

from daytona_tui.domain.cost import PriceBook
from daytona_tui.domain.effects import Amount, effect_of
from daytona_tui.domain.filters import FilterContext, parse
from daytona_tui.domain.leaks import Action, Band, Ties
from daytona_tui.domain.lifetimes import forecast, is_deleted_at_once
from daytona_tui.domain.sandbox import Sandbox, SandboxState
from daytona_tui.errors import ConflictError
from daytona_tui.operations.sweep import Kind, SweepPlan, Wish, consequence, danger_of, make_sweep
from daytona_tui.operations.sweep.checks import differences
from daytona_tui.operations.sweep.plan import ORDER, freed_by
from daytona_tui.operations.sweep.rows import deed_of, obstacle, verb_of

BOOK = PriceBook()
actions = st.one_of(st.none(), st.sampled_from([each for each in Action if each is not Action.WAIT]))
bands = st.sampled_from([Band.LEAK, Band.SUSPECT, Band.UNTIDY, Band.FINE])


@given(fleets, actions, bands, st.booleans())
def test_a_plan_never_acts_on_whom_a_guard_vetoes(
    fleet: list[Sandbox], action: Action | None, band: Band, are_marked: bool
) -> None:
    verdicts = judged(fleet)
    marked = [each.id for each in fleet] if are_marked else None

    plan = make_sweep(scan_of(fleet), Wish(marked=marked, band=band, action=action))

    for row in plan.acting:
        verdict = verdicts[row.sandbox.id]
        # What is kept warm may be given an end far off: that is what is offered for it.
        assert not verdict.is_vetoed or (row.action is Action.TTL and Action.TTL in {o.action for o in verdict.offers})


@given(fleets, actions)
def test_edits_never_get_round_a_veto(fleet: list[Sandbox], action: Action | None) -> None:
    verdicts = judged(fleet, pinned=frozenset(each.id for each in fleet))
    plan = make_sweep(scan_of(fleet, pinned=frozenset(each.id for each in fleet)), Wish(marked=list(verdicts)))

    for row in plan.rows:
        plan = plan.toggled(row.sandbox.id).with_action(row.sandbox.id, action or Action.DELETE)
        plan = plan.toggled(row.sandbox.id)

    assert not plan.acting
    assert all(row.skip for row in plan.rows)


@given(fleets, bands, actions)
def test_nobody_elses_is_proposed(fleet: list[Sandbox], band: Band, action: Action | None) -> None:
    assert not make_sweep(scan_of(fleet, is_mine=False), Wish(band=band, action=action)).acting


@given(fleets)
def test_what_is_proposed_by_itself_is_what_is_preselected(fleet: list[Sandbox]) -> None:
    verdicts = judged(fleet)

    plan = make_sweep(scan_of(fleet))

    chosen = {
        row.sandbox.id for row in plan.rows if row.is_chosen or (row.skip and verdicts[row.sandbox.id].preselected)
    }
    assert chosen == {each for each, verdict in verdicts.items() if verdict.preselected}


@given(fleets, actions)
def test_what_nobody_knows_protects(fleet: list[Sandbox], action: Action | None) -> None:
    plan = make_sweep(scan_of(fleet), Wish(marked=[each.id for each in fleet], action=action))

    for row in plan.acting:
        each = row.sandbox
        assert each.state is not SandboxState.UNKNOWN
        assert each.created_at is not None
        assert each.last_activity_at is not None
        assert not each.warm_pool_id
        assert each.desired_state != "destroyed"


@given(fleets, st.integers(-10, 10_000_000))
def test_a_time_to_live_never_destroys_at_once_and_makes_sense(fleet: list[Sandbox], ttl_min: int) -> None:
    plan = make_sweep(scan_of(fleet), Wish(marked=[each.id for each in fleet], action=Action.TTL, ttl_min=ttl_min))

    for row in plan.acting:
        assert 0 < row.ttl_min <= 366 * 24 * 60
        assert row.ttl_min * 60 > 60
        end = row.sandbox.lifetimes.destroy_at
        assert end is None or end > NOW + timedelta(minutes=row.ttl_min), "it would live longer than without"


@given(sandboxes, st.sampled_from(list(Action)))
def test_a_row_that_ends_its_sandbox_says_so(sandbox: Sandbox, action: Action) -> None:
    plan = make_sweep(scan_of([sandbox]), Wish(marked=[sandbox.id], action=action))
    (row,) = plan.rows

    told = consequence(row, NOW)

    if row.is_acting and row.destroys:
        assert "delete" in told
        assert "Nothing brings it back" in told
        assert any("deleted for good" in why for why in danger_of(plan, NOW).why)
    if row.is_acting and action is Action.TTL:
        assert not is_deleted_at_once(forecast(sandbox, NOW), NOW) or "at once" in told
    assert bool(row.skip) == told.startswith("Nothing is done")


@given(fleets, st.sampled_from(["", "  "]))
def test_an_empty_filter_selects_nobody_beyond_the_proposals(fleet: list[Sandbox], text: str) -> None:
    context = FilterContext(NOW, lambda _each: 0.1)
    among = {each.id for each in fleet if parse(text).matches(each, context)}

    plan = make_sweep(scan_of(fleet), Wish(among=among, filter_text=text))

    assert {row.sandbox.id for row in plan.acting} <= {
        each for each, verdict in judged(fleet).items() if verdict.preselected
    }


@given(fleets, actions)
def test_what_is_freed_is_the_sum_of_the_rows(fleet: list[Sandbox], action: Action | None) -> None:
    plan = make_sweep(scan_of(fleet), Wish(marked=[each.id for each in fleet], action=action))
    total = Amount()
    for row in plan.acting:
        verb = verb_of(row.action)
        assert verb is not None
        total += effect_of(verb, [row.sandbox], BOOK).frees

    assert plan.frees(BOOK).frees == total
    halves = plan.acting[::2], plan.acting[1::2]
    parts = freed_by(halves[0], BOOK).frees + freed_by(halves[1], BOOK).frees
    assert parts.cpu == total.cpu
    assert parts.hourly == pytest.approx(total.hourly)


@given(leaks, sandboxes, st.sampled_from([Action.TTL, Action.STOP, Action.ARCHIVE, Action.DELETE]))
def test_a_row_that_changed_in_any_way_is_found_out(planned: Sandbox, other: Sandbox, action: Action) -> None:
    (row,) = make_sweep(scan_of([planned]), Wish(marked=[planned.id], action=action)).rows
    assert not differences(row, planned, NOW)

    for field in ("state", "labels", "last_activity_at", "lifetimes"):
        found = replace(planned, **{field: getattr(other, field)})
        assert bool(differences(row, found, NOW)) == (found != planned), field


@given(st.lists(leaks, min_size=1, max_size=6, unique_by=lambda each: each.id), st.sampled_from([None, *ORDER]))
def test_what_has_forks_is_never_deleted_by_whatever_name(fleet: list[Sandbox], action: Action | None) -> None:
    ties = {each.id: Ties(forks=("child",)) for each in fleet}

    plan = make_sweep(scan_of(fleet, ties=ties), Wish(marked=[each.id for each in fleet], action=action))

    assert not any(row.destroys for row in plan.acting)
    for row in plan.rows:
        assert any(note.code == "tie.shared" and "child" in note.words for note in row.guards)
        assert "child" in consequence(row, NOW) or row.action is not Action.TTL or row.skip
        after = plan.with_action(row.sandbox.id, Action.DELETE).row(row.sandbox.id)
        assert after is not None
        assert "wants deleted first: child" in after.skip


@given(leaks)
def test_what_is_linked_to_it_is_named_before_it_goes_with_it(leak: Sandbox) -> None:
    scan = scan_of([leak], ties={leak.id: Ties(linked=("partner",))})

    (row,) = make_sweep(scan, Wish(marked=[leak.id], action=Action.DELETE)).acting

    assert consequence(row, NOW).startswith("What is linked to it is deleted with it: partner.")


@given(leaks)
def test_a_wish_of_somebody_else_for_the_state_is_found_out(planned: Sandbox) -> None:
    (row,) = make_sweep(scan_of([planned]), Wish(marked=[planned.id], action=Action.DELETE)).rows

    for wanted in ("destroyed", "archived", "stopped"):
        assert differences(row, replace(planned, desired_state=wanted), NOW)


def test_nothing_is_planned_from_a_part_of_the_fleet() -> None:
    with pytest.raises(ConflictError, match="a part of the fleet: the third page failed"):
        make_sweep(replace(scan_of([]), partial="the third page failed"))


@given(st.lists(leaks, min_size=1, max_size=30, unique_by=lambda each: each.id), st.booleans(), st.booleans())
def test_the_more_it_could_hurt_the_more_has_to_be_typed(fleet: list[Sandbox], is_mine: bool, is_fresh: bool) -> None:
    plan = make_sweep(scan_of(fleet, is_mine=is_mine), Wish(marked=[each.id for each in fleet], action=Action.STOP))
    assert len(plan.acting) == len(fleet)
    now = NOW
    if is_fresh:  # it was used since; the look before each row finds that out, the question asks all the same
        latest = max(each.last_activity_at for each in fleet if each.last_activity_at is not None)
        now = latest + timedelta(minutes=5)

    asked = danger_of(plan, now)

    if not is_mine or is_fresh or len(fleet) > 20:
        assert (asked.kind, asked.word) == (Kind.NAME, "here")
    elif len(fleet) > 1:
        assert (asked.kind, asked.word) == (Kind.COUNT, str(len(fleet)))
    else:
        assert (asked.kind, asked.word) == (Kind.YES, "y")
    assert asked.accepts(f" {asked.word.upper()} ")
    assert not any(asked.accepts(typed) for typed in ("", "yes to all", "0"))
    assert asked.is_sensitive == (not is_mine or is_fresh)


@given(leaks)
def test_whose_name_is_typed(leak: Sandbox) -> None:
    harbor = replace(leak, labels={"harbor.managed": "true", "harbor.session_id": "s__env"})
    plan = make_sweep(scan_of([harbor], is_mine=False), Wish(marked=[harbor.id], action=Action.STOP))

    asked = danger_of(plan, NOW)

    assert asked.word == "harbor"
    assert asked.why[0] == "1 is not known to be yours"
    both = SweepPlan((*plan.rows, replace(plan.rows[0], owner="inspect-ai")), NOW, "here-123", "here")
    assert danger_of(both, NOW).word == "here"


@given(leaks)
def test_a_name_that_cannot_be_typed_locks_no_door(leak: Sandbox) -> None:
    plan = make_sweep(scan_of([leak], is_mine=False), Wish(marked=[leak.id], action=Action.STOP))
    hostile = replace(plan, rows=(replace(plan.rows[0], owner="ada\u202e\x1b[2J"),))

    assert (danger_of(hostile, NOW).kind, danger_of(hostile, NOW).word) == (Kind.NAME, "1")


def test_an_empty_plan_asks_for_nothing() -> None:
    asked = danger_of(SweepPlan((), NOW, "here-123"), NOW)

    assert asked.kind is Kind.NOTHING
    assert not asked.accepts("")


@given(leaks)
def test_waiting_does_nothing(sandbox: Sandbox) -> None:
    (row,) = make_sweep(scan_of([sandbox]), Wish(marked=[sandbox.id], action=Action.WAIT)).rows

    assert (row.is_acting, deed_of(row)) == (False, None)
    assert obstacle(sandbox, Action.WAIT, 60, NOW) == row.skip
