"""Emulators to test against, and clients of them: the real SDK, and bare HTTP for the facts of the wire."""

from __future__ import annotations

import asyncio
import os
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest
from daytona import AsyncDaytona, DaytonaConfig
from obstore.store import S3Store

from daytona_tui.emulator.body.isolation import detect_isolation
from daytona_tui.emulator.server import Emulator, EmulatorOptions

DEADLINE_S = 20.0
DEFAULTS = {"pace": "instant", "isolation": detect_isolation().name}
"""Options of emulators that are opened without others; the ways to keep sandboxes apart have tests of their own."""

OpenEmulator = Callable[..., Awaitable[Emulator]]
Connect = Callable[..., Awaitable[AsyncDaytona]]
Eventually = Callable[..., Awaitable[None]]


@pytest.fixture(autouse=True)
def _no_foreign_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("DAYTONA_") or name.lower() in {"http_proxy", "https_proxy", "all_proxy"}:
            monkeypatch.delenv(name)


@pytest.fixture
async def open_emulator() -> AsyncIterator[OpenEmulator]:
    """Open emulators with given options; all are closed at the end."""
    async with AsyncExitStack() as stack:

        async def open_one(**options: Any) -> Emulator:
            return await stack.enter_async_context(Emulator(EmulatorOptions(**{**DEFAULTS, **options})))

        yield open_one


@pytest.fixture(params=["bubblewrap", "plain"])
def isolation(request: pytest.FixtureRequest) -> str:
    """Name of each way to keep sandboxes apart; tests of one that this machine does not have are skipped."""
    name: str = request.param
    if name == "bubblewrap" and not detect_isolation().is_isolated:
        pytest.skip(f"no bubblewrap here: {detect_isolation().reason}")
    return name


@pytest.fixture
async def emulator(open_emulator: OpenEmulator) -> Emulator:
    """An empty emulator at the instant pace."""
    return await open_emulator()


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Connect real SDK clients to an emulator; all are closed at the end."""
    async with AsyncExitStack() as stack:

        async def connect_one(emulator: Emulator, *, polling: bool = True, api_key: str | None = None) -> AsyncDaytona:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                config = DaytonaConfig(
                    api_key=api_key or emulator.api_key,
                    api_url=emulator.api_url,
                    target="us",
                    use_deprecated_polling=True if polling else None,
                )
                client = AsyncDaytona(config)
            return await stack.enter_async_context(client)

        yield connect_one


@pytest.fixture(params=["polling", "events"])
async def daytona(request: pytest.FixtureRequest, emulator: Emulator, connect: Connect) -> AsyncDaytona:
    """The real SDK on the empty emulator, in both of its ways to wait."""
    return await connect(emulator, polling=request.param == "polling")


@pytest.fixture
async def http(emulator: Emulator) -> AsyncIterator[aiohttp.ClientSession]:
    """Bare HTTP with the right key; paths begin with /."""
    origin = emulator.api_url.removesuffix("/api")
    headers = {"Authorization": f"Bearer {emulator.api_key}"}
    async with aiohttp.ClientSession(origin, headers=headers) as session:
        yield session


@pytest.fixture
def eventually() -> Eventually:
    """Wait until a condition holds, with a deadline."""

    async def wait(condition: Callable[[], object], *, within: float = DEADLINE_S) -> None:
        async with asyncio.timeout(within):
            while not condition():  # noqa: ASYNC110 - what is waited for may lie in another process
                await asyncio.sleep(0.01)

    return wait


@pytest.fixture
def storage_without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the SDK push to a storage without TLS, as the emulator's is: its own store refuses such addresses."""

    def store(**options: Any) -> S3Store:
        options["client_options"] = {**options.get("client_options", {}), "allow_http": True}
        return S3Store(**options)

    monkeypatch.setattr("daytona._async.object_storage.S3Store", store)
