"""Other resources for a sandbox: what may grow and shrink when, and what a quota says to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from daytona import AsyncDaytona, CreateSandboxFromSnapshotParams, DaytonaBadRequestError, Resources

from daytona_tui.emulator.accounts.quotas import Quota
from daytona_tui.emulator.server import Emulator

Open = Callable[..., Awaitable[Emulator]]
Connect = Callable[..., Awaitable[AsyncDaytona]]


async def test_a_running_sandbox_gets_more(daytona: AsyncDaytona) -> None:
    sandbox = await daytona.create()

    await sandbox.resize(Resources(cpu=2, memory=4), timeout=20)

    assert (sandbox.state, sandbox.cpu, sandbox.memory, sandbox.disk) == ("started", 2, 4, 3)
    assert (await sandbox.process.exec("echo still running")).result.strip() == "still running"


async def test_a_stopped_sandbox_gets_less_and_a_greater_disk(daytona: AsyncDaytona) -> None:
    sandbox = await daytona.create(CreateSandboxFromSnapshotParams(snapshot="daytona-medium"))
    await sandbox.stop(timeout=20)

    await sandbox.resize(Resources(cpu=1, memory=1, disk=20), timeout=20)

    assert (sandbox.state, sandbox.cpu, sandbox.memory, sandbox.disk) == ("stopped", 1, 1, 20)


@pytest.mark.parametrize(
    ("state", "body", "words"),
    [
        ("started", {}, "No resource changes specified"),
        ("started", {"cpu": 2, "memory": 4}, "No resource changes specified"),
        ("started", {"cpu": 1}, "must be in stopped state to decrease the number of CPU cores"),
        ("started", {"memory": 1}, "must be in stopped state to decrease memory"),
        ("started", {"disk": 20}, "Disk resize can only be performed on a stopped sandbox"),
        ("stopped", {"disk": 4}, "Sandbox disk size cannot be decreased"),
        ("stopped", {"cpu": 1000}, "exceeds maximum allowed per sandbox"),
        ("started", {"cpu": 0}, "cpu must not be less than 1"),
        ("started", {"cpu": 1.5}, "cpu must be an integer number"),
        ("started", {"memory": "4"}, "memory must be an integer number"),
        ("started", {"disk": True}, "disk must be an integer number"),
        ("started", {"disk": 10**30}, "disk must not be greater"),
        ("started", [], "JSON object"),
    ],
)
async def test_what_is_refused(
    emulator: Emulator, connect: Connect, http: aiohttp.ClientSession, state: str, body: object, words: str
) -> None:
    sandbox = await (await connect(emulator)).create(CreateSandboxFromSnapshotParams(snapshot="daytona-medium"))
    if state == "stopped":
        await sandbox.stop(timeout=20)

    async with http.post(f"/api/sandbox/{sandbox.id}/resize", json=body) as response:
        answer = await response.json()

    assert response.status == 400
    assert words in answer["message"]
    await sandbox.refresh_data()
    assert (sandbox.state, sandbox.cpu, sandbox.memory, sandbox.disk) == (state, 2, 4, 8)


async def test_a_total_quota_holds_for_a_resize_too(open_emulator: Open, connect: Connect) -> None:
    emulator = await open_emulator(quota=Quota(cpu=3))
    sandbox = await (await connect(emulator)).create()

    with pytest.raises(DaytonaBadRequestError, match=r"Total CPU limit exceeded\. Maximum allowed: 3"):
        await sandbox.resize(Resources(cpu=4), timeout=20)
    await sandbox.resize(Resources(cpu=3), timeout=20)

    assert sandbox.cpu == 3


async def test_a_sandbox_is_resizing_before_the_answer_and_busy_meanwhile(
    open_emulator: Open, connect: Connect
) -> None:
    emulator = await open_emulator(pace="natural")
    sdk = await connect(emulator)
    sandbox = await sdk.create()
    headers = {"Authorization": f"Bearer {emulator.api_key}"}
    url = f"{emulator.api_url}/sandbox/{sandbox.id}"

    async with aiohttp.ClientSession(headers=headers) as http:
        async with http.post(f"{url}/resize", json={"cpu": 2}) as response:
            assert (await response.json())["state"] == "resizing"
        for method, path in (("POST", "/resize"), ("POST", "/stop"), ("DELETE", "")):
            async with http.request(method, url + path, json={"cpu": 4}) as response:
                assert response.status == (400 if path == "/resize" else 409)
    await sandbox.refresh_data()
    await sandbox.wait_for_resize_complete(timeout=20)

    assert (sandbox.state, sandbox.cpu) == ("started", 2)
