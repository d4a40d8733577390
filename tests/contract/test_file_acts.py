"""Changes to a sandbox's files: made as asked, whatever the names, and refused with a reason."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import random
import tracemalloc
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from tests.contract.helpers import Gateways, Serve, connection_to, contents, write_by

from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.errors import (
    AuthError,
    ConflictError,
    NotFoundError,
    RemoteError,
    UnreachableError,
    UnsupportedError,
    VerificationError,
)

OLD = "open('a','w').write('old')"
ODD_NAMES = ["plain", "two words", "quo'te\"s", "new\nline", "esc\x1b[31m", "ünïcödé", "-dash", "a: b", "p%41ct", "--x"]


async def pieces(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def test_directories_are_made_with_those_above(gateway: DaytonaGateway, started: SandboxId) -> None:
    directory = await gateway.work_dir(started)
    await gateway.make_dir(started, f"{directory}/a/b c/d", 0o700)
    assert (await gateway.info(started, f"{directory}/a/b c/d")).mode.endswith("rwx------")
    await gateway.make_dir(started, f"{directory}/a/b c/d", 0o755)
    assert (await gateway.info(started, f"{directory}/a/b c/d")).mode.endswith("rwx------")


async def test_files_are_moved_and_removed(gateway: DaytonaGateway, started: SandboxId) -> None:
    directory = await write_by(
        gateway, started, "import os\nos.mkdir('dir')\n[open(n,'w').write(n) for n in ('a','b','dir/c')]"
    )
    await gateway.move(started, f"{directory}/a", f"{directory}/dir/new name")
    await gateway.move(started, f"{directory}/dir", f"{directory}/moved")
    assert await contents(gateway.read(started, f"{directory}/moved/new name")) == b"a"
    with pytest.raises(ConflictError):
        await gateway.move(started, f"{directory}/b", f"{directory}/moved/c")
    with pytest.raises(RemoteError):
        await gateway.remove(started, f"{directory}/moved")
    await gateway.remove(started, f"{directory}/moved/c")
    await gateway.remove(started, f"{directory}/moved", recursive=True)
    assert "moved" not in {entry.name for entry in await gateway.list_dir(started, directory)}
    for call in (
        gateway.move(started, f"{directory}/gone", f"{directory}/x"),
        gateway.remove(started, f"{directory}/gone"),
        gateway.chmod(started, f"{directory}/gone", 0o600),
    ):
        with pytest.raises(NotFoundError):
            await call


GONE = FaultRule(method="DELETE", path="*/files", status=404, body={"message": "no such file", "statusCode": 404})
A_DIRECTORY = FaultRule(
    method="DELETE", path="*/files", status=400, body={"message": "cannot delete directory without recursive flag"}
)
NOT_THERE = FaultRule(path="*/files/move", status=404, body={"message": "no such file", "statusCode": 404})


@pytest.mark.parametrize("rule", [None, GONE, A_DIRECTORY], ids=["itself", "target gone", "target a directory"])
async def test_a_link_is_removed_itself_even_where_the_server_looks_behind_it(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId, rule: FaultRule | None
) -> None:
    script = "import os\nos.makedirs('kept/below')\nos.symlink('nowhere','to nothing')\nos.symlink('kept','to dir')"
    directory = await write_by(gateway, started, script)
    if rule is not None:
        emulator.faults.add(rule)
    await gateway.remove(started, f"{directory}/to nothing")
    await gateway.remove(started, f"{directory}/to dir")
    names = {entry.name for entry in await gateway.list_dir(started, directory)}
    assert not names & {"to nothing", "to dir"}
    assert [entry.name for entry in await gateway.list_dir(started, f"{directory}/kept")] == ["below"]
    for path in ("gone", "kept"):
        with pytest.raises((NotFoundError, RemoteError)):
            await gateway.remove(started, f"{directory}/{path}")
    assert (await gateway.info(started, f"{directory}/kept/below")).is_dir


@pytest.mark.parametrize("rule", [None, NOT_THERE], ids=["itself", "target gone"])
async def test_a_link_that_points_nowhere_is_renamed(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId, rule: FaultRule | None
) -> None:
    directory = await write_by(gateway, started, "import os\nos.symlink('nowhere','link')\nopen('file','w')")
    if rule is not None:
        emulator.faults.add(rule)
    with pytest.raises((ConflictError, NotFoundError)):
        await gateway.move(started, f"{directory}/link", f"{directory}/file")
    await gateway.move(started, f"{directory}/link", f"{directory}/new name")
    names = {entry.name: entry for entry in await gateway.list_dir(started, directory)}
    assert names["new name"].is_link
    assert "link" not in names


async def test_modes_are_set(gateway: DaytonaGateway, started: SandboxId) -> None:
    directory = await write_by(gateway, started, "open('a','w')")
    await gateway.chmod(started, f"{directory}/a", 0o640)
    assert (await gateway.info(started, f"{directory}/a")).mode == "-rw-r-----"
    for mode in (-1, 0o10000):
        with pytest.raises(ValueError, match="mode"):
            await gateway.chmod(started, f"{directory}/a", mode)


@pytest.mark.parametrize("knows_size", [True, False])
async def test_a_file_is_written_byte_for_byte_in_flat_memory(
    gateway: DaytonaGateway, started: SandboxId, knows_size: bool
) -> None:
    size, chunk = 40_000_000, 1_000_000
    source, digest = random.Random(1), hashlib.sha256()

    async def generated() -> AsyncIterator[bytes]:
        for _ in range(size // chunk):
            data = source.randbytes(chunk)
            digest.update(data)
            yield data

    path = f"{await gateway.work_dir(started)}/new directory/big"
    await gateway.write(started, path, pieces(b"warm"))
    tracemalloc.start()
    try:
        sent = await gateway.write(started, path, generated(), size_bytes=size if knows_size else None)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sent == size
    assert peak < size / 2  # both ends are measured, for the emulator is in this process
    outcome = await gateway.run(started, f"sha256sum '{path}'")
    assert outcome.output.split()[0] == digest.hexdigest()


async def test_empty_files_and_odd_names_are_written(gateway: DaytonaGateway, started: SandboxId) -> None:
    directory = await gateway.work_dir(started)
    for name in ODD_NAMES:
        assert await gateway.write(started, f"{directory}/one/{name}", pieces(name.encode(), b"", b"!")) > 0
    assert await gateway.write(started, f"{directory}/one/empty", pieces(), size_bytes=0) == 0
    items = [(f"{directory}/many/{name}", name.encode()) for name in ODD_NAMES] + [(f"{directory}/many/empty", b"")]
    assert await gateway.write_many(started, items) == {}
    for name in [*ODD_NAMES, "empty"]:
        expected = b"" if name == "empty" else name.encode()
        assert await contents(gateway.read(started, f"{directory}/many/{name}")) == expected
        ones = await contents(gateway.read(started, f"{directory}/one/{name}"))
        assert ones == (expected + b"!" if expected else b"")


async def test_thousands_of_files_go_in_one_request(gateway: DaytonaGateway, started: SandboxId) -> None:
    directory = await gateway.work_dir(started)
    items = [(f"{directory}/many/{number}", b"%d" % number * (number % 900)) for number in range(3000)]
    assert await gateway.write_many(started, items) == {}
    found = {path: data async for path, data in gateway.read_many(started, [path for path, _ in items])}
    assert found == dict(items)


async def test_what_cannot_be_written_costs_itself(gateway: DaytonaGateway, started: SandboxId) -> None:
    directory = await write_by(gateway, started, "import os\nos.mkdir('dir')\nopen('file','w')")
    paths = [f"{directory}/{name}" for name in ("fine", "dir", "file/below", "blank ", "nul\0", "also fine")]
    failed = await gateway.write_many(started, [(path, b"x") for path in paths])
    assert set(failed) == set(paths[1:5])
    assert all(error.message for error in failed.values())
    assert await contents(gateway.read(started, paths[0])) == b"x"
    assert await contents(gateway.read(started, paths[5])) == b"x"
    for path in paths[1:5]:
        with pytest.raises(RemoteError):
            await gateway.write(started, path, pieces(b"x"))
    with pytest.raises(ValueError, match="twice"):
        await gateway.write_many(started, [(paths[0], b"a"), (paths[0], b"b")])
    assert await gateway.write_many(started, []) == {}
    assert await gateway.write_many(started, [(paths[3], b"")]) != {}


@pytest.mark.parametrize("came", [0, 5, 15])
async def test_a_source_of_another_length_is_refused(gateway: DaytonaGateway, started: SandboxId, came: int) -> None:
    path = f"{await write_by(gateway, started, OLD)}/a"
    with pytest.raises(VerificationError, match="10 bytes were announced"):
        await gateway.write(started, path, pieces(b"x" * came), size_bytes=10)
    assert await contents(gateway.read(started, path)) == b"old"


@pytest.mark.parametrize("knows_size", [True, False])
async def test_a_source_that_fails_is_told_as_it_is(
    gateway: DaytonaGateway, started: SandboxId, tmp_path: Path, knows_size: bool
) -> None:
    path = f"{await write_by(gateway, started, OLD)}/a"

    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 100_000
        yield (tmp_path / "gone").read_bytes()

    with pytest.raises(FileNotFoundError):
        await gateway.write(started, path, broken(), size_bytes=200_000 if knows_size else None)
    assert await contents(gateway.read(started, path)) == b"old"


async def test_a_cancelled_write_leaves_what_was_there(gateway: DaytonaGateway, started: SandboxId) -> None:
    path = f"{await write_by(gateway, started, OLD)}/a"
    half, left = asyncio.Event(), asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        try:
            yield b"x" * 300_000
            half.set()
            await asyncio.get_running_loop().create_future()
        finally:
            left.set()

    task = asyncio.create_task(gateway.write(started, path, endless()))
    async with asyncio.timeout(10):
        await half.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await left.wait()
    assert await contents(gateway.read(started, path)) == b"old"


async def test_changes_count_as_activity(emulator: Emulator, gateway: DaytonaGateway, started: SandboxId) -> None:
    directory = await gateway.work_dir(started)
    record = emulator.fleet.records[started]
    for act in (
        lambda: gateway.make_dir(started, f"{directory}/d"),
        lambda: gateway.write(started, f"{directory}/d/a", pieces(b"x")),
        lambda: gateway.write_many(started, [(f"{directory}/d/b", b"x")]),
        lambda: gateway.chmod(started, f"{directory}/d/a", 0o600),
        lambda: gateway.move(started, f"{directory}/d/a", f"{directory}/d/c"),
        lambda: gateway.remove(started, f"{directory}/d", recursive=True),
    ):
        before = record.last_activity_at = record.last_activity_at - timedelta(minutes=1)
        await act()
        assert record.last_activity_at > before


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        (FaultRule(path="*/bulk-upload", drop=True), UnreachableError),
        (FaultRule(path="*/bulk-upload", status=403), AuthError),
        (FaultRule(path="*/bulk-upload", status=500), RemoteError),
        (FaultRule(path="*/bulk-upload", status=404, body={"message": "Cannot POST /x"}), UnsupportedError),
    ],
    ids=["dropped", "forbidden", "failed", "unknown"],
)
async def test_an_upload_that_is_refused(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId, rule: FaultRule, kind: type[Exception]
) -> None:
    path = f"{await gateway.work_dir(started)}/a"
    emulator.faults.add(rule)
    with pytest.raises(kind):
        await gateway.write(started, path, pieces(*[b"x" * 1_000_000] * 5), size_bytes=5_000_000)
    with pytest.raises(kind):
        await gateway.write_many(started, [(path, b"x")])


@pytest.mark.parametrize(
    ("body", "status", "failed"),
    [
        ({"files": [{"path": "/a", "bytes": 1}, {"path": "/b", "bytes": 2}]}, 200, set()),
        ({"files": [{"path": "/a", "bytes": 1}, {"path": "/b", "bytes": 1}]}, 200, {"/b"}),
        ({"files": [{"path": "/a", "bytes": 1}]}, 200, {"/b"}),
        ({"errors": ["/a: permission denied"]}, 200, {"/a"}),
        ({"errors": ["/b: create: /b: no space left"], "files": [{"path": "/a", "bytes": 1}]}, 400, {"/b"}),
        ({"errors": ["reading part: unexpected EOF"], "files": [{"path": "/a", "bytes": 1}]}, 400, {"/b"}),
        ({"errors": ["something odd"]}, 400, {"/a", "/b"}),
        ({}, 200, set()),
    ],
)
async def test_every_word_of_an_older_or_newer_server_counts(
    gateway: DaytonaGateway,
    started: SandboxId,
    serve_toolbox: Serve,
    body: dict[str, object],
    status: int,
    failed: set[str],
) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        await request.read()
        return web.json_response(body, status=status)

    await serve_toolbox(handler)
    assert set(await gateway.write_many(started, [("/a", b"1"), ("/b", b"22")])) == failed


async def test_a_sandbox_that_takes_nothing_is_given_up_but_a_slow_source_is_not(
    emulator: Emulator, open_gateways: Gateways, started: SandboxId, serve_toolbox: Serve
) -> None:
    gateway = open_gateways(connection_to(emulator), request_s=0.3)
    took = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        if took.is_set():
            await asyncio.get_running_loop().create_future()
        await request.read()
        return web.json_response({"files": [{"path": "/a", "bytes": 2}]})

    async def slow() -> AsyncIterator[bytes]:
        yield b"x"
        with contextlib.suppress(TimeoutError):  # longer than the sandbox may stand still
            await asyncio.wait_for(asyncio.get_running_loop().create_future(), 1.0)
        yield b"y"

    await serve_toolbox(handler)
    assert await gateway.write(started, "/a", slow()) == 2
    took.set()
    with pytest.raises(UnreachableError, match=r"nothing moved for 0\.6 s"):
        await gateway.write(started, "/a", pieces(*[b"x" * 1_000_000] * 40))
