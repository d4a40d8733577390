"""A push brings everything there byte for byte, or says what it did not, and never leaves half of anything."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.operations.conftest import Bench

from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.transfers import (
    ConflictPolicy,
    Equality,
    TransferOptions,
    TransferProgress,
    TransferReport,
    Way,
)
from daytona_tui.errors import TransferError
from daytona_tui.operations.push import plan_push, push, push_stream

Tree = dict[str, bytes | None]


def _tree(root: Path) -> Tree:
    """Return everything below ``root``: contents of files, None for directories."""
    return {
        str(path.relative_to(root)): None if path.is_dir() else path.read_bytes()
        for path in root.rglob("*")
        if not path.is_symlink()
    }


def _plant(root: Path, tree: Mapping[str, bytes | None]) -> None:
    root.mkdir(parents=True, exist_ok=True)
    for name, contents in tree.items():
        path = root / name
        if contents is None:
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(contents)


async def _push(bench: Bench, *sources: str | Path, to: str = "", **options: Any) -> TransferReport:
    plan = await plan_push(bench.gateway, bench.sandbox.id, sources, to, TransferOptions(**options))
    return await push(bench.gateway, plan)


async def _push_with(bench: Bench, tools: set[str], *sources: str | Path, **options: Any) -> TransferReport:
    """Push as into a sandbox that has these programs only."""
    plan = await plan_push(bench.gateway, bench.sandbox.id, sources, "", TransferOptions(**options))
    return await push(bench.gateway, replace(plan, tools=frozenset(tools)))


MANY: Tree = {
    "empty": b"",
    "empty-dir": None,
    "deep/er/and/deeper/still": b"x",
    "all-bytes.bin": bytes(range(256)) * 40,
    "large.bin": os.urandom(3 * 1024 * 1024 + 17),
    "just-small": b"s" * (256 * 1024),
    "just-large": b"l" * (256 * 1024 + 1),
    **{f"many/{number:04}": str(number).encode() for number in range(1100)},
}

WAYS = [{"sha256sum", "tar"}, {"sha256sum"}, set[str]()]


@pytest.mark.parametrize("tools", WAYS, ids=["tar", "shell", "nothing"])
async def test_a_whole_tree_arrives_byte_for_byte(bench: Bench, tmp_path: Path, tools: set[str]) -> None:
    _plant(tmp_path / "it", MANY)

    report = await _push_with(bench, tools, tmp_path / "it")

    assert _tree(bench.home / "it") == _tree(tmp_path / "it")
    assert report.failed == report.left_out == ()
    assert report.files == 1106
    assert report.size_bytes == sum(len(contents) for contents in MANY.values() if contents)
    assert report.ways == (Way.TAR if "tar" in tools else Way.BULK, Way.STREAM)
    assert report.verified.startswith("size and SHA-256") == bool(tools)
    assert [path.name for path in bench.home.iterdir()] == ["it"], "nothing is left beside it"


ODD = [
    "new\nline",
    "\x1b[31mred\x1b[0m",
    "-rf",
    " lead",
    "trail ",
    "quo'te\"s",
    "$(touch x)`y`",
    "日本語",
    "e\u0301",
    "x" * 255,
    "a\\b",
    "%2e%2e",
    "*",
]


@pytest.mark.parametrize("tools", WAYS[:2], ids=["tar", "shell"])
async def test_odd_names_arrive_with_their_exact_names(bench: Bench, tmp_path: Path, tools: set[str]) -> None:
    tree = {name: name.encode() for name in ODD} | {f"dir {name[:40]}/in": b"in" for name in ODD}
    _plant(tmp_path / "it", tree)

    report = await _push_with(bench, tools, tmp_path / "it")

    assert not report.failed
    assert _tree(bench.home / "it") == _tree(tmp_path / "it")

    again = await _push(bench, tmp_path / "it")
    assert (again.files, again.equal) == (0, len(tree))


@pytest.mark.parametrize("tools", WAYS[:2], ids=["tar", "shell"])
async def test_times_modes_and_links_come_along(bench: Bench, tmp_path: Path, tools: set[str]) -> None:
    root = tmp_path / "it"
    _plant(root, {"run.sh": b"#!/bin/sh\n", "plain": b"p", "large": b"x" * 300_000, "dir/in": b"i", "shut": None})
    (root / "run.sh").chmod(0o4755)
    (root / "plain").chmod(0o600)
    (root / "shut").chmod(0o500)
    (root / "dir/link").symlink_to("../plain")
    (root / "dangling").symlink_to("nowhere")
    (root / "out").symlink_to("../../etc")
    (root / "absolute").symlink_to("/etc/passwd")
    for name in ("run.sh", "large", "plain", "dir"):
        os.utime(root / name, ns=(1_600_000_000_123_456_789, 1_600_000_000_123_456_789))

    report = await _push_with(bench, tools, root)

    there = bench.home / "it"
    for name in ("run.sh", "large", "plain", "dir"):
        assert (there / name).stat().st_mtime_ns == 1_600_000_000_123_456_789
    assert [(there / name).stat().st_mode & 0o7777 for name in ("run.sh", "plain", "shut")] == [0o755, 0o600, 0o500]
    assert (there / "dir/link").readlink() == Path("../plain")
    assert (there / "dangling").readlink() == Path("nowhere")
    assert report.links == 2
    assert not os.path.lexists(there / "out")
    assert not os.path.lexists(there / "absolute")
    assert sorted((Path(item.path).name, item.reason) for item in report.left_out) == [
        ("absolute", "a link that leads away, to '/etc/passwd'"),
        ("out", "a link that leads away, to '../../etc'"),
    ]


async def test_special_files_and_what_is_ignored_are_left_out_and_said(bench: Bench, tmp_path: Path) -> None:
    root = tmp_path / "it"
    _plant(root, {"a.py": b"a", "a.log": b"l", "keep.log": b"k", "node_modules/x/y": b"y", "sub/out/z": b"z"})
    _plant(root, {".gitignore": b"*.log\n!keep.log\n", "sub/.gitignore": b"out/\n", "b.tmp": b"t"})
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as bound:
        os.chdir(root)
        bound.bind("socket")

    report = await _push(bench, root, gitignore=True, ignore=("*.tmp",))

    assert set(_tree(bench.home / "it")) == {"a.py", "keep.log", "sub", ".gitignore", "sub/.gitignore"}
    assert {Path(item.path).name for item in report.left_out} == {
        "a.log", "node_modules", "out", "b.tmp", "pipe", "socket",
    }  # fmt: skip


async def test_a_name_that_is_no_utf8_is_left_out(bench: Bench, tmp_path: Path) -> None:
    _plant(tmp_path / "it", {"good": b"g"})
    Path(os.fsdecode(os.fsencode(tmp_path / "it") + b"/b\xffd")).write_bytes(b"b")

    report = await _push(bench, tmp_path / "it")

    assert list(_tree(bench.home / "it")) == ["good"]
    assert ["UTF-8" in item.reason for item in report.left_out] == [True]
    with pytest.raises(TransferError, match="UTF-8"):
        await _push(bench, tmp_path / "it" / os.fsdecode(b"b\xffd"))
    assert list(_tree(bench.home)) == ["it", "it/good"]


async def test_where_it_goes(bench: Bench, tmp_path: Path) -> None:
    _plant(tmp_path / "one", {"in": b"1"})
    _plant(tmp_path, {"file": b"f"})
    _plant(bench.home, {"there": None})

    await _push(bench, tmp_path / "file", to="name")
    await _push(bench, tmp_path / "file", to="new/er/name")
    await _push(bench, tmp_path / "file", to="into/")
    await _push(bench, tmp_path / "file", to="there")
    await _push(bench, tmp_path / "one", to="renamed")
    await _push(bench, tmp_path / "one", to=f"{bench.work_dir}/there/")
    await _push(bench, f"{tmp_path}/one/", to="contents")
    await _push(bench, tmp_path / "one", tmp_path / "file", to="both")

    assert {name for name, contents in _tree(bench.home).items() if contents is not None} == {
        "name", "new/er/name", "into/file", "there/file", "renamed/in", "there/one/in", "contents/in",
        "both/one/in", "both/file",
    }  # fmt: skip


async def test_the_second_push_copies_only_what_has_changed(bench: Bench, tmp_path: Path) -> None:
    root = tmp_path / "it"
    _plant(root, {"a": b"a", "b": b"b", "deep/c": b"c", "gone": b"g"})
    await _push(bench, root)
    (root / "b").write_bytes(b"B")
    os.utime(root / "b", (2_000_000_000, 2_000_000_000))
    (bench.home / "it/gone").unlink()

    plan = await plan_push(bench.gateway, bench.sandbox.id, [root], "", TransferOptions())

    assert [item.path for item in plan.summary.conflicts] == [f"{bench.work_dir}/it/b"]
    assert (plan.summary.equal, plan.summary.files) == (2, 1)
    with pytest.raises(TransferError, match="it/b"):
        await push(bench.gateway, plan)
    report = await push(bench.gateway, plan.with_policy(ConflictPolicy.OVERWRITE))
    assert (report.files, report.equal) == (2, 2)
    assert _tree(bench.home / "it") == _tree(root)


async def test_each_policy(bench: Bench, tmp_path: Path) -> None:
    root = tmp_path / "it"
    _plant(root, {"older.txt": b"new", "newer.txt": b"new", "fresh": b"fresh"})
    _plant(bench.home / "it", {"older.txt": b"was there", "newer.txt": b"was there", "older (1).txt": b"taken"})
    os.utime(bench.home / "it/older.txt", (1, 1))
    os.utime(bench.home / "it/newer.txt", (4_000_000_000, 4_000_000_000))

    skipped = await _push(bench, root, conflict=ConflictPolicy.SKIP)
    assert (skipped.files, len(skipped.left_out)) == (1, 2)
    newer = await _push(bench, root, conflict=ConflictPolicy.NEWER)
    assert (newer.files, len(newer.left_out)) == (1, 1)
    assert (bench.home / "it/newer.txt").read_bytes() == b"was there"
    assert (bench.home / "it/older.txt").read_bytes() == b"new"
    os.utime(bench.home / "it/older.txt", (1, 1))
    renamed = await _push(bench, root, conflict=ConflictPolicy.RENAME)
    assert renamed.files == 2
    assert (bench.home / "it/newer.txt").read_bytes() == b"was there"
    assert (bench.home / "it/newer (1).txt").read_bytes() == b"new"
    assert (bench.home / "it/older (1).txt").read_bytes() == b"taken"
    assert (bench.home / "it/older (2).txt").read_bytes() == b"new"


async def test_equal_by_checksum(bench: Bench, tmp_path: Path) -> None:
    _plant(tmp_path / "it", {"same": b"same", "other": b"here!", "odd\n'": b"odd"})
    _plant(bench.home / "it", {"same": b"same", "other": b"there", "odd\n'": b"odd"})
    for name in ("same", "odd\n'"):
        os.utime(bench.home / "it" / name, (1, 1))

    plan = await plan_push(
        bench.gateway, bench.sandbox.id, [tmp_path / "it"], "", TransferOptions(equality=Equality.CHECKSUM)
    )

    assert (plan.summary.equal, len(plan.summary.conflicts)) == (2, 1)


async def test_a_plan_changes_nothing(bench: Bench, tmp_path: Path) -> None:
    _plant(tmp_path / "it", {"a": b"aa", "deep/b": b"b"})
    plan = await plan_push(bench.gateway, bench.sandbox.id, [tmp_path / "it"], "new/place/", TransferOptions())
    assert (plan.summary.files, plan.summary.size_bytes, plan.summary.directories) == (2, 3, 2)
    assert list(bench.home.iterdir()) == []


@pytest.mark.parametrize("tools", WAYS[:2], ids=["tar", "shell"])
async def test_what_is_in_the_way_fails_alone(bench: Bench, tmp_path: Path, tools: set[str]) -> None:
    _plant(tmp_path / "it", {"file": b"f", "dir/in": b"i", "good": b"g"})
    _plant(bench.home / "it", {"file/is": b"dir", "dir": b"is a file"})
    (bench.home / "it/dir").chmod(0o600)
    os.utime(bench.home / "it/dir", (1_000_000_000, 1_000_000_000))

    report = await _push_with(bench, tools, tmp_path / "it", conflict=ConflictPolicy.OVERWRITE)

    assert report.files == 1
    assert (bench.home / "it/good").read_bytes() == b"g"
    assert (bench.home / "it/dir").read_bytes() == b"is a file"
    theirs = (bench.home / "it/dir").stat()
    assert (theirs.st_mode & 0o777, theirs.st_mtime) == (0o600, 1_000_000_000), "it is no directory of ours"
    assert "a directory is there" in {item.reason for item in report.failed}
    assert len(report.failed) == 3
    assert not list(bench.home.rglob(".daytona-tui*"))


async def test_a_cancelled_push_leaves_only_whole_files(bench: Bench, tmp_path: Path) -> None:
    _plant(tmp_path / "it", {f"{number}.bin": os.urandom(2_000_000) for number in range(12)})
    moving = asyncio.Event()

    def told(progress: TransferProgress) -> None:
        if progress.files_done >= 2:
            moving.set()

    plan = await plan_push(bench.gateway, bench.sandbox.id, [tmp_path / "it"], "deep/", TransferOptions())
    task = asyncio.create_task(push(bench.gateway, plan, on_progress=told))
    async with asyncio.timeout(30):
        await moving.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    here = _tree(tmp_path / "it")
    there = _tree(bench.home / "deep/it")
    assert not list(bench.home.rglob(".daytona-tui*")), "no temporary name is left"
    assert there.items() <= here.items()
    done = len(there)
    report = await _push(bench, tmp_path / "it", to="deep/")
    assert (report.equal, report.files) == (done, 12 - done)
    assert _tree(bench.home / "deep/it") == here


class _Stuck:
    """The gateway, but uploads stand still after their first chunks."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self.is_stuck = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    async def write(self, sandbox_id: SandboxId, path: str, chunks: AsyncIterator[bytes], **options: Any) -> int:
        async def some() -> AsyncIterator[bytes]:
            for _ in range(3):
                yield await anext(chunks)
            self.is_stuck.set()
            await asyncio.Event().wait()

        return await self._gateway.write(sandbox_id, path, some(), **options)


async def test_cancelled_at_once_it_leaves_nothing(bench: Bench, tmp_path: Path) -> None:
    _plant(tmp_path / "it", {"deep/big": os.urandom(8_000_000)})
    stuck = _Stuck(bench.gateway)
    plan = await plan_push(bench.gateway, bench.sandbox.id, [tmp_path / "it"], "new/", TransferOptions())
    task = asyncio.create_task(push(stuck, plan))  # type: ignore[arg-type]  # it has everything, by name
    async with asyncio.timeout(30):
        await stuck.is_stuck.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert list(bench.home.iterdir()) == []


async def test_a_paused_push_begins_nothing(bench: Bench, tmp_path: Path) -> None:
    _plant(tmp_path / "it", {"a": b"a", "big": b"b" * 3_000_000})
    running = asyncio.Event()
    plan = await plan_push(bench.gateway, bench.sandbox.id, [tmp_path / "it"], "", TransferOptions())
    task = asyncio.create_task(push(bench.gateway, plan, running=running))
    done, _ = await asyncio.wait([task], timeout=0.3)
    assert not done
    assert not [path for path in bench.home.rglob("*") if path.is_file()]
    running.set()
    assert (await task).files == 2


async def _pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def test_a_stream_becomes_a_file(bench: Bench) -> None:
    report = await push_stream(bench.gateway, bench.sandbox.id, _pieces(b"one", b"two" * 500_000), "new/out.txt")
    assert (bench.home / "new/out.txt").read_bytes() == b"one" + b"two" * 500_000
    assert report.size_bytes == 1_500_003
    with pytest.raises(TransferError, match="exists"):
        await push_stream(bench.gateway, bench.sandbox.id, _pieces(b"x"), "new/out.txt")
    with pytest.raises(TransferError, match="directory"):
        await push_stream(bench.gateway, bench.sandbox.id, _pieces(b"x"), "new")
    await push_stream(bench.gateway, bench.sandbox.id, _pieces(), "new/out.txt", conflict=ConflictPolicy.OVERWRITE)
    assert (bench.home / "new/out.txt").read_bytes() == b""
    assert [path.name for path in (bench.home / "new").iterdir()] == ["out.txt"]


async def test_a_stream_that_breaks_off_leaves_nothing(bench: Bench) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 100_000
        raise OSError("the source is gone")

    with pytest.raises(OSError, match="gone"):
        await push_stream(bench.gateway, bench.sandbox.id, broken(), "new/out.txt")
    assert list(bench.home.iterdir()) == []


@pytest.mark.parametrize(
    ("sources", "to", "word"),
    [
        ([], "", "nothing"),
        (["missing"], "", "cannot read"),
        (["pipe"], "", "neither"),
        (["a/x", "b/x"], "", "both"),
        (["a/x"], "nul\0", "NUL"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    bench: Bench, tmp_path: Path, sources: list[str], to: str, word: str
) -> None:
    _plant(tmp_path, {"a/x": b"1", "b/x": b"2"})
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(TransferError, match=word):
        await _push(bench, *(tmp_path / source for source in sources), to=to)


async def test_what_has_to_be_confirmed_is_not_done_unasked(bench: Bench, tmp_path: Path) -> None:
    _plant(tmp_path / "it", {"a": b"a", "b": b"b"})
    plan = await plan_push(bench.gateway, bench.sandbox.id, [tmp_path / "it"], "", TransferOptions(max_files=1))
    assert plan.summary.questions
    with pytest.raises(TransferError, match="confirmed"):
        await push(bench.gateway, plan)
    assert (await push(bench.gateway, plan, confirmed=True)).files == 2
