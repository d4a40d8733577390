"""Generated clients of the SDK, with any key; both kinds of isolation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import aiohttp
import pytest
from daytona_api_client_async import ApiClient, Configuration

from daytona_tui.emulator.body.isolation import detect_isolation
from daytona_tui.emulator.server import Emulator

Api = Callable[..., Awaitable[ApiClient]]
Http = Callable[..., Awaitable[aiohttp.ClientSession]]


@pytest.fixture(params=["bubblewrap", "plain"])
def isolation(request: pytest.FixtureRequest) -> str:
    """Both ways to keep sandboxes apart, where the machine has them."""
    if request.param == "bubblewrap" and not detect_isolation().is_isolated:
        pytest.skip(f"no bubblewrap here: {detect_isolation().reason}")
    return str(request.param)


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
