"""Taking back a bulk act: everything is as it was, or the reason is told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.operations.bulk_helpers import done, fleet_of, plan_for, tally
from tests.operations.conftest import Bench

from daytona_tui.domain.deeds import Deed, LabelEdit, LifetimeEdit, Verb
from daytona_tui.domain.sandbox import SandboxState
from daytona_tui.operations.bulk import BulkRun, RowStatus
from daytona_tui.operations.undo import Undo, undo_of

STARTED, STOPPED, PAUSED, ARCHIVED = (
    SandboxState.STARTED,
    SandboxState.STOPPED,
    SandboxState.PAUSED,
    SandboxState.ARCHIVED,
)


def _undo(run: BulkRun) -> Undo:
    return undo_of(run, datetime.now(UTC))


async def _make_machine(bench: Bench) -> None:
    bench.emulator.fleet.change(bench.emulator.fleet.records[bench.sandbox.id], sandbox_class="linux-vm")


@pytest.mark.parametrize(
    ("first", "deed"),
    [
        (STARTED, Deed(Verb.STOP)),
        (STARTED, Deed(Verb.FORCE_STOP)),
        (STARTED, Deed(Verb.ARCHIVE)),
        (STOPPED, Deed(Verb.START)),
        (ARCHIVED, Deed(Verb.START)),
    ],
)
async def test_states_come_back_and_the_undoing_can_be_undone(bench: Bench, first: SandboxState, deed: Deed) -> None:
    chosen = await fleet_of(bench, first)
    run = await done(bench, plan_for(deed, chosen))
    there = {row.sandbox.id: row.after.state for row in run.rows if row.after}
    undo = _undo(run)

    back = await done(bench, undo.plan)

    assert undo.cannot == ()
    assert tally(back) == {RowStatus.DONE: len(chosen)}
    assert {(await bench.gateway.get(each.id)).state for each in chosen} == {first}
    if first is STARTED or deed.verb is Verb.ARCHIVE:
        again = await done(bench, _undo(back).plan)
        assert {row.sandbox.id: row.after.state for row in again.rows if row.after} == (
            there if deed.verb is not Verb.ARCHIVE else {each.id: ARCHIVED for each in chosen}
        )


async def test_a_paused_machine_is_resumed_and_paused_again(bench: Bench) -> None:
    await _make_machine(bench)
    machine = await bench.gateway.get(bench.sandbox.id)
    paused = await done(bench, plan_for(Deed(Verb.PAUSE), [machine]))

    resumed = await done(bench, _undo(paused).plan)
    assert (await bench.gateway.get(machine.id)).state is STARTED

    await done(bench, _undo(resumed).plan)
    assert (await bench.gateway.get(machine.id)).state is PAUSED


async def test_old_labels_come_back_and_nothing_else_is_touched(bench: Bench) -> None:
    chosen = await fleet_of(bench)
    before = {each.id: dict(each.labels) for each in chosen}
    some_key = next(key for labels in before.values() for key in labels)
    edit = LabelEdit({"team": "ml", some_key: "other"}, frozenset({"owner"}))
    run = await done(bench, plan_for(Deed(Verb.LABELS, labels=edit), chosen))

    await done(bench, _undo(run).plan)

    assert {each.id: dict(each.labels) for each in await fleet_of(bench)} == before


async def test_old_intervals_come_back_those_too_that_others_switched_off(bench: Bench) -> None:
    await _make_machine(bench)
    bench.emulator.fleet.change(bench.emulator.fleet.records[bench.sandbox.id], auto_stop=25, auto_pause=0)
    before = await bench.gateway.get(bench.sandbox.id)
    edit = LifetimeEdit(auto_pause_min=5, auto_archive_min=7, auto_delete_min=9, ttl_min=30)
    run = await done(bench, plan_for(Deed(Verb.LIFETIMES, lifetimes=edit), [before]))
    assert (await bench.gateway.get(before.id)).lifetimes.auto_stop_min == 0

    await done(bench, _undo(run).plan)

    assert (await bench.gateway.get(before.id)).lifetimes == before.lifetimes


async def test_a_time_to_live_that_was_there_ends_when_it_would_have(bench: Bench) -> None:
    await bench.gateway.set_ttl(bench.sandbox.id, 500)
    before = await bench.gateway.get(bench.sandbox.id)
    edit = LifetimeEdit(ttl_min=0)
    run = await done(bench, plan_for(Deed(Verb.LIFETIMES, lifetimes=edit), [before]))
    assert (await bench.gateway.get(before.id)).lifetimes.destroy_at is None

    await done(bench, _undo(run).plan)

    after = (await bench.gateway.get(before.id)).lifetimes.destroy_at
    assert after is not None
    assert before.lifetimes.destroy_at is not None
    assert abs((after - before.lifetimes.destroy_at).total_seconds()) <= 60


async def test_what_cannot_be_taken_back_says_why(bench: Bench, tmp_path: Path) -> None:
    stopped = await fleet_of(bench, STOPPED)
    cases = [
        (Deed(Verb.EXECUTE, command="true"), [await bench.gateway.get(bench.sandbox.id)], "takes back a command"),
        (Deed(Verb.PULL, destination=tmp_path), [await bench.gateway.get(bench.sandbox.id)], "yours to remove"),
        (Deed(Verb.ARCHIVE), stopped[:1], "it was stopped, and an archived one can only be started"),
        (Deed(Verb.DELETE), stopped[1:2], "it is deleted"),
    ]
    for deed, chosen, reason in cases:
        undo = _undo(await done(bench, plan_for(deed, chosen)))
        assert undo.plan.rows == ()
        assert [sandbox.id for sandbox, _ in undo.cannot] == [chosen[0].id]
        assert reason in undo.cannot[0][1]


async def test_a_stop_that_deleted_cannot_be_taken_back(bench: Bench) -> None:
    bench.emulator.fleet.change(bench.emulator.fleet.records[bench.sandbox.id], auto_delete=0)
    doomed = await bench.gateway.get(bench.sandbox.id)

    undo = _undo(await done(bench, plan_for(Deed(Verb.STOP), [doomed])))

    assert undo.plan.rows == ()
    assert undo.cannot[0][1] == "stopping deleted it, and nothing brings it back"


async def test_stopping_a_paused_machine_has_lost_its_memory(bench: Bench) -> None:
    await _make_machine(bench)
    await bench.gateway.pause(bench.sandbox.id, timeout_s=20)
    paused = await bench.gateway.get(bench.sandbox.id)

    undo = _undo(await done(bench, plan_for(Deed(Verb.STOP), [paused])))

    assert "lost its memory" in undo.cannot[0][1]


async def test_what_was_skipped_or_changed_nothing_is_not_taken_back(bench: Bench) -> None:
    chosen = await fleet_of(bench)
    labels = Deed(Verb.LABELS, labels=LabelEdit(dict(chosen[0].labels)))
    undo = _undo(await done(bench, plan_for(labels, chosen[:1])))
    assert (undo.plan.rows, undo.cannot) == ((), ())

    skipped = _undo(await done(bench, plan_for(Deed(Verb.START), await fleet_of(bench, STARTED))))
    assert (skipped.plan.rows, skipped.cannot) == ((), ())


async def test_what_others_changed_since_is_left_alone(bench: Bench) -> None:
    chosen = await fleet_of(bench, STARTED)
    run = await done(bench, plan_for(Deed(Verb.STOP), chosen))
    undo = _undo(run)
    await bench.gateway.start(chosen[0].id, timeout_s=20)

    back = await done(bench, undo.plan)

    assert back.rows[0].status is RowStatus.SKIPPED
    assert back.rows[0].detail == "changed since: it was stopped and is started"
