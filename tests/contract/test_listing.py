"""The whole fleet in pages: nothing is missed, one page is fetched ahead, and what was deleted shows on request."""

from __future__ import annotations

import asyncio

from tests.contract.helpers import Gateways, all_of, client_tasks, connection_to, until

from daytona_tui.client import FirstPage, open_gateway
from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.domain.sandbox import SandboxId, SandboxState
from daytona_tui.domain.transitions import is_buried
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator, EmulatorOptions

LISTING = "/api/sandbox"


async def test_what_becomes_active_between_two_pages_is_not_missed(open_gateways: Gateways) -> None:
    async with Emulator(EmulatorOptions(seed="fleet:900", pace="instant")) as emulator:
        pages = open_gateways(connection_to(emulator)).list_pages()
        seen = {sandbox.id for sandbox in await anext(pages)}
        for record in list(emulator.fleet.records.values()):
            if record.id not in seen:
                emulator.fleet.touch(record)
        async for page in pages:
            seen |= {sandbox.id for sandbox in page}

        assert seen == set(emulator.fleet.records)


async def test_one_page_is_fetched_ahead_and_no_more(open_gateways: Gateways) -> None:
    async with Emulator(EmulatorOptions(seed="fleet:900", pace="instant")) as emulator:
        asked = emulator.faults.add(FaultRule(path=LISTING))
        pages = open_gateways(connection_to(emulator)).list_pages()
        for number in range(1, 4):
            await anext(pages)
            await until(lambda number=number: asked.hits == number + 1)  # type: ignore[misc]
            for _ in range(50):
                await asyncio.sleep(0)
            assert asked.hits == number + 1
        await pages.aclose()  # type: ignore[attr-defined] # an async generator, as its users rely on


async def test_a_listing_that_is_left_leaves_no_request_behind(open_gateways: Gateways) -> None:
    async with Emulator(EmulatorOptions(seed="fleet:900", pace="instant")) as emulator:
        gateway = open_gateways(connection_to(emulator))
        await gateway.identify()
        before = client_tasks()
        pages = gateway.list_pages()
        await anext(pages)
        ahead = emulator.faults.add(FaultRule(path=LISTING, silent=True))
        await until(lambda: ahead.hits == 1)

        await pages.aclose()  # type: ignore[attr-defined] # an async generator, as its users rely on

        assert client_tasks() <= before


async def test_the_page_in_advance_and_the_next_ones_are_one_listing() -> None:
    async with Emulator(EmulatorOptions(seed="fleet:450", pace="instant")) as emulator:
        ahead = FirstPage(lambda: connection_to(emulator))
        ahead.start()
        gateway = open_gateway(connection_to(emulator), first_page=ahead)
        try:
            pages = [page async for page in gateway.list_pages()]
        finally:
            await gateway.close()

        assert [len(page) for page in pages] == [200, 200, 50]
        assert {sandbox.id for page in pages for sandbox in page} == set(emulator.fleet.records)


async def test_what_failed_and_was_deleted_is_listed_on_request(emulator: Emulator, gateway: DaytonaGateway) -> None:
    record = next(each for each in emulator.fleet.records.values() if each.state == "error")
    emulator.fleet.change(record, desired_state="destroyed")

    assert record.id not in {sandbox.id for sandbox in await all_of(gateway)}
    listed = {sandbox.id: sandbox async for page in gateway.list_pages(errored_deleted=True) for sandbox in page}

    assert is_buried(listed[SandboxId(record.id)])
    assert listed[SandboxId(record.id)].state is SandboxState.ERROR
    assert set(emulator.fleet.records) <= listed.keys()
