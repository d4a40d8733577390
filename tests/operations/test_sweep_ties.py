"""What hangs on sandboxes is found out before a plan is made of them, and looked up again before it is carried out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from daytona import AsyncDaytona, CreateSandboxFromSnapshotParams, DaytonaConfig
from tests.operations.conftest import Bench
from tests.operations.sweep_helpers import BOOK, POLICY, fleet, forget, leaks, outcomes, swept

from daytona_tui.domain.leaks import NO_TIES, Action, Band, Ties
from daytona_tui.domain.mine import MineRules
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.operations.protection import Pins
from daytona_tui.operations.sweep import Outcome, Wish, guard_of, scanning
from daytona_tui.operations.sweep.planning import planned
from daytona_tui.operations.sweep.scanning import Scanner
from daytona_tui.operations.who import Who

MINE = MineRules(labels=(("mine", "yes"),))
HERE = ("here-123", "here")


def _scanner(bench: Bench, directory: Path) -> Scanner:
    return Scanner(bench.gateway, POLICY, BOOK, Who(bench.gateway, None, MINE), Pins(directory / "pins.json"))


async def _machine(bench: Bench, *, forks: tuple[str, ...]) -> Sandbox:
    """Make a virtual machine that is a leak, and forks of it that are not."""
    config = DaytonaConfig(api_key=bench.emulator.api_key, api_url=bench.emulator.api_url)
    async with AsyncDaytona(config) as daytona:
        parent = await daytona.create(CreateSandboxFromSnapshotParams(snapshot="daytona-vm", name="parent"))
        for name in forks:
            await parent.fork(name, timeout=20)
    found = next(each for each in await fleet(bench) if each.name == "parent")
    forget(bench, found, labels={"mine": "yes"})
    return next(each for each in await fleet(bench) if each.name == "parent")


async def test_what_has_forks_is_not_proposed_for_deletion_and_says_so(bench: Bench, tmp_path: Path) -> None:
    parent = await _machine(bench, forks=("child", "twin"))
    scanner, wish = _scanner(bench, tmp_path), Wish(action=Action.DELETE)
    before = {each.id: each.last_activity_at for each in await fleet(bench)}

    plan, look = await planned(scanner, await scanner.look(), wish, *HERE)

    row = plan.row(parent.id)
    assert row is not None
    assert set(row.ties.forks) == {"child", "twin"}
    assert (row.is_acting, row.skip[:52]) == (False, "it has forks, which Daytona wants deleted first: chi")
    assert "2 forks" in next(note.words for note in row.guards if note.code == "tie.shared")
    assert {each.id: each.last_activity_at for each in await fleet(bench)} == before, "looking wakes nobody"
    for fork in [each for each in await fleet(bench) if each.name in row.ties.forks]:
        await bench.gateway.delete(fork.id, timeout_s=20)

    plan, look = await planned(scanner, await scanner.look(), wish, *HERE)

    assert look.evidence.ties[parent.id] == NO_TIES, "forks that are gone count no more"
    assert [each.sandbox.id for each in plan.acting] == [parent.id]


async def test_a_fork_that_was_made_since_the_plan_keeps_its_parent(bench: Bench, tmp_path: Path) -> None:
    parent = await _machine(bench, forks=())
    scanner = _scanner(bench, tmp_path)
    plan, _look = await planned(scanner, await scanner.look(), Wish(action=Action.DELETE), *HERE)
    assert [each.sandbox.id for each in plan.acting] == [parent.id]
    config = DaytonaConfig(api_key=bench.emulator.api_key, api_url=bench.emulator.api_url)
    async with AsyncDaytona(config) as daytona:
        await (await daytona.get(parent.id)).fork("late", timeout=20)
    record = bench.emulator.fleet.records[parent.id]
    bench.emulator.fleet.change(record, last_activity_at=parent.last_activity_at)

    evidence = await scanner.evidence_for([parent])  # as a plan in a file is begun
    report = await swept(bench, plan, guard=guard_of(POLICY, evidence, lambda: datetime.now(UTC)))

    assert outcomes(report) == {"parent": Outcome.GUARDED}
    assert report.ended[0].detail == "it has forks, which Daytona wants deleted first: late"


async def test_volumes_and_what_is_linked_are_told(bench: Bench, tmp_path: Path) -> None:
    one, partner = await leaks(bench, 2, labels={"mine": "yes"})
    records = bench.emulator.fleet.records
    bench.emulator.fleet.change(records[one.id], volumes=[{"volumeId": "v1", "mountPath": "/data"}])
    bench.emulator.fleet.change(records[partner.id], linked_sandbox_id=one.id)
    scanner = _scanner(bench, tmp_path)

    plan, look = await planned(scanner, await scanner.look(), Wish(action=Action.DELETE), *HERE)

    assert look.evidence.ties[one.id] == Ties(volumes=("/data",), linked=(partner.name,))
    row = plan.row(one.id)
    assert row is not None
    assert "a linked sandbox" in row.guards[0].words
    assert "a volume (/data)" in row.guards[0].words


async def test_what_could_not_be_looked_up_is_said_and_holds_nothing_up(bench: Bench, tmp_path: Path) -> None:
    chosen = await leaks(bench, 3, labels={"mine": "yes"})
    bench.emulator.faults.add(FaultRule(method="GET", path=f"/api/sandbox/{chosen[0].id}", status=500))

    look = await _scanner(bench, tmp_path).look()

    assert "forks and volumes of 1 could not be looked up" in look.notes
    assert look.looked_into - look.evidence.ties.keys() == {chosen[0].id}


async def test_the_least_costly_are_not_looked_into_and_that_is_said(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "MOST_LOOKED_INTO", 2)
    await leaks(bench, 5)
    scanner = _scanner(bench, tmp_path)

    look = await scanner.look()

    ranked = [each.sandbox.id for each in look.verdicts.ranked() if each.band in (Band.LEAK, Band.SUSPECT)]
    costs = {each.sandbox.id: each.per_day or 0.0 for each in look.verdicts.ranked()}
    assert len(look.looked_into) == 2
    assert look.unseen == frozenset(ranked) - look.looked_into
    assert min(costs[each] for each in look.looked_into) >= max(costs[each] for each in look.unseen) - 0.01
    assert f"{len(look.unseen)} that may be leaks were not looked into" in " ".join(look.notes)
    (last,) = [each for each in look.sandboxes if each.id == ranked[-1]]

    plan, further = await planned(scanner, look, Wish(marked=[SandboxId(last.id)]), *HERE)

    assert last.id in further.looked_into, "what a plan is about is looked into all the same"
    assert [row.is_looked_into for row in plan.rows] == [True]
    narrow = await scanner.look(concerns=lambda each: each.id == last.id)
    assert narrow.looked_into == {last.id}
    assert (narrow.unseen, narrow.notes) == (frozenset(), look.troubles)
