"""Bodies no client of good will sends: broken multipart, bombs of heads and JSON, a full disk, a client that leaves."""

from __future__ import annotations

import asyncio
import io
import json
import os
import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest
from tests.emulator.toolbox.conftest import BOX_ID, Toolbox

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.toolbox.requests import MAX_JSON

DEADLINE_S = 20.0
BOUNDARY = "an-odd-boundary"
END = f"--{BOUNDARY}--\r\n".encode()


def _part(name: str, data: bytes, *, more: str = "", filename: str | None = None) -> bytes:
    said = "" if filename is None else f'; filename="{filename}"'
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{said}\r\n{more}\r\n'
    return head.encode() + data + b"\r\n"


def _path(index: object, path: str) -> bytes:
    return _part(f"files[{index}].path", path.encode())


def _file(index: object, data: bytes) -> bytes:
    return _part(f"files[{index}].file", data, filename="ignored")


async def _bulk(toolbox: Toolbox, body: bytes, content_type: str | None = None) -> tuple[int, dict[str, list[str]]]:
    headers = {"Content-Type": content_type or f"multipart/form-data; boundary={BOUNDARY}"}
    async with toolbox.http.post(
        f"{toolbox.url}/files/bulk-upload", data=io.BytesIO(body), headers=headers
    ) as response:
        answer = await response.json()
        assert isinstance(answer, dict)
        return response.status, answer


def _left(box: Box) -> list[str]:
    """Return every file of the home: also one that was only half written."""
    return sorted(str(path.relative_to(box.home)) for path in box.home.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("body", "expected", "left"),
    [
        (_path(0, "a") + _file(0, b"x") + END, None, ["a"]),
        (END, None, []),
        (_file(0, b"x") + END, "missing .path", []),
        (_file(0, b"x") + _path(0, "a") + END, "missing .path", []),
        (_path(0, "a") + _path(0, "b") + _file(0, b"x") + END, None, ["b"]),
        (_path(0, "a") + _file(0, b"x") + _file(0, b"y") + END, "missing .path", ["a"]),
        (_path(0, "a") + _part("unknown", b"z") + _file(0, b"x") + END, None, ["a"]),
        (_path(0, "") + END, "empty path", []),
        (_path(0, "p" * 5000) + END, "too long", []),
        (_path(0, "a\0b") + _file(0, b"x") + END, "NUL", []),
        (_path(0, "a") + _file(0, b"x"), "unexpected end", []),
        (_path(0, "a") + _file(0, b"x")[:-9], "unexpected end", []),
        (_path(0, "a")[:30], "unexpected end", []),
        (b"", "unexpected end", []),
        (b"no multipart at all" * 10_000, "boundary", []),
        (_path(0, "a") + f"--{BOUNDARY}junk\r\n\r\n".encode() + END, "malformed boundary", []),
        (_part("files[0].path", b"a", more="X: " + "y" * 40_000 + "\r\n") + END, "head of a part", []),
        (_part("files[0].path", b"a", more="X: y\r\n" * 9000) + END, "head of a part", []),
        (b"\xff\xfe preamble\r\n" + _path(0, "a") + _file(0, b"x") + END + b"epilogue", None, ["a"]),
        (f"--{BOUNDARY}\r\n\r\nno head\r\n".encode() + END, None, []),
    ],
)
async def test_every_order_and_break_of_parts(
    toolbox: Toolbox, box: Box, body: bytes, expected: str | None, left: list[str]
) -> None:
    status, answer = await _bulk(toolbox, body)
    assert status == (200 if expected is None else 400), answer
    assert expected is None or expected in answer["errors"][-1]
    assert _left(box) == left


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "text/plain",
        f"multipart/form-data; boundary={'b' * 99}",
        "; ;",
    ],
)
async def test_a_body_without_a_boundary_is_refused(toolbox: Toolbox, content_type: str) -> None:
    status, answer = await _bulk(toolbox, _path(0, "a") + END, content_type)
    assert (status, len(answer["errors"])) == (400, 1)


async def test_ten_thousand_parts_and_a_boundary_at_every_cut(toolbox: Toolbox, box: Box) -> None:
    parts = b"".join(_path(number, f"many/{number}") + _file(number, b"%d" % number) for number in range(5000))
    status, answer = await _bulk(toolbox, parts + END)
    assert (status, len(answer["files"])) == (200, 5000)
    assert (box.home / "many" / "4999").read_bytes() == b"4999"
    tricky = b"".join(f"\r\n--{BOUNDARY}"[:cut].encode() for cut in range(1, len(BOUNDARY) + 4)) * 3000
    status, answer = await _bulk(toolbox, _path("x", "tricky") + _file("x", tricky) + END)
    assert status == 200, answer
    assert (box.home / "tricky").read_bytes() == tricky


async def test_paths_without_end_are_refused(toolbox: Toolbox, box: Box) -> None:
    status, answer = await _bulk(toolbox, b"".join(_path(number, "a") for number in range(10_050)) + END)
    assert status == 400
    assert "too many" in answer["errors"][0]


async def test_an_upload_to_what_is_no_file_is_refused_and_the_others_are_written(toolbox: Toolbox, box: Box) -> None:
    (box.home / "folder").mkdir()
    os.mkfifo(box.home / "fifo")
    (box.home / "file").write_bytes(b"old")
    body = _path(0, "folder") + _file(0, b"x") + _path(1, "fifo") + _file(1, b"x")
    body += _path(2, "file/below") + _file(2, b"x") + _path(3, "file") + _file(3, b"new") + END
    async with asyncio.timeout(DEADLINE_S):
        status, answer = await _bulk(toolbox, body)
    assert (status, len(answer["errors"])) == (400, 3)
    assert (box.home / "file").read_bytes() == b"new"
    assert sorted(os.listdir(box.home)) == ["fifo", "file", "folder"]  # noqa: PTH208


async def test_one_file_as_a_part_or_as_a_raw_body(toolbox: Toolbox, box: Box) -> None:
    (box.home / "tool").write_bytes(b"old")
    (box.home / "tool").chmod(0o755)
    url, where = f"{toolbox.url}/files/upload-v2", {"path": "tool"}
    async with toolbox.http.post(url, params=where, data=b"raw") as response:
        assert await response.json() == {"name": "tool", "path": "tool", "type": "file"}
    assert ((box.home / "tool").read_bytes(), (box.home / "tool").stat().st_mode & 0o777) == (b"raw", 0o755)
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    for body, expected in [
        (_part("other", b"no") + _part("file", b"part", filename="x") + END, 200),
        (_part("other", b"no") + END, 400),
        (_part("file", b"half", filename="x"), 400),
    ]:
        async with toolbox.http.post(url, params=where, data=body, headers=headers) as response:
            assert response.status == expected
    assert (box.home / "tool").read_bytes() == b"part"
    async with toolbox.http.post(f"{toolbox.url}/files/upload", params={"path": "deep/er/empty"}, data=b"") as response:
        assert response.status == 200
    assert _left(box) == ["deep/er/empty", "tool"]


@pytest.mark.parametrize("route", ["files/replace", "files/bulk-download", "env", "process/execute"])
async def test_json_of_any_size_and_shape_is_refused(toolbox: Toolbox, route: str) -> None:
    url = f"{toolbox.url}/{route}"
    as_json = {"Content-Type": "application/json"}
    huge = b'{"paths": ["' + b"x" * MAX_JSON + b'"]}'
    for body, expected in [
        (huge, 413),
        (b"[" * 200_000, 400),
        (b'{"a":' * 50_000, 400),
        (b"[]", 400),
        (b"nul", 400),
        (b"\xff\xfe", 400),
        (b'{"paths": "a", "files": {}, "set": [], "command": 1}', 400),
        (b'{"paths": [1], "files": [null], "set": {"A": 1}, "command": {}}', 400),
        (b'{"paths": [], "files": 5, "set": {"": "x"}}', 400),
    ]:
        async with toolbox.http.post(url, data=io.BytesIO(body), headers=as_json) as response:
            assert response.status == expected, (body[:40], await response.text())
            assert (await response.json())["statusCode"] == expected


@contextmanager
def _largest_file(size: int) -> Iterator[None]:
    """Let the system refuse to write beyond ``size``, as it does when a disk is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_what_the_disk_refuses_is_said_and_leaves_the_old_file(toolbox: Toolbox, box: Box) -> None:
    (box.home / "file").write_bytes(b"old")
    data = os.urandom(5 << 20)
    with _largest_file(1 << 20):
        status, answer = await _bulk(toolbox, _path(0, "file") + _file(0, data) + _path(1, "b") + _file(1, b"x") + END)
        assert (status, answer["errors"]) == (400, ["file: file too large"])
        async with toolbox.http.post(
            f"{toolbox.url}/files/upload-v2", params={"path": "file"}, data=io.BytesIO(data)
        ) as response:
            assert (response.status, (await response.json())["message"]) == (400, "file: file too large")
    assert _left(box) == ["b", "file"]
    assert (box.home / "file").read_bytes() == b"old"


def _raw_upload(toolbox: Toolbox, path: str, size: int) -> socket.socket:
    """Begin an upload by hand."""
    host, port = toolbox.root.removeprefix("http://").split(":")
    client = socket.create_connection((host, int(port)))
    head = (
        f"POST /toolbox/{BOX_ID}/files/upload-v2?path={path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {size}\r\n\r\n"
    )
    client.sendall(head.encode())
    return client


async def _until_left(box: Box, hidden: int) -> None:
    """Wait until that many half written files are there."""

    def count() -> int:
        return sum(path.name.startswith(".daytona-upload-") for path in box.home.rglob("*"))

    async with asyncio.timeout(DEADLINE_S):
        while await asyncio.to_thread(count) != hidden:  # noqa: ASYNC110 - the disk tells nobody
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("leave", ["close", "reset"])
async def test_a_client_that_leaves_in_the_middle_leaves_nothing(toolbox: Toolbox, box: Box, leave: str) -> None:
    (box.home / "file").write_bytes(b"old")
    client = await asyncio.to_thread(_raw_upload, toolbox, "file", 1 << 30)
    await asyncio.to_thread(client.sendall, b"x" * (3 << 20))
    await _until_left(box, 1)
    if leave == "reset":
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()
    await _until_left(box, 0)
    assert _left(box) == ["file"]
    assert (box.home / "file").read_bytes() == b"old"


async def test_slow_uploads_hold_up_nobody(toolbox: Toolbox, box: Box) -> None:
    clients = [await asyncio.to_thread(_raw_upload, toolbox, f"slow-{number}", 50) for number in range(50)]
    await _until_left(box, 50)
    for number in range(50):
        clients[number % 50].sendall(b"x")
        async with toolbox.http.get(f"{toolbox.url}/files", params={"path": "."}, timeout=_short()) as response:
            assert response.status == 200
    for client in clients:
        client.sendall(b"x" * 49)
        assert b" 200 " in await asyncio.to_thread(client.recv, 1000)
        client.close()
    assert _left(box) == [f"slow-{number}" for number in sorted(range(50), key=str)]


def _short() -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=DEADLINE_S)


async def test_replacing_keeps_the_mode_and_is_bounded(toolbox: Toolbox, box: Box) -> None:
    (box.home / "script").write_bytes(b"one two")
    (box.home / "script").chmod(0o750)
    (box.home / "bomb").write_bytes(b"a" * (1 << 20))
    (box.home / "link").symlink_to("script")
    with (box.home / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    body = {"files": ["link", "bomb", "sparse", "gone", ".", "/proc/self/mem"], "pattern": "a", "newValue": "b" * 1000}
    async with toolbox.http.post(f"{toolbox.url}/files/replace", json=body) as response:
        assert [one["success"] for one in await response.json()] == [True, False, False, False, False, False]
    body = {"files": ["link"], "pattern": "two", "newValue": "three"}
    async with toolbox.http.post(f"{toolbox.url}/files/replace", json=body) as response:
        assert json.loads(await response.read()) == [{"file": "link", "success": True}]
    assert (box.home / "script").read_bytes() == b"one three"
    assert (box.home / "script").stat().st_mode & 0o777 == 0o750
    assert (box.home / "link").is_symlink()
    assert Path(box.home / "bomb").stat().st_size == 1 << 20
