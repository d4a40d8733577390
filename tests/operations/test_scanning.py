"""A look for leaks on a real server: toolboxes that do not answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.operations.conftest import Bench

from daytona_tui.domain.cost import PriceBook
from daytona_tui.domain.leaks import LeakPolicy, judge
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.operations.local_traces import LocalTraces
from daytona_tui.operations.protection import Pins
from daytona_tui.operations.sweep.scanning import Scanner
from daytona_tui.operations.who import Who


async def test_a_toolbox_that_does_not_answer_twice_is_told_until_it_does(bench: Bench, tmp_path: Path) -> None:
    policy = LeakPolicy(zombie_s=1)
    traces = LocalTraces([], tmp_path)
    scanner = Scanner(bench.gateway, policy, PriceBook(), Who(bench.gateway), Pins(tmp_path / "pins.json"), traces)
    used = datetime.now(UTC) - timedelta(hours=30)
    record = bench.emulator.fleet.records[bench.sandbox.id]
    bench.emulator.fleet.change(record, auto_stop=0, auto_delete=-1, created_at=used, last_activity_at=used)
    fault = bench.emulator.faults.add(FaultRule(path=f"*/{bench.sandbox.id}/*metrics*", status=502))

    first = (await scanner.look()).verdicts[bench.sandbox.id]
    (began, last) = scanner.unreachable[bench.sandbox.id]
    assert began == last
    assert "run.zombie" not in {reason.code for reason in first.reasons}

    look = await scanner.look()
    again = scanner.unreachable[bench.sandbox.id]
    assert again[0] == began < again[1]
    # As if a minute lay between the two.
    evidence = look.evidence
    patient = {bench.sandbox.id: (again[0] - timedelta(seconds=60), again[1])}
    told = judge(look.sandboxes, type(evidence)(evidence.now, evidence.hourly, unreachable=patient), policy)
    assert "run.zombie" in {reason.code for reason in told[bench.sandbox.id].reasons}

    bench.emulator.faults.remove(fault.id)
    await scanner.look()
    assert scanner.unreachable == {}
