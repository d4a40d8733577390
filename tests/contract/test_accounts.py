"""Use of a sandbox, quotas and costs, through the real SDK against the emulator."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.contract.helpers import Gateways, connection_to, id_in_state

from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.domain.sandbox import SandboxId, SandboxState
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator, EmulatorOptions
from daytona_tui.errors import (
    AuthError,
    ConflictError,
    NotFoundError,
    ProtocolError,
    RemoteError,
    UnsupportedError,
)

NOW = datetime.now(UTC)
SPAN = (NOW - timedelta(days=2), NOW + timedelta(days=1))


async def test_use_is_measured_with_its_limits_and_is_no_activity(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId
) -> None:
    before = emulator.fleet.records[started].last_activity_at
    metrics = await gateway.metrics(started)
    record = emulator.fleet.records[started]
    assert metrics.cpu_count == record.cpu
    assert metrics.memory_limit_bytes == record.memory << 30
    assert metrics.disk_limit_bytes == record.disk << 30
    assert metrics.cpu_percent is not None
    assert metrics.memory_bytes is not None
    assert metrics.disk_bytes is not None
    assert metrics.at is not None
    assert metrics.at.tzinfo is not None
    assert record.last_activity_at == before


async def test_use_of_what_does_not_run(emulator: Emulator, gateway: DaytonaGateway) -> None:
    with pytest.raises(ConflictError, match="not running"):
        await gateway.metrics(id_in_state(emulator, SandboxState.STOPPED))
    with pytest.raises(NotFoundError):
        await gateway.metrics(SandboxId("00000000-0000-4000-8000-000000000000"))


async def test_an_older_toolbox_has_no_measurement(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId
) -> None:
    emulator.faults.add(
        FaultRule(path="*/system/metrics", status=404, text="404 page not found", content_type="text/plain")
    )
    with pytest.raises(UnsupportedError, match="older than the measurement"):
        await gateway.metrics(started)


async def test_odd_use_is_not_known(emulator: Emulator, gateway: DaytonaGateway, started: SandboxId) -> None:
    odd = {"cpuUsedPct": "many", "memUsed": -4, "memTotal": True, "diskUsed": None, "timestamp": "soon"}
    emulator.faults.add(FaultRule(path="*/system/metrics", body=odd))
    metrics = await gateway.metrics(started)
    assert (metrics.cpu_percent, metrics.memory_bytes, metrics.memory_limit_bytes) == (None, None, None)
    assert (metrics.disk_bytes, metrics.at) == (None, None)
    emulator.faults.clear()
    emulator.faults.add(FaultRule(path="*/system/metrics", body=[1, 2]))
    with pytest.raises(ProtocolError):
        await gateway.metrics(started)


async def test_quotas_tell_what_the_fleet_uses(emulator: Emulator, gateway: DaytonaGateway) -> None:
    quotas = await gateway.quotas()
    assert quotas is not None
    running = [each for each in emulator.fleet.records.values() if each.state == "started"]
    assert sum(each.cpu.used for each in quotas.regions) == sum(each.cpu for each in running)
    assert {each.region for each in quotas.regions} == {"us", "eu"}
    assert all(each.disk_gib.limit > each.disk_gib.used for each in quotas.regions)
    assert 0 < max(each.cpu.fraction for each in quotas.regions) < 1
    assert quotas.snapshots.limit > 0


async def test_a_key_that_may_not_read_quotas_gets_none(open_gateways: Gateways, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps([{"name": "reader", "key": "dtn_reader_0123456789", "permissions": []}]))
    file.chmod(0o600)
    async with Emulator(EmulatorOptions(seed="fleet:3", pace="instant", keys=file)) as emulator:
        gateway = open_gateways(Connection(emulator.api_url, Secret("dtn_reader_0123456789")))
        assert await gateway.quotas() is None


async def test_a_server_without_quotas(emulator: Emulator, gateway: DaytonaGateway) -> None:
    body = {"message": "Cannot GET /api/organizations/x/usage", "statusCode": 404}
    emulator.faults.add(FaultRule(path="*/usage", status=404, body=body))
    with pytest.raises(UnsupportedError, match="does not tell quotas"):
        await gateway.quotas()


async def test_a_wrong_key_is_not_taken_for_a_missing_permission(emulator: Emulator, open_gateways: Gateways) -> None:
    gateway = open_gateways(Connection(emulator.api_url, Secret("dtn_wrong_0123456789")))
    with pytest.raises(AuthError):
        await gateway.quotas()
    with pytest.raises(AuthError):
        await gateway.costs(*SPAN)


async def test_costs_are_told_by_sandbox(emulator: Emulator, gateway: DaytonaGateway, started: SandboxId) -> None:
    emulator.fleet.clock.advance(3600)
    costs = await gateway.costs(*SPAN)
    assert costs[started] > 0
    assert set(costs) <= set(emulator.fleet.records)


async def test_costs_of_a_time_before_everything_are_none(gateway: DaytonaGateway) -> None:
    long_ago = datetime(2001, 1, 1, tzinfo=UTC)
    assert not await gateway.costs(long_ago, long_ago + timedelta(days=1))


async def test_a_server_without_accounts(emulator: Emulator, gateway: DaytonaGateway) -> None:
    emulator.faults.add(FaultRule(path="/api/config", body={"version": "0.190.0"}))
    with pytest.raises(UnsupportedError, match="keeps no accounts"):
        await gateway.costs(*SPAN)


async def test_the_key_is_not_sent_in_the_clear_to_another_host(emulator: Emulator, gateway: DaytonaGateway) -> None:
    emulator.faults.add(FaultRule(path="/api/config", body={"analyticsApiUrl": "http://elsewhere.invalid/analytics"}))
    with pytest.raises(UnsupportedError, match="keeps no accounts"):
        await gateway.costs(*SPAN)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (FaultRule(path="/analytics/*", status=403, body={"message": "Forbidden"}), AuthError),
        (FaultRule(path="/analytics/*", status=500), RemoteError),
        (FaultRule(path="/analytics/*", body={"a": "map"}), ProtocolError),
    ],
    ids=["403", "500", "shape"],
)
async def test_costs_meet_trouble_in_our_words(
    emulator: Emulator, gateway: DaytonaGateway, fault: FaultRule, kind: type[Exception]
) -> None:
    emulator.faults.add(fault)
    with pytest.raises(kind):
        await gateway.costs(*SPAN)


async def test_no_connection_is_left_open_by_the_accounts(emulator: Emulator, open_gateways: Gateways) -> None:
    gateway = open_gateways(connection_to(emulator))
    await gateway.costs(*SPAN)
    session = (await gateway._link.sdk()).session
    await gateway.close()
    assert session.closed
