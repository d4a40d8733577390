"""Resizing and forking many, taking it back, and deeds that nobody waits for."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.conftest import OpenEmulator
from tests.operations.bulk_helpers import QUICK, done, fleet_of, plan_for, tally
from tests.operations.conftest import Bench

from daytona_tui.client import open_gateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.domain.deeds import Deed, Verb
from daytona_tui.domain.sandbox import SandboxState
from daytona_tui.domain.sizes import SizeEdit
from daytona_tui.operations.bulk import BulkRun, RowStatus, Tempo
from daytona_tui.operations.undo import undo_of


async def test_many_are_resized_who_has_it_already_is_left_alone_and_it_is_taken_back(bench: Bench) -> None:
    chosen = await fleet_of(bench, SandboxState.STOPPED)
    first = bench.emulator.fleet.records[chosen[0].id]
    bench.emulator.fleet.change(first, cpu=3)
    chosen = await fleet_of(bench, SandboxState.STOPPED)
    run = await done(bench, plan_for(Deed(Verb.RESIZE, size=SizeEdit(cpu=3)), chosen))
    assert tally(run) == {RowStatus.DONE: len(chosen) - 1, RowStatus.SKIPPED: 1}
    assert {(await bench.gateway.get(each.id)).resources.cpu for each in chosen} == {3}
    assert all("3 vCPU" in row.detail for row in run.rows if row.status is RowStatus.DONE)
    back = await done(bench, undo_of(run, datetime.now(UTC)).plan)
    assert tally(back) == {RowStatus.DONE: len(chosen) - 1}
    for each in chosen:
        assert (await bench.gateway.get(each.id)).resources == each.resources

    grown = await done(bench, plan_for(Deed(Verb.RESIZE, size=SizeEdit(disk_gib=50)), chosen[:1]))
    ((_, why),) = undo_of(grown, datetime.now(UTC)).cannot
    assert why == "its disk has grown, and no disk gets smaller"


async def test_machines_are_forked_and_containers_left_out(bench: Bench) -> None:
    chosen = (await fleet_of(bench, SandboxState.STARTED))[:3]
    for each in chosen[:2]:
        bench.emulator.fleet.change(bench.emulator.fleet.records[each.id], sandbox_class="linux-vm")
    chosen = [await bench.gateway.get(each.id) for each in chosen]
    run = await done(bench, plan_for(Deed(Verb.FORK), chosen))
    assert tally(run) == {RowStatus.DONE: 2, RowStatus.SKIPPED: 1}
    for row in run.rows[:2]:
        assert row.made is not None
        assert row.made.name.startswith(f"{row.sandbox.name}-fork-")
        assert (await bench.gateway.relatives(row.sandbox.id)).forks[0].id == row.made.id
        assert row.detail == f"forked as {row.made.name} ({row.made.id})"
    assert undo_of(run, datetime.now(UTC)).plan.acting == ()


async def test_nobody_waits_where_nobody_wants_to(open_emulator: OpenEmulator) -> None:
    emulator = await open_emulator(seed="fleet:30", pace="natural")
    gateway = open_gateway(Connection(emulator.api_url, Secret(emulator.api_key)))
    try:
        fleet = [each async for page in gateway.list_pages() for each in page]
        lasting = [each for each in fleet if each.lifetimes.auto_delete_min != 0]
        for verb, state, after in (
            (Verb.START, SandboxState.STOPPED, {"starting", "stopped"}),
            (Verb.STOP, SandboxState.STARTED, {"stopping", "started"}),
            (Verb.DELETE, SandboxState.ARCHIVED, {"destroying"}),
        ):
            one = next(each for each in lasting if each.state is state)
            run = BulkRun(plan_for(Deed(verb), [one]), gateway, tempo=Tempo(timeout_s=0))
            await run.run()
            (row,) = run.rows
            assert row.status is RowStatus.DONE, row
            assert row.after is not None
            assert row.after.state.value in after
        assert QUICK.timeout_s
    finally:
        await gateway.close()
