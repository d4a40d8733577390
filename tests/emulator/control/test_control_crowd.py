"""Many clients, slow ones and greedy ones: the others do not notice."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is looked up in /proc")

CROWD = 10_000
SPARE = 500


@pytest.fixture
def _many_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < CROWD + SPARE:
        pytest.skip(f"this machine allows {hard} open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, CROWD + SPARE), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
async def served() -> AsyncIterator[tuple[asyncio.subprocess.Process, str, str]]:
    """A running emulator process, its origin and its key; it begins with few open files allowed, as shells do."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "daytona_tui.emulator", "--seed", "fleet:50"),
        stdout=asyncio.subprocess.PIPE,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard)),
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            ready = json.loads(await process.stdout.readline())
        yield process, ready["api_url"].removesuffix("/api"), ready["api_key"]
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@asynccontextmanager
async def _crowd(origin: str, count: int) -> AsyncIterator[list[asyncio.StreamWriter]]:
    """Open ``count`` connections, a hundred at a time."""
    address = urlsplit(origin)
    writers: list[asyncio.StreamWriter] = []
    try:
        for _ in range(0, count, 100):
            opened = await asyncio.gather(
                *(asyncio.open_connection(address.hostname, address.port) for _ in range(100))
            )
            writers += [writer for _reader, writer in opened]
        yield writers
    finally:
        for writer in writers:
            writer.transport.abort()
        await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)


def _memory_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def _slowest_answer(origin: str, key: str, times: int = 20) -> float:
    """Return the longest that one of several requests took, in seconds."""
    slowest = 0.0
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as http:
        for _ in range(times):
            begun = time.monotonic()
            async with http.get(f"{origin}/api/sandbox") as response:
                assert (await response.json())["items"]
            slowest = max(slowest, time.monotonic() - begun)
    return slowest


@pytest.mark.usefixtures("_many_files")
async def test_ten_thousand_idle_connections(served: tuple[asyncio.subprocess.Process, str, str]) -> None:
    process, origin, key = served
    before = _memory_mb(process.pid)
    async with _crowd(origin, CROWD) as writers:
        for writer in writers[::2]:  # half of them begin to say something
            writer.write(b"GET /api/sandbox HTTP/1.1\r\nHost: here\r\nX-Slow: ")
        assert await _slowest_answer(origin, key) < 15
        assert _memory_mb(process.pid) - before < 300
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(20):
            assert await process.wait() == 0


async def test_slow_bodies_hold_nobody_up(served: tuple[asyncio.subprocess.Process, str, str]) -> None:
    _process, origin, key = served
    head = f"POST /api/sandbox HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {key}\r\nContent-Length: 1000\r\n\r\n"
    async with _crowd(origin, 200) as writers:
        for writer in writers:
            writer.write(head.encode() + b'{"name": ')
        assert await _slowest_answer(origin, key) < 15


async def test_a_huge_body_is_refused_and_not_kept_in_memory(
    served: tuple[asyncio.subprocess.Process, str, str],
) -> None:
    process, origin, key = served
    before = _memory_mb(process.pid)

    async def huge() -> AsyncIterator[bytes]:
        yield b'{"name": "'
        for _ in range(2000):
            yield b"x" * 100_000

    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as http:
        with contextlib.suppress(aiohttp.ClientError):  # the connection may be closed in its middle
            async with http.post(f"{origin}/api/sandbox", data=huge()) as response:
                assert response.status == 413
    assert _memory_mb(process.pid) - before < 100
    assert await _slowest_answer(origin, key, 3) < 15
