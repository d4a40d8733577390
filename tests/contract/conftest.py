"""A real emulator over HTTP, and gateways to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable

import pytest
from aiohttp import web
from tests.contract.helpers import Gateways, Handler, Serve, connection_to, id_in_state

from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.config.connection import Connection
from daytona_tui.domain.sandbox import SandboxId, SandboxState
from daytona_tui.emulator.server import Emulator, EmulatorOptions


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """An emulator with a small fleet in mixed states."""
    async with Emulator(EmulatorOptions(seed="fleet:30", pace="instant")) as emulator:
        yield emulator


@pytest.fixture
async def open_gateways() -> AsyncIterator[Gateways]:
    """Opens gateways that are closed after the test."""
    opened: list[DaytonaGateway] = []

    def open_one(connection: Connection | Awaitable[Connection], *, request_s: float = 10.0) -> DaytonaGateway:
        gateway = DaytonaGateway(connection, request_s=request_s)
        opened.append(gateway)
        return gateway

    yield open_one
    for gateway in opened:
        await gateway.close()


@pytest.fixture
def gateway(emulator: Emulator, open_gateways: Gateways) -> DaytonaGateway:
    """A gateway to the emulator."""
    return open_gateways(connection_to(emulator))


@pytest.fixture
def started(emulator: Emulator) -> SandboxId:
    """The id of a sandbox that runs."""
    return id_in_state(emulator, SandboxState.STARTED)


@pytest.fixture
async def serve_toolbox(emulator: Emulator, started: SandboxId) -> AsyncIterator[Serve]:
    """Puts a server of the test's own in the place of the sandbox's toolbox."""
    runners: list[web.AppRunner] = []

    async def serve(handler: Handler) -> None:
        app = web.Application(client_max_size=0)
        app.router.add_route("*", "/{anything:.*}", handler)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        emulator.fleet.distort(started, {"toolboxProxyUrl": f"http://127.0.0.1:{runner.addresses[0][1]}"})

    yield serve
    for runner in runners:
        await runner.cleanup()
