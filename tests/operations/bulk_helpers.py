"""What the tests of bulk acts share."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

from tests.operations.conftest import Bench

from daytona_tui.domain.deeds import Deed
from daytona_tui.domain.sandbox import Sandbox, SandboxState
from daytona_tui.operations.bulk import BulkRow, BulkRun, Plan, RowStatus, Tempo, make_plan

QUICK = Tempo(timeout_s=20.0, conflict_pause_s=0.01, jitter_s=0.01)


async def fleet_of(bench: Bench, *states: SandboxState) -> list[Sandbox]:
    """Return the fleet, or those of it in ``states``; without those that stopping deletes."""
    fleet = [sandbox async for page in bench.gateway.list_pages() for sandbox in page]
    lasting = [each for each in fleet if each.lifetimes.auto_delete_min != 0]
    return [each for each in lasting if not states or each.state in states]


def plan_for(deed: Deed, sandboxes: list[Sandbox]) -> Plan:
    """Return a plan that is made now."""
    return make_plan(deed, sandboxes, datetime.now(UTC))


async def done(
    bench: Bench, plan: Plan, tempo: Tempo = QUICK, on_change: Callable[[BulkRow], None] | None = None
) -> BulkRun:
    """Return the run of a plan after its end."""
    run = BulkRun(plan, bench.gateway, on_change=on_change or (lambda _: None), tempo=tempo)
    async with asyncio.timeout(60):
        await run.run()
    assert run.is_over
    return run


def tally(run: BulkRun) -> dict[RowStatus, int]:
    """Return how many rows have which status."""
    return dict(Counter(row.status for row in run.rows))


async def until(condition: Callable[[], bool], *, within_s: float = 10.0) -> None:
    """Wait until ``condition`` holds; fail if it does not in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)
