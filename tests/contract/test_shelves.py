"""Snapshots, volumes and secrets through the gateway: made, listed, switched, deleted; and servers without them."""

from __future__ import annotations

import asyncio

import pytest

from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.domain.sandbox import SandboxId, SandboxState
from daytona_tui.domain.secrets import SecretId, SecretOrder
from daytona_tui.domain.snapshots import Snapshot, SnapshotOrder, SnapshotState
from daytona_tui.domain.volumes import VolumeId
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.errors import (
    AuthError,
    ConfigError,
    ConflictError,
    DaytonaTuiError,
    NotFoundError,
    RemoteError,
    UnsupportedError,
)

VALUE = "s3cr3t-value-that-nobody-sees"
DOCKERFILE = "FROM python:3.12-slim\nRUN echo built-here\n"


async def settled(gateway: DaytonaGateway, name: str) -> Snapshot:
    async with asyncio.timeout(30):
        while True:
            found = await gateway.snapshot(name)
            if found.state.is_settled:
                return found
            await asyncio.sleep(0.02)


async def gone(gateway: DaytonaGateway, snapshot: Snapshot) -> None:
    while True:
        if snapshot.id not in {each.id for each in await gateway.snapshots()}:
            return
        await asyncio.sleep(0.02)


async def test_a_snapshot_lives_from_its_build_to_its_end(emulator: Emulator, gateway: DaytonaGateway) -> None:
    own = [each for each in await gateway.snapshots() if not each.is_general]
    assert [each.name for each in own] == ["harbor__9f31c0aa77e2__snapshot"]
    assert (own[0].state, own[0].image) == (SnapshotState.ACTIVE, "harbor/terminal-bench:2")
    assert own[0].resources.memory_gib == 4

    made = await gateway.create_snapshot(SnapshotOrder("team/base:1", dockerfile=DOCKERFILE, cpu=2, memory_gib=2))
    said = "".join([text async for text in gateway.follow_snapshot_build(made.id)])
    built = await settled(gateway, "team/base:1")
    assert "built-here" in said
    assert (built.id, built.state, built.origin, built.resources.cpu) == (
        made.id,
        SnapshotState.ACTIVE,
        "Dockerfile",
        2,
    )

    await gateway.deactivate_snapshot(built.id)
    assert (await gateway.snapshot(built.id)).state is SnapshotState.INACTIVE
    await gateway.activate_snapshot(built.id)
    with pytest.raises(RemoteError, match="already active"):
        await gateway.activate_snapshot(built.id)
    with pytest.raises(ConflictError, match="already exists"):
        await gateway.create_snapshot(SnapshotOrder("team/base:1", image="python:3.12"))

    await gateway.delete_snapshot(built.id)
    async with asyncio.timeout(30):
        await gone(gateway, built)
    await gateway.delete_snapshot(built.id)  # gone already: a success
    assert "team/base:1" not in {each.name for each in await gateway.snapshots()}
    general = next(each for each in await gateway.snapshots() if each.is_general)
    with pytest.raises(AuthError, match="general"):
        await gateway.delete_snapshot(general.id)


async def test_more_snapshots_than_a_page_are_all_told(emulator: Emulator, gateway: DaytonaGateway) -> None:
    before = len(await gateway.snapshots())
    for number in range(110):
        await gateway.create_snapshot(SnapshotOrder(f"many:{number}", image="python:3.12"))
    assert len(await gateway.snapshots()) == before + 110


async def test_a_build_that_fails_says_why(gateway: DaytonaGateway) -> None:
    made = await gateway.create_snapshot(SnapshotOrder("broken", dockerfile="FROM python:3.12\nRUN exit 7\n"))
    said = "".join([text async for text in gateway.follow_snapshot_build(made.id)])
    failed = await settled(gateway, "broken")
    assert failed.state is SnapshotState.BUILD_FAILED
    assert failed.error_reason
    assert "ERROR" in said


async def test_a_snapshot_of_a_sandbox(gateway: DaytonaGateway, started: SandboxId) -> None:
    await gateway.run(started, "echo kept > kept.txt")
    sandbox = await gateway.snapshot_sandbox(started, "of-it")
    assert sandbox.id == started
    made = await settled(gateway, "of-it")
    assert (made.state, made.source_sandbox_id, made.origin) == (SnapshotState.ACTIVE, started, "sandbox")
    assert made.size_gib is not None
    with pytest.raises(ConflictError):
        await gateway.snapshot_sandbox(started, "of-it")
    with pytest.raises(NotFoundError):
        await gateway.snapshot_sandbox(SandboxId("none"), "other")


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (SnapshotOrder(""), "name"),
        (SnapshotOrder("a b", image="python:3.12"), "letters"),
        (SnapshotOrder("n" * 256, image="python:3.12"), "255"),
        (SnapshotOrder("x", image="python"), "tag"),
        (SnapshotOrder("x", image="python:latest"), "latest"),
        (SnapshotOrder("x", image="py thon:3"), "no name of an image"),
        (SnapshotOrder("x", image="python:3", dockerfile="FROM a:1"), "not both"),
        (SnapshotOrder("x", dockerfile="RUN ls"), "FROM"),
        (SnapshotOrder("x", dockerfile="FROM a:1\nCOPY . /"), "line 2 copies a file"),
        (SnapshotOrder("x", image="python:3", cpu=0), "cpu: at least 1"),
    ],
)
async def test_what_cannot_be_made_is_told_before_it_is_asked_for(
    gateway: DaytonaGateway, order: SnapshotOrder, words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        await gateway.create_snapshot(order)


async def test_volumes_come_and_go_and_tell_who_has_them(emulator: Emulator, gateway: DaytonaGateway) -> None:
    assert await gateway.volumes() == ()
    await gateway.create_volume("data")
    (volume,) = await gateway.volumes()
    assert (volume.name, volume.state.value) == ("data", "ready")
    sdk = await gateway._link.sdk()
    from daytona import CreateSandboxFromSnapshotParams, VolumeMount

    made = await sdk.daytona.create(
        CreateSandboxFromSnapshotParams(
            name="with-data", volumes=[VolumeMount(volume_id=volume.id, mount_path="/home/daytona/data")]
        )
    )
    (mount,) = await gateway.mounts(SandboxId(made.id))
    assert (mount.volume_id, mount.path) == (volume.id, "/home/daytona/data")
    with pytest.raises(ConflictError, match="with-data"):
        await gateway.delete_volume(volume.id)
    await gateway.delete(SandboxId(made.id), timeout_s=20)
    await gateway.delete_volume(volume.id)
    await gateway.delete_volume(VolumeId("none"))
    await gateway.create_volume("twice")
    with pytest.raises(RemoteError, match="already exists"):
        await gateway.create_volume("twice")
    for name in ("", "  ", "x" * 256, "a\nb"):
        with pytest.raises(ConfigError):
            await gateway.create_volume(name)


async def test_secrets_come_and_go_and_no_value_is_told(
    gateway: DaytonaGateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    order = SecretOrder("API_KEY", VALUE, "of the tests", ("api.example.org",))
    made = await gateway.create_secret(order)
    assert (await gateway.secrets()) == (made,)
    assert (made.name, made.description, made.hosts) == ("API_KEY", "of the tests", ("api.example.org",))
    changed = await gateway.update_secret(made.id, SecretOrder("API_KEY", VALUE + "2", "another", ()))
    assert (changed.placeholder, changed.description, changed.hosts) == (made.placeholder, "another", ())
    with pytest.raises(ConflictError) as taken:
        await gateway.create_secret(order)
    await gateway.delete_secret(made.id)
    await gateway.delete_secret(made.id)
    assert await gateway.secrets() == ()
    assert VALUE not in f"{order!r} {made!r} {changed!r} {taken.value} {caplog.text}"
    for wrong in (SecretOrder("a b", VALUE), SecretOrder("a", ""), SecretOrder("a", VALUE, "", ("no host",))):
        with pytest.raises(ConfigError) as refused:
            await gateway.create_secret(wrong)
        assert VALUE not in str(refused.value)


async def test_a_server_that_tells_the_value_back_does_not_get_it_on_the_screen(
    emulator: Emulator, gateway: DaytonaGateway
) -> None:
    emulator.faults.add(
        FaultRule(
            path="*/secret",
            method="POST",
            status=500,
            body={"statusCode": 500, "message": f"cannot keep {VALUE}"},
            times=1,
        )
    )
    with pytest.raises(DaytonaTuiError) as failed:
        await gateway.create_secret(SecretOrder("A", VALUE))
    assert VALUE not in str(failed.value)


async def test_an_older_server_has_no_secrets(emulator: Emulator, gateway: DaytonaGateway) -> None:
    for method, path in (("GET", "/secret/paginated"), ("POST", "/secret"), ("DELETE", "/secret/x")):
        emulator.faults.add(
            FaultRule(path=f"*{path}", method=method, status=404, body={"message": f"Cannot {method} /api{path}"})
        )
    for call in (
        gateway.secrets(),
        gateway.create_secret(SecretOrder("A", VALUE)),
        gateway.delete_secret(SecretId("x")),
    ):
        with pytest.raises(UnsupportedError, match="this server has no secrets"):
            await call


async def test_odd_rows_cost_only_themselves(emulator: Emulator, gateway: DaytonaGateway, started: SandboxId) -> None:
    assert (await gateway.get(started)).state is SandboxState.STARTED
    assert await gateway.mounts(started) == ()
