"""Parts of a file: quickly where the server or the sandbox can, rightly everywhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from aiohttp import web
from tests.contract.helpers import Serve, contents, write_by

from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.errors import AuthError, DaytonaTuiError, NotFoundError, UnsupportedError

SIZE = 3_000_000
DATA = bytes(range(256)) * (SIZE // 256)
PLANT = f"open('a b','wb').write(bytes(range(256)) * {SIZE // 256})\nopen('empty','w')"
PARTS = [(0, 10), (0, SIZE * 2), (1000, 1), (len(DATA) - 5, 100), (len(DATA), 5), (SIZE * 9, 5), (700_001, 1_500_000)]

NO_DOWNLOAD = FaultRule(path="*/files/download", status=404, body={"message": "Cannot GET /files/download"})
PAGE = FaultRule(path="*/files/download", text="<html>not here</html>", status=200)
NO_LOOK = FaultRule(path="*/process/execute", status=400, body={"message": "no"})


@pytest.mark.parametrize(
    "rules", [[], [NO_DOWNLOAD], [PAGE], [NO_DOWNLOAD, NO_LOOK]], ids=["range", "look", "page", "nothing"]
)
async def test_parts_of_a_file(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId, rules: list[FaultRule]
) -> None:
    path = f"{await write_by(gateway, started, PLANT)}/a b"
    for rule in rules:
        emulator.faults.add(rule)
    for offset, length in PARTS:
        assert await gateway.read_range(started, path, offset, length) == DATA[offset : offset + length]
        assert await contents(gateway.read(started, path, offset=offset)) == DATA[offset:]
    assert await gateway.read_range(started, path, 0, 0) == b""


async def test_an_empty_file_and_none(gateway: DaytonaGateway, started: SandboxId) -> None:
    directory = await write_by(gateway, started, PLANT)
    for offset in (0, 5, 10**12):
        assert await gateway.read_range(started, f"{directory}/empty", offset, 5) == b""
        assert await contents(gateway.read(started, f"{directory}/empty", offset=offset)) == b""
        with pytest.raises(NotFoundError):
            await gateway.read_range(started, f"{directory}/none", offset, 5)
        with pytest.raises(NotFoundError):
            await contents(gateway.read(started, f"{directory}/none", offset=offset))
        with pytest.raises(DaytonaTuiError):
            await gateway.read_range(started, directory, offset, 5)
    for offset, length in ((-1, 1), (0, -1)):
        with pytest.raises(ValueError, match="part"):
            await gateway.read_range(started, f"{directory}/empty", offset, length)


@pytest.mark.parametrize("rules", [[], [NO_DOWNLOAD]], ids=["range", "look"])
async def test_a_part_of_a_huge_file_costs_little(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId, rules: list[FaultRule]
) -> None:
    """Sixty gigabytes with nothing in them but a word: whoever reads up to it never comes back."""
    script = "f=open('huge','wb')\nf.truncate(60*10**9)\nf.seek(50*10**9)\nf.write(b'word')"
    path = f"{await write_by(gateway, started, script)}/huge"
    for rule in rules:
        emulator.faults.add(rule)
    assert await gateway.read_range(started, path, 50 * 10**9 - 2, 8) == b"\0\0word\0\0"
    assert await gateway.read_range(started, path, 0, 4) == bytes(4)


async def test_a_refusal_is_not_asked_for_twice(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId
) -> None:
    await gateway.work_dir(started)
    emulator.faults.add(FaultRule(path="*/files/download", status=401))
    with pytest.raises(AuthError):
        await gateway.read_range(started, "/x", 0, 1)


def plain(body: bytes, status: int = 200, content_range: str = "") -> Callable[[], web.Response]:
    headers = {"Content-Type": "application/octet-stream"} | ({"Content-Range": content_range} if content_range else {})
    return lambda: web.Response(body=body, status=status, headers=headers)


BULK = (
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="/f"\r\nContent-Length: 10\r\n\r\n'
    b"0123456789\r\n--x--\r\n"
)


@pytest.mark.parametrize(
    "answer",
    [
        plain(b"23456789", 206, content_range="bytes 2-9/10"),
        plain(b"0123456789"),
        plain(b"", 200),
        plain(b"123", 206, content_range="bytes 1-3/10"),
        plain(b"234", 206),
        plain(b"23", 206, content_range="nonsense"),
        plain(b"", 416, content_range="bytes */0"),
        plain(b"", 416),
        lambda: web.Response(text="<html>", content_type="text/html"),
        lambda: web.Response(status=404, text="Not found"),
        lambda: web.Response(status=301, headers={"Location": "/elsewhere"}),
    ],
    ids=["part", "whole", "empty", "other part", "which part", "nonsense", "kernel", "no size", "page", "none", "away"],
)
async def test_no_answer_of_a_server_leads_astray(
    gateway: DaytonaGateway, started: SandboxId, serve_toolbox: Serve, answer: Callable[[], web.Response]
) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path.endswith("bulk-download"):
            return web.Response(body=BULK, headers={"Content-Type": "multipart/form-data; boundary=x"})
        return web.Response(text="<html>") if request.path == "/elsewhere" else answer()

    await serve_toolbox(handler)
    assert await contents(gateway.read(started, "/f", offset=2)) == b"23456789"
    assert await gateway.read_range(started, "/f", 2, 8) == b"23456789"


async def test_a_tree_is_listed_to_the_depth_asked_for(gateway: DaytonaGateway, started: SandboxId) -> None:
    directory = await write_by(
        gateway, started, "import os\nos.makedirs('t/a/b/c')\n[open(n,'w') for n in ('t/1','t/a/2','t/a/b/3')]"
    )
    for depth, names in ((1, "1 a"), (2, "1 a a/2 a/b"), (9, "1 a a/2 a/b a/b/3 a/b/c")):
        entries = await gateway.list_tree(started, f"{directory}/t/", depth)
        assert {entry.path for entry in entries} == {f"{directory}/t/{name}" for name in names.split()}
        assert all(entry.path.endswith(f"/{entry.name}") for entry in entries)
    with pytest.raises(NotFoundError):
        await gateway.list_tree(started, f"{directory}/none", 2)
    with pytest.raises(ValueError, match="level"):
        await gateway.list_tree(started, directory, 0)


async def test_a_server_that_lists_no_trees_says_so(
    gateway: DaytonaGateway, started: SandboxId, serve_toolbox: Serve
) -> None:
    told: list[dict[str, object]] = [{"name": "a", "isDir": True}, {"name": "f", "size": 1}]

    async def handler(_: web.Request) -> web.StreamResponse:
        return web.json_response(told)

    await serve_toolbox(handler)
    with pytest.raises(UnsupportedError):
        await gateway.list_tree(started, "/t", 2)
    assert len(await gateway.list_tree(started, "/t", 1)) == 2
    told[:] = [{"name": "f"}, {"name": "x", "path": "/elsewhere/x"}, {"name": "y", "path": "/t/../y"}, {"path": "/t/z"}]
    assert {entry.path for entry in await gateway.list_tree(started, "/t", 2)} == {"/t/f", "/t/z"}


async def test_names_are_searched_at_every_depth(gateway: DaytonaGateway, started: SandboxId) -> None:
    directory = await write_by(
        gateway, started, "import os\nos.makedirs('t/a b')\n[open(n,'w') for n in ('t/1.py','t/a b/2.py','t/3.txt')]"
    )
    found = await gateway.search_names(started, f"{directory}/t", "*.py")
    assert set(found) == {f"{directory}/t/1.py", f"{directory}/t/a b/2.py"}
    assert await gateway.search_names(started, f"{directory}/t", "nothing*") == ()
    with pytest.raises(NotFoundError):
        await gateway.search_names(started, f"{directory}/none", "*")


async def test_a_server_that_matches_whole_paths_is_asked_in_its_way(
    gateway: DaytonaGateway, started: SandboxId, serve_toolbox: Serve
) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.json_response({"files": ["/t/a/b.py", "c.py", 7] if request.query["pattern"] == "**/*.py" else []})

    await serve_toolbox(handler)
    assert await gateway.search_names(started, "/t", "*.py") == ("/t/a/b.py", "/t/c.py")


async def test_contents_are_searched(gateway: DaytonaGateway, started: SandboxId) -> None:
    directory = await write_by(gateway, started, "open('x','w').write('one\\nthe word\\n'); open('y','w').write('no')")
    [found] = await gateway.search_contents(started, directory, "word")
    assert found == (f"{directory}/x", 2, "the word")
    assert await gateway.search_contents(started, directory, "[") == ()
    with pytest.raises(NotFoundError):
        await gateway.search_contents(started, f"{directory}/none", "x")
