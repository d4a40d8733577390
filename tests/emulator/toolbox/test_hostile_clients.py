"""Clients that read slowly, leave early or ask for more than there is: memory stays flat, and answers stay honest."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from tests.emulator.conftest import DEADLINE_S
from tests.emulator.toolbox.conftest import BOX_ID, Toolbox

from daytona_tui.emulator.body.box import Box

MIB = 1 << 20
BIG = 256 * MIB
MOST_GROWTH = 64 * MIB

SERVER = """
import asyncio, sys
from daytona_tui.emulator.server import Emulator, EmulatorOptions

async def main():
    async with Emulator(EmulatorOptions(api_key="key", pace="instant")) as emulator:
        print(emulator.api_url, flush=True)
        await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""


class Server:
    """An emulator in a process of its own, so that its memory is its own."""

    def __init__(self, process: asyncio.subprocess.Process, api_url: str, http: aiohttp.ClientSession) -> None:
        self.process = process
        self.api_url = api_url
        self.http = http
        self.files = ""

    def peak(self) -> int:
        """Return the most memory it has ever used, in bytes."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(text.partition("VmHWM:")[2].split()[0]) * 1024


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVER, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    api_url = (await asyncio.wait_for(process.stdout.readline(), DEADLINE_S)).decode().strip()
    async with aiohttp.ClientSession(headers={"Authorization": "Bearer key"}) as http:
        server = Server(process, api_url, http)
        async with http.post(f"{api_url}/sandbox", json={}) as response:
            sandbox = await response.json()
        server.files = f"{sandbox['toolboxProxyUrl']}/{sandbox['id']}/files"
        yield server
    process.stdin.close()
    await asyncio.wait_for(process.wait(), DEADLINE_S)


async def _blocks(size: int) -> AsyncIterator[bytes]:
    block = os.urandom(MIB)
    for _ in range(size // MIB):
        yield block


async def _up_and_down(server: Server, size: int) -> None:
    """Send and fetch a file by every route that carries contents."""
    form = aiohttp.MultipartWriter("form-data", boundary="a-boundary-like-those-of-real-clients")
    form.append("bulk").set_content_disposition("form-data", name="files[0].path")
    part = form.append(_blocks(size))
    part.set_content_disposition("form-data", name="files[0].file", filename="x")
    async with server.http.post(f"{server.files}/bulk-upload", data=form) as response:
        assert response.status == 200, await response.text()
    async with server.http.post(f"{server.files}/upload-v2", params={"path": "raw"}, data=_blocks(size)) as response:
        assert response.status == 200, await response.text()
    for asked in (
        server.http.get(f"{server.files}/download", params={"path": "raw"}),
        server.http.post(f"{server.files}/bulk-download", json={"paths": ["bulk"]}),
        server.http.post(f"{server.files}/bulk-download", json={"paths": ["bulk", "gone"]}),
    ):
        async with asked as response:
            received = 0
            async for chunk in response.content.iter_chunked(MIB):
                received += len(chunk)
        assert size <= received < size + 4096


async def test_memory_stays_flat_whatever_is_sent(server: Server) -> None:
    await _up_and_down(server, MIB)  # what a first transfer loads once is no growth
    before = server.peak()
    await _up_and_down(server, BIG)
    assert server.peak() - before < MOST_GROWTH


async def test_memory_stays_flat_when_nobody_reads(server: Server) -> None:
    await _up_and_down(server, MIB)
    async with server.http.post(f"{server.files}/upload-v2", params={"path": "big"}, data=_blocks(BIG)) as response:
        assert response.status == 200
    before = server.peak()
    async with contextlib.AsyncExitStack() as waiting:
        for _ in range(8):  # each gets a head, and reads nothing of the rest
            one = server.http.get(f"{server.files}/download", params={"path": "big"})
            assert (await waiting.enter_async_context(one)).headers["Content-Length"] == str(BIG)
            several = server.http.post(f"{server.files}/bulk-download", json={"paths": ["big"] * 3})
            assert (await waiting.enter_async_context(several)).status == 200
        async with server.http.get(server.files, timeout=aiohttp.ClientTimeout(total=DEADLINE_S)) as listing:
            assert len(await listing.json()) == 3
        assert server.peak() - before < MOST_GROWTH


async def test_searching_what_is_large_stays_flat_too(server: Server) -> None:
    line = b"a needle in a line that is long enough to count\n"
    text = line * (64 * MIB // len(line))

    async def blocks() -> AsyncIterator[bytes]:
        for at in range(0, len(text), MIB):
            yield text[at : at + MIB]

    async with server.http.post(f"{server.files}/upload-v2", params={"path": "text"}, data=blocks()) as response:
        assert response.status == 200
    before = server.peak()
    async with server.http.get(f"{server.files}/find", params={"path": ".", "pattern": "needle"}) as response:
        found = 0
        async for chunk in response.content.iter_chunked(MIB):
            found += chunk.count(b"}")
    assert found == len(text) // len(line)
    assert server.peak() - before < MOST_GROWTH


# In this process, in both kinds of isolation.


def _ask(toolbox: Toolbox, path: str) -> socket.socket:
    """Ask for a file by hand."""
    host, port = toolbox.root.removeprefix("http://").split(":")
    client = socket.create_connection((host, int(port)))
    client.settimeout(DEADLINE_S)
    client.sendall(f"GET /toolbox/{BOX_ID}/files/download?path={path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    return client


def _open_files() -> set[str]:
    links = (Path("/proc/self/fd") / name for name in os.listdir("/proc/self/fd"))  # noqa: PTH208
    return {str(link.readlink()) for link in links if link.is_symlink()}


async def test_a_client_that_leaves_lets_go_of_the_file(toolbox: Toolbox, box: Box) -> None:
    with (box.home / "big").open("wb") as file:
        file.truncate(BIG)
    clients = [await asyncio.to_thread(_ask, toolbox, "big") for _ in range(5)]
    for client in clients:
        assert b" 200 " in await asyncio.to_thread(client.recv, 100)
        client.close()
    async with asyncio.timeout(DEADLINE_S):
        while any(name.endswith("/big") for name in _open_files()):  # noqa: ASYNC110 - closing tells nobody
            await asyncio.sleep(0.01)


async def test_what_grows_while_it_is_sent_keeps_its_length(toolbox: Toolbox, box: Box) -> None:
    (box.home / "growing").write_bytes(b"x" * BIG)
    async with toolbox.http.get(f"{toolbox.url}/files/download", params={"path": "growing"}) as response:
        with (box.home / "growing").open("ab") as file:
            file.write(b"more" * 1000)
        assert len(await response.read()) == BIG == int(response.headers["Content-Length"])


@pytest.mark.parametrize("route", ["download", "bulk"])
async def test_what_shrinks_while_it_is_sent_breaks_off(toolbox: Toolbox, box: Box, route: str) -> None:
    (box.home / "shrinking").write_bytes(b"x" * BIG)
    asked = (
        toolbox.http.get(f"{toolbox.url}/files/download", params={"path": "shrinking"})
        if route == "download"
        else toolbox.http.post(f"{toolbox.url}/files/bulk-download", json={"paths": ["shrinking", "gone"]})
    )
    async with asked as response:
        os.truncate(box.home / "shrinking", MIB)
        with pytest.raises(aiohttp.ClientError):
            await response.read()


async def test_an_empty_file_and_its_head(toolbox: Toolbox, box: Box) -> None:
    (box.home / "empty").touch()
    url, where = f"{toolbox.url}/files/download", {"path": "empty"}
    async with toolbox.http.get(url, params=where) as response:
        assert (response.status, await response.read(), response.headers["Content-Length"]) == (200, b"", "0")
    (box.home / "empty").write_bytes(b"12345")
    async with toolbox.http.head(url, params=where) as response:
        assert (response.status, response.headers["Content-Length"]) == (200, "5")
    async with toolbox.http.get(url, params=where) as response:  # and the connection is still of use
        assert await response.read() == b"12345"
