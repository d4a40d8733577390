"""Paths that lead astray: nothing outside a sandbox's own view is read or written, whatever is swapped meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from tests.emulator.toolbox.conftest import Toolbox

from daytona_tui.emulator.body.box import Box

SECRET = b"what no sandbox may see"
ROUNDS = 300
ENTRIES = 20_000  # of which an answer takes a dozen pieces


@pytest.fixture
def neighbour(box: Box) -> Path:
    """Another sandbox's directory, with a secret in it."""
    directory = box.root.parent / "neighbour"
    directory.mkdir()
    (directory / "secret").write_bytes(SECRET)
    return directory


async def _call(toolbox: Toolbox, method: str, path: str, **more: Any) -> tuple[int, bytes]:
    async with toolbox.http.request(method, f"{toolbox.url}{path}", **more) as response:
        return response.status, await response.read()


async def _everything(toolbox: Toolbox, path: str) -> list[tuple[int, bytes]]:
    """Ask every route that takes a path for it."""
    here = {"path": path}
    return [
        await _call(toolbox, "GET", "/files", params=here),
        await _call(toolbox, "GET", "/files/info", params=here),
        await _call(toolbox, "GET", "/files/download", params=here),
        await _call(toolbox, "GET", "/files/find", params=here | {"pattern": "sandbox"}),
        await _call(toolbox, "GET", "/files/search", params=here | {"pattern": "*"}),
        await _call(toolbox, "POST", "/files/bulk-download", json={"paths": [path]}),
        await _call(toolbox, "POST", "/files/folder", params=here | {"mode": "777"}),
        await _call(toolbox, "POST", "/files/permissions", params=here | {"mode": "777"}),
        await _call(toolbox, "POST", "/files/upload-v2", params=here, data=b"overwritten"),
        await _call(
            toolbox, "POST", "/files/replace", json={"files": [path], "pattern": "sandbox", "newValue": "overwritten"}
        ),
        await _call(toolbox, "POST", "/files/move", params={"source": path, "destination": "taken"}),
        await _call(toolbox, "DELETE", "/files", params=here | {"recursive": "true"}),
    ]


@pytest.mark.parametrize("shape", ["{}", "{}/", "{}/.", "../../../../../../../../..{}", "x/../..{}", "//{}", "link{}"])
async def test_no_route_leads_to_a_neighbour(toolbox: Toolbox, box: Box, neighbour: Path, shape: str) -> None:
    (box.home / "link").symlink_to("/")
    mode = stat.S_IMODE((neighbour / "secret").stat().st_mode)
    for target in (neighbour / "secret", neighbour):
        for status, body in await _everything(toolbox, shape.format(target)):
            assert status < 500, body
            assert SECRET not in body
    assert (neighbour / "secret").read_bytes() == SECRET
    assert stat.S_IMODE((neighbour / "secret").stat().st_mode) == mode
    assert os.listdir(neighbour) == ["secret"]  # noqa: PTH208


async def test_links_of_every_kind_lead_to_no_neighbour(toolbox: Toolbox, box: Box, neighbour: Path) -> None:
    (box.home / "file").symlink_to(neighbour / "secret")
    (box.home / "folder").symlink_to(neighbour)
    (box.home / "relative").symlink_to(os.path.relpath(neighbour, box.home))
    (box.home / "first").symlink_to("second")
    (box.home / "second").symlink_to("third")
    (box.home / "third").symlink_to("folder")
    for path in ("file", "folder/secret", "relative/secret", "first/secret", "first/../neighbour/secret"):
        for status, body in (await _everything(toolbox, path))[:-2]:  # those two take the links away, which is fine
            assert status < 500, body
            assert SECRET not in body
    assert (neighbour / "secret").read_bytes() == SECRET
    assert os.listdir(neighbour) == ["secret"]  # noqa: PTH208


@pytest.mark.parametrize("path", ["a\0b", "\0", "/etc/passwd\0.txt", "x" * 5000, "a/" * 2500, "x" * 256, "\udcff", ""])
async def test_impossible_paths_are_refused(toolbox: Toolbox, path: str) -> None:
    path = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    for status, body in (await _everything(toolbox, path))[2:]:
        assert status < 500, body
    status, _ = await _call(toolbox, "GET", "/files/download", params={"path": path})
    assert 400 <= status < 500


@pytest.mark.parametrize(
    "encoded", ["%2e%2e%2f%2e%2e%2f", "..%2F..%2F", "%252e%252e%252f", "..%5c..%5c", "%c0%ae%c0%ae/"]
)
async def test_encoded_climbing_finds_nothing(toolbox: Toolbox, neighbour: Path, encoded: str) -> None:
    from yarl import URL

    url = URL(f"{toolbox.url}/files/download?path={encoded * 6}{neighbour}/secret", encoded=True)
    async with toolbox.http.get(url) as response:
        assert 400 <= response.status < 500
        assert SECRET not in await response.read()


async def test_the_machines_devices_and_processes_are_out_of_reach(toolbox: Toolbox, box: Box) -> None:
    for path in ("/dev/null", "/dev/mine", "/sys/mine", "/proc/self/mem", "/dev/fd/0", "/proc/1/root/etc/mine"):
        assert (await _call(toolbox, "POST", "/files/upload-v2", params={"path": path}, data=b"x"))[0] in (400, 403)
        assert (await _call(toolbox, "DELETE", "/files", params={"path": path}))[0] in (403, 404)
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert (await _call(toolbox, "GET", "/files/download", params={"path": "/dev/zero"}))[0] in (400, 403)


@pytest.mark.parametrize("isolation", ["plain"], indirect=True)
async def test_in_plain_mode_too_the_host_is_none_of_the_file_routes_business(
    toolbox: Toolbox, box: Box, tmp_path: Path
) -> None:
    """What is public in the directory for temporary files is shared with programs of the host; nothing else is."""
    (tmp_path / "private").write_bytes(SECRET)  # in a directory that only its owner may read
    (box.home / "link").symlink_to(tmp_path)
    for path in ("/", "/etc/hostname", "/usr/bin", str(tmp_path), f"{tmp_path}/private", "link/private", "/etc/mine"):
        for status, body in await _everything(toolbox, path):
            assert 400 <= status < 500 or SECRET not in body
    assert (tmp_path / "private").read_bytes() == SECRET
    assert (await _call(toolbox, "GET", "/files/download", params={"path": "/etc/hostname"}))[0] == 403
    status, body = await _call(toolbox, "GET", "/files/search", params={"path": "/tmp", "pattern": "private"})
    assert str(tmp_path).encode() not in body


@pytest.mark.parametrize("kind", ["download", "upload", "delete", "list", "replace"])
async def test_swapping_a_directory_for_a_link_gains_nothing(
    toolbox: Toolbox, box: Box, neighbour: Path, kind: str
) -> None:
    """The classic race: harmless when it is checked, elsewhere when it is used."""
    harmless, wicked, place = box.home / "harmless", box.home / "wicked", box.home / "place"
    harmless.mkdir()
    (harmless / "secret").write_bytes(b"mine")
    wicked.symlink_to(neighbour)
    calls: dict[str, tuple[str, str, dict[str, Any]]] = {
        "download": ("GET", "/files/download", {"params": {"path": "place/secret"}}),
        "upload": ("POST", "/files/upload-v2", {"params": {"path": "place/secret"}, "data": b"overwritten"}),
        "delete": ("DELETE", "/files", {"params": {"path": "place", "recursive": "true"}}),
        "list": ("GET", "/files/find", {"params": {"path": "place", "pattern": "sandbox"}}),
        "replace": (
            "POST",
            "/files/replace",
            {"json": {"files": ["place/secret"], "pattern": "sandbox", "newValue": "overwritten"}},
        ),
    }
    method, route, more = calls[kind]

    def swap(is_over: threading.Event) -> None:
        while not is_over.is_set():
            with contextlib.suppress(FileExistsError):  # a request took away the link itself, or the directory
                wicked.symlink_to(neighbour)
            harmless.mkdir(exist_ok=True)
            for thing in (harmless, wicked):
                try:
                    thing.rename(place)
                    place.rename(thing)
                except OSError:  # a request was in between
                    if place.is_symlink():
                        place.rename(wicked)
                    elif place.exists() and not harmless.exists():
                        place.rename(harmless)

    is_over = threading.Event()
    swapper = asyncio.ensure_future(asyncio.to_thread(swap, is_over))
    try:
        for _ in range(ROUNDS):
            status, body = await _call(toolbox, method, route, **more)
            assert status < 500, body
            assert SECRET not in body
    finally:
        is_over.set()
        await swapper
    assert os.listdir(neighbour) == ["secret"]  # noqa: PTH208
    assert (neighbour / "secret").read_bytes() == SECRET


async def test_a_tree_deeper_than_open_files_allow_is_walked_and_removed(toolbox: Toolbox, box: Box) -> None:
    here = os.open(box.home, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    for path, more in (
        ("/files", {"depth": "99"}),
        ("/files/search", {"pattern": "*"}),
        ("/files/find", {"pattern": "x"}),
    ):
        status, body = await _call(toolbox, "GET", path, params={"path": "."} | more)
        assert status == 200, body
    assert (await _call(toolbox, "DELETE", "/files", params={"path": "d", "recursive": "true"}))[0] == 204
    assert os.listdir(box.home) == []  # noqa: PTH208


async def test_special_files_are_described_and_hang_nobody(toolbox: Toolbox, box: Box) -> None:
    os.mkfifo(box.home / "fifo")
    (box.home / "text").write_text("sandbox\n")
    async with asyncio.timeout(10):
        answers = await _everything(toolbox, "fifo")
        assert all(status < 500 for status, _ in answers)
        os.mkfifo(box.home / "fifo") if not (box.home / "fifo").exists() else None
        status, body = await _call(toolbox, "GET", "/files/find", params={"path": ".", "pattern": "sandbox"})
    assert (status, body.count(b'"file"')) == (200, 1)


async def test_a_fifo_moves_between_the_sandboxs_file_systems(toolbox: Toolbox, box: Box) -> None:
    name = f"/tmp/daytona-{os.urandom(8).hex()}"
    (box.home / "tree").mkdir()
    os.mkfifo(box.home / "tree" / "fifo")
    (box.home / "tree" / "link").symlink_to("/nowhere")
    (box.home / "tree" / "file").write_bytes(b"x" * 100_000)
    (box.home / "tree" / "file").chmod(0o751)
    os.utime(box.home / "tree" / "file", ns=(10**18, 10**18 + 7))
    assert (await _call(toolbox, "POST", "/files/move", params={"source": "tree", "destination": name}))[0] == 200
    assert not (box.home / "tree").exists()
    assert (await _call(toolbox, "POST", "/files/move", params={"source": name, "destination": "back"}))[0] == 200
    back = box.home / "back"
    assert stat.S_ISFIFO((back / "fifo").lstat().st_mode)
    assert (back / "link").readlink() == Path("/nowhere")
    found = (back / "file").stat()
    assert (found.st_size, stat.S_IMODE(found.st_mode), found.st_mtime_ns) == (100_000, 0o751, 10**18 + 7)


@pytest.mark.parametrize(
    "query",
    [
        {"mode": "999"},
        {"mode": "0o755"},
        {"mode": "77777"},
        {"owner": "9" * 5000},
        {"owner": str(2**64)},
        {"group": "nobody-of-this-name"},
        {"owner": "a\0b"},
    ],
)
async def test_impossible_permissions_are_refused(toolbox: Toolbox, box: Box, query: dict[str, str]) -> None:
    (box.home / "file").touch()
    assert (await _call(toolbox, "POST", "/files/permissions", params={"path": "file"} | query))[0] == 400


async def test_a_link_swapped_in_is_not_chmodded(toolbox: Toolbox, box: Box) -> None:
    (box.home / "dangling").symlink_to("nowhere")
    status, _ = await _call(toolbox, "POST", "/files/permissions", params={"path": "dangling", "mode": "777"})
    assert status == 404


async def test_many_thousand_entries_are_listed_in_pieces(toolbox: Toolbox, box: Box) -> None:
    here = os.open(box.home, os.O_RDONLY)
    for number in range(ENTRIES):
        os.close(os.open(f"{number:06}", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)
    listing = asyncio.ensure_future(_call(toolbox, "GET", "/files", params={"path": "."}))
    longest, asked, clock = 0.0, 0, asyncio.get_running_loop().time
    while not listing.done():  # the loop must stay free for others meanwhile
        before = clock()
        assert (await _call(toolbox, "GET", "/version"))[0] == 200
        longest, asked = max(longest, clock() - before), asked + 1
        await asyncio.sleep(0.005)
    status, body = await listing
    assert (status, body.count(b'"modifiedAt"')) == (200, ENTRIES)
    assert longest < 2
    assert asked > 4
