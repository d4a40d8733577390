"""Generated clients of the SDK, and bare HTTP, with any key."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import aiohttp
import pytest
from daytona_api_client_async import ApiClient, Configuration

from daytona_tui.emulator.server import Emulator

Api = Callable[..., Awaitable[ApiClient]]
Http = Callable[..., Awaitable[aiohttp.ClientSession]]


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """Generated clients of the main interface; all are closed at the end."""
    async with AsyncExitStack() as stack:

        async def connect(emulator: Emulator, key: str | None = None) -> ApiClient:
            configuration = Configuration(host=emulator.api_url, access_token=key or emulator.api_key)
            return await stack.enter_async_context(ApiClient(configuration))

        yield connect


@pytest.fixture
async def bare() -> AsyncIterator[Http]:
    """Bare HTTP with any key; paths begin with /."""
    async with AsyncExitStack() as stack:

        async def connect(emulator: Emulator, key: str | None = None) -> aiohttp.ClientSession:
            headers = {"Authorization": f"Bearer {key or emulator.api_key}"}
            session = aiohttp.ClientSession(emulator.api_url.removesuffix("/api"), headers=headers)
            return await stack.enter_async_context(session)

        yield connect
