"""The emulator's time, asked for and advanced from outside."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

import aiohttp
import pytest

from daytona_tui.emulator.server import Emulator

Open = Callable[..., Awaitable[Emulator]]


@pytest.fixture
async def emulator(open_emulator: Open) -> Emulator:
    return await open_emulator(control=True)


async def test_the_clock_advances_on_request(emulator: Emulator, http: aiohttp.ClientSession) -> None:
    async with http.get("/_emulator/clock") as response:
        before = await response.json()
    async with http.post("/_emulator/clock", json={"advance_s": 3600}) as response:
        after = await response.json()

    assert (before["ahead_s"], after["ahead_s"]) == (0, 3600)
    passed = datetime.fromisoformat(after["now"]) - datetime.fromisoformat(before["now"])
    assert 3600 <= passed.total_seconds() < 3660
    assert abs(emulator.fleet.clock.now() - datetime.fromisoformat(after["now"])).total_seconds() < 60


@pytest.mark.parametrize("amount", [-1, "60", None, True, 1e300, [], 10**400])
async def test_a_clock_that_cannot_be_advanced_so(http: aiohttp.ClientSession, amount: object) -> None:
    async with http.post("/_emulator/clock", json={"advance_s": amount}) as response:
        assert response.status == 400
