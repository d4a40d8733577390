"""A toolbox over one real box, reached by the real SDK over real HTTP; every test runs in both kinds of isolation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession, web

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.body.isolation import PLAIN, Isolation, detect_isolation
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.toolbox import toolbox_routes

if TYPE_CHECKING:
    from daytona import AsyncSandbox

BOX_ID = "0b9f6f0e-9c5e-4f43-8a80-0a1c9a3c1d10"
KEY = "dtn_test"


@pytest.fixture(params=["bubblewrap", "plain"])
def isolation(request: pytest.FixtureRequest) -> Isolation:
    if request.param == "plain":
        return PLAIN
    detected = detect_isolation()
    if not detected.is_isolated:
        pytest.skip(f"no bubblewrap here: {detected.reason}")
    return detected


@pytest.fixture
async def box(tmp_path: Path, isolation: Isolation) -> AsyncIterator[Box]:
    box = Box(BOX_ID, tmp_path / "sandboxes" / BOX_ID, env={"GREETING": "hello"}, isolation=isolation)
    await box.open()
    yield box
    await box.destroy()
    assert not (tmp_path / "sandboxes" / BOX_ID).exists()


@dataclass
class Toolbox:
    """Where the toolbox of the box is served."""

    root: str
    http: ClientSession

    @property
    def url(self) -> str:
        return f"{self.root}/toolbox/{BOX_ID}"


def _record(root: str) -> dict[str, object]:
    return {
        "id": BOX_ID,
        "organizationId": "org",
        "name": "box",
        "user": "daytona",
        "target": "us",
        "labels": {},
        "public": False,
        "networkBlockAll": False,
        "cpu": 1,
        "gpu": 0,
        "memory": 1,
        "disk": 1,
        "toolboxProxyUrl": f"{root}/toolbox",
        "env": {},
        "kvm": False,
        "state": "started",
    }


@pytest.fixture
async def toolbox(box: Box) -> AsyncIterator[Toolbox]:
    async def resolve(request: web.Request) -> Box:
        if request.match_info["sandbox_id"] != box.id:
            raise ApiError(404, "Sandbox not found")
        return box

    @web.middleware
    async def envelope(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        try:
            return await handler(request)
        except ApiError as error:
            body = error.body(request.method, request.path)
            return web.json_response(body, status=error.status, headers=error.headers)

    async def record(request: web.Request) -> web.Response:
        return web.json_response(_record(f"http://{request.host}"))

    app = web.Application(middlewares=[envelope])
    app.router.add_get("/api/sandbox/{id}", record)
    below = web.Application()
    below.add_routes(toolbox_routes(resolve))
    app.add_subapp("/toolbox", below)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    async with ClientSession() as http:
        yield Toolbox(f"http://{host}:{port}", http)
    await runner.cleanup()


@pytest.fixture
async def sandbox(toolbox: Toolbox) -> AsyncIterator[AsyncSandbox]:
    """The SDK's own object for the box."""
    from daytona import AsyncDaytona, DaytonaConfig

    config = DaytonaConfig(api_key=KEY, api_url=f"{toolbox.root}/api", target="us", use_deprecated_polling=True)
    async with AsyncDaytona(config) as daytona:
        yield await daytona.get(BOX_ID)
