"""``daytona.volume``: directories that several sandboxes share."""

from __future__ import annotations

import pytest
from daytona import AsyncDaytona, AsyncSandbox, CreateSandboxFromSnapshotParams, DaytonaError, VolumeMount
from daytona._async.volume import AsyncVolumeService
from tests.emulator.sdk.conftest import Server
from tests.emulator.sdk.covering import covers


async def _with_volume(daytona: AsyncDaytona, volume_id: str, path: str, subpath: str | None = None) -> AsyncSandbox:
    mount = VolumeMount(volume_id=volume_id, mount_path=path, subpath=subpath)
    return await daytona.create(CreateSandboxFromSnapshotParams(volumes=[mount]))


@covers(AsyncVolumeService.create, AsyncVolumeService.get, AsyncVolumeService.list, AsyncVolumeService.delete)
async def test_volumes_come_and_go(daytona: AsyncDaytona) -> None:
    made = await daytona.volume.create("one")
    assert (made.name, made.state) in {("one", "ready"), ("one", "pending_create"), ("one", "creating")}
    assert (await daytona.volume.get("one")).state == "ready"
    with pytest.raises(DaytonaError):
        await daytona.volume.create("one")
    with pytest.raises(DaytonaError):
        await daytona.volume.get("two")
    two = await daytona.volume.get("two", create=True)
    assert {"one", "two"} <= {each.name for each in await daytona.volume.list()}

    await daytona.volume.delete(await daytona.volume.get("one"))
    await daytona.volume.delete(await daytona.volume.get(two.name))

    assert await daytona.volume.list() == []


@covers(AsyncVolumeService.create, AsyncVolumeService.delete)
async def test_two_sandboxes_see_one_volume(daytona: AsyncDaytona, server: Server) -> None:
    volume = await daytona.volume.get("shared", create=True)
    volume = await daytona.volume.get("shared")
    path = "/home/daytona/data"
    first, second = [await _with_volume(daytona, volume.id, path) for _ in range(2)]
    place = path if server.isolation == "bubblewrap" else "$HOME/data"

    written = await first.process.exec(f"mkdir -p {place}/sub && echo shared > {place}/sub/file && echo ok")
    read = await second.process.exec(f"cat {place}/sub/file")
    part = await _with_volume(daytona, volume.id, path, subpath="sub")
    inner = await part.process.exec(f"cat {place}/file")

    assert written.result.strip() == "ok", written.result
    assert (read.result.strip(), inner.result.strip()) == ("shared", "shared")
    with pytest.raises(DaytonaError):
        await daytona.volume.delete(volume)
    for each in (first, second, part):
        await each.delete(timeout=20, wait=True)
    later = await _with_volume(daytona, volume.id, path)
    assert (await later.process.exec(f"cat {place}/sub/file")).result.strip() == "shared"
    await later.delete(timeout=20, wait=True)
    await daytona.volume.delete(await daytona.volume.get("shared"))
