"""Whatever goes on while a sweep runs: nobody is touched who changed, no row is lost, the sum is right."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.operations.conftest import Bench
from tests.operations.sweep_helpers import BOOK, QUICK, fleet, leaks, planned, usual_guard

from daytona_tui.client import open_gateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.domain.leaks import Action
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator, EmulatorOptions
from daytona_tui.operations.sweep import Outcome, Report, SweepPlan, SweepRowRun, SweepRun
from daytona_tui.operations.sweep.plan import freed_by

MANY = 5


@dataclass(frozen=True)
class Meanwhile:
    """What happens beside a sweep.

    Attributes:
        changed: which sandboxes somebody else labels, uses or restarts between plan and sweep, and how.
        gone: which ones somebody else deletes then.
        fault: what the server answers to some of the requests.
        cancelled_after: after how many changes of rows it is cancelled; None for never.
    """

    changed: dict[int, str]
    gone: frozenset[int]
    fault: FaultRule | None
    cancelled_after: int | None


_FAULTS = [
    None,
    FaultRule(method="DELETE", status=500, share=0.4),
    FaultRule(method="DELETE", status=409, share=0.4),
    FaultRule(method="DELETE", status=403, share=0.2),
    FaultRule(method="DELETE", drop=True, share=0.4),
    FaultRule(status=429, headers={"Retry-After-authenticated": "0"}, share=0.2),
]
_worlds = st.builds(
    Meanwhile,
    changed=st.dictionaries(st.integers(0, MANY - 1), st.sampled_from(["labels", "activity", "wish"]), max_size=3),
    gone=st.frozensets(st.integers(0, MANY - 1), max_size=2),
    fault=st.sampled_from(_FAULTS),
    cancelled_after=st.none() | st.integers(1, 3 * MANY),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(world=_worlds, action=st.sampled_from([Action.DELETE, Action.STOP, Action.TTL]))
def test_whatever_happens_meanwhile(world: Meanwhile, action: Action) -> None:
    asyncio.run(_sweep_in(world, action))


async def _sweep_in(world: Meanwhile, action: Action) -> None:
    async with Emulator(EmulatorOptions(seed="fleet:16", pace="instant")) as emulator:
        gateway = open_gateway(Connection(emulator.api_url, Secret(emulator.api_key)))
        try:
            listed = [each async for page in gateway.list_pages() for each in page]
            bench = Bench(emulator, gateway, listed[0], Path(), "")
            plan = await planned(bench, await leaks(bench, MANY), action)
            ids = [row.sandbox.id for row in plan.acting]
            touched = {ids[at] for at in world.changed if at not in world.gone and at < len(ids)}
            _let_happen(bench, ids, world)
            before = {each.id: each for each in await fleet(bench)}
            if world.fault is not None:
                emulator.faults.add(world.fault)

            report = await _swept(bench, plan, world.cancelled_after)

            emulator.faults.clear()
            after = {each.id: each for each in await fleet(bench)}
        finally:
            await gateway.close()
    assert sorted(each.row.sandbox.id for each in report.ended) == sorted(ids), "each row is told of, once"
    for sandbox_id in touched:
        assert after[sandbox_id] == before[sandbox_id], "who changed is left alone"
    for each in report.ended:
        if each.row.sandbox.id in touched:
            assert each.outcome in (Outcome.CHANGED, Outcome.GUARDED, Outcome.CANCELLED, Outcome.FAILED)
        if each.outcome is Outcome.DELETED:
            assert each.row.sandbox.id not in after
        if action is not Action.DELETE and each.row.sandbox.id in before:
            assert each.row.sandbox.id in after, "what is not to be deleted is there still"
    succeeded = [each.row for each in report.ended if each.outcome.is_success and not each.was_gone]
    assert report.freed(BOOK) == freed_by(succeeded, BOOK).frees


def _let_happen(bench: Bench, ids: list[SandboxId], world: Meanwhile) -> None:
    records = bench.emulator.fleet.records
    for at, how in world.changed.items():
        if at in world.gone or at >= len(ids):
            continue
        record = records[ids[at]]
        if how == "labels":
            bench.emulator.fleet.change(record, labels={**record.labels, "somebody": "was here"})
        elif how == "activity":
            bench.emulator.fleet.change(record, last_activity_at=datetime.now(UTC))
        else:
            bench.emulator.fleet.change(record, desired_state="archived")
    for at in world.gone:
        if at < len(ids):
            bench.emulator.fleet.purge(records[ids[at]])


async def _swept(bench: Bench, plan: SweepPlan, cancelled_after: int | None) -> Report:
    news = 0

    def count(_row: SweepRowRun) -> None:
        nonlocal news
        news += 1
        if news == cancelled_after:
            run.cancel()

    run = SweepRun(plan, bench.gateway, usual_guard(), on_change=count, tempo=QUICK)
    async with asyncio.timeout(60):
        return await run.run()
