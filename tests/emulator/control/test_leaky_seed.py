"""The fleet that leaks: what it consists of, and that its truth, its makers and its load are there to be found."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from daytona import AsyncDaytona
from daytona_api_client_async import AuditApi
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.emulator.conftest import Connect, Eventually, OpenEmulator
from tests.emulator.control.conftest import Api

from daytona_tui.emulator.fleet.records import ORGANIZATION_ID
from daytona_tui.emulator.seed.leaky import SCENES, leaky
from daytona_tui.emulator.seed.parsing import parse_seed
from daytona_tui.emulator.seed.planting import Planting
from daytona_tui.emulator.server import Emulator

LEAKS = {"stranded", "just-killed", "lost-create", "expired", "zombie", "stuck", "error", "quota-hog", "kept-warm"}
ALIKE = {"live", "thinking", "working", "background", "colleague", "kept", "warm-pool", "bounded", "new", "resting"}
ALIKE |= {"clutter", "deleted"}


def kind_of(planting: Planting) -> str:
    assert planting.story.truth is not None
    return planting.story.truth.kind


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 150), st.integers(0, 10_000))
def test_every_fleet_is_of_its_size_and_possible(count: int, number: int) -> None:
    plantings = leaky(count, number)

    assert len(plantings) == count
    assert len({each.record.id for each in plantings}) == len({each.record.name for each in plantings}) == count
    for planting in plantings:
        record, truth = planting.record, planting.story.truth
        assert record.created_at < record.last_activity_at
        assert truth is not None
        assert truth.why
        assert truth.is_leak == (truth.kind in LEAKS)
        assert truth.kind in LEAKS | ALIKE
        assert record.auto_destroy_at is None or not truth.is_leak
        assert bool(record.error_reason) == (record.state in {"error", "build_failed"})


def test_it_is_the_same_each_time_and_another_by_another_number() -> None:
    def shape(plantings: list[Planting]) -> list[tuple[str, str, str]]:
        return [(each.record.id, each.record.name, kind_of(each)) for each in plantings]

    assert shape(list(parse_seed("leaky:80")())) == shape(list(parse_seed("leaky:80:226")()))
    assert shape(list(leaky(80))) != shape(list(leaky(80, 7)))


def test_three_hundred_have_everything() -> None:
    kinds = Counter(kind_of(each) for each in leaky(300))

    assert set(kinds) == LEAKS | ALIKE
    assert sum(scene.least for scene in SCENES) <= 100  # so that a hundred would do where the dice are kind
    assert kinds["stranded"] >= 60


def test_no_truth_is_told_by_a_label_or_a_name() -> None:
    for planting in leaky(300):
        truth, record = planting.story.truth, planting.record
        assert truth is not None
        told = " ".join([record.name, *record.labels, *record.labels.values()]).split()
        assert truth.kind not in told


@pytest.fixture
async def leaky_emulator(open_emulator: OpenEmulator) -> Emulator:
    return await open_emulator(seed="leaky:120", control=True)


async def test_the_truth_can_be_asked_for_with_a_key(leaky_emulator: Emulator) -> None:
    origin = leaky_emulator.api_url.removesuffix("/api")
    async with aiohttp.ClientSession(origin) as session:
        async with session.get("/_emulator/truth") as response:
            assert response.status == 401
        headers = {"Authorization": f"Bearer {leaky_emulator.api_key}"}
        async with session.get("/_emulator/truth", headers=headers) as response:
            truths = await response.json()

    assert truths.keys() == leaky_emulator.fleet.records.keys() | leaky_emulator.fleet.hidden.keys()
    assert {frozenset(each) for each in truths.values()} == {frozenset({"kind", "is_leak", "is_mine", "why"})}


async def test_without_control_nobody_is_told_the_truth(open_emulator: OpenEmulator) -> None:
    emulator = await open_emulator(seed="leaky:5")
    headers = {"Authorization": f"Bearer {emulator.api_key}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(f"{emulator.api_url.removesuffix('/api')}/_emulator/truth") as response,
    ):
        assert response.status == 404


async def test_the_audit_log_knows_the_makers(leaky_emulator: Emulator, api: Api) -> None:
    log = AuditApi(await api(leaky_emulator))
    page = await log.get_organization_audit_logs(ORGANIZATION_ID, limit=200)

    entries = {entry.target_id: entry for entry in page.items}
    assert len(entries) == len(page.items)  # one creation each
    moments = [entry.created_at for entry in page.items]
    assert moments == sorted(moments, reverse=True)
    for sandbox_id, truth in leaky_emulator.truths.items():
        record = leaky_emulator.fleet.recall(sandbox_id)
        assert record is not None
        if record.warm_pool_id is not None:
            assert sandbox_id not in entries
            continue
        entry = entries[sandbox_id]
        assert (entry.actor_id == "local-user") == truth.is_mine
        assert entry.action == "create"
        assert abs(entry.created_at - record.created_at) < timedelta(seconds=1)
    suffixes = {entry.actor_api_key_suffix for entry in page.items if entry.actor_id == "local-user"}
    assert suffixes == {leaky_emulator.api_key[-3:], "c1k"}


async def test_the_makers_are_kept_and_not_told_twice(open_emulator: OpenEmulator, api: Api, tmp_path: Path) -> None:
    first = await open_emulator(seed="leaky:10", state_dir=tmp_path / "state")
    told = len(first._audit.entries)
    await first.close()
    second = await open_emulator(seed="leaky:10", state_dir=tmp_path / "state")
    page = await AuditApi(await api(second)).get_organization_audit_logs(ORGANIZATION_ID)

    assert sum(entry.action == "create" for entry in page.items) == told > 0
    assert not second.truths


async def test_measuring_makes_no_body_and_tells_the_load(leaky_emulator: Emulator, connect: Connect) -> None:
    daytona = await connect(leaky_emulator)
    records = leaky_emulator.fleet.records
    busy = next(each for each, truth in leaky_emulator.truths.items() if truth.kind == "working")
    quiet = next(
        each
        for each, truth in leaky_emulator.truths.items()
        if truth.kind in {"stranded", "just-killed"} and records[each].state == "started"
    )

    assert await _cpu(daytona, busy) >= 45
    assert await _cpu(daytona, quiet) < 1
    assert not leaky_emulator._bodies.opened()
    await (await daytona.get(busy)).process.exec("true")
    assert await _cpu(daytona, busy) >= 45  # the body is made, its work goes on
    sandbox = await daytona.get(busy)
    await sandbox.set_auto_delete_interval(-1)
    await sandbox.stop()
    await sandbox.start()
    assert await _cpu(daytona, busy) < 45


async def _cpu(daytona: AsyncDaytona, sandbox_id: str) -> float:
    sandbox = await daytona.get(sandbox_id)
    return float((await sandbox.get_metrics_latest()).cpu_used_pct or 0)


async def test_what_is_polled_stays_awake_and_nothing_else(leaky_emulator: Emulator, eventually: Eventually) -> None:
    records = leaky_emulator.fleet.records
    polled = [each for each, truth in leaky_emulator.truths.items() if truth.kind == "kept-warm"]
    mortal = [each for each, truth in leaky_emulator.truths.items() if truth.kind == "live" and records[each].auto_stop]
    assert polled
    assert mortal

    leaky_emulator.fleet.clock.advance(3600)

    await eventually(lambda: all(records[each].state == "stopped" for each in mortal))
    assert {records[each].state for each in polled} == {"started"}
    now = leaky_emulator.fleet.clock.now()
    assert all(now - records[each].last_activity_at < timedelta(minutes=2) for each in polled)


async def test_what_is_stuck_stays_so_and_cannot_be_deleted(leaky_emulator: Emulator, connect: Connect) -> None:
    daytona = await connect(leaky_emulator)
    stuck = [each for each, truth in leaky_emulator.truths.items() if truth.kind == "stuck"]
    states = {each: leaky_emulator.fleet.records[each].state for each in stuck}
    leaky_emulator.fleet.clock.advance(600)

    for sandbox_id in stuck:
        sandbox = await daytona.get(sandbox_id)
        assert sandbox.state is not None
        assert sandbox.state.value == states[sandbox_id]
        if sandbox.state.value not in {"archiving", "destroying"}:
            with pytest.raises(Exception, match=r"not in a valid state|in progress"):
                await sandbox.delete()
