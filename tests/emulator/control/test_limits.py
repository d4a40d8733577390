"""Rate limits: what answers say of them, what is refused, and when it is no longer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import aiohttp
import pytest
from daytona import DaytonaRateLimitError
from tests.emulator.conftest import Connect, OpenEmulator
from tests.emulator.control.conftest import Http

from daytona_tui.emulator.command import main
from daytona_tui.emulator.gate.limits import SAID, parse_limits
from daytona_tui.emulator.server import Emulator


def said(headers: Mapping[str, str]) -> dict[str, str]:
    """Return what an answer says of limits."""
    return {
        name.lower(): value
        for name, value in headers.items()
        if name.lower().startswith(("x-ratelimit-", "retry-after"))
    }


async def test_without_a_limit_nothing_is_refused_and_a_large_one_is_told(emulator: Emulator, bare: Http) -> None:
    http = await bare(emulator)
    async with http.get("/api/sandbox") as response:
        assert said(response.headers) == {
            "x-ratelimit-limit-authenticated": str(SAID),
            "x-ratelimit-remaining-authenticated": str(SAID - 1),
            "x-ratelimit-reset-authenticated": "60",
        }


async def test_each_limiter_counts_its_own_and_says_how_long_to_wait(
    open_emulator: OpenEmulator, connect: Connect, bare: Http
) -> None:
    limits = {"authenticated": 50, "sandbox-create": 1, "sandbox-lifecycle": 2}
    emulator = await open_emulator(rate_limits=limits)
    daytona = await connect(emulator)
    http = await bare(emulator)

    sandbox = await daytona.create()
    with pytest.raises(DaytonaRateLimitError, match="ThrottlerException: Too Many Requests") as create:
        await daytona.create()
    await sandbox.stop()
    await sandbox.start()
    with pytest.raises(DaytonaRateLimitError) as lifecycle:
        await sandbox.delete()

    assert said(create.value.headers) == {"retry-after-sandbox-create": "60"}
    assert said(lifecycle.value.headers) == {"retry-after-sandbox-lifecycle": "60"}
    async with http.get("/api/sandbox") as response:
        assert response.status == 200
        assert said(response.headers)["x-ratelimit-limit-authenticated"] == "50"

    emulator.fleet.clock.advance(61)
    await sandbox.delete()


async def test_the_toolbox_is_not_limited(open_emulator: OpenEmulator, connect: Connect) -> None:
    emulator = await open_emulator(rate_limits={"authenticated": 3})
    sandbox = await (await connect(emulator)).create()
    outcomes = await asyncio.gather(*(sandbox.process.exec("true") for _ in range(8)))
    assert [outcome.exit_code for outcome in outcomes] == [0] * 8


async def test_too_many_wrong_keys_shut_out_the_right_one_as_well(open_emulator: OpenEmulator, bare: Http) -> None:
    emulator = await open_emulator(rate_limits={"failed-auth": 3})
    right, wrong = await bare(emulator), await bare(emulator, "wrong")

    statuses = []
    for _ in range(4):
        async with wrong.get("/api/sandbox") as response:
            statuses.append(response.status)
    async with right.get("/api/sandbox") as response:
        refused = await response.json()
        headers = said(response.headers)

    assert statuses == [401, 401, 401, 429]
    assert (response.status, refused["message"]) == (429, "ThrottlerException: Too Many Requests")
    assert headers == {"retry-after": "60"}
    emulator.fleet.clock.advance(61)
    async with right.get("/api/sandbox") as response:
        assert response.status == 200


async def test_the_settings_tell_the_limits(open_emulator: OpenEmulator) -> None:
    emulator = await open_emulator(rate_limits={"sandbox-create": 7})
    async with aiohttp.ClientSession() as session, session.get(f"{emulator.api_url}/config") as response:
        assert (await response.json())["rateLimit"] == {"sandboxCreate": {"ttl": 60, "limit": 7}}


def test_limits_are_spelt_as_names_and_numbers() -> None:
    assert parse_limits("authenticated=10, sandbox-create=300") == {"authenticated": 10, "sandbox-create": 300}


@pytest.mark.parametrize("text", ["", "authenticated", "authenticated=", "authenticated=-1", "authenticated=0", "x=5"])
def test_other_spellings_are_refused_in_one_line(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--rate-limit", text]) == 2
    said_so = capfd.readouterr().err
    assert said_so.count("\n") == 1
    assert "rate limit" in said_so
