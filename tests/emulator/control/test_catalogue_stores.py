"""Volumes that sandboxes share, secrets that nobody sees, warm pools that hand over, and every create parameter."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from daytona import (
    AsyncDaytona,
    CreateSandboxFromImageParams,
    CreateSandboxFromSnapshotParams,
    DaytonaConflictError,
    DaytonaError,
    Resources,
    VolumeMount,
)
from daytona.common.secret import CreateSecretParams, UpdateSecretParams
from daytona_api_client_async.exceptions import ApiException
from tests.emulator.conftest import DEADLINE_S, Connect, OpenEmulator

from daytona_tui.emulator.accounts.quotas import Quota
from daytona_tui.emulator.server import Emulator

FROM_SNAPSHOT = CreateSandboxFromSnapshotParams
VALUE = "the-value-of-a-secret"


def secret_of(name: str) -> CreateSecretParams:
    """Return what makes a secret."""
    return CreateSecretParams(name=name, value=VALUE)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until a condition holds, with a deadline."""
    async with asyncio.timeout(DEADLINE_S):
        while not await condition():  # noqa: ASYNC110 - what is waited for is in a server
            await asyncio.sleep(0.02)


async def test_two_sandboxes_share_a_volume(open_emulator: OpenEmulator, connect: Connect, isolation: str) -> None:
    client = await connect(await open_emulator(isolation=isolation))
    volume = await client.volume.get("shared", create=True)
    assert volume.state == "ready"
    first = await client.create(FROM_SNAPSHOT(volumes=[VolumeMount(volume_id=volume.id, mount_path="/home/daytona/a")]))
    second = await client.create(
        FROM_SNAPSHOT(
            volumes=[
                VolumeMount(volume_id="shared", mount_path="/home/daytona/b/c"),
                VolumeMount(volume_id="shared", mount_path="/data", subpath="in/side"),
            ]
        )
    )

    await first.process.exec("echo whole > a/file; echo part > a/in/side/file")

    place = "/data" if isolation == "bubblewrap" else "data"
    seen = await second.process.exec(f"cat b/c/file {place}/file; echo back > b/c/other")
    assert seen.result.splitlines() == ["whole", "part"]
    assert (await first.process.exec("cat a/other")).result.strip() == "back"
    assert [each.volume_id for each in second.volumes or []] == [volume.id, volume.id]
    with pytest.raises(DaytonaConflictError, match="in use by one or more sandboxes"):
        await client.volume.delete(volume)
    await first.delete(wait=True)
    await second.delete(wait=True)
    await client.volume.delete(volume)
    assert await client.volume.list() == []


async def test_a_volume_comes_and_goes_in_steps(open_emulator: OpenEmulator, connect: Connect) -> None:
    client = await connect(await open_emulator(pace="natural"))

    async def state() -> str:
        return str((await client.volume.get("slow")).state.value)

    volume = await client.volume.create("slow")
    assert volume.state == "pending_create"
    with pytest.raises(DaytonaError, match=r"Volume 'slow' is not in a ready state\. Current state: pending_create"):
        await client.create(FROM_SNAPSHOT(volumes=[VolumeMount(volume_id=volume.id, mount_path="/data")]))
    with pytest.raises(DaytonaError, match="must be in 'ready' or 'error' state"):
        await client.volume.delete(volume)
    await until(lambda: _is(state, "ready"))
    with pytest.raises(DaytonaError, match="Volume with name slow already exists"):
        await client.volume.create("slow")
    await client.volume.delete(volume)
    assert await state() == "pending_delete"

    async def is_gone() -> bool:
        return await client.volume.list() == []

    await until(is_gone)


async def _is(state: Callable[[], Awaitable[str]], wanted: str) -> bool:
    return await state() == wanted


@pytest.mark.parametrize(
    "path", ["/", "//", "data", "/a/../b", "/proc", "/etc/x", "/a//b", "/home/daytona", "", None, 3, "/a\0b"]
)
async def test_bad_mount_paths_are_refused(http: aiohttp.ClientSession, daytona: AsyncDaytona, path: object) -> None:
    volume = await daytona.volume.create("v")
    async with http.post("/api/sandbox", json={"volumes": [{"volumeId": volume.id, "mountPath": path}]}) as answer:
        assert answer.status == 400
        assert (await answer.json())["message"].startswith("Invalid mount path")


async def test_a_link_in_a_volume_leads_nowhere_else(
    open_emulator: OpenEmulator, connect: Connect, tmp_path: Path
) -> None:
    client = await connect(await open_emulator())
    (tmp_path / "private").write_text("not yours", encoding="utf-8")
    volume = await client.volume.create("trap")
    mount = VolumeMount(volume_id=volume.id, mount_path="/home/daytona/v")
    sandbox = await client.create(FROM_SNAPSHOT(volumes=[mount]))
    await sandbox.process.exec(f"ln -s {tmp_path} v/way")

    inner = VolumeMount(volume_id=volume.id, mount_path="/home/daytona/w", subpath="way")
    with pytest.raises(DaytonaError, match=r"way"):
        await client.create(FROM_SNAPSHOT(volumes=[inner]))


async def test_nobody_sees_the_value_of_a_secret(open_emulator: OpenEmulator, connect: Connect, tmp_path: Path) -> None:
    emulator = await open_emulator(state_dir=tmp_path / "state")
    client = await connect(emulator)
    secret = await client.secret.create(
        CreateSecretParams(name="API_KEY", value=VALUE, description="for tests", hosts=["*.example.com"])
    )

    sandbox = await client.create(FROM_SNAPSHOT(secrets={"KEY": "API_KEY"}))
    seen = await sandbox.process.exec("echo $KEY; env")

    assert seen.result.splitlines()[0] == secret.placeholder
    assert VALUE not in seen.result
    got = await client.secret.get(secret.id)
    assert (got.name, got.description, got.hosts) == ("API_KEY", "for tests", ["*.example.com"])
    await emulator.close()
    kept = [file for file in (tmp_path / "state").rglob("*") if file.is_file()]
    assert kept
    assert not any(VALUE.encode() in file.read_bytes() for file in kept)


async def test_secrets_are_listed_in_pages(daytona: AsyncDaytona) -> None:
    for number in range(5):
        await daytona.secret.create(secret_of(f"KEY_{number}"))

    names: list[str] = []
    cursor = None
    for _ in range(3):
        page = await daytona.secret.list(limit=2, sort="name", order="desc", cursor=cursor)
        assert page.total == 5
        names += [each.name for each in page.items]
        cursor = page.next_cursor

    assert names == ["KEY_4", "KEY_3", "KEY_2", "KEY_1", "KEY_0"]
    assert cursor is None
    assert [each.name for each in (await daytona.secret.list(name="key_3")).items] == ["KEY_3"]


async def test_secrets_are_changed_deleted_and_refused(open_emulator: OpenEmulator, connect: Connect) -> None:
    client = await connect(await open_emulator(quota=Quota(secrets=2)))
    secret = await client.secret.create(secret_of("A"))

    changed = await client.secret.update(secret.id, UpdateSecretParams(value="other", hosts=["b.example"]))
    assert (changed.hosts, changed.placeholder) == (["b.example"], secret.placeholder)
    await _refused(client.secret.create(secret_of("A")), 409, "already exists")
    await _refused(client.secret.create(secret_of("a b")), 400, "name must contain only")
    await client.secret.create(secret_of("B"))
    await _refused(client.secret.create(secret_of("C")), 400, "Secret quota exceeded. Maximum allowed: 2")
    await client.secret.delete(secret.id)
    await _refused(client.secret.get(secret.id), 404, "not found")
    with pytest.raises(DaytonaError, match="Secret A not found"):
        await client.create(FROM_SNAPSHOT(secrets={"KEY": "A"}))


async def _refused(call: Awaitable[object], status: int, words: str) -> None:
    with pytest.raises(ApiException) as caught:
        await call
    assert caught.value.status == status
    assert words in str(caught.value.body)


async def test_a_warm_pool_hands_over_and_fills_up_again(daytona: AsyncDaytona, emulator: Emulator) -> None:
    pool = await daytona.warm_pool.create("daytona-small", 2)

    async def size() -> int:
        [found] = await daytona.warm_pool.list()
        return int(found.current_size)

    async def is_full() -> bool:
        return await size() == 2

    await until(is_full)
    ready = {each.id for each in emulator.fleet.records.values()}
    assert [each async for each in daytona.list()] == []
    began = time.perf_counter()
    sandbox = await daytona.create(FROM_SNAPSHOT(snapshot="daytona-small", name="mine", labels={"a": "b"}))
    assert time.perf_counter() - began < DEADLINE_S
    assert sandbox.id in ready
    assert (sandbox.name, sandbox.state, sandbox.labels["a"]) == ("mine", "started", "b")
    assert (await daytona.get("mine")).warm_pool_id is None
    assert (await sandbox.process.exec("echo works")).result.strip() == "works"
    await until(is_full)
    assert [each.id async for each in daytona.list()] == [sandbox.id]

    special = await daytona.create(FROM_SNAPSHOT(snapshot="daytona-small", env_vars={"X": "1"}))
    assert special.id not in {each.id for each in emulator.fleet.records.values() if each.warm_pool_id}
    await _refused(daytona.warm_pool.create("daytona-small", 1), 409, "already exists")
    await _refused(daytona.warm_pool.create("daytona-gpu", 1), 400, "not supported for GPU")
    await daytona.warm_pool.update(pool.id, 0)

    async def is_drained() -> bool:
        return not any(each.warm_pool_id for each in emulator.fleet.records.values())

    await until(is_drained)
    await daytona.warm_pool.delete(pool.id)
    assert await daytona.warm_pool.list() == []
    assert {each.id async for each in daytona.list()} == {sandbox.id, special.id}


async def test_the_catalogue_survives_a_restart(open_emulator: OpenEmulator, connect: Connect, tmp_path: Path) -> None:
    first = await open_emulator(state_dir=tmp_path / "state")
    client = await connect(first)
    volume = await client.volume.create("kept")
    secret = await client.secret.create(secret_of("KEPT"))
    mount = VolumeMount(volume_id=volume.id, mount_path="/home/daytona/v")
    sandbox = await client.create(FROM_SNAPSHOT(name="kept", volumes=[mount], secrets={"KEY": "KEPT"}))
    await sandbox.process.exec("echo in volume > v/file; echo in home > file")
    await sandbox.create_snapshot("kept-files")
    await first.close()

    client = await connect(await open_emulator(state_dir=tmp_path / "state"))
    again = await client.get("kept")
    await again.start()
    made = await client.create(FROM_SNAPSHOT(snapshot="kept-files"))

    seen = await again.process.exec("cat v/file file; echo $KEY")
    assert seen.result.splitlines() == ["in volume", "in home", secret.placeholder]
    assert (await made.process.exec("cat file; ls v")).result.strip() == "in home"


async def test_every_parameter_of_create_is_taken(daytona: AsyncDaytona, http: aiohttp.ClientSession) -> None:
    other = await daytona.create(FROM_SNAPSHOT(name="other"))
    body: dict[str, Any] = {
        "name": "whole",
        "user": "somebody",
        "env": {"A": "1"},
        "labels": {"l": "m"},
        "public": True,
        "target": "eu",
        "buildInfo": {"dockerfileContent": "FROM node:20\n", "contextHashes": []},
        "cpu": 2,
        "memory": 3,
        "disk": 4,
        "gpu": 1,
        "gpuType": ["B200", "H100"],
        "spot": True,
        "autoStopInterval": 5,
        "autoArchiveInterval": 6,
        "autoDeleteInterval": 0,
        "ttlMinutes": 7,
        "networkAllowList": "10.0.0.0/8",
        "queueTimeout": 8,
        "outboundProxyUrl": "http://proxy.example:3128",
        "otelEndpointOverride": "https://otel.example",
        "kvm": False,
        "volumes": [],
        "secrets": [],
    }
    async with http.post("/api/sandbox", json=body) as answer:
        assert answer.status == 200, await answer.text()
        got = await answer.json()

    same = {
        *[
            "name",
            "user",
            "env",
            "labels",
            "public",
            "target",
            "cpu",
            "memory",
            "disk",
            "gpu",
            "spot",
            "kvm",
            "queueTimeout",
            "volumes",
        ]
    }
    same |= {"autoStopInterval", "autoArchiveInterval", "autoDeleteInterval", "networkAllowList"}
    same |= {"outboundProxyUrl", "otelEndpointOverride"}
    assert {name: got[name] for name in same} == {name: body[name] for name in same}
    assert (got["gpuType"], got["state"], "autoDestroyAt" in got) == ("H100", "pending_build", True)
    linked = await daytona.create(FROM_SNAPSHOT(linked_sandbox="other", ephemeral=True))
    assert linked.linked_sandbox_id == other.id


async def test_resources_go_with_an_image(daytona: AsyncDaytona) -> None:
    sandbox = await daytona.create(
        CreateSandboxFromImageParams(image="python:3.12", resources=Resources(cpu=2, memory=4, disk=5)), timeout=60
    )

    assert (sandbox.state, sandbox.cpu, sandbox.memory, sandbox.disk) == ("started", 2, 4, 5)


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"cpu": 2}, 400, "Cannot specify Sandbox resources when using a snapshot"),
        ({"snapshot": "none"}, 400, "Snapshot none not found. Did you add it through the Daytona Dashboard?"),
        ({"snapshot": "daytona-gpu"}, 400, "GPU sandboxes must be ephemeral - set autoDeleteInterval to 0"),
        ({"spot": True}, 400, "Spot is only supported for GPU sandboxes"),
        ({"linkedSandbox": "x"}, 400, "Linked sandboxes must be ephemeral (set autoDeleteInterval to 0)"),
        ({"linkedSandbox": "x", "autoDeleteInterval": 0}, 404, "Sandbox with ID or name x not found"),
        ({"volumes": [{"volumeId": "x", "mountPath": "/x"}]}, 404, "Volume 'x' not found"),
        ({"volumes": "x"}, 400, "volumes must be an array"),
        ({"volumes": [1]}, 400, "volumes must be an array of objects"),
        ({"secrets": [{"1": "x"}]}, 400, "secrets: '1' is no name of an environment variable"),
        ({"target": "moon"}, 404, "Region moon not found"),
        ({"queueTimeout": 0}, 400, "queueTimeout must not be less than 1"),
        ({"outboundProxyUrl": "ftp://x"}, 400, "outboundProxyUrl must be a URL of http or https"),
        ({"outboundProxyUrl": "http://["}, 400, "outboundProxyUrl must be a URL of http or https"),
        ({"networkAllowList": "nowhere"}, 400, None),
        ({"buildInfo": {}}, 400, "buildInfo.dockerfileContent should not be empty"),
        ({"buildInfo": {"dockerfileContent": "FROM x"}, "snapshot": "daytona-small"}, 400, None),
        (
            {"buildInfo": {"dockerfileContent": "FROM x"}, "gpu": 1, "gpuType": "TPU"},
            400,
            None,
        ),
        ({"buildInfo": {"dockerfileContent": "FROM x"}, "cpu": -1}, 400, "Sandbox resources must be non-negative"),
    ],
)
async def test_impossible_requests_are_refused(
    http: aiohttp.ClientSession, emulator: Emulator, body: dict[str, Any], status: int, words: str | None
) -> None:
    async with http.post("/api/sandbox", json=body) as answer:
        got = await answer.json()

    assert answer.status == status
    assert words is None or got["message"] == words
    assert emulator.fleet.records == {}


@pytest.mark.parametrize("path", ["snapshots", "volumes", "secret", "warm-pools", "sandbox"])
@pytest.mark.parametrize("text", ["[", "[]", "3", '{"name": 3, "snapshot": 3}', '{"name": {}, "snapshot": []}'])
async def test_malformed_bodies_are_refused(http: aiohttp.ClientSession, path: str, text: str) -> None:
    headers = {"Content-Type": "application/json"}
    async with http.post(f"/api/{path}", data=text, headers=headers) as answer:
        got = await answer.json()

    assert (answer.status, got["statusCode"]) == (400, 400)


@pytest.mark.parametrize(
    "path",
    ["/api/snapshots/x", "/api/volumes/x", "/api/secret/x", "/api/volumes/by-name/x", "/api/sandbox/x/build-logs"],
)
async def test_what_is_not_there_is_not_found(http: aiohttp.ClientSession, path: str) -> None:
    async with http.get(path) as answer:
        assert answer.status == 404
