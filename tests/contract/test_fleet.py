"""Listing, looking at one, and the life of sandboxes, through the real SDK against the emulator."""

from __future__ import annotations

import asyncio

import pytest
from tests.contract.helpers import Gateways, all_of, connection_to, id_in_state, until

from daytona_tui.client import FirstPage, open_gateway
from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.domain.sandbox import SandboxId, SandboxState
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator, EmulatorOptions
from daytona_tui.errors import (
    ConflictError,
    NotFoundError,
    OperationTimeoutError,
    ProtocolError,
    RateLimitedError,
    RemoteError,
)


async def test_every_page_is_listed(open_gateways: Gateways) -> None:
    async with Emulator(EmulatorOptions(seed="fleet:450", pace="instant")) as emulator:
        pages = [page async for page in open_gateways(connection_to(emulator)).list_pages()]
        assert [len(page) for page in pages] == [200, 200, 50]
        assert {sandbox.id for page in pages for sandbox in page} == set(emulator.fleet.records)


async def test_an_empty_fleet_is_one_empty_page(open_gateways: Gateways) -> None:
    async with Emulator(EmulatorOptions(seed="empty", pace="instant")) as emulator:
        assert [page async for page in open_gateways(connection_to(emulator)).list_pages()] == [()]


async def test_odd_rows_cost_one_cell_each(emulator: Emulator, gateway: DaytonaGateway) -> None:
    ids = [SandboxId(each) for each in emulator.fleet.records]
    emulator.fleet.distort(ids[0], {"state": "hibernating"})
    emulator.fleet.distort(ids[1], {"labels": {"code-toolbox-language": "cobol", "n": 1, "none": None}})
    emulator.fleet.distort(ids[2], {"cpu": None, "createdAt": "soon"})
    emulator.fleet.distort(ids[3], drop=["networkBlockAll", "kvm", "labels", "organizationId"])
    emulator.fleet.distort(ids[4], drop=["id"])
    found = {sandbox.id: sandbox for sandbox in await all_of(gateway)}
    assert set(found) == set(ids) - {ids[4]}
    assert found[ids[0]].state is SandboxState.UNKNOWN
    assert dict(found[ids[1]].labels) == {"code-toolbox-language": "cobol", "n": "1", "none": ""}
    assert found[ids[2]].resources.cpu is None
    assert found[ids[2]].created_at is None
    assert [bool(found[each].oddities) for each in ids[:4]] == [True] * 4
    assert all(not sandbox.oddities for each, sandbox in found.items() if each not in ids[:4])
    assert (await gateway.get(ids[0])).state_word == "hibernating"


async def test_an_older_server_without_new_fields_works_whole(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId
) -> None:
    emulator.fleet.distort(
        started, drop=["kvm", "networkBlockAll", "gpuType", "spot", "env", "volumes", "sandboxClass"]
    )
    assert (await gateway.run(started, "echo works")).output == "works\n"
    stopped = await gateway.stop(started, timeout_s=20)
    assert stopped is not None
    assert stopped.state is SandboxState.STOPPED
    assert (await gateway.start(started, timeout_s=20)).state is SandboxState.STARTED


async def test_a_page_that_fails_leaves_the_earlier_ones(open_gateways: Gateways) -> None:
    async with Emulator(EmulatorOptions(seed="fleet:450", pace="instant")) as emulator:
        pages = open_gateways(connection_to(emulator)).list_pages()
        first = await anext(pages)
        emulator.faults.add(FaultRule(path="/api/sandbox", status=500))
        assert len(first) == 200
        with pytest.raises(RemoteError):
            await anext(pages)


async def test_a_cursor_that_leads_in_a_circle_ends(emulator: Emulator, gateway: DaytonaGateway) -> None:
    emulator.faults.add(FaultRule(path="/api/sandbox", body={"items": [], "nextCursor": "again"}))
    with pytest.raises(ProtocolError, match="circle"):
        await all_of(gateway)


async def test_one_sandbox_by_id_and_by_name(emulator: Emulator, gateway: DaytonaGateway, started: SandboxId) -> None:
    by_id = await gateway.get(started)
    assert by_id == await gateway.get(by_id.name)
    for nobody in ("no-such-sandbox", "../sandbox", "a/b?c#d", ""):
        with pytest.raises(NotFoundError):
            await gateway.get(nobody)


async def test_who_the_key_belongs_to(emulator: Emulator, gateway: DaytonaGateway) -> None:
    identity = await gateway.identify()
    assert identity.organization_id
    assert "delete:sandboxes" in identity.permissions
    emulator.faults.add(FaultRule(path="/api/api-keys/current", status=404))
    assert (await gateway.identify()).permissions == ()


@pytest.mark.parametrize("pace", ["instant", "natural"])
async def test_a_life(open_gateways: Gateways, pace: str) -> None:
    options = EmulatorOptions(seed="fleet:30", pace="natural" if pace == "natural" else "instant")
    async with Emulator(options) as emulator:
        gateway = open_gateways(connection_to(emulator))
        sandbox_id = id_in_state(emulator, SandboxState.STARTED)
        stopped = await gateway.stop(sandbox_id, timeout_s=30)
        assert stopped is not None
        assert stopped.state is SandboxState.STOPPED
        archived = await gateway.archive(sandbox_id, timeout_s=60)
        assert archived.state is SandboxState.ARCHIVED
        assert (await gateway.start(sandbox_id, timeout_s=30)).state is SandboxState.STARTED
        await gateway.delete(sandbox_id, timeout_s=30)
        with pytest.raises(NotFoundError):
            await gateway.get(sandbox_id)
        await gateway.delete(sandbox_id, timeout_s=30)  # gone already: a success
        await gateway.delete(SandboxId("never-was"), timeout_s=30)


async def test_a_paused_sandbox_is_resumed_by_start(open_gateways: Gateways) -> None:
    async with Emulator(EmulatorOptions(seed="fleet:200", pace="instant")) as emulator:
        paused = id_in_state(emulator, SandboxState.PAUSED)
        assert (await open_gateways(connection_to(emulator)).start(paused, timeout_s=20)).is_running


async def test_stopping_an_ephemeral_sandbox_ends_it(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId
) -> None:
    emulator.fleet.records[started].auto_delete = 0
    assert await gateway.stop(started, timeout_s=20) is None
    with pytest.raises(NotFoundError):
        await gateway.get(started)


async def test_what_the_state_forbids_is_a_conflict(emulator: Emulator, gateway: DaytonaGateway) -> None:
    with pytest.raises(ConflictError):
        await gateway.archive(id_in_state(emulator, SandboxState.STARTED), timeout_s=10)
    with pytest.raises(ConflictError):
        await gateway.start(id_in_state(emulator, SandboxState.ERROR), timeout_s=10)
    with pytest.raises(NotFoundError):
        await gateway.start(SandboxId("nobody"), timeout_s=10)


async def test_a_goal_that_is_reached_already_is_a_success(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId
) -> None:
    assert (await gateway.start(started, timeout_s=10)).is_running
    stopped = await gateway.stop(id_in_state(emulator, SandboxState.STOPPED), timeout_s=10)
    assert stopped is not None
    assert stopped.state is SandboxState.STOPPED


async def test_a_failed_look_is_not_a_failed_deed(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId
) -> None:
    # The deed's own answer is lost and so are the first looks; the sandbox stops all the same.
    emulator.faults.add(FaultRule(method="GET", path=f"/api/sandbox/{started}", status=500, times=3))
    emulator.fleet.distort(started, {"state": "stopping"})
    stopping = asyncio.create_task(gateway.stop(started, timeout_s=20))
    await until(lambda: emulator.fleet.records[started].state == "stopped")
    emulator.fleet.distort(started)
    stopped = await stopping
    assert stopped is not None
    assert stopped.state is SandboxState.STOPPED


async def test_an_answer_that_is_lost_after_the_deed_is_no_failure(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId
) -> None:
    emulator.faults.add(FaultRule(method="POST", path=f"/api/sandbox/{started}/stop", truncate=20))
    stopped = await gateway.stop(started, timeout_s=20)
    assert stopped is not None
    assert stopped.state is SandboxState.STOPPED


async def test_what_never_settles_is_too_late(emulator: Emulator, gateway: DaytonaGateway, started: SandboxId) -> None:
    emulator.fleet.distort(started, {"state": "stopping"})
    with pytest.raises(OperationTimeoutError, match="it is stopping"):
        await gateway.stop(started, timeout_s=0.5)


async def test_ending_in_an_error_state_says_why(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId
) -> None:
    emulator.fleet.distort(started, {"state": "error", "errorReason": "disk full"})
    for call in (gateway.start(started, timeout_s=10), gateway.stop(started, timeout_s=10)):
        with pytest.raises(RemoteError, match="disk full"):
            await call


async def test_a_sandbox_in_an_error_state_can_be_deleted(emulator: Emulator, gateway: DaytonaGateway) -> None:
    failed = id_in_state(emulator, SandboxState.ERROR)
    await gateway.delete(failed, timeout_s=20)
    with pytest.raises(NotFoundError):
        await gateway.get(failed)


async def test_deleting_twice_at_once_succeeds_twice(open_gateways: Gateways) -> None:
    async with Emulator(EmulatorOptions(seed="fleet:10", pace="natural")) as emulator:
        gateway = open_gateways(connection_to(emulator))
        sandbox_id = id_in_state(emulator, SandboxState.STARTED)
        await asyncio.gather(*(gateway.delete(sandbox_id, timeout_s=30) for _ in range(3)))
        assert sandbox_id not in emulator.fleet.records


async def test_a_refused_deed_is_reported_as_it_was_refused(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId
) -> None:
    emulator.faults.add(FaultRule.rate_limited(method="POST", limiter="sandbox-lifecycle", seconds=42))
    with pytest.raises(RateLimitedError) as caught:
        await gateway.stop(started, timeout_s=10)
    assert (caught.value.retry_after_s, caught.value.limiter) == (42.0, "sandbox-lifecycle")
    emulator.faults.clear()
    emulator.faults.add(FaultRule(method="POST", status=500))
    with pytest.raises(RemoteError):
        await gateway.stop(started, timeout_s=10)
    assert emulator.fleet.records[started].state == "started"


async def test_many_at_once(emulator: Emulator, gateway: DaytonaGateway) -> None:
    running = [SandboxId(each.id) for each in emulator.fleet.records.values() if each.state == "started"]
    results = await asyncio.gather(*(gateway.stop(each, timeout_s=30) for each in running))
    assert all(result is None or result.state is SandboxState.STOPPED for result in results)


async def test_the_page_fetched_in_advance_comes_first_and_once(emulator: Emulator) -> None:
    first_page = FirstPage(lambda: connection_to(emulator))
    first_page.start()
    page = await first_page.result()
    assert page is not None
    assert {sandbox.id for sandbox in page.sandboxes} == set(emulator.fleet.records)
    emulator.fleet.distort(page.sandboxes[0].id, {"name": "renamed-since"})
    gateway = open_gateway(connection_to(emulator), first_page=first_page)
    try:
        listed = [page async for page in gateway.list_pages()]
        assert listed == [page.sandboxes]
        again = [page async for page in gateway.list_pages()]
        assert "renamed-since" in {sandbox.name for sandbox in again[0]}
    finally:
        await gateway.close()


async def test_the_first_page_goes_on_with_its_cursor() -> None:
    async with Emulator(EmulatorOptions(seed="fleet:250", pace="instant")) as emulator:
        first_page = FirstPage(lambda: connection_to(emulator))
        first_page.start()
        gateway = open_gateway(connection_to(emulator), first_page=first_page)
        try:
            assert [len(page) async for page in gateway.list_pages()] == [200, 50]
        finally:
            await gateway.close()


async def test_a_first_page_that_fails_leaves_it_to_the_ordinary_way(emulator: Emulator) -> None:
    emulator.faults.add(FaultRule(path="/api/sandbox", status=500, times=1))
    first_page = FirstPage(lambda: connection_to(emulator))
    first_page.start()
    gateway = open_gateway(connection_to(emulator), first_page=first_page)
    try:
        assert [len(page) async for page in gateway.list_pages()] == [30]
        assert await first_page.result() is None
    finally:
        await gateway.close()
