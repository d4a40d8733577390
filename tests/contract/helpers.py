"""What the contract tests share."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web

from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.emulator.server import Emulator

Gateways = Callable[..., DaytonaGateway]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Handler], Awaitable[None]]


def connection_to(emulator: Emulator) -> Connection:
    """Return the settings that reach ``emulator``."""
    return Connection(emulator.api_url, Secret(emulator.api_key))


def id_in_state(emulator: Emulator, state: SandboxState) -> SandboxId:
    """Return the id of the first sandbox in ``state``."""
    return next(SandboxId(record.id) for record in emulator.fleet.records.values() if record.state == state.value)


async def all_of(gateway: DaytonaGateway) -> list[Sandbox]:
    """Return the whole fleet."""
    return [sandbox async for page in gateway.list_pages() for sandbox in page]


async def until(condition: Callable[[], bool], *, within_s: float = 10.0) -> None:
    """Wait until ``condition`` holds; fail if it does not in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


def client_tasks() -> set[asyncio.Task[object]]:
    """Return the tasks of this loop that are not the emulator's own."""
    return {task for task in asyncio.all_tasks() if not _is_of_the_server(task)}


def _is_of_the_server(task: asyncio.Task[object]) -> bool:
    code = getattr(task.get_coro(), "cr_code", None)
    name = code.co_filename if code is not None else ""
    return "/emulator/" in name or name.endswith("web_protocol.py")


async def contents(chunks: AsyncIterator[bytes]) -> bytes:
    """Return everything that was read."""
    return b"".join([chunk async for chunk in chunks])


async def write_by(gateway: DaytonaGateway, sandbox_id: SandboxId, script: str) -> str:
    """Run Python in the sandbox's working directory; return that directory."""
    directory = await gateway.work_dir(sandbox_id)
    outcome = await gateway.run(sandbox_id, "python3 - <<'EOS'\n" + script + "\nEOS", cwd=directory, timeout_s=60)
    assert outcome.exit_code == 0, outcome.output
    return directory
