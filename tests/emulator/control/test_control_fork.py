"""Forks of virtual machines: the same files, a life of its own, and a family that is remembered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from daytona import AsyncDaytona, AsyncSandbox, CreateSandboxFromSnapshotParams, DaytonaBadRequestError
from daytona.common.errors import DaytonaConflictError, DaytonaError

from daytona_tui.emulator.server import Emulator

Open = Callable[..., Awaitable[Emulator]]
Connect = Callable[..., Awaitable[AsyncDaytona]]
Http = Callable[..., Awaitable[aiohttp.ClientSession]]


@pytest.fixture
async def sdk(emulator: Emulator, connect: Connect) -> AsyncDaytona:
    return await connect(emulator)


async def _machine(sdk: AsyncDaytona, **parameters: Any) -> AsyncSandbox:
    return await sdk.create(CreateSandboxFromSnapshotParams(snapshot="daytona-vm", **parameters))


async def _ids(http: aiohttp.ClientSession, path: str) -> list[str]:
    async with http.get(f"/api/sandbox/{path}") as response:
        assert response.status == 200
        return [each["id"] for each in await response.json()]


async def test_a_fork_has_the_same_files_and_goes_its_own_way(
    open_emulator: Open, connect: Connect, tmp_path: Path, isolation: str
) -> None:
    emulator = await open_emulator(isolation=isolation, state_dir=tmp_path / "state")
    parent = await _machine(await connect(emulator), name="parent", labels={"team": "a"}, auto_stop_interval=33)
    await parent.process.exec("echo shared > note.txt; ln -s note.txt link; mkdir -p d/e; chmod 700 note.txt")

    fork = await parent.fork("child", timeout=20)
    await fork.process.exec("echo mine > note.txt")
    await parent.refresh_data()

    assert (fork.name, fork.state, fork.auto_stop_interval) == ("child", "started", 33)
    assert fork.labels == parent.labels
    assert (fork.cpu, fork.memory, fork.disk) == (parent.cpu, parent.memory, parent.disk)
    assert fork.id != parent.id
    assert parent.state == "started"
    assert (await parent.process.exec("cat note.txt link")).result == "shared\nshared\n"
    assert (await fork.process.exec("cat link; stat -c %a note.txt; ls -d d/e")).result == "mine\n700\nd/e\n"
    assert emulator.fleet.records[fork.id].auth_token != emulator.fleet.records[parent.id].auth_token


async def test_a_family_is_remembered(sdk: AsyncDaytona, http: aiohttp.ClientSession) -> None:
    grandmother = await _machine(sdk, name="grandmother")
    mother = await grandmother.fork("mother", timeout=20)
    aunt = await grandmother.fork("aunt", timeout=20)
    child = await mother.fork(timeout=20)

    assert await _ids(http, "grandmother/forks") == [mother.id, aunt.id]
    assert await _ids(http, f"{child.id}/ancestors") == [grandmother.id, mother.id]
    assert await _ids(http, "grandmother/ancestors") == []
    async with http.get(f"/api/sandbox/{child.id}/parent") as response:
        assert (await response.json())["id"] == mother.id
    async with http.get("/api/sandbox/grandmother/parent") as response:
        assert response.status == 404
        assert (await response.json())["message"] == "Parent sandbox not found for sandbox grandmother"

    await aunt.delete(timeout=20, wait=True)
    assert await _ids(http, "grandmother/forks") == [mother.id]
    assert await _ids(http, "grandmother/forks?includeDestroyed=true") == [mother.id, aunt.id]


async def test_a_parent_cannot_go_before_its_forks(sdk: AsyncDaytona) -> None:
    parent = await _machine(sdk)
    fork = await parent.fork(timeout=20)

    with pytest.raises(DaytonaBadRequestError, match="active fork children"):
        await parent.delete(timeout=20)
    await fork.delete(timeout=20, wait=True)
    await parent.delete(timeout=20, wait=True)

    assert [each async for each in sdk.list()] == []


async def test_what_cannot_be_forked(sdk: AsyncDaytona, emulator: Emulator) -> None:
    container, machine = await sdk.create(), await _machine(sdk, name="taken")

    with pytest.raises(DaytonaError, match="Forking is not supported for this sandbox") as refusal:
        await container.fork(timeout=20)
    assert refusal.value.status_code == 422
    with pytest.raises(DaytonaConflictError, match="Sandbox with this name already exists"):
        await machine.fork("taken", timeout=20)
    await machine.stop(timeout=20)
    with pytest.raises(DaytonaBadRequestError, match="must be in started state to fork"):
        await machine.fork(timeout=20)

    assert len(emulator.fleet.records) == 2


async def test_parent_and_fork_change_together_at_the_natural_pace(
    open_emulator: Open, connect: Connect, bare: Http
) -> None:
    emulator = await open_emulator(pace="natural")
    sdk = await connect(emulator)
    parent = await _machine(sdk, name="parent")
    http = await bare(emulator)

    async with http.post("/api/sandbox/parent/fork", json={"name": "child"}) as response:
        answer = await response.json()
    assert (answer["name"], answer["state"]) == ("child", "creating")
    assert emulator.fleet.records[parent.id].state == "forking"
    async with http.post("/api/sandbox/parent/fork", json={}) as response:
        assert response.status == 400
    child = await sdk.get("child")
    await child.wait_for_sandbox_start(timeout=20)
    await parent.refresh_data()

    assert (parent.state, child.state) == ("started", "started")


async def test_a_linked_sandbox_goes_with_the_one_it_is_linked_to(sdk: AsyncDaytona, emulator: Emulator) -> None:
    owner, follower, other = await sdk.create(), await sdk.create(), await sdk.create()
    emulator.fleet.change(emulator.fleet.records[follower.id], linked_sandbox_id=owner.id)

    await owner.delete(timeout=20, wait=True)

    assert set(emulator.fleet.records) == {other.id}
