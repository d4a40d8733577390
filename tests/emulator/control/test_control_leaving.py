"""Clients that leave in the middle of an answer or of a request: the emulator hangs up and has nothing to report."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import cast
from urllib.parse import urlsplit

import aiohttp
import pytest
from daytona import AsyncDaytona, AsyncSandbox, SessionExecuteRequest

from daytona_tui.emulator.server import Emulator

Connect = Callable[..., Awaitable[AsyncDaytona]]
Eventually = Callable[..., Awaitable[None]]

LARGE = 16 << 20


@pytest.fixture
async def sandbox(emulator: Emulator, connect: Connect) -> AsyncSandbox:
    daytona: AsyncDaytona = await connect(emulator)
    return await daytona.create()


@pytest.fixture
async def _nothing_to_report(caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """Fail if the server logs anything worth somebody's attention."""
    caplog.set_level(logging.DEBUG, logger="aiohttp.server")
    asyncio.get_running_loop().set_debug(True)  # only then does the server tell of clients that left
    yield
    servers = ("aiohttp", "daytona_tui")
    entries = [entry for entry in caplog.records if entry.name.startswith(servers)]
    assert not [entry.getMessage() for entry in entries if entry.levelno >= logging.WARNING]


def _toolbox(emulator: Emulator, sandbox: AsyncSandbox) -> str:
    return f"{emulator.api_url.removesuffix('/api')}/toolbox/{sandbox.id}"


async def _hung_up(caplog: pytest.LogCaptureFixture, eventually: Eventually) -> None:
    """Wait until the server has noticed that its client has gone."""
    await eventually(lambda: any("premature client disconnection" in entry.getMessage() for entry in caplog.records))


@pytest.mark.usefixtures("_nothing_to_report")
async def test_leaving_a_download(
    sandbox: AsyncSandbox, caplog: pytest.LogCaptureFixture, eventually: Eventually
) -> None:
    await sandbox.fs.upload_file(bytes(LARGE), "large")
    stream = await sandbox.fs.download_file_stream("large")

    async for _chunk in stream:
        break
    await cast("AsyncGenerator[bytes]", stream).aclose()

    await _hung_up(caplog, eventually)
    assert (await sandbox.process.exec("echo well")).result == "well\n"


@pytest.mark.usefixtures("_nothing_to_report")
async def test_leaving_a_command(
    sandbox: AsyncSandbox, caplog: pytest.LogCaptureFixture, eventually: Eventually
) -> None:
    running = asyncio.create_task(sandbox.process.exec("touch begun; sleep 60"))
    async with asyncio.timeout(20):
        while not [entry for entry in await sandbox.fs.list_files(".") if entry.name == "begun"]:
            pass
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    await _hung_up(caplog, eventually)


@asynccontextmanager
async def _abrupt(
    emulator: Emulator, method: str, path: str, headers: str
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Begin a request and at the end of the block leave without a word."""
    origin = urlsplit(emulator.api_url)
    reader, writer = await asyncio.open_connection(origin.hostname, origin.port)
    head = f"{method} {path} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {emulator.api_key}\r\n{headers}\r\n"
    writer.write(head.encode())
    yield reader, writer
    writer.transport.abort()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


@pytest.mark.usefixtures("_nothing_to_report")
async def test_leaving_an_upload(
    emulator: Emulator, sandbox: AsyncSandbox, caplog: pytest.LogCaptureFixture, eventually: Eventually
) -> None:
    begin = (
        b'--X\r\nContent-Disposition: form-data; name="files[0].path"\r\n\r\nhalf\r\n'
        b'--X\r\nContent-Disposition: form-data; name="files[0].file"; filename="half"\r\n\r\n' + bytes(1 << 20)
    )
    headers = "Content-Length: 10000000\r\nContent-Type: multipart/form-data; boundary=X\r\n"
    path = f"/toolbox/{sandbox.id}/files/bulk-upload"
    async with _abrupt(emulator, "POST", path, headers) as (_, writer), asyncio.timeout(20):
        writer.write(begin)
        await writer.drain()
        while not [entry for entry in await sandbox.fs.list_files(".") if entry.name.startswith(".daytona-upload-")]:
            pass

    await _hung_up(caplog, eventually)
    async with asyncio.timeout(20):
        while await sandbox.fs.list_files("."):
            pass


@pytest.mark.usefixtures("_nothing_to_report")
async def test_leaving_a_log_and_a_terminal(emulator: Emulator, sandbox: AsyncSandbox) -> None:
    await sandbox.process.create_session("s")
    endless = SessionExecuteRequest(command="yes", run_async=True)
    command = (await sandbox.process.execute_session_command("s", endless)).cmd_id
    base = f"/toolbox/{sandbox.id}/process"
    upgrade = (
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    )

    for path in (f"{base}/session/s/command/{command}/logs?follow=true", f"{base}/pty/create-connect?id=t"):
        async with _abrupt(emulator, "GET", path, upgrade) as (reader, _), asyncio.timeout(20):
            await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(10)

    await sandbox.process.kill_pty_session("t")
    await sandbox.process.delete_session("s")
    assert (await sandbox.process.exec("echo well")).result == "well\n"


@pytest.mark.usefixtures("_nothing_to_report")
async def test_a_file_that_shrinks_while_it_is_sent_ends_the_answer(emulator: Emulator, sandbox: AsyncSandbox) -> None:
    await sandbox.fs.upload_file(bytes(LARGE), "large")
    headers = {"Authorization": f"Bearer {emulator.api_key}"}
    async with aiohttp.ClientSession(headers=headers, read_bufsize=1 << 10) as http:
        url = f"{_toolbox(emulator, sandbox)}/files/bulk-download"
        async with http.post(url, json={"paths": ["large"]}) as answer:
            await answer.content.readany()
            await sandbox.process.exec(": > large")
            with pytest.raises((aiohttp.ClientPayloadError, ConnectionError)):
                await answer.content.read()


async def test_a_path_that_is_no_text_is_an_error_of_its_own(emulator: Emulator, sandbox: AsyncSandbox) -> None:
    await sandbox.fs.upload_file(b"good", "good")
    headers = {"Authorization": f"Bearer {emulator.api_key}", "Content-Type": "application/json"}
    body = json.dumps({"paths": ["\ud800", "good"]})
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.post(f"{_toolbox(emulator, sandbox)}/files/bulk-download", data=body) as answer,
    ):
        text = await answer.read()
    assert answer.status == 200
    assert text.count(b'name="error"') == 1
    assert b"good\r\n--" in text
    assert b"HTTP/1.1" not in text


@pytest.mark.usefixtures("_nothing_to_report")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"garbage",
        b'--X\r\nContent-Disposition: form-data; name="files[0].path"\r\n\r\nhalf\r\n'
        b'--X\r\nContent-Disposition: form-data; name="files[0].file"; filename="half"\r\n\r\nno end',
    ],
)
async def test_a_malformed_upload_is_refused(emulator: Emulator, sandbox: AsyncSandbox, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {emulator.api_key}", "Content-Type": "multipart/form-data; boundary=X"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.post(f"{_toolbox(emulator, sandbox)}/files/bulk-upload", data=body) as answer,
    ):
        assert answer.status == 400
        assert "part" in (await answer.json())["errors"][0]


@pytest.mark.usefixtures("_nothing_to_report")
@pytest.mark.parametrize(
    "body", ['{"command": "echo", "timeout": NaN}', "[" * 100_000, "nonsense"], ids=["nan", "deep", "words"]
)
async def test_a_body_that_is_no_json_is_refused(emulator: Emulator, sandbox: AsyncSandbox, body: str) -> None:
    headers = {"Authorization": f"Bearer {emulator.api_key}"}
    async with aiohttp.ClientSession(headers=headers) as http:
        for path in (f"{_toolbox(emulator, sandbox)}/process/execute", f"{emulator.api_url}/sandbox"):
            async with http.post(path, data=body) as answer:
                assert answer.status == 400, path
