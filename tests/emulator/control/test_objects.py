"""The object storage: what the S3 client of the SDK does with it, and what it refuses."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import aiohttp
import obstore
import pytest
from daytona_api_client_async import ObjectStorageApi
from obstore.store import S3Store
from tests.emulator.conftest import OpenEmulator
from tests.emulator.control.conftest import Api, Http

from daytona_tui.emulator.fleet.records import ORGANIZATION_ID
from daytona_tui.emulator.objects import shelf
from daytona_tui.emulator.server import Emulator

KEY = f"{ORGANIZATION_ID}/0123abc/context.tar"
QUICK = {"max_retries": 0}


async def access(emulator: Emulator, api: Api) -> dict[str, Any]:
    """Return the arguments of a store that may push."""
    given = await ObjectStorageApi(await api(emulator)).get_push_access()
    assert given.organization_id == ORGANIZATION_ID
    return {
        "bucket": given.bucket,
        "endpoint": given.storage_url,
        "region": given.region,
        "access_key_id": given.access_key,
        "secret_access_key": given.secret,
        "session_token": given.session_token,
        "client_options": {"allow_http": True},
        "retry_config": QUICK,
    }


async def test_an_object_comes_back_as_it_was_put(open_emulator: OpenEmulator, api: Api) -> None:
    store = S3Store(**await access(await open_emulator(), api))

    with pytest.raises(FileNotFoundError):
        await store.head_async(KEY)
    await store.put_async(KEY, b"hello", use_multipart=False)

    assert (await store.head_async(KEY))["size"] == 5
    assert bytes(await (await store.get_async(KEY)).bytes_async()) == b"hello"


async def test_an_object_in_parts_is_put_together(open_emulator: OpenEmulator, api: Api) -> None:
    store = S3Store(**await access(await open_emulator(), api))
    data = os.urandom(12 << 20)

    async def pieces() -> Any:
        for at in range(0, len(data), 1 << 20):
            yield data[at : at + (1 << 20)]

    await store.put_async(KEY, pieces(), chunk_size=5 << 20, max_concurrency=4)

    assert bytes(await (await store.get_async(KEY)).bytes_async()) == data


async def test_an_upload_that_breaks_off_leaves_no_object(
    open_emulator: OpenEmulator, api: Api, tmp_path: Path
) -> None:
    store = S3Store(**await access(await open_emulator(state_dir=tmp_path / "state"), api))

    async def pieces() -> Any:
        yield bytes(6 << 20)
        raise RuntimeError("enough")

    with pytest.raises(Exception, match="enough"):
        await store.put_async(KEY, pieces(), chunk_size=5 << 20)

    with pytest.raises(FileNotFoundError):
        await store.head_async(KEY)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"secret_access_key": "another"}, "SignatureDoesNotMatch"),
        ({"access_key_id": "ASIA0000"}, "InvalidAccessKeyId"),
        ({"session_token": "another"}, "InvalidToken"),
        ({"session_token": None}, "InvalidToken"),
        ({"bucket": "somebody-else"}, "NoSuchBucket"),
        ({"region": "eu-west-1"}, "AuthorizationHeaderMalformed"),
    ],
)
async def test_wrong_credentials_are_refused(
    open_emulator: OpenEmulator, api: Api, change: dict[str, str | None], code: str
) -> None:
    given = await access(await open_emulator(), api) | change
    store = S3Store(**{name: value for name, value in given.items() if value is not None})

    with pytest.raises(Exception, match=code):
        await store.put_async(KEY, b"x", use_multipart=False)


async def test_credentials_expire(open_emulator: OpenEmulator, api: Api) -> None:
    emulator = await open_emulator()
    store = S3Store(**await access(emulator, api))
    emulator.fleet.clock.advance(3601)

    with pytest.raises(Exception, match="ExpiredToken"):
        await store.put_async(KEY, b"x", use_multipart=False)


@pytest.mark.parametrize("key", ["other/0123/context.tar", "0123/context.tar", f"x{KEY}"])
async def test_nobody_writes_beside_their_organisation(open_emulator: OpenEmulator, api: Api, key: str) -> None:
    store = S3Store(**await access(await open_emulator(), api))

    with pytest.raises(Exception, match="AccessDenied"):
        await store.put_async(key, b"x", use_multipart=False)


async def test_a_hostile_key_leads_nowhere(open_emulator: OpenEmulator, api: Api, tmp_path: Path) -> None:
    store = S3Store(**await access(await open_emulator(state_dir=tmp_path / "state"), api))

    for name in ("%2e%2e/%2e%2e/outside", "a\\..\\b", "ä b$;'\"", "x" * 900):
        key = f"{ORGANIZATION_ID}/{name}"
        await store.put_async(key, b"mine", use_multipart=False)
        assert bytes(await (await store.get_async(key)).bytes_async()) == b"mine"

    assert sorted(path.name for path in tmp_path.iterdir()) == ["state"]
    assert all(len(path.name) == 64 or path.is_dir() for path in (tmp_path / "state" / "objects").iterdir())


async def test_what_is_too_large_is_refused(
    open_emulator: OpenEmulator, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = S3Store(**await access(await open_emulator(), api))
    monkeypatch.setattr(shelf, "LARGEST", 6 << 20)

    with pytest.raises(Exception, match="EntityTooLarge"):
        await store.put_async(KEY, bytes(12 << 20), chunk_size=5 << 20)


async def test_a_request_without_a_signature_is_refused(open_emulator: OpenEmulator, bare: Http) -> None:
    http = await bare(await open_emulator())

    async with http.put(f"/objects/daytona-volume-builds/{KEY}", data=b"x") as answer:
        assert answer.status == 403
        assert "<Code>AccessDenied</Code>" in await answer.text()
    async with http.head(f"/objects/daytona-volume-builds/{KEY}") as answer:
        assert answer.status == 403


async def test_a_signed_request_with_another_body_is_refused(open_emulator: OpenEmulator, api: Api) -> None:
    """Whoever listens on the way cannot put in something else."""
    emulator = await open_emulator()
    store = S3Store(**await access(emulator, api))
    signed: dict[str, str] = {}

    async def record(request: aiohttp.web.Request) -> aiohttp.web.Response:
        signed.update(request.headers)
        signed["path"] = request.raw_path
        return aiohttp.web.Response(status=500)

    app = aiohttp.web.Application()
    app.router.add_route("*", "/{all:.*}", record)
    runner = aiohttp.web.AppRunner(app)
    await runner.setup()
    try:
        site = aiohttp.web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host = f"127.0.0.1:{runner.addresses[0][1]}"
        given = await access(emulator, api)
        there = S3Store(**{**given, "endpoint": f"http://{host}/objects"})
        with pytest.raises(obstore.exceptions.BaseError):
            await there.put_async(KEY, b"good", use_multipart=False)
    finally:
        await runner.cleanup()

    path = signed.pop("path")
    url = emulator.api_url.removesuffix("/api") + path
    headers = {name: value for name, value in signed.items() if name.lower() not in {"content-length", "accept"}}
    async with aiohttp.ClientSession() as session, session.put(url, data=b"evil", headers=headers) as answer:
        assert answer.status == 400
        assert "XAmzContentSHA256Mismatch" in await answer.text()
    with pytest.raises(FileNotFoundError):
        await store.head_async(KEY)


async def test_a_server_without_object_storage_says_so(open_emulator: OpenEmulator, bare: Http) -> None:
    http = await bare(await open_emulator(lacks=frozenset({"object-storage"})))

    async with http.get("/api/object-storage/push-access") as answer:
        assert answer.status == 503
        assert (await answer.json())["message"] == "Object storage is not configured"
