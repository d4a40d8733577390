"""Forks and what they were forked from, through the real SDK against the emulator."""

from __future__ import annotations

import pytest
from daytona import AsyncDaytona, CreateSandboxFromSnapshotParams, DaytonaConfig

from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.domain.sandbox import Relatives, SandboxId
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.errors import NotFoundError, UnsupportedError


async def test_a_fork_and_its_parent_know_each_other(emulator: Emulator, gateway: DaytonaGateway) -> None:
    config = DaytonaConfig(api_key=emulator.api_key, api_url=emulator.api_url)
    async with AsyncDaytona(config) as daytona:
        parent = await daytona.create(CreateSandboxFromSnapshotParams(snapshot="daytona-vm", name="parent"))
        fork = await parent.fork("child", timeout=20)

    of_parent = await gateway.relatives(SandboxId(parent.id))
    of_fork = await gateway.relatives(SandboxId(fork.id))

    assert (of_parent.parent, [each.name for each in of_parent.forks]) == (None, ["child"])
    assert of_fork.parent is not None
    assert (of_fork.parent.name, of_fork.forks) == ("parent", ())


async def test_a_sandbox_without_any_has_none(gateway: DaytonaGateway, started: SandboxId) -> None:
    assert await gateway.relatives(started) == Relatives()


async def test_no_sandbox_has_no_relatives(gateway: DaytonaGateway) -> None:
    with pytest.raises(NotFoundError):
        await gateway.relatives(SandboxId("00000000-0000-4000-8000-000000000000"))


async def test_a_server_without_forks_says_so(emulator: Emulator, gateway: DaytonaGateway, started: SandboxId) -> None:
    emulator.faults.add(FaultRule(path="*/forks", status=501))
    with pytest.raises(UnsupportedError):
        await gateway.relatives(started)
