"""Files of a sandbox: looked at without waking it, read byte for byte, whatever they are called."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from tests.contract.helpers import Gateways, Serve, connection_to, contents, write_by

from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.errors import DaytonaTuiError, NotFoundError, ProtocolError, UnreachableError, VerificationError

ODD_NAMES = [
    "plain.txt",
    "two words",
    "quo'te\"s",
    "new\nline",
    "esc\x1b[31m",
    "ünïcödé",
    "-dash",
    "semi;colon",
    "p%41ct",
]


async def test_a_directory_is_listed(gateway: DaytonaGateway, started: SandboxId) -> None:
    script = "import os\nos.mkdir('sub')\nopen('a.txt','w').write('12345')\nos.symlink('sub','link')"
    directory = await write_by(gateway, started, script)
    entries = {entry.name: entry for entry in await gateway.list_dir(started, directory)}
    assert {"sub", "a.txt", "link"} <= set(entries)
    assert entries["sub"].is_dir
    assert not entries["link"].is_dir
    assert entries["link"].is_link
    assert entries["a.txt"].size_bytes == 5
    assert entries["a.txt"].path == f"{directory}/a.txt"
    assert entries["a.txt"].mode.startswith("-rw")
    assert entries["a.txt"].modified_at is not None
    assert (await gateway.info(started, f"{directory}/a.txt")).size_bytes == 5
    assert await gateway.list_dir(started, f"{directory}/sub") == ()


async def test_a_long_directory_is_listed_whole(gateway: DaytonaGateway, started: SandboxId) -> None:
    directory = await write_by(
        gateway, started, "import os\nos.mkdir('many')\n[open(f'many/{n}','w').close() for n in range(3000)]"
    )
    entries = await gateway.list_dir(started, f"{directory}/many")
    assert {entry.name for entry in entries} == {str(number) for number in range(3000)}


async def test_odd_names_are_listed_and_read(gateway: DaytonaGateway, started: SandboxId) -> None:
    directory = await write_by(
        gateway, started, f"import os\nos.mkdir('odd')\nfor n in {ODD_NAMES!r}: open('odd/'+n,'w').write(n)"
    )
    entries = await gateway.list_dir(started, f"{directory}/odd")
    assert {entry.name for entry in entries} == set(ODD_NAMES)
    for entry in entries:
        assert await contents(gateway.read(started, entry.path)) == entry.name.encode()
    paths = [entry.path for entry in entries]
    many = {path: data async for path, data in gateway.read_many(started, paths)}
    assert many == {entry.path: entry.name.encode() for entry in entries}


async def test_a_large_file_arrives_byte_for_byte_in_pieces(gateway: DaytonaGateway, started: SandboxId) -> None:
    script = "import random\nopen('big','wb').write(random.Random(1).randbytes(20_000_000))"
    directory = await write_by(gateway, started, script)
    expected = (await gateway.run(started, f"sha256sum {directory}/big")).output.split()[0]
    digest, pieces, largest = hashlib.sha256(), 0, 0
    async for chunk in gateway.read(started, f"{directory}/big"):
        digest.update(chunk)
        pieces, largest = pieces + 1, max(largest, len(chunk))
    assert digest.hexdigest() == expected
    assert pieces > 5
    assert largest <= 4 * 1024 * 1024


async def test_an_empty_file_yields_nothing(gateway: DaytonaGateway, started: SandboxId) -> None:
    directory = await write_by(gateway, started, "open('empty','w')")
    assert [chunk async for chunk in gateway.read(started, f"{directory}/empty")] == []
    assert [each async for each in gateway.read_many(started, [f"{directory}/empty"])] == [(f"{directory}/empty", b"")]
    assert [each async for each in gateway.read_many(started, [])] == []


async def test_files_that_cannot_be_read_are_values_among_many(gateway: DaytonaGateway, started: SandboxId) -> None:
    directory = await write_by(
        gateway, started, "import os\nos.mkdir('dir')\nopen('a','w').write('a')\nopen('b','w').write('b')"
    )
    paths = [f"{directory}/{name}" for name in ("a", "nope", "dir", "b")]
    found = {path: data async for path, data in gateway.read_many(started, paths)}
    assert (found[paths[0]], found[paths[3]]) == (b"a", b"b")
    assert isinstance(found[paths[1]], NotFoundError)
    assert isinstance(found[paths[2]], DaytonaTuiError)


async def test_one_file_that_is_not_there(gateway: DaytonaGateway, started: SandboxId) -> None:
    for call in (
        contents(gateway.read(started, "/no/such/file")),
        gateway.info(started, "/no/such/file"),
        gateway.list_dir(started, "/no/such/dir"),
    ):
        with pytest.raises(NotFoundError):
            await call


async def test_a_name_that_is_no_text_is_not_taken_for_another(gateway: DaytonaGateway, started: SandboxId) -> None:
    script = (
        "open('caf', 'w').write('another'); open(b'caf\\xe9', 'w').write('it'); open('caf\\ufffd', 'w').write('one')"
    )
    path = await write_by(gateway, started, script) + "/caf\udce9"

    with pytest.raises(NotFoundError, match="UTF-8"):
        await gateway.info(started, path)
    with pytest.raises(NotFoundError, match="UTF-8"):
        await contents(gateway.read(started, path))


async def test_looking_never_counts_as_activity(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId
) -> None:
    directory = await write_by(gateway, started, "open('a','w').write('a')")
    await gateway.open_session(started, "s")
    execution = await gateway.submit(started, "s", "true")
    before = emulator.fleet.records[started].last_activity_at
    await gateway.work_dir(started)
    await gateway.list_dir(started, directory)
    await gateway.info(started, f"{directory}/a")
    await contents(gateway.read(started, f"{directory}/a"))
    assert await gateway.read_range(started, f"{directory}/a", 0, 1) == b"a"
    assert await gateway.list_tree(started, directory, 2)
    assert await gateway.search_names(started, directory, "a")
    assert await gateway.search_contents(started, directory, "a")
    assert [each async for each in gateway.read_many(started, [f"{directory}/a"])]
    await gateway.sessions(started)
    await gateway.execution(started, "s", execution.id)
    assert [chunk async for chunk in gateway.follow(started, "s", execution.id)] == []
    await gateway.get(started)
    assert emulator.fleet.records[started].last_activity_at == before
    await gateway.run(started, "true")
    assert emulator.fleet.records[started].last_activity_at != before


async def test_a_reader_that_leaves_early_frees_its_connection(gateway: DaytonaGateway, started: SandboxId) -> None:
    directory = await write_by(gateway, started, "open('big','wb').write(bytes(30_000_000))")
    reader = gateway.read(started, f"{directory}/big")
    assert await anext(reader)
    await reader.aclose()  # type: ignore[attr-defined] # an async generator, as its users rely on
    sdk = await gateway._link.sdk()
    connector = sdk.session.connector
    assert connector is not None
    assert not connector._acquired


def multipart(body: bytes) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return a handler that answers every download with ``body``."""

    async def handler(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, headers={"Content-Type": "multipart/form-data; boundary=x"})

    return handler


HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="/f"\r\nContent-Length: %d\r\n\r\n'


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (HEAD % 9 + b"12345", VerificationError),
        (HEAD % 9 + b"12345\r\n--x--\r\n", VerificationError),
        (b"--x--\r\n", ProtocolError),
        (b"", VerificationError),
        (
            b'--x\r\nContent-Disposition: form-data; name="error"; filename="/f"\r\n\r\nno idea\r\n--x--\r\n',
            DaytonaTuiError,
        ),
    ],
    ids=["broken off", "too short", "no file", "nothing", "plain error"],
)
async def test_what_arrives_damaged_is_said_to_be(
    gateway: DaytonaGateway, started: SandboxId, serve_toolbox: Serve, body: bytes, kind: type[Exception]
) -> None:
    await serve_toolbox(multipart(body))
    with pytest.raises(kind):
        await contents(gateway.read(started, "/f"))


async def test_a_truncated_answer_keeps_the_files_before_it(
    gateway: DaytonaGateway, started: SandboxId, serve_toolbox: Serve
) -> None:
    second = HEAD.replace(b"/f", b"/g")
    await serve_toolbox(multipart(HEAD % 3 + b"one\r\n" + second % 9 + b"tw"))
    files = gateway.read_many(started, ["/f", "/g"])
    assert await anext(files) == ("/f", b"one")
    with pytest.raises(VerificationError):
        await anext(files)


async def test_odd_entries_of_a_listing_cost_themselves(
    gateway: DaytonaGateway, started: SandboxId, serve_toolbox: Serve
) -> None:
    listing = [{"name": "a", "size": "7", "isDir": "yes"}, {"size": 1}, None, {"name": "b", "modTime": "never"}]

    async def handler(_: web.Request) -> web.StreamResponse:
        return web.Response(text=json.dumps(listing), content_type="application/json")

    await serve_toolbox(handler)
    assert [(entry.name, entry.size_bytes) for entry in await gateway.list_dir(started, "/")] == [("a", 0), ("b", 0)]


async def test_a_download_that_falls_silent(
    emulator: Emulator, open_gateways: Gateways, started: SandboxId, serve_toolbox: Serve
) -> None:
    gateway = open_gateways(connection_to(emulator), request_s=0.3)

    async def handler(request: web.Request) -> web.StreamResponse:
        import asyncio

        response = web.StreamResponse(headers={"Content-Type": "multipart/form-data; boundary=x"})
        await response.prepare(request)
        await response.write(HEAD % 9 + b"12345")
        await asyncio.get_running_loop().create_future()
        return response

    await serve_toolbox(handler)
    with pytest.raises(UnreachableError, match=r"within 0\.6 s"):
        await contents(gateway.read(started, "/f"))


async def test_a_toolbox_that_moved_is_found_again(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId
) -> None:
    emulator.fleet.distort(started, {"toolboxProxyUrl": "http://127.0.0.1:9/toolbox"})
    with pytest.raises(UnreachableError):
        await gateway.work_dir(started)
    emulator.fleet.distort(started)
    assert await gateway.work_dir(started)


async def test_an_address_that_is_not_in_the_record_is_asked_for(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId
) -> None:
    emulator.fleet.distort(started, {"toolboxProxyUrl": ""})
    assert await gateway.work_dir(started)
    emulator.faults.add(FaultRule(path="*/toolbox-proxy-url", body={"url": 5}))
    gateway._handles.forget(started)
    with pytest.raises(ProtocolError):
        await gateway.work_dir(started)
