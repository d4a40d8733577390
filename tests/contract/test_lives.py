"""Pausing and recovering, through the real SDK against the emulator."""

from __future__ import annotations

import pytest

from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.domain.sandbox import SandboxId, SandboxState
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.errors import ConflictError, NotFoundError, RemoteError, UnsupportedError


async def test_a_machine_is_paused_and_resumed(emulator: Emulator, gateway: DaytonaGateway, started: SandboxId) -> None:
    emulator.fleet.change(emulator.fleet.records[started], sandbox_class="linux-vm")
    assert (await gateway.pause(started, timeout_s=20)).state is SandboxState.PAUSED
    assert (await gateway.start(started, timeout_s=20)).state is SandboxState.STARTED


async def test_a_container_is_not_paused(gateway: DaytonaGateway, started: SandboxId) -> None:
    with pytest.raises(UnsupportedError, match="Pausing is not supported for this sandbox") as caught:
        await gateway.pause(started, timeout_s=5)
    assert caught.value.status == 422
    assert caught.value.hint == ""
    assert (await gateway.get(started)).is_running


async def test_pausing_that_comes_to_nothing_fails_before_its_deadline(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId
) -> None:
    record = emulator.fleet.records[started]
    emulator.fleet.change(record, sandbox_class="linux-vm")
    began = {"id": started, "name": record.name, "state": "pausing", "desiredState": "paused", "labels": {}}
    emulator.faults.add(FaultRule(method="POST", path="*/pause", body=began))
    with pytest.raises(RemoteError, match="it is started again"):
        await gateway.pause(started, timeout_s=60)


async def test_a_mendable_error_is_recovered_until_it_runs(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId
) -> None:
    record = emulator.fleet.records[started]
    emulator.fleet.change(record, state="error", error_reason="no space left on device", recoverable=True)
    recovered = await gateway.recover(started, timeout_s=20)
    assert recovered.state is SandboxState.STARTED
    assert recovered.error_reason == ""
    assert not recovered.recoverable


async def test_what_is_not_mendable_is_not_recovered(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId
) -> None:
    emulator.fleet.change(emulator.fleet.records[started], state="error", recoverable=False)
    with pytest.raises((ConflictError, RemoteError), match="not in a recoverable state"):
        await gateway.recover(started, timeout_s=5)


async def test_recovering_what_runs_has_nothing_to_do(gateway: DaytonaGateway, started: SandboxId) -> None:
    assert (await gateway.recover(started, timeout_s=5)).is_running


async def test_nobody_is_neither_paused_nor_recovered(gateway: DaytonaGateway) -> None:
    nobody = SandboxId("00000000-0000-4000-8000-000000000000")
    with pytest.raises(NotFoundError):
        await gateway.pause(nobody, timeout_s=5)
    with pytest.raises(NotFoundError):
        await gateway.recover(nobody, timeout_s=5)
