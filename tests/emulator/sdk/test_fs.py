"""``sandbox.fs``: what one method writes another route or the sandbox's own shell sees."""

from __future__ import annotations

import contextlib
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from daytona import (
    AsyncSandbox,
    DaytonaError,
    DaytonaFileNotFoundError,
    DownloadProgress,
    FileDownloadRequest,
    FileUpload,
    UploadProgress,
)
from daytona._async.filesystem import AsyncFileSystem
from tests.emulator.sdk.conftest import Shell
from tests.emulator.sdk.covering import covers

MEGABYTE = bytes(range(256)) * 4096


@covers(AsyncFileSystem.create_folder, AsyncFileSystem.get_file_info)
async def test_a_folder_has_the_mode_it_was_given(sandbox: AsyncSandbox, shell: Shell) -> None:
    await sandbox.fs.create_folder("deep/er", "750")

    info = await sandbox.fs.get_file_info("deep/er")
    assert (info.name, info.is_dir) == ("er", True)
    assert await shell("stat -c '%a %F' deep/er") == "750 directory"
    with pytest.raises(DaytonaFileNotFoundError):
        await sandbox.fs.get_file_info("nowhere")


@covers(AsyncFileSystem.list_files)
async def test_a_list_goes_as_deep_as_asked(sandbox: AsyncSandbox, shell: Shell) -> None:
    await shell("mkdir -p top/mid/low && echo 123 > top/file && touch top/mid/low/last && ln -s file top/link")

    shallow = {each.name: each for each in await sandbox.fs.list_files("top")}
    deep = {each.path or each.name for each in await sandbox.fs.list_files("top", depth=3)}

    assert set(shallow) == {"mid", "file", "link"}
    assert (shallow["file"].size, shallow["file"].is_dir, shallow["mid"].is_dir) == (4, False, True)
    assert any(path.endswith("mid/low/last") for path in deep)


@covers(AsyncFileSystem.delete_file)
async def test_a_full_folder_goes_only_when_told(sandbox: AsyncSandbox, shell: Shell) -> None:
    await shell("mkdir -p full && touch full/file single")

    await sandbox.fs.delete_file("single")
    with pytest.raises(DaytonaError):
        await sandbox.fs.delete_file("full")
    assert await shell("ls") == "full"
    await sandbox.fs.delete_file("full", recursive=True)

    assert await shell("ls") == ""
    with pytest.raises(DaytonaFileNotFoundError):
        await sandbox.fs.delete_file("single")


@covers(AsyncFileSystem.move_files)
async def test_a_move_takes_the_whole_tree(sandbox: AsyncSandbox, shell: Shell) -> None:
    await shell("mkdir -p from/sub && echo moved > from/sub/file")

    await sandbox.fs.move_files("from", "to")

    assert await shell("cat to/sub/file; ls") == "moved\nto"


@covers(AsyncFileSystem.set_file_permissions, differs="an owner can only be one that the emulator's user may give")
async def test_permissions_are_set(sandbox: AsyncSandbox, shell: Shell) -> None:
    await shell("touch file")
    owner = await shell("stat -c %U file")
    group = await shell("stat -c %G file")

    await sandbox.fs.set_file_permissions("file", mode="604", owner=owner, group=group)

    info = await sandbox.fs.get_file_info("file")
    assert await shell("stat -c %a file") == "604"
    assert "604" in f"{info.permissions} {info.mode}"
    with pytest.raises(DaytonaError):
        await sandbox.fs.set_file_permissions("file", mode="not-a-mode")


@covers(AsyncFileSystem.search_files)
async def test_names_are_searched_by_pattern(sandbox: AsyncSandbox, shell: Shell) -> None:
    await shell("mkdir -p src/sub && touch src/a.py src/sub/b.py src/c.txt")

    found = await sandbox.fs.search_files("src", "*.py")

    assert sorted(Path(each).name for each in found.files) == ["a.py", "b.py"]


@covers(AsyncFileSystem.find_files)
async def test_contents_are_found_with_their_lines(sandbox: AsyncSandbox, shell: Shell) -> None:
    await shell("mkdir -p src/sub && printf 'one\\nTODO: two\\n' > src/a.py && printf 'TODO: first\\n' > src/sub/b.py")

    found = await sandbox.fs.find_files("src", "TODO:")

    seen = {(Path(each.file).name, each.line, each.content.strip()) for each in found}
    assert seen == {("a.py", 2, "TODO: two"), ("b.py", 1, "TODO: first")}


@covers(AsyncFileSystem.replace_in_files)
async def test_a_replacement_tells_for_each_file(sandbox: AsyncSandbox, shell: Shell) -> None:
    await shell("echo 'old old' > a; echo old > b")

    results = await sandbox.fs.replace_in_files(["a", "b", "missing"], "old", "new")

    assert await shell("cat a b") == "new new\nnew"
    by_file = {Path(each.file or "").name: each for each in results}
    assert by_file["a"].success
    assert by_file["b"].success
    assert by_file["missing"].error
    assert not by_file["missing"].success


@covers(AsyncFileSystem.upload_file, AsyncFileSystem.download_file)
@pytest.mark.parametrize("name", ["plain.bin", "with blank", "ünï-文.bin", 'quote".bin'])
async def test_a_file_comes_back_byte_for_byte(sandbox: AsyncSandbox, tmp_path: Path, name: str) -> None:
    source, target = tmp_path / "source", tmp_path / "some" / "target"
    source.write_bytes(MEGABYTE)

    await sandbox.fs.upload_file(str(source), f"new folder/{name}")

    assert await sandbox.fs.download_file(f"new folder/{name}") == MEGABYTE
    await sandbox.fs.download_file(f"new folder/{name}", str(target))
    assert target.read_bytes() == MEGABYTE
    assert (await sandbox.fs.get_file_info(f"new folder/{name}")).size == len(MEGABYTE)


@covers(AsyncFileSystem.download_file)
async def test_a_name_with_a_new_line_can_be_downloaded(sandbox: AsyncSandbox, shell: Shell) -> None:
    await shell("printf odd > \"$(printf 'new\\nline')\"")

    assert await sandbox.fs.download_file("new\nline") == b"odd"


@covers(AsyncFileSystem.upload_files, AsyncFileSystem.download_files)
async def test_several_files_go_and_come_each_with_its_own_error(
    sandbox: AsyncSandbox, shell: Shell, tmp_path: Path
) -> None:
    local = tmp_path / "local"
    local.write_bytes(b"from disk")
    await sandbox.fs.upload_files(
        [FileUpload(b"from memory", "m"), FileUpload(str(local), "sub/d"), FileUpload(b"", "e")]
    )
    assert await shell("cat m sub/d; stat -c %s e") == "from memoryfrom disk0"

    answers = await sandbox.fs.download_files(
        [
            FileDownloadRequest("m"),
            FileDownloadRequest("sub/d", destination=str(tmp_path / "back")),
            FileDownloadRequest("e"),
            FileDownloadRequest("missing"),
        ]
    )

    memory, disk, empty, missing = answers
    assert memory.result == b"from memory"
    assert disk.result == str(tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b"from disk"
    assert (empty.error, empty.result) == (None, b"")
    assert missing.error
    assert missing.result is None
    assert missing.error_details is not None
    assert (missing.error_details.status_code, missing.error_details.error_code) == (404, "FILE_NOT_FOUND")


@covers(AsyncFileSystem.upload_file_stream)
async def test_a_stream_is_uploaded_from_every_kind_of_source(
    sandbox: AsyncSandbox, shell: Shell, tmp_path: Path
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(MEGABYTE), 100_000):
            yield MEGABYTE[start : start + 100_000]

    seen: list[UploadProgress] = []
    path = tmp_path / "local"
    path.write_bytes(MEGABYTE)
    sources = {"bytes": MEGABYTE, "path": str(path), "file": io.BytesIO(MEGABYTE), "chunks": chunks()}

    for name, source in sources.items():
        await sandbox.fs.upload_file_stream(source, f"streamed/{name}", on_progress=seen.append)

    assert set((await shell("stat -c %s streamed/*")).split()) == {str(len(MEGABYTE))}
    assert len(set((await shell("md5sum streamed/* | cut -d' ' -f1")).split())) == 1
    assert max(each.bytes_sent for each in seen) == len(MEGABYTE)


@covers(AsyncFileSystem.download_file_stream)
async def test_a_stream_is_downloaded_in_pieces(sandbox: AsyncSandbox) -> None:
    await sandbox.fs.upload_file(MEGABYTE * 3, "large")
    seen: list[DownloadProgress] = []

    pieces = [each async for each in await sandbox.fs.download_file_stream("large", on_progress=seen.append)]

    assert b"".join(pieces) == MEGABYTE * 3
    assert len(pieces) > 1
    assert (seen[-1].bytes_received, seen[-1].total_bytes) == (len(MEGABYTE) * 3, len(MEGABYTE) * 3)
    with pytest.raises(DaytonaError):
        [each async for each in await sandbox.fs.download_file_stream("missing")]


@covers(AsyncFileSystem.upload_file, AsyncFileSystem.download_file)
async def test_nothing_outside_is_read_or_written(sandbox: AsyncSandbox, shell: Shell, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"of the host")
    up = "../" * 30
    await shell(f"ln -s {secret} link; ln -s {tmp_path} folder")

    for path in (f"{up}{str(secret)[1:]}", str(secret), "link", "folder/secret"):
        with contextlib.suppress(DaytonaError):
            assert await sandbox.fs.download_file(path) != b"of the host"
        with contextlib.suppress(DaytonaError):
            await sandbox.fs.upload_file(b"overwritten", path)

    assert secret.read_bytes() == b"of the host"
