"""What the organisation has, used and did: through the real SDK against the emulator."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.contract.helpers import Gateways, all_of, connection_to

from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.audit import AuditQuestion
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.errors import ConfigError, ProtocolError, UnsupportedError

LOG = "/api/audit/organizations/*"
NOW = datetime.now(UTC)


async def test_regions_and_usage_are_told(gateway: DaytonaGateway) -> None:
    assert [(region.id, region.kind) for region in await gateway.regions()] == [("us", "shared"), ("eu", "shared")]

    usage = await gateway.usage(NOW - timedelta(days=30), NOW + timedelta(days=1))
    assert usage.sandboxes
    dollars = [used.dollars for _, used in usage.sandboxes]
    assert dollars == sorted(dollars, reverse=True)
    assert usage.total.dollars == pytest.approx(sum(dollars))
    assert usage.total.disk_gib_s > 0
    costs = await gateway.costs(NOW - timedelta(days=30), NOW + timedelta(days=1))
    assert {sandbox for sandbox, _ in usage.sandboxes} == set(costs)
    assert (await gateway.usage(NOW - timedelta(days=3000), NOW - timedelta(days=2999))).total.dollars == 0


async def test_the_log_is_read_page_by_page_and_chosen_from(gateway: DaytonaGateway) -> None:
    sandbox, other = [each for each in await all_of(gateway) if each.is_running][:2]
    begun = datetime.now(UTC) - timedelta(seconds=5)
    for value in ("1", "2", "3"):
        await gateway.set_labels(sandbox.id, {"a": value})
    await gateway.set_labels(other.id, {"a": "4"})

    mine = AuditQuestion(action="replace_labels", target_type="sandbox", target_id=sandbox.id)
    first = await gateway.audit_page(mine, limit=2)
    assert (len(first.entries), first.total, bool(first.next_token)) == (2, 3, True)
    rest = await gateway.audit_page(mine, limit=2, after=first.next_token)
    assert (len(rest.entries), rest.next_token) == (1, "")
    entries = (*first.entries, *rest.entries)
    assert len({entry.id for entry in entries}) == 3
    times = [entry.at for entry in entries if entry.at]
    assert times == sorted(times, reverse=True)
    assert {(entry.target_id, entry.actor, entry.status, entry.is_bad) for entry in entries} == {
        (sandbox.id, "local@localhost", 200, False)
    }

    since = await gateway.audit_page(AuditQuestion(since=begun), limit=200)
    assert {entry.action for entry in since.entries} == {"replace_labels"}
    before = await gateway.audit_page(AuditQuestion(until=begun - timedelta(days=4000)), limit=200)
    assert before.entries == ()
    for limit in (0, 201, True):
        with pytest.raises(ConfigError):
            await gateway.audit_page(mine, limit=limit)


async def test_an_older_server_is_remembered_for_what_it_lacks(emulator: Emulator, open_gateways: Gateways) -> None:
    gateway = open_gateways(connection_to(emulator))
    emulator.faults.add(FaultRule(path="/api/regions", status=404, body={"message": "Cannot GET /api/regions"}))
    emulator.faults.add(FaultRule(path=LOG, status=404, body={"message": "Not Found"}))
    with pytest.raises(UnsupportedError, match="this server has no list of regions"):
        await gateway.regions()
    with pytest.raises(UnsupportedError, match="this server has no audit log"):
        await gateway.audit_page(AuditQuestion(), limit=10)
    assert gateway.abilities.lacks(Ability.REGIONS)
    assert gateway.abilities.lacks(Ability.AUDIT)


async def test_answers_of_unknown_forms(emulator: Emulator, open_gateways: Gateways) -> None:
    gateway = open_gateways(connection_to(emulator))
    bodies: list[object] = [3, "text", {"items": 3}, [1]]
    for body in bodies:
        emulator.faults.add(FaultRule(path=LOG, times=1, body=body))
        with pytest.raises(ProtocolError):
            await gateway.audit_page(AuditQuestion(), limit=10)
    odd: dict[str, object] = {"action": 5, "statusCode": "x", "createdAt": [], "actorEmail": "a" * 9000}
    emulator.faults.add(FaultRule(path=LOG, times=1, body={"items": [odd, 7], "total": "many", "nextToken": 3}))
    page = await gateway.audit_page(AuditQuestion(), limit=10)
    assert len(page.entries) == 1
    assert (page.entries[0].at, page.entries[0].status, page.next_token) == (None, None, "")
    assert len(page.entries[0].actor) == 300
    emulator.faults.add(FaultRule(path=LOG, times=1, body={"items": [{"action": "stop", "targetId": "another"}]}))
    with pytest.raises(UnsupportedError, match="does not look"):  # it knows no filters
        await gateway.audit_page(AuditQuestion(target_id="mine"), limit=10)
    emulator.faults.add(FaultRule(path="/api/regions", times=1, body={"us": 1}))
    with pytest.raises(ProtocolError):
        await gateway.regions()
    emulator.faults.add(FaultRule(path="/api/regions", times=1, body=[{"id": "x"}, {"name": "nameless"}, 3]))
    assert [region.id for region in await gateway.regions()] == ["x"]
