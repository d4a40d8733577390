"""A sandbox that is started for something is put back when nothing of this program needs it any more."""

from __future__ import annotations

import asyncio

import pytest
from tests.operations.conftest import Bench

from daytona_tui.domain.sandbox import Sandbox, SandboxState
from daytona_tui.errors import TransferError
from daytona_tui.operations.waking import awake, using


async def _stopped(bench: Bench) -> Sandbox:
    stopped = await bench.gateway.stop(bench.sandbox.id, timeout_s=30)
    assert stopped is not None
    return stopped


async def _state(bench: Bench) -> SandboxState:
    return (await bench.gateway.get(bench.sandbox.id)).state


@pytest.mark.parametrize("ends", ["well", "with an error", "cancelled"])
async def test_it_runs_until_the_last_work_with_it_is_over(bench: Bench, ends: str) -> None:
    stopped = await _stopped(bench)
    runs, is_over, other_is_over = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def first(_running: Sandbox) -> str:
        runs.set()
        await is_over.wait()
        return "first"

    async def other() -> str:
        await other_is_over.wait()
        if ends == "with an error":
            raise TransferError("the line is dead")
        return "other"

    begun = asyncio.create_task(awake(bench.gateway, stopped, first, timeout_s=30))
    async with asyncio.timeout(30):
        await runs.wait()
        beside = asyncio.create_task(using(stopped.id, other))
        await asyncio.sleep(0)
        is_over.set()
        woken = await begun
        assert (woken.result, woken.was_put_back) == ("first", False)
        assert await _state(bench) is SandboxState.STARTED

        other_is_over.set() if ends != "cancelled" else beside.cancel()
        (came,) = await asyncio.gather(beside, return_exceptions=True)
    assert isinstance(came, BaseException) == (ends != "well")
    assert await _state(bench) is SandboxState.STOPPED


async def test_one_that_runs_anyway_stays_as_it_is(bench: Bench) -> None:
    async def work(running: Sandbox) -> str:
        return (await using(running.id, lambda: asyncio.sleep(0, "within"))).result

    woken = await awake(bench.gateway, await bench.gateway.get(bench.sandbox.id), work)

    assert (woken.result, woken.was_put_back, woken.after) == ("within", False, None)
    assert await _state(bench) is SandboxState.STARTED
