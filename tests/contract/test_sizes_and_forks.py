"""Resizing and forking, through the real SDK against the emulator."""

from __future__ import annotations

import pytest
from tests.conftest import OpenEmulator
from tests.contract.helpers import Gateways, connection_to, id_in_state

from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.domain.sandbox import SandboxId, SandboxState
from daytona_tui.domain.sizes import SizeEdit
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.errors import (
    AuthError,
    ConflictError,
    NotFoundError,
    OperationTimeoutError,
    RateLimitedError,
    RemoteError,
    UnsupportedError,
)

NOBODY = SandboxId("00000000-0000-4000-8000-000000000000")


async def test_a_running_one_grows_and_a_stopped_one_shrinks_and_gets_disk(
    gateway: DaytonaGateway, started: SandboxId
) -> None:
    before = (await gateway.get(started)).resources
    assert before.cpu is not None
    assert before.disk_gib is not None
    after = await gateway.resize(started, SizeEdit(cpu=before.cpu + 1), timeout_s=20)
    assert (after.state, after.resources.cpu) == (SandboxState.STARTED, before.cpu + 1)
    assert after.resources.memory_gib == before.memory_gib
    with pytest.raises(ConflictError, match="stopped state to decrease"):
        await gateway.resize(started, SizeEdit(cpu=before.cpu), timeout_s=20)
    await gateway.stop(started, timeout_s=20)
    less = await gateway.resize(started, SizeEdit(1, 1, before.disk_gib + 1), timeout_s=20)
    assert (less.state, less.resources.cpu, less.resources.memory_gib, less.resources.disk_gib) == (
        SandboxState.STOPPED, 1, 1, before.disk_gib + 1,
    )  # fmt: skip
    with pytest.raises(RemoteError, match="cannot be decreased"):
        await gateway.resize(started, SizeEdit(disk_gib=1), timeout_s=20)


async def test_a_resize_meets_trouble_in_our_words(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId
) -> None:
    with pytest.raises(RemoteError, match="exceeds maximum allowed per sandbox"):
        await gateway.resize(started, SizeEdit(cpu=999), timeout_s=5)
    with pytest.raises(NotFoundError):
        await gateway.resize(NOBODY, SizeEdit(cpu=2), timeout_s=5)
    for status, kind in ((403, AuthError), (429, RateLimitedError), (500, RemoteError), (404, UnsupportedError)):
        emulator.faults.clear()
        emulator.faults.add(FaultRule(path="*/resize", status=status, body={"message": "Not Found"}))
        with pytest.raises(kind) as caught:
            await gateway.resize(started, SizeEdit(cpu=8), timeout_s=5)
        assert (caught.value.message == "this server has no resizing") == (status == 404)


async def test_a_resize_whose_answer_is_lost_is_found_done_and_one_that_fell_back_has_failed(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId
) -> None:
    record = emulator.fleet.records[started]
    began = {"id": started, "name": record.name, "state": "resizing", "desiredState": "started", "labels": {}}
    emulator.faults.add(FaultRule(method="POST", path="*/resize", body=began))
    with pytest.raises(RemoteError, match="resizing failed: it is started again"):
        await gateway.resize(started, SizeEdit(cpu=record.cpu + 1), timeout_s=30)
    emulator.faults.clear()
    emulator.faults.add(FaultRule(method="POST", path="*/resize", status=502))
    emulator.fleet.change(record, cpu=record.cpu + 1)
    assert (await gateway.resize(started, SizeEdit(cpu=record.cpu), timeout_s=5)).resources.cpu == record.cpu


async def test_a_machine_is_forked_under_its_name(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId
) -> None:
    with pytest.raises(UnsupportedError, match="not supported for this sandbox"):
        await gateway.fork(started, "child", timeout_s=5)
    emulator.fleet.change(emulator.fleet.records[started], sandbox_class="linux-vm")
    fork = await gateway.fork(started, "child", timeout_s=20)
    assert (fork.name, fork.state) == ("child", SandboxState.STARTED)
    assert (await gateway.relatives(fork.id)).parent == await gateway.get(started)
    with pytest.raises(ConflictError, match="a sandbox called child already"):
        await gateway.fork(started, "child", timeout_s=5)
    stopped = id_in_state(emulator, SandboxState.STOPPED)
    emulator.fleet.change(emulator.fleet.records[stopped], sandbox_class="linux-vm")
    with pytest.raises(ConflictError, match="must be in started state"):
        await gateway.fork(stopped, "other", timeout_s=5)
    with pytest.raises(NotFoundError):
        await gateway.fork(NOBODY, "other", timeout_s=5)
    emulator.faults.add(FaultRule(path="*/fork", status=404, body={"message": "Cannot POST /api/sandbox/x/fork"}))
    with pytest.raises(UnsupportedError, match="this server has no forks"):
        await gateway.fork(started, "other", timeout_s=5)


async def test_what_takes_too_long_is_named_and_what_nobody_waits_for_returns_at_once(
    open_emulator: OpenEmulator, open_gateways: Gateways
) -> None:
    emulator = await open_emulator(seed="fleet:30", pace="natural")
    gateway = open_gateways(connection_to(emulator))
    one = id_in_state(emulator, SandboxState.STARTED)
    emulator.fleet.change(emulator.fleet.records[one], sandbox_class="linux-vm")
    with pytest.raises(OperationTimeoutError) as caught:
        await gateway.fork(one, "slow-child", timeout_s=0.2)
    assert (await gateway.get("slow-child")).id in caught.value.hint

    other = id_in_state(emulator, SandboxState.STOPPED)
    assert (await gateway.start(other, timeout_s=0)).state is not SandboxState.STARTED
    resting = next(each.id for each in emulator.fleet.records.values() if each.state == "archived")
    await gateway.delete(SandboxId(resting), timeout_s=0)
    assert emulator.fleet.records[resting].state != "destroyed"
