"""What the tests of sweeps share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.operations.conftest import Bench

from daytona_tui.domain.cost import PriceBook, hourly
from daytona_tui.domain.leaks import Action, Evidence, LeakPolicy, judge
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.operations.bulk import Tempo
from daytona_tui.operations.journal import Journal
from daytona_tui.operations.sweep import (
    Guard,
    Outcome,
    Report,
    Scan,
    SweepPlan,
    SweepRowRun,
    SweepRun,
    Wish,
    guard_of,
    make_sweep,
)
from daytona_tui.operations.sweep.plan import ORDER, with_action

BOOK = PriceBook()
POLICY = LeakPolicy()
QUICK = Tempo(timeout_s=10.0, conflict_pause_s=0.01, jitter_s=0.01, patience_s=20.0)


def evidence(pins: Collection[SandboxId] = frozenset()) -> Evidence:
    """Return what is known where everything is ours."""
    return Evidence(datetime.now(UTC), lambda each: hourly(each, BOOK), pins=pins, mine=lambda _each: True)


def forget(bench: Bench, each: Sandbox, *, hours: float = 30, **fields: Any) -> None:
    """Let nobody have touched a sandbox for hours, and nothing end it."""
    at = datetime.now(UTC) - timedelta(hours=hours)
    record = bench.emulator.fleet.records[each.id]
    given = {"auto_stop": 0, "auto_delete": -1, "created_at": at, "last_activity_at": at, **fields}
    bench.emulator.fleet.change(record, **given)


async def fleet(bench: Bench) -> list[Sandbox]:
    """Return the fleet as it is listed now."""
    return [each async for page in bench.gateway.list_pages() for each in page]


async def leaks(bench: Bench, many: int = 4, **fields: Any) -> list[Sandbox]:
    """Make ``many`` running sandboxes leaks, and return them as they are listed."""
    running = [each for each in await fleet(bench) if each.state is SandboxState.STARTED][:many]
    assert len(running) == many
    for each in running:
        forget(bench, each, **fields)
    ids = {each.id for each in running}
    return [each for each in await fleet(bench) if each.id in ids]


async def planned(
    bench: Bench, sandboxes: Sequence[Sandbox], action: Action, *, pins: Collection[SandboxId] = frozenset()
) -> SweepPlan:
    """Return the plan of doing ``action`` to ``sandboxes``, judged among the whole fleet."""
    verdicts = judge(await fleet(bench), evidence(pins), POLICY)
    scan = Scan(verdicts, datetime.now(UTC), "here-123", "here")
    return make_sweep(scan, Wish(marked=[each.id for each in sandboxes], action=action))


def mixed(plan: SweepPlan) -> SweepPlan:
    """Return ``plan`` with the actions dealt out in turn, those that can be done."""
    actions = [action for action in ORDER if action is not Action.RECOVER]
    rows = [
        with_action(replace(row, is_chosen=True), actions[at % len(actions)], None, plan.made_at)
        for at, row in enumerate(plan.rows)
    ]
    return replace(plan, rows=tuple(rows))


async def swept(
    bench: Bench,
    plan: SweepPlan,
    *,
    guard: Guard | None = None,
    tempo: Tempo = QUICK,
    journal: Journal | None = None,
    on_change: Callable[[SweepRowRun], None] = lambda _row: None,
) -> Report:
    """Return the report of carrying out ``plan``."""
    run = SweepRun(plan, bench.gateway, guard or usual_guard(), on_change=on_change, journal=journal, tempo=tempo)
    async with asyncio.timeout(60):
        report = await run.run()
    assert run.is_over
    assert {each.row.sandbox.id for each in report.ended} == {row.sandbox.id for row in plan.acting}
    return report


def usual_guard(pins: Collection[SandboxId] = frozenset()) -> Guard:
    """Return the guard that judges anew."""
    return guard_of(POLICY, evidence(pins), lambda: datetime.now(UTC))


def outcomes(report: Report) -> dict[str, Outcome]:
    """Return what came of which sandbox, by name."""
    return {each.row.sandbox.name: each.outcome for each in report.ended}
