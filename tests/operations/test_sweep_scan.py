"""The look at the fleet before a plan: what it finds out, what it says it could not, and that it wakes nobody."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.operations.conftest import Bench
from tests.operations.sweep_helpers import BOOK, POLICY, fleet, forget, leaks, outcomes, swept

from daytona_tui.domain.leaks import Action, Band
from daytona_tui.domain.mine import MineRules
from daytona_tui.domain.sandbox import SandboxState
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.errors import ConfigError, DaytonaTuiError
from daytona_tui.operations.protection import Pins
from daytona_tui.operations.sweep import Outcome, Scan, Wish, guard_of, make_sweep
from daytona_tui.operations.sweep.scanning import Look, Scanner
from daytona_tui.operations.who import Who

MINE = MineRules(labels=(("mine", "yes"),))


def _scanner(bench: Bench, directory: Path) -> Scanner:
    return Scanner(bench.gateway, POLICY, BOOK, Who(bench.gateway, None, MINE), Pins(directory / "pins.json"))


def _scan(look: Look) -> Scan:
    return Scan(look.verdicts, look.evidence.now, "here-123", "here")


async def test_what_is_found_is_looked_into_and_kept_awake_by_nothing(bench: Bench, tmp_path: Path) -> None:
    chosen = await leaks(bench, 3, labels={"mine": "yes"})
    before = {each.id: each.last_activity_at for each in await fleet(bench)}

    look = await _scanner(bench, tmp_path).look()

    assert {each.id for each in chosen} <= set(look.evidence.metrics), "suspects are measured"
    assert {row.sandbox.id for row in make_sweep(_scan(look)).acting} == {each.id for each in chosen}
    assert {each.id: each.last_activity_at for each in await fleet(bench)} == before
    assert not look.notes


async def test_who_is_held_is_not_proposed(bench: Bench, tmp_path: Path) -> None:
    chosen = await leaks(bench, 3, labels={"mine": "yes"})
    await Pins(tmp_path / "pins.json").hold(chosen[0])

    look = await _scanner(bench, tmp_path).look()

    assert {row.sandbox.id for row in make_sweep(_scan(look)).acting} == {each.id for each in chosen[1:]}


async def test_nobody_is_proposed_where_nobody_knows_who_is_held(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "pins.json").write_text("{}")

    with pytest.raises(ConfigError, match="nobody knows who is held"):
        await _scanner(bench, tmp_path).look()
    with pytest.raises(ConfigError, match="nobody knows who is held"):
        await _scanner(bench, tmp_path).evidence_for([bench.sandbox])


async def test_a_listing_that_fails_is_judged_in_no_part(bench: Bench, tmp_path: Path) -> None:
    bench.emulator.faults.add(FaultRule(path="/api/sandbox", status=502))

    with pytest.raises(DaytonaTuiError):
        await _scanner(bench, tmp_path).look()


async def test_what_could_not_be_looked_up_is_said(bench: Bench, tmp_path: Path) -> None:
    chosen = await leaks(bench, 2, labels={"mine": "yes"})
    denied = {"statusCode": 403, "message": "Access denied"}
    bench.emulator.faults.add(FaultRule(path="/api/audit*", status=403, body=denied))
    bench.emulator.faults.add(FaultRule(path="/api/organizations/*/usage*", status=500))
    bench.emulator.faults.add(FaultRule(path="*/system/metrics", status=502))

    look = await _scanner(bench, tmp_path).look()

    assert "no audit permission" in " ".join(look.notes)
    assert "quotas are not known" in " ".join(look.notes)
    assert not look.evidence.metrics
    assert {row.sandbox.id for row in make_sweep(_scan(look)).acting} == {each.id for each in chosen}


async def test_what_is_kept_warm_gets_an_end_and_nothing_else(bench: Bench, tmp_path: Path) -> None:
    """Somebody's poller uses it all the time: that is the finding, so that use alone does not stop the repair."""
    warm = await bench.in_state(SandboxState.STARTED)
    record = bench.emulator.fleet.records[warm.id]
    forget(bench, warm, hours=50, auto_stop=15, labels={})
    bench.emulator.fleet.touch(record)
    look = await _scanner(bench, tmp_path).look(Band.UNTIDY)
    verdict = look.verdicts[warm.id]
    assert "run.kept-warm" in {reason.code for reason in verdict.reasons}
    guard = guard_of(POLICY, look.evidence, lambda: datetime.now(UTC))
    ttl, delete = (
        make_sweep(_scan(look), Wish(marked=[warm.id], action=action)) for action in (Action.TTL, Action.DELETE)
    )
    bench.emulator.fleet.touch(record)

    assert not delete.acting
    assert delete.rows[0].skip.startswith("used ")
    assert outcomes(await swept(bench, ttl, guard=guard)) == {warm.name: Outcome.REPAIRED}
    assert (await bench.gateway.get(warm.id)).lifetimes.destroy_at is not None


async def test_what_failed_and_was_deleted_is_seen_and_left_alone(bench: Bench, tmp_path: Path) -> None:
    broken = await bench.in_state(SandboxState.ERROR)
    await bench.gateway.delete(broken.id, timeout_s=10)

    look = await _scanner(bench, tmp_path).look()

    assert broken.id in {each.id for each in look.sandboxes}
    assert not make_sweep(_scan(look), Wish(marked=[broken.id], action=Action.DELETE)).acting
