"""Files through the SDK: what goes up comes down, whatever it is called, and nothing leads out of the box."""

from __future__ import annotations

import os
import resource
import socket
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest
from tests.emulator.toolbox.conftest import Toolbox

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.body.isolation import Isolation
from daytona_tui.emulator.toolbox.fileinfo import go_mode

if TYPE_CHECKING:
    from daytona import AsyncSandbox

ODD_NAMES = [
    "plain.txt",
    "two words",
    "new\nline",
    "esc\x1b[31mred\x1b[0m",
    "tab\tand\rreturn",
    "quote\"s and 'such'",
    "back\\slash",
    "100% %2F?&#;=+",
    "[bold]markup[]",
    "grüße-日本-🙂",
    "rtl-\u202egpj.exe",
    "-rf",
    "...",
    "x" * 255,
]


async def _upload(toolbox: Toolbox, path: str, data: bytes) -> int:
    """Upload as the contract has it; the SDK itself refuses control characters in the name."""
    form = aiohttp.FormData()
    form.add_field("files[0].path", path, content_type="text/plain")
    form.add_field("files[0].file", data, filename="ignored", content_type="application/octet-stream")
    async with toolbox.http.post(f"{toolbox.url}/files/bulk-upload", data=form) as response:
        return response.status


async def test_odd_names_round_trip(sandbox: AsyncSandbox, toolbox: Toolbox, box: Box) -> None:
    for number, name in enumerate(ODD_NAMES):
        await _upload(toolbox, f"odd/{name}", bytes([number]) * (number + 1))
    listed = await sandbox.fs.list_files("odd")
    assert sorted(entry.name for entry in listed) == sorted(ODD_NAMES)
    assert sorted(os.listdir(box.home / "odd")) == sorted(ODD_NAMES)  # noqa: PTH208
    for number, name in enumerate(ODD_NAMES):
        path = f"{box.work_dir}/odd/{name}"
        assert await sandbox.fs.download_file(path) == bytes([number]) * (number + 1)
        assert (await sandbox.fs.get_file_info(path)).size == number + 1


async def test_names_that_are_no_text_are_listed(sandbox: AsyncSandbox, box: Box) -> None:
    Path(os.fsdecode(os.fsencode(box.home) + b"/\xe9t\xe9.txt")).write_bytes(b"x")
    assert [entry.name for entry in await sandbox.fs.list_files(".")] == ["\ufffdt\ufffd.txt"]


@pytest.mark.parametrize("size", [0, 1, 3, 65536, 1_000_003])
async def test_contents_come_back_byte_for_byte(sandbox: AsyncSandbox, size: int, tmp_path: Path) -> None:
    data = os.urandom(size)
    await sandbox.fs.upload_file(data, "deep/er/file.bin")
    assert await sandbox.fs.download_file("deep/er/file.bin") == data
    await sandbox.fs.download_file("deep/er/file.bin", str(tmp_path / "local"))
    assert (tmp_path / "local").read_bytes() == data


async def test_contents_may_look_like_multipart(sandbox: AsyncSandbox) -> None:
    data = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nno\r\n--x--\r\n\r\n--'
    await sandbox.fs.upload_file(data, "tricky")
    assert await sandbox.fs.download_file("tricky") == data


async def test_an_upload_replaces_a_longer_file(sandbox: AsyncSandbox, box: Box) -> None:
    await sandbox.fs.upload_file(b"long " * 1000, "file")
    await sandbox.fs.upload_file(b"short", "file")
    assert (box.home / "file").read_bytes() == b"short"


async def test_a_large_file_is_streamed(sandbox: AsyncSandbox, toolbox: Toolbox, tmp_path: Path) -> None:
    big = tmp_path / "big"
    block = os.urandom(1 << 20)
    with big.open("wb") as file:
        for _ in range(50):
            file.write(block)
    await _upload(toolbox, "small", block)  # what a first upload and download load once is no growth
    await sandbox.fs.download_file("small")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with big.open("rb") as file:
        form = aiohttp.MultipartWriter("form-data")
        path = form.append("big")
        path.set_content_disposition("form-data", name="files[0].path")
        part = form.append(file)
        part.set_content_disposition("form-data", name="files[0].file", filename="big")
        async with toolbox.http.post(f"{toolbox.url}/files/bulk-upload", data=form) as response:
            assert response.status == 200
    received = 0
    async with toolbox.http.post(f"{toolbox.url}/files/bulk-download", json={"paths": ["big"]}) as response:
        async for chunk in response.content.iter_chunked(1 << 16):
            received += len(chunk)
    assert received > 50 << 20
    growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert growth < 16 * 1024, f"{growth} KiB more than before"
    assert (await sandbox.fs.get_file_info("big")).size == 50 << 20


async def test_file_info_has_go_s_forms(sandbox: AsyncSandbox, box: Box) -> None:
    (box.home / "file").write_text("four")
    (box.home / "file").chmod(0o640)
    os.utime(box.home / "file", ns=(0, 1_700_000_000_123_456_789))
    (box.home / "folder").mkdir(mode=0o755)
    (box.home / "link").symlink_to("folder")
    folder, file, link = sorted(await sandbox.fs.list_files("."), key=lambda entry: (not entry.is_dir, entry.name))
    assert (file.name, file.size, file.mode, file.permissions) == ("file", 4, "-rw-r-----", "0640")
    assert file.modified_at == "2023-11-14T22:13:20.123456789Z"
    assert file.mod_time == "2023-11-14 22:13:20.123456789 +0000 UTC"
    assert file.path == f"{box.work_dir}/file"
    assert (folder.name, folder.mode) == ("folder", "drwxr-xr-x")
    assert (link.name, link.mode, link.is_dir) == ("link", "Lrwxrwxrwx", False)
    assert (await sandbox.fs.get_file_info("link")).is_dir


@pytest.mark.parametrize(
    ("mode", "text"),
    [
        (stat.S_IFREG | 0o644, "-rw-r--r--"),
        (stat.S_IFREG | 0o4755, "urwxr-xr-x"),
        (stat.S_IFDIR | 0o1777, "dtrwxrwxrwx"),
        (stat.S_IFLNK | 0o777, "Lrwxrwxrwx"),
        (stat.S_IFIFO | 0o600, "prw-------"),
        (stat.S_IFSOCK | 0o755, "Srwxr-xr-x"),
    ],
)
def test_modes_are_written_as_go_writes_them(mode: int, text: str) -> None:
    assert go_mode(mode) == text


async def test_a_listing_may_go_deeper(sandbox: AsyncSandbox, box: Box) -> None:
    (box.home / "a" / "b" / "c").mkdir(parents=True)
    (box.home / "a" / "b" / "file").touch()
    assert [entry.name for entry in await sandbox.fs.list_files(".")] == ["a"]
    paths = [entry.path for entry in await sandbox.fs.list_files(".", depth=3)]
    assert paths == [f"{box.work_dir}/{path}" for path in ("a", "a/b", "a/b/c", "a/b/file")]


async def test_ten_thousand_entries_are_listed(toolbox: Toolbox, box: Box) -> None:
    for number in range(10_000):
        (box.home / f"file-{number}").touch()
    async with toolbox.http.get(f"{toolbox.url}/files", params={"path": "."}) as response:
        assert len(await response.json()) == 10_000


async def test_fifos_and_sockets_hang_nobody(sandbox: AsyncSandbox, box: Box) -> None:
    os.mkfifo(box.home / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.open(box.home, os.O_RDONLY)
        listener.bind(f"/proc/self/fd/{here}/socket")
        os.close(here)
        assert {entry.name: entry.mode[0] for entry in await sandbox.fs.list_files(".")} == {"fifo": "p", "socket": "S"}
        for name in ("fifo", "socket"):
            with pytest.raises(Exception, match=name):
                await sandbox.fs.download_file(name, 5)
            with pytest.raises(Exception, match=name):
                await sandbox.fs.upload_file(b"x", name, timeout=5)
    await sandbox.fs.delete_file("fifo")


async def test_folders_moves_modes_and_deletion(sandbox: AsyncSandbox, box: Box) -> None:
    await sandbox.fs.create_folder("new/folder", "700")
    assert stat.S_IMODE((box.home / "new/folder").stat().st_mode) == 0o700
    await sandbox.fs.upload_file(b"x", "new/file")
    await sandbox.fs.move_files("new/file", "new/folder/moved")
    assert (box.home / "new/folder/moved").read_bytes() == b"x"
    await sandbox.fs.set_file_permissions("new/folder/moved", mode="600")
    assert stat.S_IMODE((box.home / "new/folder/moved").stat().st_mode) == 0o600
    with pytest.raises(Exception, match="recursive"):
        await sandbox.fs.delete_file("new")
    await sandbox.fs.delete_file("new", recursive=True)
    assert not (box.home / "new").exists()


async def test_a_move_never_overwrites(sandbox: AsyncSandbox, box: Box) -> None:
    from daytona.common.errors import DaytonaConflictError

    (box.home / "a").write_text("a")
    (box.home / "b").write_text("b")
    with pytest.raises(DaytonaConflictError):
        await sandbox.fs.move_files("a", "b")
    assert (box.home / "b").read_text() == "b"


async def test_deleting_a_link_leaves_what_it_points_to(sandbox: AsyncSandbox, box: Box) -> None:
    (box.home / "folder").mkdir()
    (box.home / "folder" / "kept").touch()
    (box.home / "link").symlink_to("folder")
    await sandbox.fs.delete_file("link")
    assert (box.home / "folder" / "kept").exists()
    assert not (box.home / "link").is_symlink()


async def test_searching(sandbox: AsyncSandbox, box: Box) -> None:
    (box.home / "src").mkdir()
    (box.home / "src" / "a.py").write_text("one\ntwo needle\n")
    (box.home / "src" / "b.txt").write_text("needle\n")
    assert (await sandbox.fs.search_files(".", "*.py")).files == ["src/a.py"]  # as the directory was named
    found = [(match.file, match.line, match.content) for match in await sandbox.fs.find_files("src", "needle")]
    assert found == [("src/a.py", 2, "two needle"), ("src/b.txt", 1, "needle")]
    await sandbox.fs.replace_in_files(["src/a.py"], "needle", "thread")
    assert (box.home / "src" / "a.py").read_text() == "one\ntwo thread\n"


async def test_what_is_not_there_is_said_in_the_sdks_own_classes(sandbox: AsyncSandbox) -> None:
    from daytona.common.errors import DaytonaFileNotFoundError, DaytonaInvalidFilePathError

    with pytest.raises(DaytonaFileNotFoundError):
        await sandbox.fs.list_files("nowhere")
    with pytest.raises(DaytonaFileNotFoundError):
        await sandbox.fs.get_file_info("nowhere")
    with pytest.raises(DaytonaFileNotFoundError):
        await sandbox.fs.delete_file("nowhere")
    with pytest.raises(DaytonaFileNotFoundError):
        await sandbox.fs.download_file("nowhere")
    with pytest.raises(DaytonaInvalidFilePathError):
        await sandbox.fs.get_file_info("a\0b")


async def test_one_missing_file_does_not_spoil_the_others(sandbox: AsyncSandbox) -> None:
    from daytona import FileDownloadRequest

    await sandbox.fs.upload_file(b"here", "here")
    answers = await sandbox.fs.download_files([FileDownloadRequest(source=name) for name in ("gone", "here", ".")])
    assert [answer.result for answer in answers] == [None, b"here", None]
    assert answers[0].error_details is not None
    assert answers[0].error_details.code == "FILE_NOT_FOUND"
    assert "directory" in str(answers[2].error)


async def test_raw_download_and_ranges(toolbox: Toolbox, box: Box) -> None:
    (box.home / "file").write_bytes(b"0123456789")
    url = f"{toolbox.url}/files/download"
    for asked, status, body in [
        (None, 200, b"0123456789"),
        ("bytes=2-4", 206, b"234"),
        ("bytes=7-", 206, b"789"),
        ("bytes=-2", 206, b"89"),
        ("bytes=99-", 416, None),
    ]:
        headers = {"Range": asked} if asked else {}
        async with toolbox.http.get(url, params={"path": "file"}, headers=headers) as response:
            assert response.status == status
            assert body is None or await response.read() == body


# What a hostile box may do to lure a client's request elsewhere.


async def _refused(toolbox: Toolbox, path: str) -> int:
    async with toolbox.http.get(f"{toolbox.url}/files/download", params={"path": path}) as response:
        assert b"secret" not in await response.read()
        return response.status


async def test_links_lead_to_no_other_box(toolbox: Toolbox, box: Box, isolation: Isolation) -> None:
    neighbour = box.root.parent / "neighbour"
    neighbour.mkdir()
    (neighbour / "file").write_text("secret")
    (box.home / "direct").symlink_to(neighbour / "file")
    (box.home / "climbing").symlink_to("../../neighbour/file")
    (box.home / "folder").symlink_to(neighbour)
    (box.home / "chain").symlink_to("direct")
    for path in ("direct", "climbing", "chain", "folder/file", "../../neighbour/file", str(neighbour / "file")):
        assert await _refused(toolbox, path) in (403, 404)
    status = await _upload(toolbox, "folder/new", b"x")
    assert not (neighbour / "new").exists()
    assert isolation.is_isolated or status == 400  # an isolated box has a place of its own at the same path


async def test_links_lead_to_no_process_of_the_host(toolbox: Toolbox, box: Box) -> None:
    for number, target in enumerate(("/proc/self/environ", f"/proc/{os.getpid()}/root/etc/hostname", "/proc/self/cwd")):
        (box.home / f"link{number}").symlink_to(target)
        assert await _refused(toolbox, f"link{number}") == 403
        assert await _refused(toolbox, target) == 403


async def test_links_in_a_circle_end(toolbox: Toolbox, box: Box) -> None:
    (box.home / "a").symlink_to("b")
    (box.home / "b").symlink_to("a")
    assert await _refused(toolbox, "a") == 400


async def test_the_hosts_files_cannot_be_changed(sandbox: AsyncSandbox) -> None:
    from daytona.common.errors import DaytonaFileAccessDeniedError

    for path in ("/etc/mine", "/usr/mine/deeper"):
        with pytest.raises(DaytonaFileAccessDeniedError):
            await sandbox.fs.create_folder(path, "755")
        assert not Path(path).exists()
    with pytest.raises(DaytonaFileAccessDeniedError):
        await sandbox.fs.delete_file("/etc/hostname")


async def test_a_closed_box_shows_nothing_of_the_host(toolbox: Toolbox, box: Box) -> None:
    await box.close()
    if box.isolation.is_isolated:
        assert await _upload(toolbox, "/home/daytona/new", b"x") == 400
        assert await _refused(toolbox, "/etc/hostname") == 400
    async with toolbox.http.post(f"{toolbox.url}/process/execute", json={"command": "true"}) as response:
        assert (response.status, (await response.json())["message"]) == (400, "Sandbox is not running")


async def test_tmp_is_shared_between_programs_and_files(sandbox: AsyncSandbox) -> None:
    name = f"/tmp/daytona-{os.urandom(8).hex()}"
    await sandbox.fs.upload_file(b"via files", name)
    answer = await sandbox.process.exec(f"cat {name}; rm {name}")
    assert answer.result == "via files"
