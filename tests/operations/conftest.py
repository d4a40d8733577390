"""A sandbox that runs, seen from both sides: through the gateway, and as the directory that it really is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.conftest import OpenEmulator

from daytona_tui.client import open_gateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import Sandbox, SandboxState
from daytona_tui.emulator.server import Emulator


@dataclass(frozen=True)
class Bench:
    """What a test of an operation needs.

    Attributes:
        sandbox: one that runs, with an empty working directory.
        home: that directory on this machine.
        work_dir: the same, as the sandbox calls it.
    """

    emulator: Emulator
    gateway: Gateway
    sandbox: Sandbox
    home: Path
    work_dir: str

    async def in_state(self, state: SandboxState) -> Sandbox:
        """Return a sandbox of the fleet in ``state``."""
        fleet = [sandbox async for page in self.gateway.list_pages() for sandbox in page]
        return next(sandbox for sandbox in fleet if sandbox.state is state)


@pytest.fixture
async def gateway(emulator: Emulator) -> AsyncIterator[Gateway]:
    opened = open_gateway(Connection(emulator.api_url, Secret(emulator.api_key)))
    yield opened
    await opened.close()


@pytest.fixture
async def bench(open_emulator: OpenEmulator, tmp_path: Path) -> AsyncIterator[Bench]:
    emulator = await open_emulator(seed="fleet:30", state_dir=tmp_path / "emulator")
    gateway = open_gateway(Connection(emulator.api_url, Secret(emulator.api_key)))
    try:  # what fails below must not leave the session open
        fleet = [sandbox async for page in gateway.list_pages() for sandbox in page]
        sandbox = next(each for each in fleet if each.is_running and each.lifetimes.auto_delete_min != 0)
        await gateway.run(sandbox.id, "rm -rf -- * .[!.]*")
        home = next((tmp_path / "emulator").glob(f"**/{sandbox.id}/home"))
        yield Bench(emulator, gateway, sandbox, home, await gateway.work_dir(sandbox.id))
    finally:
        await gateway.close()
