"""A pull brings everything home byte for byte, or says what it did not, and never leaves half of anything."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from tests.operations.conftest import Bench

from daytona_tui.domain.files import FileEntry
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.transfers import ConflictPolicy, TransferProgress, TransferReport
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.errors import DaytonaTuiError, NotFoundError, TransferError, UnreachableError, VerificationError
from daytona_tui.operations.copy import pull

Tree = dict[str, bytes | None]


def _tree(root: Path) -> Tree:
    """Return everything below ``root``: contents of files, None for directories."""
    return {
        str(path.relative_to(root)): None if path.is_dir() else path.read_bytes()
        for path in root.rglob("*")
        if not path.is_symlink()
    }


def _plant(root: Path, tree: Mapping[str, bytes | None]) -> None:
    for name, contents in tree.items():
        path = root / name
        if contents is None:
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(contents)


async def _pull_all(bench: Bench, destination: Path, **options: Any) -> TransferReport:
    return await pull(bench.gateway, bench.sandbox.id, bench.work_dir, destination, **options)


async def test_a_whole_tree_arrives_byte_for_byte(bench: Bench, tmp_path: Path) -> None:
    _plant(
        bench.home,
        {
            "empty": b"",
            "empty-dir": None,
            "deep/er/and/deeper/still": b"x",
            "all-bytes.bin": bytes(range(256)) * 40,
            "large.bin": os.urandom(3 * 1024 * 1024 + 17),
            "just-small": b"s" * (256 * 1024),
            "just-large": b"l" * (256 * 1024 + 1),
            **{f"many/{number:04}": str(number).encode() for number in range(1100)},
        },
    )

    report = await _pull_all(bench, tmp_path / "out")

    assert _tree(tmp_path / "out") == _tree(bench.home)
    assert report.files == 1106
    assert report.size_bytes == sum(len(contents) for contents in _tree(bench.home).values() if contents)
    assert (report.left_out, report.failed) == ((), ())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["emulator", "out"], "nothing is left beside it"


ODD = [
    "new\nline",
    "\x1b[31mred\x1b[0m",
    "-rf",
    " lead",
    "trail ",
    "quo'te\"s",
    "日本語",
    "e\u0301",
    "x" * 255,
    "a\\b",
    "%2e%2e",
]


async def test_odd_names_arrive_with_their_exact_names(bench: Bench, tmp_path: Path) -> None:
    _plant(bench.home, {name: name.encode() for name in ODD} | {f"dir {name[:40]}/in": b"in" for name in ODD})

    report = await _pull_all(bench, tmp_path / "out")

    assert _tree(tmp_path / "out") == _tree(bench.home)
    assert not report.failed


async def test_times_and_executable_bits_come_along(bench: Bench, tmp_path: Path) -> None:
    _plant(bench.home, {"run.sh": b"#!/bin/sh\n", "plain": b"p", "large": b"x" * 300_000, "dir": None})
    (bench.home / "run.sh").chmod(0o755)
    for name in ("run.sh", "large", "dir"):
        os.utime(bench.home / name, (1_600_000_000, 1_600_000_000))

    await _pull_all(bench, tmp_path / "out")

    for name in ("run.sh", "large", "dir"):
        assert int((tmp_path / "out" / name).stat().st_mtime) == 1_600_000_000
    assert os.access(tmp_path / "out" / "run.sh", os.X_OK)
    assert not (tmp_path / "out" / "plain").stat().st_mode & 0o111
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o777 & ~_umask()


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


async def test_links_and_special_files_are_left_out_and_said(bench: Bench, tmp_path: Path) -> None:
    _plant(bench.home, {"real/file": b"x"})
    (bench.home / "to-file").symlink_to("real/file")
    (bench.home / "to-dir").symlink_to("/etc")
    (bench.home / "real" / "loop").symlink_to("..")
    os.mkfifo(bench.home / "pipe")

    report = await _pull_all(bench, tmp_path / "out")

    assert _tree(tmp_path / "out") == {"real": None, "real/file": b"x"}
    assert {item.path.removeprefix(bench.work_dir + "/"): item.reason for item in report.left_out} == {
        "to-file": "a link",
        "to-dir": "a link",
        "real/loop": "a link",
        "pipe": "not a regular file",
    }


async def test_one_file_gets_the_name_it_is_given(bench: Bench, tmp_path: Path) -> None:
    _plant(bench.home, {"a\nb": b"contents"})

    report = await pull(bench.gateway, bench.sandbox.id, f"{bench.work_dir}/a\nb", tmp_path / "new" / "name")

    assert (tmp_path / "new" / "name").read_bytes() == b"contents"
    assert (report.files, report.size_bytes, report.destination) == (1, 8, str(tmp_path / "new" / "name"))
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["name"]


@pytest.mark.parametrize("policy", [ConflictPolicy.OVERWRITE, ConflictPolicy.SKIP, ConflictPolicy.FAIL])
async def test_files_that_exist_are_treated_as_told(bench: Bench, tmp_path: Path, policy: ConflictPolicy) -> None:
    _plant(bench.home, {"same": b"new", "sub/same": b"new", "other": b"new"})
    _plant(tmp_path / "out", {"same": b"old", "sub/same": b"old", "mine": b"mine"})

    if policy is ConflictPolicy.FAIL:
        with pytest.raises(TransferError, match="exists at the destination"):
            await _pull_all(bench, tmp_path / "out")
        expected = {"same": b"old", "sub": None, "sub/same": b"old", "mine": b"mine"}
    else:
        report = await _pull_all(bench, tmp_path / "out", conflict=policy)
        kept = b"new" if policy is ConflictPolicy.OVERWRITE else b"old"
        expected = {"same": kept, "sub": None, "sub/same": kept, "other": b"new", "mine": b"mine"}
        assert len(report.left_out) == (2 if policy is ConflictPolicy.SKIP else 0)

    assert _tree(tmp_path / "out") == expected


async def test_an_existing_directory_without_conflicts_is_filled(bench: Bench, tmp_path: Path) -> None:
    _plant(bench.home, {"sub/new": b"n"})
    _plant(tmp_path / "out", {"sub/old": b"o"})

    await _pull_all(bench, tmp_path / "out")

    assert _tree(tmp_path / "out") == {"sub": None, "sub/new": b"n", "sub/old": b"o"}


async def test_nothing_is_written_through_a_link_in_the_destination(bench: Bench, tmp_path: Path) -> None:
    _plant(bench.home, {"sub/evil": b"evil", "file": b"new", "fine": b"fine"})
    _plant(tmp_path / "outside", {"precious": b"precious"})
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "sub").symlink_to(tmp_path / "outside")
    (tmp_path / "out" / "file").symlink_to(tmp_path / "outside" / "precious")

    report = await _pull_all(bench, tmp_path / "out", conflict=ConflictPolicy.OVERWRITE)

    assert _tree(tmp_path / "outside") == {"precious": b"precious"}
    assert (tmp_path / "out" / "file").read_bytes() == b"new"
    assert not (tmp_path / "out" / "file").is_symlink()
    assert [item.path for item in report.failed] == ["sub"]
    assert report.files == 2


async def test_names_that_would_leave_the_destination_are_refused(bench: Bench, tmp_path: Path) -> None:
    names = ["..", ".", "", "../../evil", "/etc/evil", "nul\0", "fine"]
    listing = [
        {"name": name, "isDir": name == "..", "size": 4, "mode": "-rw-r--r--", "modTime": "2026-01-01T00:00:00Z"}
        | {"permissions": "0644", "owner": "x", "group": "x", "modifiedAt": "2026-01-01T00:00:00Z"}
        for name in names
    ]
    _plant(bench.home, {"fine": b"fine"})
    bench.emulator.faults.add(FaultRule(method="GET", path="*/files", body=listing))

    report = await _pull_all(bench, tmp_path / "a" / "out")

    assert _tree(tmp_path / "a") == {"out": None, "out/fine": b"fine"}
    assert len(report.left_out) == 5, "all but the nameless one, of which nobody can speak"


class _Meddling:
    """The real gateway, with somebody in the sandbox who acts just before a file is read."""

    def __init__(self, bench: Bench, act: Callable[[str], None]) -> None:
        self._gateway = bench.gateway
        self._act = act

    async def work_dir(self, sandbox_id: SandboxId) -> str:
        return await self._gateway.work_dir(sandbox_id)

    async def list_dir(self, sandbox_id: SandboxId, path: str) -> tuple[FileEntry, ...]:
        return await self._gateway.list_dir(sandbox_id, path)

    async def info(self, sandbox_id: SandboxId, path: str) -> FileEntry:
        return await self._gateway.info(sandbox_id, path)

    def read(self, sandbox_id: SandboxId, path: str, *, offset: int = 0) -> AsyncIterator[bytes]:
        self._act(path)
        return self._gateway.read(sandbox_id, path, offset=offset)

    def read_many(self, sandbox_id: SandboxId, paths: Sequence[str]) -> AsyncIterator[tuple[str, bytes | Exception]]:
        for path in paths:
            self._act(path)
        return self._gateway.read_many(sandbox_id, paths)


@pytest.mark.parametrize("small", [True, False], ids=["small", "large"])
async def test_a_log_that_grows_while_it_is_read_arrives(bench: Bench, tmp_path: Path, small: bool) -> None:
    before = b"line\n" * (10 if small else 100_000)
    _plant(bench.home, {"live.log": before, "other": b"o"})

    def grow(path: str) -> None:
        if path.endswith("live.log"):
            with (bench.home / "live.log").open("ab") as stream:
                stream.write(b"more\n")

    report = await pull(_Meddling(bench, grow), bench.sandbox.id, bench.work_dir, tmp_path / "out")

    arrived = (tmp_path / "out" / "live.log").read_bytes()
    assert not report.failed
    assert len(arrived) > len(before)
    assert (bench.home / "live.log").read_bytes().startswith(arrived)


async def test_a_file_that_shrinks_arrives_as_it_is_then(bench: Bench, tmp_path: Path) -> None:
    _plant(bench.home, {"rotated.log": b"x" * 400_000, "other": b"o"})

    def shrink(path: str) -> None:
        if path.endswith("rotated.log"):
            (bench.home / "rotated.log").write_bytes(b"fresh")

    report = await pull(_Meddling(bench, shrink), bench.sandbox.id, bench.work_dir, tmp_path / "out")

    assert not report.failed
    assert (tmp_path / "out" / "rotated.log").read_bytes() == b"fresh"


async def test_a_file_that_goes_away_fails_alone(bench: Bench, tmp_path: Path) -> None:
    _plant(bench.home, {"gone": b"x" * 400_000, "gone-small": b"x", "stays": b"s", "stays-too": b"s"})

    def vanish(path: str) -> None:
        if "gone" in path:
            (bench.home / path.rsplit("/", 1)[1]).unlink(missing_ok=True)

    report = await pull(_Meddling(bench, vanish), bench.sandbox.id, bench.work_dir, tmp_path / "out")

    assert _tree(tmp_path / "out") == {"stays": b"s", "stays-too": b"s"}
    assert sorted(item.path.rsplit("/", 1)[1] for item in report.failed) == ["gone", "gone-small"]
    assert report.files == 2


async def test_an_answer_cut_short_is_noticed(bench: Bench, tmp_path: Path) -> None:
    _plant(bench.home, {"file": b"x" * 400_000})
    path = f"{bench.work_dir}/file"

    def swap(_path: str) -> None:  # shorter while it is read, and whole again when its size is asked for
        (bench.home / "file").write_bytes(b"x" * 1000)

    class Restoring(_Meddling):
        async def info(self, sandbox_id: SandboxId, path: str) -> FileEntry:
            (bench.home / "file").write_bytes(b"x" * 400_000)
            return await super().info(sandbox_id, path)

    with pytest.raises(VerificationError):
        await pull(Restoring(bench, swap), bench.sandbox.id, path, tmp_path / "new" / "file")

    assert not (tmp_path / "new").exists()


class _Stalling(_Meddling):
    """The real gateway on a line that goes dead after the first piece of a file."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench, lambda _: None)
        self.stalled = asyncio.Event()

    async def read(self, sandbox_id: SandboxId, path: str, *, offset: int = 0) -> AsyncIterator[bytes]:
        async with aclosing(super().read(sandbox_id, path, offset=offset)) as chunks:  # type: ignore[type-var]
            async for chunk in chunks:
                yield chunk
                self.stalled.set()
                await asyncio.Event().wait()


async def _cancel_half_way(bench: Bench, destination: Path) -> None:
    _plant(bench.home, {f"large{number}": os.urandom(2_000_000) for number in range(6)} | {"s1": b"1", "s2": b"2"})
    gateway = _Stalling(bench)
    task = asyncio.create_task(pull(gateway, bench.sandbox.id, bench.work_dir, destination))
    async with asyncio.timeout(20):
        await gateway.stalled.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancelled_pull_leaves_nothing(bench: Bench, tmp_path: Path) -> None:
    await _cancel_half_way(bench, tmp_path / "a" / "b" / "out")

    assert not (tmp_path / "a").exists()


async def test_a_pull_cancelled_into_an_existing_directory_leaves_it_as_it_was(bench: Bench, tmp_path: Path) -> None:
    _plant(tmp_path / "out", {"mine": b"mine"})

    await _cancel_half_way(bench, tmp_path / "out")

    assert _tree(tmp_path / "out") == {"mine": b"mine"}


async def test_a_server_that_goes_away_ends_the_pull_and_leaves_nothing(bench: Bench, tmp_path: Path) -> None:
    _plant(bench.home, {"large": os.urandom(900_000), "small": b"s", "small2": b"s"})
    bench.emulator.faults.add(FaultRule(path="*/bulk-download", drop=True))
    bench.emulator.faults.add(FaultRule(path="*/files/download*", drop=True))

    with pytest.raises(DaytonaTuiError) as raised:
        await _pull_all(bench, tmp_path / "a" / "out")

    assert isinstance(raised.value, UnreachableError)
    assert not (tmp_path / "a").exists()


async def test_a_path_that_is_not_there_makes_nothing(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        await pull(bench.gateway, bench.sandbox.id, f"{bench.work_dir}/nope", tmp_path / "a" / "nope")

    assert not (tmp_path / "a").exists()


async def test_a_destination_below_a_file_is_named(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "in-the-way").touch()
    _plant(bench.home, {"file": b"x"})

    for destination in (tmp_path / "in-the-way", tmp_path / "in-the-way" / "out"):
        with pytest.raises(TransferError, match="in-the-way"):
            await _pull_all(bench, destination)
    with pytest.raises(TransferError, match="is a directory"):
        await pull(bench.gateway, bench.sandbox.id, f"{bench.work_dir}/file", tmp_path)

    assert (tmp_path / "in-the-way").read_bytes() == b""


async def test_what_cannot_fit_is_not_begun(bench: Bench, tmp_path: Path) -> None:
    os.truncate(_touched(bench.home / "sparse"), 8 * 1024**4)

    with pytest.raises(TransferError, match=r"8\.0T are needed"):
        await _pull_all(bench, tmp_path / "a" / "out")

    assert not (tmp_path / "a").exists()


def _touched(path: Path) -> Path:
    path.touch()
    return path


async def test_progress_begins_ends_and_is_not_told_too_often(bench: Bench, tmp_path: Path) -> None:
    _plant(bench.home, {f"f{number:04}": b"0123456789" for number in range(1500)})
    told: list[TransferProgress] = []

    report = await _pull_all(bench, tmp_path / "out", on_progress=told.append)

    assert told[0] == TransferProgress()
    assert told[0].fraction is None
    assert (told[-1].files_done, told[-1].bytes_done, told[-1].fraction) == (1500, 15_000, 1.0)
    assert len(told) <= 4 + 10 * report.seconds


async def test_empty_directories_are_progress_too(bench: Bench, tmp_path: Path) -> None:
    report = await _pull_all(bench, tmp_path / "out")

    assert _tree(tmp_path / "out") == {}
    assert (tmp_path / "out").is_dir()
    assert report.files == 0
