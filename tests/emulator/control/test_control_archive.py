"""Archives: a sandbox's directory goes into one file and comes back as it was, or stays as it is."""

from __future__ import annotations

import asyncio
import os
import stat
import tarfile
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
from daytona import AsyncDaytona, CreateSandboxFromSnapshotParams

from daytona_tui.emulator.body.archive import ArchiveError, copy_tree, pack, unpack
from daytona_tui.emulator.body.copying import Stopped
from daytona_tui.emulator.server import Emulator

Open = Callable[..., Awaitable[Emulator]]
Connect = Callable[..., Awaitable[AsyncDaytona]]
Eventually = Callable[..., Awaitable[None]]
Http = Callable[..., Awaitable[aiohttp.ClientSession]]

Entry = tuple[int, int, int, object]

_FURNISH = r"""
set -e
mkdir -p empty deep/er/est locked
printf 'some\0bytes' > deep/er/est/file
ln deep/er/est/file deep/other-name
ln -s /nowhere/at/all dangling
ln -s deep inside
printf '#!/bin/sh\necho ran\n' > tool && chmod 4755 tool
printf secret > locked/file && chmod 0 locked/file && chmod 500 locked
printf odd > "$(printf 'odd\377\n name ')"
mkfifo pipe
head -c 3000000 /dev/urandom > big
touch -h -d '2001-02-03 04:05:06.789012345' dangling
touch -d '1969-12-31 23:59:58.5' deep/er/est/file
touch -d '2020-01-01 00:00:00.000000001' empty
"""


def _look(directory: Path) -> dict[str, Entry]:
    """Return mode, time, link count and content of everything in a directory but pipes, by its name."""
    found: dict[str, Entry] = {}
    for path in directory.rglob("*"):
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            content: object = path.readlink()
        elif stat.S_ISREG(status.st_mode):
            content = path.read_bytes() if os.access(path, os.R_OK) else None
        elif stat.S_ISDIR(status.st_mode):
            content = None
        else:
            continue
        links = 0 if path.is_dir() else status.st_nlink
        found[str(path.relative_to(directory))] = (status.st_mode, status.st_mtime_ns, links, content)
    return found


async def test_an_archive_brings_everything_back(
    open_emulator: Open, connect: Connect, tmp_path: Path, isolation: str
) -> None:
    emulator = await open_emulator(isolation=isolation, state_dir=tmp_path / "state")
    sdk = await connect(emulator)
    sandbox = await sdk.create()
    furnished = await sandbox.process.exec(_FURNISH)
    assert furnished.exit_code == 0, furnished.result
    body = tmp_path / "state" / "sandboxes" / sandbox.id
    await sandbox.stop(timeout=20)
    before = _look(body / "home")

    await sandbox.archive()
    assert (sandbox.state, sandbox.backup_state) == ("archived", "Completed")
    assert not body.exists()
    (archive,) = (tmp_path / "state" / "archives").iterdir()
    assert archive.stat().st_mode & 0o077 == 0
    await sandbox.start(timeout=20)

    assert _look(body / "home") == before
    assert len(before) > 12
    assert not archive.exists()
    ran = await sandbox.process.exec("./tool; cat inside/other-name | wc -c")
    assert ran.result.split() == ["ran", "10"]


async def test_deleting_an_archived_sandbox_removes_its_archive(
    open_emulator: Open, connect: Connect, tmp_path: Path
) -> None:
    emulator = await open_emulator(state_dir=tmp_path / "state")
    sdk = await connect(emulator)
    sandbox = await sdk.create()
    await sandbox.stop(timeout=20)
    await sandbox.archive()

    await sandbox.delete(timeout=20, wait=True)

    assert list((tmp_path / "state" / "archives").iterdir()) == []


async def test_an_archived_sandbox_outlives_the_emulator(open_emulator: Open, connect: Connect, tmp_path: Path) -> None:
    emulator = await open_emulator(state_dir=tmp_path / "state")
    sdk = await connect(emulator)
    sandbox = await sdk.create(CreateSandboxFromSnapshotParams(name="kept"))
    await sandbox.fs.upload_file(b"still here", "note.txt")
    await sandbox.stop(timeout=20)
    await sandbox.archive()
    await emulator.close()

    again = await open_emulator(state_dir=tmp_path / "state")
    restored = await (await connect(again)).get("kept")
    assert restored.state == "archived"
    await restored.start(timeout=20)

    assert (await restored.process.exec("cat note.txt")).result == "still here"


async def test_a_failure_half_way_leaves_the_sandbox_whole(
    open_emulator: Open, connect: Connect, tmp_path: Path
) -> None:
    emulator = await open_emulator(state_dir=tmp_path / "state")
    sdk = await connect(emulator)
    sandbox = await sdk.create()
    await sandbox.fs.upload_file(b"whole", "note.txt")
    await sandbox.stop(timeout=20)
    (tmp_path / "state" / "archives").write_text("in the way")

    await sandbox.archive()
    assert (sandbox.state, sandbox.recoverable, sandbox.backup_state) == ("error", True, "Error")
    assert sandbox.error_reason
    (tmp_path / "state" / "archives").unlink()
    await sandbox.recover(timeout=20)

    assert (await sandbox.process.exec("cat note.txt")).result == "whole"


async def test_turning_an_archive_back_half_way_loses_nothing(
    open_emulator: Open, connect: Connect, tmp_path: Path, eventually: Eventually
) -> None:
    emulator = await open_emulator(pace="natural", state_dir=tmp_path / "state")
    sdk = await connect(emulator)
    sandbox = await sdk.create()
    made = await sandbox.process.exec("head -c 200000000 /dev/urandom > big; sha256sum big")
    await sandbox.stop(timeout=20)
    record = emulator.fleet.records[sandbox.id]

    await sandbox.archive()
    await eventually(lambda: list((tmp_path / "state" / "archives").glob("*.part")))
    await sandbox.start(timeout=30)

    assert record.state == "started"
    assert (await sandbox.process.exec("sha256sum big")).result == made.result
    assert list((tmp_path / "state" / "archives").iterdir()) == []


async def test_a_backup_is_read_when_the_files_are_lost(
    open_emulator: Open, connect: Connect, bare: Http, tmp_path: Path
) -> None:
    emulator = await open_emulator(state_dir=tmp_path / "state")
    sdk = await connect(emulator)
    sandbox = await sdk.create()
    await sandbox.fs.upload_file(b"saved", "note.txt")
    async with (await bare(emulator)).post(f"/api/sandbox/{sandbox.id}/backup") as response:
        assert response.status == 200
    await sandbox.refresh_data()
    assert sandbox.backup_state == "Completed"
    assert sandbox.backup_created_at is not None
    await sandbox.stop(timeout=20)
    await emulator.close()
    body = tmp_path / "state" / "sandboxes" / sandbox.id
    await asyncio.to_thread(os.rename, body, tmp_path / "lost")

    again = await open_emulator(state_dir=tmp_path / "state")
    restored = await (await connect(again)).get(sandbox.id)
    await restored.start(timeout=20)

    assert (await restored.process.exec("cat note.txt")).result == "saved"


async def test_a_maze_of_directories_cannot_be_archived_but_deleted(
    open_emulator: Open, connect: Connect, tmp_path: Path
) -> None:
    emulator = await open_emulator(state_dir=tmp_path / "state")
    sdk = await connect(emulator)
    sandbox = await sdk.create()
    digging = "import os\nfor _ in range(1200): os.mkdir('d'); os.chdir('d')\nos.chmod('.', 0); print('dug')"
    dug = await sandbox.process.exec(f'python3 -c "{digging}"')
    assert dug.result.strip() == "dug"
    await sandbox.stop(timeout=20)

    await sandbox.archive()
    assert (sandbox.state, sandbox.recoverable) == ("error", True)
    assert "deep" in (sandbox.error_reason or "")
    await sandbox.recover(timeout=20)
    await sandbox.delete(timeout=20, wait=True)

    assert list((tmp_path / "state" / "sandboxes").iterdir()) == []


def _tree(root: Path) -> Path:
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "b" / "file").write_bytes(b"x" * 100_000)
    (root / "a" / "link").symlink_to("b")
    return root


def test_a_damaged_archive_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "archive.tar.gz"
    pack(_tree(tmp_path / "source"), file)
    whole = file.read_bytes()
    target = _tree(tmp_path / "target")
    before = _look(target)

    for damaged in (whole[:-10], whole[:20], whole[:-6] + b"\0\0" + whole[-4:], b"", b"no archive"):
        file.write_bytes(damaged)
        with pytest.raises(ArchiveError):
            unpack(file, target)

    assert _look(target) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive.tar.gz", "source", "target"]


def test_an_archive_that_leads_out_of_its_directory_is_refused(tmp_path: Path) -> None:
    for name, kind in (("../out", tarfile.REGTYPE), ("/out", tarfile.REGTYPE), ("link/out", tarfile.REGTYPE)):
        file = tmp_path / "archive.tar.gz"
        with tarfile.open(file, "w:gz") as tar:
            for path, what, link in ((".", tarfile.DIRTYPE, ""), ("link", tarfile.SYMTYPE, str(tmp_path))):
                info = tarfile.TarInfo(path)
                info.type, info.linkname, info.mode = what, link, 0o755
                tar.addfile(info)
            info = tarfile.TarInfo(name)
            info.type = kind
            tar.addfile(info)
        with pytest.raises((ArchiveError, OSError)):
            unpack(file, tmp_path / "target")

    assert [path.name for path in tmp_path.iterdir()] == ["archive.tar.gz"]


def test_work_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    source, stop = _tree(tmp_path / "source"), threading.Event()
    pack(source, tmp_path / "archive.tar.gz")
    stop.set()

    with pytest.raises(Stopped):
        pack(source, tmp_path / "other.tar.gz", stop=stop)
    with pytest.raises(Stopped):
        unpack(tmp_path / "archive.tar.gz", tmp_path / "target", stop=stop)
    with pytest.raises(Stopped):
        copy_tree(source, tmp_path / "copy", stop=stop)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive.tar.gz", "source"]


def test_a_copy_is_like_its_source_and_never_follows_a_link(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("not to be read")
    source = _tree(tmp_path / "source")
    (source / "out").symlink_to(tmp_path / "outside")
    os.link(source / "a" / "b" / "file", source / "again")
    os.utime(source / "a", ns=(1, 1_234_567_890_123_456_789))

    copy_tree(source, tmp_path / "copy")

    assert _look(tmp_path / "copy") == _look(source)
    assert (tmp_path / "copy" / "out").is_symlink()
    assert (tmp_path / "copy" / "again").stat().st_nlink == 2


def test_directories_that_lie_too_deep_are_refused_before_anything_is_lost(tmp_path: Path) -> None:
    place = tmp_path / "source"
    for _ in range(250):
        place = place / "d"
    place.mkdir(parents=True)

    with pytest.raises(OSError, match="too deep"):
        pack(tmp_path / "source", tmp_path / "archive.tar.gz")

    assert [path.name for path in tmp_path.iterdir()] == ["source"]
    assert place.is_dir()
