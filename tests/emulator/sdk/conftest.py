"""One emulator per module and kind of isolation, run by the command in a process of its own, and the SDK on it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from daytona import AsyncDaytona, AsyncSandbox, CreateSandboxFromSnapshotParams, DaytonaConfig

from daytona_tui.emulator.body.isolation import detect_isolation

WITHIN_S = 20.0
_MISHAP = re.compile(
    r"^(?:(?:GET|HEAD|POST|PUT|PATCH|DELETE) \S+ failed|.*never (?:retrieved|awaited).*)$", re.MULTILINE
)
"""What the emulator reports of a request that it should have refused, and the loop of a task that nobody asked."""

Shell = Callable[[str], Awaitable[str]]


@dataclass(frozen=True)
class Server:
    """A running emulator.

    Attributes:
        api_url: where its main interface is.
        api_key: the bearer it wants.
        isolation: how it keeps sandboxes apart.
        state: where it keeps them.
    """

    api_url: str
    api_key: str
    isolation: str
    state: Path

    @property
    def origin(self) -> str:
        return self.api_url.removesuffix("/api")


@pytest.fixture(scope="module", params=["bubblewrap", "plain"])
def isolation(request: pytest.FixtureRequest) -> str:
    if request.param == "bubblewrap":
        detected = detect_isolation()
        if not detected.is_isolated:
            pytest.skip(f"no bubblewrap here: {detected.reason}")
    return str(request.param)


@pytest.fixture(scope="module")
def server(isolation: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An empty emulator at the instant pace; at its end it must have reported nothing of its own."""
    state = tmp_path_factory.mktemp("emulator")
    command = [sys.executable, "-m", "daytona_tui.emulator", "--pace", "instant", "--control"]
    command += ["--isolation", isolation, "--state-dir", str(state / "state")]
    foreign = ("DAYTONA_", "OTEL_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    environment = {name: value for name, value in os.environ.items() if not name.upper().startswith(foreign)}
    report = state / "report"
    with report.open("wb") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, env=environment)
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line, report.read_text()
            ready = json.loads(line)
            yield Server(ready["api_url"], ready["api_key"], isolation, state / "state")
        finally:
            process.send_signal(signal.SIGTERM)
            process.stdout.close()
            code = process.wait(WITHIN_S)
    assert code == 0
    assert _MISHAP.findall(report.read_text(errors="replace")) == []


@pytest.fixture
async def daytona(server: Server) -> AsyncIterator[AsyncDaytona]:
    """The real SDK on the module's emulator."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        config = DaytonaConfig(api_key=server.api_key, api_url=server.api_url, target="us", use_deprecated_polling=True)
        client = AsyncDaytona(config)
    async with client:
        yield client


@pytest.fixture
async def sandbox(daytona: AsyncDaytona) -> AsyncIterator[AsyncSandbox]:
    """A started sandbox that is gone after the test."""
    made = await daytona.create()
    yield made
    await _remove(daytona, made.id)


@pytest.fixture
async def machine(daytona: AsyncDaytona) -> AsyncIterator[AsyncSandbox]:
    """A started virtual machine: what can be paused and forked."""
    made = await daytona.create(CreateSandboxFromSnapshotParams(snapshot="daytona-vm"))
    yield made
    await _remove(daytona, made.id)


async def _remove(daytona: AsyncDaytona, sandbox_id: str) -> None:
    async for each in daytona.list():
        if each.id == sandbox_id:
            await each.delete(timeout=20, wait=True)


@pytest.fixture
def shell(sandbox: AsyncSandbox) -> Shell:
    """Run a command in the sandbox that must succeed; answers what it wrote, without blanks around."""

    async def run(command: str) -> str:
        answer = await sandbox.process.exec(command)
        assert answer.exit_code == 0, answer.result
        return str(answer.result).strip()

    return run


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Ask again and again until something holds inside a sandbox; the deadline is :data:`WITHIN_S`."""
    async with asyncio.timeout(WITHIN_S):
        while not await holds():  # noqa: ASYNC110 - what is waited for lies in another process
            await asyncio.sleep(0.02)


@pytest.fixture
async def http(server: Server) -> AsyncIterator[aiohttp.ClientSession]:
    """Bare HTTP without a key."""
    async with aiohttp.ClientSession() as session:
        yield session
