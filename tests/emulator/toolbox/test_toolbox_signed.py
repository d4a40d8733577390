"""Signed file addresses: what the SDK signs opens one file for a plain client, and nothing else opens anything."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

import aiohttp
import pytest
from daytona import AsyncDaytona, AsyncSandbox
from tests.emulator.conftest import Connect

from daytona_tui.emulator.server import Emulator


@pytest.fixture
async def sandbox(emulator: Emulator, connect: Connect) -> AsyncSandbox:
    client: AsyncDaytona = await connect(emulator)
    return await client.create()


def _with(url: str, **changes: str | None) -> str:
    """Return an address with another query."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True)) | changes
    return parts._replace(query=urlencode({key: value for key, value in query.items() if value is not None})).geturl()


async def _get(url: str) -> tuple[int, bytes]:
    async with aiohttp.ClientSession() as stranger, stranger.get(url) as response:
        return response.status, await response.read()


@pytest.mark.parametrize("path", ["file.txt", "/home/daytona/two words & mehr ü.txt", "new\nline", "a+b%20c"])
async def test_what_is_signed_goes_up_and_comes_down_without_a_key(sandbox: AsyncSandbox, path: str) -> None:
    upload, download = await sandbox.upload_url(path), await sandbox.download_url(path)
    async with aiohttp.ClientSession() as stranger:
        form = aiohttp.FormData()
        form.add_field("file", b"contents", filename="local.bin")
        async with stranger.post(upload, data=form) as response:
            assert (response.status, (await response.json())["path"]) == (200, path)
    assert await _get(download) == (200, b"contents")
    if path.isascii() and path.isprintable():
        assert await sandbox.fs.download_file(path) == b"contents"


async def test_tampering_opens_nothing(sandbox: AsyncSandbox) -> None:
    await sandbox.fs.upload_file(b"contents", "file")
    await sandbox.fs.upload_file(b"other", "other")
    url = await sandbox.download_url("file")
    assert await _get(url) == (200, b"contents")
    signed = dict(parse_qsl(urlsplit(url).query))["signature"]
    wrong = [
        _with(url, path="other"),
        _with(url, path="./file"),
        _with(url, path=None),
        _with(url, expires="0"),
        _with(url, expires="9" * 15),
        _with(url, expires=None),
        _with(url, expires="never"),
        _with(url, expires=" 0"),
        _with(url, signature=""),
        _with(url, signature="v1_"),
        _with(url, signature=signed[:-1]),
        _with(url, signature=signed + "="),
        _with(url, signature="v2" + signed[2:]),
        _with(url, signature="ü"),
        _with(await sandbox.upload_url("file")).replace("upload-v2", "download"),
        url.replace(sandbox.id, "00000000-0000-0000-0000-000000000000"),
        url.replace("files/download", "files"),
        url.replace("files/download", "files/info"),
    ]
    for address in wrong:
        status, body = await _get(address)
        assert status == 401, address
        assert b"contents" not in body
    async with aiohttp.ClientSession() as stranger:
        async with stranger.post(url.replace("download", "upload-v2"), data=b"overwritten") as response:
            assert response.status == 401
        async with stranger.delete(url.replace("files/download", "files")) as response:
            assert response.status == 401
        assert (await stranger.get(_with(url, signature=None))).status == 401
    assert await sandbox.fs.download_file("file") == b"contents"


async def test_the_first_of_two_paths_is_the_signed_one(sandbox: AsyncSandbox) -> None:
    await sandbox.fs.upload_file(b"contents", "file")
    await sandbox.fs.upload_file(b"other", "other")
    url = await sandbox.download_url("file")
    assert await _get(f"{url}&path=other") == (200, b"contents")
    assert (await _get(url.replace("?", "?path=other&")))[0] == 401


async def test_an_address_expires_by_the_emulators_clock(emulator: Emulator, sandbox: AsyncSandbox) -> None:
    await sandbox.fs.upload_file(b"contents", "file")
    brief, lasting = await sandbox.download_url("file", 60), await sandbox.download_url("file", 0)
    assert (await _get(brief))[0] == 200
    emulator.fleet.clock.advance(62)
    assert (await _get(brief))[0] == 401
    assert await _get(lasting) == (200, b"contents")


async def test_rotation_ends_what_was_signed_before(sandbox: AsyncSandbox, http: aiohttp.ClientSession) -> None:
    await sandbox.fs.upload_file(b"contents", "file")
    old = await sandbox.download_url("file", 0)
    async with http.get(f"/api/sandbox/{sandbox.id}/signing-key") as response:
        key = await response.json()
    await sandbox.rotate_signing_key()
    assert (await _get(old))[0] == 401
    assert await _get(await sandbox.download_url("file")) == (200, b"contents")
    async with http.get(f"/api/sandbox/{sandbox.id}/signing-key") as response:
        assert isinstance(key, str)
        assert await response.json() not in ("", key)


async def test_an_address_outlives_a_restart_and_opens_nothing_while_stopped(sandbox: AsyncSandbox) -> None:
    await sandbox.fs.upload_file(b"contents", "file")
    url = await sandbox.download_url("file")
    await sandbox.stop()
    assert (await _get(url))[0] == 400
    await sandbox.start()
    assert await _get(url) == (200, b"contents")


async def test_a_signature_is_no_way_round_a_wrong_key(sandbox: AsyncSandbox, http: aiohttp.ClientSession) -> None:
    await sandbox.fs.upload_file(b"contents", "file")
    url = await sandbox.download_url("file")
    async with http.get(_with(url, signature="v1_wrong")) as response:  # a good key does not mend a bad signature
        assert response.status == 401
    async with http.get(url) as response:
        assert await response.read() == b"contents"
