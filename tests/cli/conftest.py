"""The installed command as a process, against an emulator."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.support.programs import COMMAND, SERVER, start, start_installed

from daytona_tui.emulator.server import Emulator

__all__ = ["COMMAND", "DEADLINE_S", "Outcome", "Run", "finish", "start", "start_installed"]

DEADLINE_S = 60.0


@dataclass(frozen=True)
class Outcome:
    code: int
    out: bytes
    err: str


Run = Callable[..., Awaitable[Outcome]]


@pytest.fixture(scope="session", autouse=True)
def _preloaded() -> Iterator[None]:
    """What the tests start is forked from one process."""
    yield
    SERVER.end()


async def finish(process: asyncio.subprocess.Process, *, signals: tuple[signal.Signals, ...] = ()) -> Outcome:
    """Send ``signals`` to a process that a test started, and wait for its end."""
    for number in signals:
        process.send_signal(number)
    try:
        async with asyncio.timeout(DEADLINE_S):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return Outcome(process.returncode or 0, out, err.decode())


@pytest.fixture
def env(emulator: Emulator) -> dict[str, str]:
    """The variables that lead to the emulator."""
    return {"DAYTONA_API_URL": emulator.api_url, "DAYTONA_API_KEY": emulator.api_key}


@pytest.fixture
def run(tmp_path: Path, env: dict[str, str]) -> Run:
    """Run the command to its end against the emulator; later variables win."""

    async def run_one(*words: str, **variables: str) -> Outcome:
        return await finish(await start(*words, cwd=tmp_path, env={**env, **variables}))

    return run_one
