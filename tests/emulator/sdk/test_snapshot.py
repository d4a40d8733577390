"""``daytona.snapshot``: what sandboxes are made from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from daytona import (
    AsyncDaytona,
    AsyncSandbox,
    CreateSandboxFromSnapshotParams,
    CreateSnapshotParams,
    DaytonaError,
    DaytonaNotFoundError,
    Image,
    Resources,
)
from daytona._async.snapshot import AsyncSnapshotService
from daytona_api_client_async import ObjectStorageApi, SnapshotsApi
from tests.emulator.sdk.covering import covers


@covers(AsyncSnapshotService.list, AsyncSnapshotService.get)
async def test_snapshots_are_listed_by_page(daytona: AsyncDaytona) -> None:
    everything = await daytona.snapshot.list()
    names = [each.name for each in everything.items]
    pages = [await daytona.snapshot.list(page=page, limit=2) for page in (1, 2)]

    assert "daytona-medium" in names
    assert everything.total == len(names)
    assert [each.name for page in pages for each in page.items] == names[:4]
    found = await daytona.snapshot.get("daytona-medium")
    assert ((await daytona.snapshot.get(found.id)).name, found.cpu, found.mem) == ("daytona-medium", 2, 4)
    with pytest.raises(DaytonaNotFoundError):
        await daytona.snapshot.get("nowhere")


@covers(
    AsyncSnapshotService.create,
    AsyncSnapshotService.delete,
    differs="nothing is pulled; a Dockerfile's steps are run once, what they leave is in every sandbox made from it",
)
async def test_a_snapshot_is_built_used_and_deleted(daytona: AsyncDaytona) -> None:
    image = Image.base("debian:12").run_commands("echo building now", "echo from-build > $HOME/built.txt")
    lines: list[str] = []

    made = await daytona.snapshot.create(
        CreateSnapshotParams(name="built", image=image, resources=Resources(cpu=2, memory=3, disk=4)),
        on_logs=lines.append,
        timeout=60,
    )

    assert (made.state, made.cpu, made.mem, made.disk) == ("active", 2, 3, 4)
    assert "building now" in "\n".join(lines)
    sandbox = await daytona.create(CreateSandboxFromSnapshotParams(snapshot="built"))
    assert (sandbox.cpu, sandbox.memory, sandbox.disk) == (2, 3, 4)
    assert await sandbox.fs.download_file("built.txt") == b"from-build\n"
    await sandbox.delete(timeout=20, wait=True)
    await daytona.snapshot.delete("built")
    with pytest.raises(DaytonaNotFoundError):
        await daytona.snapshot.get("built")
    with pytest.raises(DaytonaError, match="built not found"):
        await daytona.create(CreateSandboxFromSnapshotParams(snapshot="built"))


@covers(AsyncSnapshotService.create)
async def test_a_build_that_fails_says_why(daytona: AsyncDaytona) -> None:
    asked = CreateSnapshotParams(name="fails", image=Image.base("debian:12").run_commands("exit 9"))
    with pytest.raises(DaytonaError) as refusal:
        await daytona.snapshot.create(asked, timeout=60)

    failed = await daytona.snapshot.get("fails")
    assert failed.state == "build_failed"
    assert failed.error_reason
    assert failed.error_reason in str(refusal.value)
    await daytona.snapshot.delete(failed)


@covers(AsyncSnapshotService.activate)
async def test_an_inactive_snapshot_gives_no_sandboxes_until_it_is_activated(
    daytona: AsyncDaytona, sandbox: AsyncSandbox
) -> None:
    await sandbox.create_snapshot("sleeps", timeout=20)
    snapshot = await daytona.snapshot.get("sleeps")
    await SnapshotsApi(daytona._api_client).deactivate_snapshot(snapshot.id)
    assert (await daytona.snapshot.get("sleeps")).state == "inactive"
    with pytest.raises(DaytonaError):
        await daytona.create(CreateSandboxFromSnapshotParams(snapshot="sleeps"))

    active = await daytona.snapshot.activate(await daytona.snapshot.get("sleeps"))

    assert active.state == "active"
    made = await daytona.create(CreateSandboxFromSnapshotParams(snapshot="sleeps"))
    await made.delete(timeout=20)
    assert [each.name for each in (await daytona.snapshot.list(source_sandbox_id=sandbox.id)).items] == ["sleeps"]


@covers(
    AsyncSnapshotService.process_image_context,
    differs="storage has an address without TLS, which the SDK's own upload refuses",
)
@pytest.mark.usefixtures("storage_without_tls")
async def test_local_files_of_an_image_are_pushed_once(daytona: AsyncDaytona, tmp_path: Path) -> None:
    local = tmp_path / "local"
    local.write_bytes(b"x")
    image = Image.base("debian:12").add_local_file(str(local), "/opt/local")
    storages = ObjectStorageApi(daytona._api_client)

    # typed as the service's own method named list, which it is not
    pushed: Any = await AsyncSnapshotService.process_image_context(storages, image)
    again: Any = await AsyncSnapshotService.process_image_context(storages, image)

    assert len(pushed) == 1
    assert again == pushed
