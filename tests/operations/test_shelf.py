"""Snapshots waited for, and who uses what: bounded looks that tell what they could not see."""

from __future__ import annotations

import pytest
from tests.conftest import OpenEmulator
from tests.operations.shelf_helpers import sandbox_with

from daytona_tui.client import open_gateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import Sandbox, SandboxState
from daytona_tui.domain.secrets import SecretOrder
from daytona_tui.domain.snapshots import SnapshotOrder, SnapshotState
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.errors import ConfigError, ConflictError, OperationTimeoutError, RemoteError
from daytona_tui.operations.shelf_users import who_has_secrets, who_mounts
from daytona_tui.operations.snapshots import await_gone, capture, make_snapshot
from daytona_tui.operations.volumes import make_volume

DOCKERFILE = "FROM python:3.12\nRUN echo built-here\n"


async def fleet_of(gateway: Gateway) -> list[Sandbox]:
    return [sandbox async for page in gateway.list_pages() for sandbox in page]


async def test_a_snapshot_is_made_with_its_log_and_its_states(emulator: Emulator, gateway: Gateway) -> None:
    said: list[str] = []
    states: list[SnapshotState] = []
    made = await make_snapshot(
        gateway,
        SnapshotOrder("base:1", dockerfile=DOCKERFILE),
        on_text=said.append,
        on_state=lambda each: states.append(each.state),
    )
    assert made.state is SnapshotState.ACTIVE
    assert "built-here" in "".join(said)
    assert (states[0], states[-1]) == (SnapshotState.BUILDING, SnapshotState.ACTIVE)

    # A log that cannot be read is no failure of the build.
    emulator.faults.add(FaultRule(path="*/build-logs*", status=500, times=2))
    said.clear()
    made = await make_snapshot(gateway, SnapshotOrder("base:2", dockerfile=DOCKERFILE), on_text=said.append)
    assert made.state is SnapshotState.ACTIVE
    assert "cannot be read" in "".join(said)

    with pytest.raises(RemoteError, match="exit code 7") as failed:
        await make_snapshot(gateway, SnapshotOrder("broken", dockerfile="FROM python:3.12\nRUN exit 7\n"))
    assert "delete it" in failed.value.hint
    await gateway.delete_snapshot(made.id)
    await await_gone(gateway, made, timeout_s=20)


async def test_what_is_not_ready_in_time_goes_on(open_emulator: OpenEmulator) -> None:
    emulator = await open_emulator(seed="demo", pace="natural")
    gateway = open_gateway(Connection(emulator.api_url, Secret(emulator.api_key)))
    try:
        with pytest.raises(OperationTimeoutError, match=r"base:1 is not ready yet: (pending|pulling)") as late:
            await make_snapshot(gateway, SnapshotOrder("base:1", image="python:3.12"), timeout_s=0.05)
        assert "goes on" in late.value.hint
        assert not (await gateway.snapshot("base:1")).state.has_failed
        accepted = await make_snapshot(gateway, SnapshotOrder("base:2", image="python:3.12"), waits=False)
        assert not accepted.state.is_settled
        with pytest.raises(OperationTimeoutError, match="data is not ready yet"):
            await make_volume(gateway, "data", timeout_s=0.01)
    finally:
        await gateway.close()


async def test_a_snapshot_of_a_sandbox_is_waited_for(gateway: Gateway) -> None:
    fleet = await fleet_of(gateway)
    stopped = next(each for each in fleet if each.state is SandboxState.STOPPED)
    made = await capture(gateway, stopped, "of-it", timeout_s=20)
    assert (made.state, made.source_sandbox_id) == (SnapshotState.ACTIVE, stopped.id)
    assert (await gateway.get(stopped.id)).state is SandboxState.STOPPED
    archived = next(each for each in fleet if each.state is SandboxState.ARCHIVED)
    with pytest.raises(ConflictError, match="archived, and has to be"):
        await capture(gateway, archived, "of-it-2")
    with pytest.raises(ConfigError, match="name"):
        await capture(gateway, stopped, "of it")


async def test_who_mounts_what_is_asked_once_and_silence_is_told(emulator: Emulator, gateway: Gateway) -> None:
    volume = await make_volume(gateway, "data", timeout_s=20)
    reader = await sandbox_with(emulator, "reader", volumes=[{"volumeId": volume.id, "mountPath": "/home/daytona/in"}])
    fleet = await fleet_of(gateway)
    silent = next(each for each in fleet if each.id != reader)
    emulator.faults.add(FaultRule(path=f"*/sandbox/{silent.id}", method="GET", status=500, times=1))
    mounts = await who_mounts(gateway, fleet)
    assert mounts.unread == {silent.id}
    assert [each.sandbox.name for each in mounts.users_of(volume, fleet)] == ["reader"]

    # What is known is not asked again: only the silent one is.
    emulator.faults.add(FaultRule(path=f"*/sandbox/{reader}", method="GET", status=500))
    again = await who_mounts(gateway, fleet, mounts)
    assert again.unread == frozenset()
    assert again.users_of(volume, fleet) == mounts.users_of(volume, fleet)
    few = await who_mounts(gateway, fleet, most=3)
    assert len(few.unread) >= len(fleet) - 3


async def test_looking_for_secrets_peeks(emulator: Emulator, gateway: Gateway) -> None:
    made = await gateway.create_secret(SecretOrder("KEY", "hush"))
    await sandbox_with(emulator, "holder", secrets=[{"TOKEN": "KEY"}])
    before = {each.id: each.last_activity_at for each in await fleet_of(gateway)}
    fleet = await fleet_of(gateway)
    seen = await who_has_secrets(gateway, fleet, await gateway.secrets())
    assert [(each.sandbox.name, each.variables) for each in seen.users_of(made, fleet)] == [("holder", ("TOKEN",))]
    assert {each.id for each in fleet if not each.is_running} <= seen.unread
    assert {each.id: each.last_activity_at for each in await fleet_of(gateway)} == before
    assert (await who_has_secrets(gateway, fleet, ())).of == {}
