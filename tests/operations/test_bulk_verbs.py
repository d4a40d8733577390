"""Every verb on many sandboxes, through the real gateway."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.operations.bulk_helpers import done, fleet_of, plan_for, tally
from tests.operations.conftest import Bench

from daytona_tui.domain.deeds import Deed, LabelEdit, LifetimeEdit, Verb
from daytona_tui.domain.sandbox import SandboxState
from daytona_tui.domain.transfers import ConflictPolicy, TransferOptions
from daytona_tui.errors import NotFoundError
from daytona_tui.operations.bulk import RowStatus


@pytest.mark.parametrize(
    ("verb", "before", "after"),
    [
        (Verb.START, SandboxState.STOPPED, SandboxState.STARTED),
        (Verb.START, SandboxState.ARCHIVED, SandboxState.STARTED),
        (Verb.STOP, SandboxState.STARTED, SandboxState.STOPPED),
        (Verb.FORCE_STOP, SandboxState.STARTED, SandboxState.STOPPED),
        (Verb.ARCHIVE, SandboxState.STARTED, SandboxState.ARCHIVED),
        (Verb.ARCHIVE, SandboxState.STOPPED, SandboxState.ARCHIVED),
    ],
)
async def test_a_verb_that_changes_the_state(
    bench: Bench, verb: Verb, before: SandboxState, after: SandboxState
) -> None:
    chosen = await fleet_of(bench, before)
    assert chosen

    run = await done(bench, plan_for(Deed(verb), chosen))

    assert tally(run) == {RowStatus.DONE: len(chosen)}
    assert {row.after.state for row in run.rows if row.after} == {after}
    assert {(await bench.gateway.get(each.id)).state for each in chosen} == {after}
    assert all(row.before is not None and row.before.state is before for row in run.rows)
    assert all(row.seconds is not None for row in run.rows)


async def test_deleting_many(bench: Bench) -> None:
    chosen = await fleet_of(bench)

    run = await done(bench, plan_for(Deed(Verb.DELETE), chosen))

    assert tally(run) == {RowStatus.DONE: len(chosen)}
    assert all(row.is_gone for row in run.rows)
    assert await fleet_of(bench) == []


async def test_pausing_machines_and_recovering_the_failed(bench: Bench) -> None:
    machines = await fleet_of(bench, SandboxState.STARTED)
    for each in machines:
        bench.emulator.fleet.change(bench.emulator.fleet.records[each.id], sandbox_class="linux-vm")
    machines = await fleet_of(bench, SandboxState.STARTED)

    paused = await done(bench, plan_for(Deed(Verb.PAUSE), machines))

    assert {row.after.state for row in paused.rows if row.after} == {SandboxState.PAUSED}
    assert tally(paused) == {RowStatus.DONE: len(machines)}

    stopped = await fleet_of(bench, SandboxState.STOPPED)
    for each in stopped:
        record = bench.emulator.fleet.records[each.id]
        bench.emulator.fleet.change(record, state="error", error_reason="disk full", recoverable=True)
    failed = [each for each in await fleet_of(bench, SandboxState.ERROR) if each.recoverable]

    recovered = await done(bench, plan_for(Deed(Verb.RECOVER), failed))

    assert tally(recovered) == {RowStatus.DONE: len(stopped)}


async def test_labels_are_merged_with_those_of_the_moment(bench: Bench) -> None:
    chosen = await fleet_of(bench)
    before = {each.id: dict(each.labels) for each in chosen}

    run = await done(bench, plan_for(Deed(Verb.LABELS, labels=LabelEdit({"team": "ml"}, frozenset({"owner"}))), chosen))

    assert tally(run) == {RowStatus.DONE: len(chosen)}
    for each in await fleet_of(bench):
        wanted = {key: value for key, value in before[each.id].items() if key != "owner"} | {"team": "ml"}
        assert dict(each.labels) == wanted
    again = await done(bench, plan_for(Deed(Verb.LABELS, labels=LabelEdit({"team": "ml"})), await fleet_of(bench)))
    assert {row.detail for row in again.rows} == {"it has these labels already"}


async def test_intervals_and_time_to_live(bench: Bench) -> None:
    chosen = await fleet_of(bench)
    edit = LifetimeEdit(auto_stop_min=42, auto_archive_min=99, auto_delete_min=-1, ttl_min=600)

    run = await done(bench, plan_for(Deed(Verb.LIFETIMES, lifetimes=edit), chosen))

    assert tally(run) == {RowStatus.DONE: len(chosen)}
    for each in await fleet_of(bench):
        lifetimes = each.lifetimes
        assert (lifetimes.auto_stop_min, lifetimes.auto_archive_min, lifetimes.auto_delete_min) == (42, 99, -1)
        assert lifetimes.destroy_at is not None


async def test_auto_pause_takes_over_from_auto_stop_in_the_right_order(bench: Bench) -> None:
    record = bench.emulator.fleet.records[bench.sandbox.id]
    bench.emulator.fleet.change(record, sandbox_class="linux-vm", auto_stop=15)
    machine = await bench.gateway.get(bench.sandbox.id)
    edit = LifetimeEdit(auto_stop_min=0, auto_pause_min=30)

    run = await done(bench, plan_for(Deed(Verb.LIFETIMES, lifetimes=edit), [machine]))

    assert tally(run) == {RowStatus.DONE: 1}
    lifetimes = (await bench.gateway.get(machine.id)).lifetimes
    assert (lifetimes.auto_stop_min, lifetimes.auto_pause_min) == (0, 30)


async def test_a_command_tells_its_exit_code_its_last_line_and_all_it_wrote(bench: Bench) -> None:
    chosen = await fleet_of(bench, SandboxState.STARTED)

    good = await done(bench, plan_for(Deed(Verb.EXECUTE, command="echo one; echo two; echo"), chosen))
    bad = await done(bench, plan_for(Deed(Verb.EXECUTE, command="echo no luck >&2; exit 3"), chosen))

    assert tally(good) == {RowStatus.DONE: len(chosen)}
    assert {(row.exit_code, row.detail, row.output) for row in good.rows} == {(0, "exit 0: two", "one\ntwo\n\n")}
    assert tally(bad) == {RowStatus.FAILED: len(chosen)}
    assert {(row.exit_code, row.detail) for row in bad.rows} == {(3, "exit 3: no luck")}
    assert len(bad.failed().acting) == len(chosen)


async def test_a_command_runs_where_it_is_told_to(bench: Bench) -> None:
    run = await done(bench, plan_for(Deed(Verb.EXECUTE, command="pwd", cwd="/tmp"), [bench.sandbox]))

    assert run.rows[0].output.strip() == "/tmp"


async def test_only_the_end_of_a_long_output_is_kept(bench: Bench) -> None:
    run = await done(bench, plan_for(Deed(Verb.EXECUTE, command="seq 1 50000; printf '%0300d' 7"), [bench.sandbox]))

    row = run.rows[0]
    assert len(row.output) == 64 * 1024
    assert row.output.endswith("0007")
    assert len(row.detail) < 200


async def test_pulling_from_many_gives_each_a_directory(bench: Bench, tmp_path: Path) -> None:
    chosen = await fleet_of(bench, SandboxState.STARTED)
    await done(bench, plan_for(Deed(Verb.EXECUTE, command="mkdir -p out && echo $PWD > out/a.txt"), chosen))
    chosen = await fleet_of(bench, SandboxState.STARTED)
    deed = Deed(Verb.PULL, source="out", destination=tmp_path / "pulled")

    run = await done(bench, plan_for(deed, chosen))

    assert tally(run) == {RowStatus.DONE: len(chosen)}, [row.detail for row in run.rows]
    assert {path.name for path in (tmp_path / "pulled").iterdir()} == {each.name for each in chosen}
    assert all((tmp_path / "pulled" / each.name / "out" / "a.txt").is_file() for each in chosen)
    assert all(row.detail.startswith("1 file, ") for row in run.rows)
    again = await done(bench, plan_for(deed, chosen))
    assert tally(again) == {RowStatus.DONE: len(chosen)}
    assert all("1 the same already" in row.detail for row in again.rows)
    for each in chosen:
        (tmp_path / "pulled" / each.name / "out" / "a.txt").write_text("mine")
    again = await done(bench, plan_for(deed, chosen))
    assert tally(again) == {RowStatus.FAILED: len(chosen)}
    over = await done(bench, plan_for(replace(deed, options=TransferOptions(ConflictPolicy.OVERWRITE)), chosen))
    assert tally(over) == {RowStatus.DONE: len(chosen)}


async def test_names_that_are_one_to_a_file_system_get_directories_of_their_own(bench: Bench, tmp_path: Path) -> None:
    chosen = (await fleet_of(bench, SandboxState.STARTED))[:2]
    for each, name in zip(chosen, ("Same", "same"), strict=True):
        bench.emulator.fleet.change(bench.emulator.fleet.records[each.id], name=name)
    chosen = [await bench.gateway.get(each.id) for each in chosen]

    run = await done(bench, plan_for(Deed(Verb.PULL, destination=tmp_path / "pulled"), chosen))

    assert tally(run) == {RowStatus.DONE: 2}
    assert len({path.name.casefold() for path in (tmp_path / "pulled").iterdir()}) == 2


async def test_pulling_what_is_not_there_fails_row_by_row(bench: Bench, tmp_path: Path) -> None:
    deed = Deed(Verb.PULL, source="nowhere", destination=tmp_path / "pulled")

    run = await done(bench, plan_for(deed, [bench.sandbox]))

    assert tally(run) == {RowStatus.FAILED: 1}
    assert isinstance(run.rows[0].error, NotFoundError)
    assert not (tmp_path / "pulled").exists()


async def test_stopping_that_deletes_is_said_before_and_after(bench: Bench) -> None:
    bench.emulator.fleet.change(bench.emulator.fleet.records[bench.sandbox.id], auto_delete=0)
    doomed = await bench.gateway.get(bench.sandbox.id)
    plan = plan_for(Deed(Verb.STOP), [doomed])

    assert [row.warning for row in plan.dangerous] == ["stopping deletes it (auto-delete is 0)"]
    run = await done(bench, plan)

    assert (run.rows[0].status, run.rows[0].detail, run.rows[0].is_gone) == (
        RowStatus.DONE,
        "stopping deleted it",
        True,
    )
