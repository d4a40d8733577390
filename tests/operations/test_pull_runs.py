"""A planned pull takes home what it said it would, proves it, and goes on after an interruption."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.operations.conftest import Bench

from daytona_tui.domain.executions import ExecOutcome
from daytona_tui.domain.files import FileEntry
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.transfers import ConflictPolicy, Equality, TransferOptions, TransferProgress, Way
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.errors import TransferError, UnreachableError
from daytona_tui.operations import copy
from daytona_tui.transfer.kept import Arrived, Journal
from daytona_tui.transfer.staging import Staging

OPTIONS = TransferOptions(patience_s=20)


def _plant(root: Path, tree: dict[str, bytes]) -> None:
    for name, contents in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents)


def _files(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file() and not p.is_symlink()}


async def _plan(bench: Bench, destination: Path, **options: Any) -> copy.PullPlan:
    return await copy.plan(bench.gateway, bench.sandbox.id, bench.work_dir, destination, replace(OPTIONS, **options))


async def test_a_plan_says_what_a_run_does_and_writes_nothing(bench: Bench, tmp_path: Path) -> None:
    _plant(
        bench.home, {"a.txt": b"a", "sub/b.bin": os.urandom(700_000), "node_modules/x/y.js": b"y", "new\nline": b"n"}
    )
    (bench.home / "empty").mkdir()
    (bench.home / "inside").symlink_to("sub/b.bin")
    (bench.home / "sub" / "up").symlink_to("../a.txt")
    (bench.home / "away").symlink_to("/etc/passwd")
    (bench.home / "sly").symlink_to("sub/../../x")
    os.mkfifo(bench.home / "pipe")
    (bench.home / "tool").write_bytes(b"#!")
    (bench.home / "tool").chmod(0o6755)
    (bench.home / "sub").chmod(0o750)
    os.utime(bench.home / "a.txt", ns=(1_600_000_000_123_456_789, 1_600_000_000_123_456_789))

    plan = await _plan(bench, tmp_path / "out")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["emulator"]
    told = plan.summary
    assert (told.files, told.size_bytes, told.directories, told.links, told.equal) == (4, 700_004, 2, 2, 0)
    reasons = {item.path.removeprefix(f"{bench.work_dir}/"): item.reason for item in told.left_out}
    assert reasons.keys() == {"node_modules", "away", "sly", "pipe"}
    assert "node_modules/" in reasons["node_modules"]
    assert "leads away" in reasons["away"]

    report = await copy.run(bench.gateway, plan)

    assert (report.files, report.size_bytes, report.links, report.failed) == (4, 700_004, 2, ())
    assert report.verified == "size and SHA-256"
    assert report.ways == (Way.BULK, Way.STREAM)
    out = tmp_path / "out"
    assert _files(out) == {name: data for name, data in _files(bench.home).items() if "node_modules" not in name}
    assert (out / "empty").is_dir()
    assert os.readlink(out / "sub" / "up") == "../a.txt"  # noqa: PTH115
    assert not os.path.lexists(out / "away")
    assert (out / "tool").stat().st_mode & 0o7777 == 0o755 & ~_umask()
    assert (out / "sub").stat().st_mode & 0o7777 == (0o750 & ~_umask()) | 0o700
    assert (out / "a.txt").stat().st_mtime_ns == 1_600_000_000_123_456_789
    assert sorted(path.name for path in tmp_path.iterdir()) == ["emulator", "out"]


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


async def test_what_is_equal_is_not_copied_again(bench: Bench, tmp_path: Path) -> None:
    _plant(bench.home, {f"f{number}": b"x" * number for number in range(50)})
    await copy.run(bench.gateway, await _plan(bench, tmp_path / "out"))
    (bench.home / "f7").write_bytes(b"changed")
    _plant(bench.home, {"new": b"new"})

    plan = await _plan(bench, tmp_path / "out", conflict=ConflictPolicy.OVERWRITE)

    assert (plan.summary.files, plan.summary.equal) == (2, 49)
    assert [item.path for item in plan.summary.conflicts] == [f"{bench.work_dir}/f7"]
    report = await copy.run(bench.gateway, plan)
    assert (report.files, report.equal) == (2, 49)
    assert _files(tmp_path / "out") == _files(bench.home)

    os.utime(tmp_path / "out" / "f7", (1, 1))
    by_sum = await _plan(bench, tmp_path / "out", equality=Equality.CHECKSUM)
    assert (by_sum.summary.files, by_sum.summary.equal) == (0, 51)


@pytest.mark.parametrize("policy", ConflictPolicy)
async def test_conflicts_are_treated_as_told(bench: Bench, tmp_path: Path, policy: ConflictPolicy) -> None:
    _plant(bench.home, {"old.txt": b"theirs", "new.txt": b"theirs", "free": b"f"})
    _plant(tmp_path / "out", {"old.txt": b"mine", "new.txt": b"mine", "old (1).txt": b"taken"})
    os.utime(tmp_path / "out" / "old.txt", (1, 1))
    os.utime(bench.home / "new.txt", (1, 1))
    plan = (await _plan(bench, tmp_path / "out")).with_policy(policy)

    if policy is ConflictPolicy.FAIL:
        with pytest.raises(TransferError, match="exists at the destination"):
            await copy.run(bench.gateway, plan)
        assert not (tmp_path / "out" / "free").exists()
        return
    await copy.run(bench.gateway, plan)

    here = _files(tmp_path / "out")
    mine = {"old.txt": b"mine", "new.txt": b"mine", "old (1).txt": b"taken", "free": b"f"}
    expected: dict[ConflictPolicy, dict[str, bytes]] = {
        ConflictPolicy.OVERWRITE: mine | {"old.txt": b"theirs", "new.txt": b"theirs"},
        ConflictPolicy.SKIP: mine,
        ConflictPolicy.NEWER: mine | {"old.txt": b"theirs"},
        ConflictPolicy.RENAME: mine | {"old (2).txt": b"theirs", "new (1).txt": b"theirs"},
    }
    assert here == expected[policy]


async def test_patterns_and_gitignore_files_leave_out(bench: Bench, tmp_path: Path) -> None:
    _plant(
        bench.home,
        {
            ".gitignore": b"*.log\n!node_modules/\n",
            "sub/.gitignore": b"!keep.log\n",
            "a.log": b"1",
            "sub/keep.log": b"2",
            "x.tmp": b"3",
            "node_modules/kept": b"4",
        },
    )

    await copy.run(bench.gateway, await _plan(bench, tmp_path / "out", gitignore=True, ignore=("*.tmp",)))

    assert sorted(_files(tmp_path / "out")) == [".gitignore", "node_modules/kept", "sub/.gitignore", "sub/keep.log"]


async def test_more_than_was_allowed_is_asked_about(bench: Bench, tmp_path: Path) -> None:
    _plant(bench.home, {f"f{number}": b"xx" for number in range(5)})
    plan = await _plan(bench, tmp_path / "out", max_files=4, max_bytes=9)

    assert len(plan.summary.questions) == 2
    with pytest.raises(TransferError, match="5 files"):
        await copy.run(bench.gateway, plan)
    assert not (tmp_path / "out").exists()
    assert (await copy.run(bench.gateway, plan, confirmed=True)).files == 5


async def test_holes_stay_holes(bench: Bench, tmp_path: Path) -> None:
    with (bench.home / "sparse").open("wb") as stream:
        stream.seek(8_000_000)
        stream.write(b"end")
        stream.truncate(16_000_000)

    report = await copy.run(bench.gateway, await _plan(bench, tmp_path / "out"))

    arrived = tmp_path / "out" / "sparse"
    assert report.verified == "size and SHA-256"
    assert arrived.read_bytes() == (bench.home / "sparse").read_bytes()
    assert arrived.stat().st_blocks * 512 < 1_000_000


class _Meddling:
    """The real gateway, with something that happens when large files are read."""

    def __init__(self, bench: Bench) -> None:
        self._gateway = bench.gateway
        self.reads: list[tuple[str, int]] = []
        self.many: list[int] = []

    async def list_dir(self, sandbox_id: SandboxId, path: str) -> tuple[FileEntry, ...]:
        return await self._gateway.list_dir(sandbox_id, path)

    async def info(self, sandbox_id: SandboxId, path: str) -> FileEntry:
        return await self._gateway.info(sandbox_id, path)

    async def look(self, sandbox_id: SandboxId, script: str, *, timeout_s: int) -> ExecOutcome:
        return await self._gateway.look(sandbox_id, script, timeout_s=timeout_s)

    async def read_many(self, sandbox_id: SandboxId, paths: Any) -> AsyncIterator[tuple[str, bytes | Exception]]:
        self.many.append(len(paths))
        async with aclosing(self._gateway.read_many(sandbox_id, paths)) as answers:  # type: ignore[type-var]
            async for path, contents in answers:
                yield path, contents

    async def read(self, sandbox_id: SandboxId, path: str, *, offset: int = 0) -> AsyncIterator[bytes]:
        self.reads.append((path, offset))
        at = offset
        async with aclosing(self._gateway.read(sandbox_id, path, offset=offset)) as chunks:  # type: ignore[type-var]
            async for chunk in chunks:
                for start in range(0, len(chunk), 100_000):
                    self.before(path, at)
                    piece = chunk[start : start + 100_000]
                    at += len(piece)
                    yield piece

    def before(self, path: str, at: int) -> None:
        """Happens before the piece at ``at`` is handed on."""


async def test_a_line_that_breaks_at_every_tenth_is_taken_up_where_it_broke(bench: Bench, tmp_path: Path) -> None:
    data = os.urandom(2_000_000)
    _plant(bench.home, {"large": data, "a": b"a", "b": b"b"})

    class Breaking(_Meddling):
        at = 200_000

        def before(self, path: str, at: int) -> None:
            if at >= self.at:
                self.at += 200_000
                raise UnreachableError("the line is dead")

    source = Breaking(bench)
    told: list[TransferProgress] = []
    report = await copy.run(source, await _plan(bench, tmp_path / "out"), on_progress=told.append)

    assert (tmp_path / "out" / "large").read_bytes() == data
    assert report.verified == "size and SHA-256"
    offsets = [offset for _, offset in source.reads]
    assert len(offsets) == 10
    assert offsets == sorted(set(offsets)), "nothing is read twice"
    assert any("dead" in each.waiting for each in told)
    assert told[-1].waiting == ""


async def _broken(bench: Bench, destination: Path, small: int) -> None:
    """Begin a pull whose line dies for good in the middle of the large file, when all small ones are here."""
    are_here = asyncio.Event()

    class Dying(_Meddling):
        async def read(self, sandbox_id: SandboxId, path: str, *, offset: int = 0) -> AsyncIterator[bytes]:
            await are_here.wait()
            async with aclosing(super().read(sandbox_id, path, offset=offset)) as chunks:  # type: ignore[type-var]
                async for chunk in chunks:
                    yield chunk

        def before(self, path: str, at: int) -> None:
            if at >= 1_000_000:
                raise UnreachableError("the line is dead")

    class Counting(Journal):
        counted = 0

        def add(self, arrived: Iterable[Arrived]) -> None:
            some = list(arrived)
            super().add(some)
            Counting.counted += len(some)
            if Counting.counted == small:
                loop.call_soon_threadsafe(are_here.set)

    loop = asyncio.get_running_loop()
    plan = await _plan(bench, destination, patience_s=0.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("daytona_tui.transfer.staging.Journal", Counting)
        with pytest.raises(UnreachableError) as raised:
            await copy.run(Dying(bench), plan)
    assert "goes on" in raised.value.hint
    assert not destination.exists()


async def test_the_same_pull_goes_on_after_an_interruption(bench: Bench, tmp_path: Path) -> None:
    data = os.urandom(2_000_000)
    small = {f"many/{number}": str(number).encode() for number in range(300)}
    _plant(bench.home, {"large": data} | small)
    await _broken(bench, tmp_path / "out", 300)

    plan = await _plan(bench, tmp_path / "out")
    assert plan.summary.resumed_files == 300
    (bench.home / "many" / "7").write_bytes(b"changed since")
    (bench.home / "many" / "8").unlink()
    plan = await _plan(bench, tmp_path / "out")
    source = _Meddling(bench)
    report = await copy.run(source, plan)

    offsets = [offset for path, offset in source.reads if path.endswith("large")]
    assert len(offsets) == 1
    assert offsets[0] >= 1_000_000
    assert source.many == []
    assert (report.files, report.resumed_files) == (300, 298)
    assert _files(tmp_path / "out") == _files(bench.home)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["emulator", "out"]


async def test_a_half_file_that_is_not_how_the_file_begins_is_dropped(bench: Bench, tmp_path: Path) -> None:
    _plant(bench.home, {"large": os.urandom(2_000_000), "a": b"a", "b": b"b"})
    await _broken(bench, tmp_path / "out", 2)
    half = next(tmp_path.glob(".daytona-tui-*/contents/large"))
    half.write_bytes(b"?" + half.read_bytes()[1:])

    source = _Meddling(bench)
    await copy.run(source, await _plan(bench, tmp_path / "out"))

    assert {offset for path, offset in source.reads if path.endswith("large")} == {0}
    assert _files(tmp_path / "out") == _files(bench.home)


async def test_half_a_file_takes_no_room_twice(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _plant(bench.home, {"large": os.urandom(2_000_000), "a": b"a", "b": b"b"})
    await _broken(bench, tmp_path / "out", 2)
    monkeypatch.setattr(Staging, "free_bytes", lambda _staging: 1_200_000)  # what is left of it fits

    await copy.run(bench.gateway, await _plan(bench, tmp_path / "out"))

    assert _files(tmp_path / "out") == _files(bench.home)


def _watch() -> tuple[Callable[[TransferProgress], None], asyncio.Event]:
    """Return what to tell of the progress, and what is set when it is paused."""
    paused = asyncio.Event()

    def tell(progress: TransferProgress) -> None:
        if progress.waiting == "paused":
            paused.set()

    return tell, paused


async def test_a_cancelled_pull_leaves_nothing_although_it_could_be_resumed(bench: Bench, tmp_path: Path) -> None:
    _plant(bench.home, {"large": os.urandom(4_000_000), "a": b"a", "b": b"b"})
    reached = asyncio.Event()
    running = asyncio.Event()
    running.set()

    class Pausing(_Meddling):
        def before(self, path: str, at: int) -> None:
            if at >= 1_000_000:
                running.clear()
                reached.set()

    told, paused = _watch()
    task = asyncio.create_task(
        copy.run(Pausing(bench), await _plan(bench, tmp_path / "a" / "out"), running=running, on_progress=told)
    )
    async with asyncio.timeout(30):
        await reached.wait()
        await paused.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert not (tmp_path / "a").exists()


async def test_a_paused_pull_goes_on(bench: Bench, tmp_path: Path) -> None:
    _plant(bench.home, {f"f{number}": b"x" for number in range(5)})
    running = asyncio.Event()
    told, paused = _watch()
    task = asyncio.create_task(
        copy.run(bench.gateway, await _plan(bench, tmp_path / "out"), running=running, on_progress=told)
    )
    async with asyncio.timeout(30):
        await paused.wait()
        running.set()
        assert (await task).files == 5


async def test_the_same_pull_twice_at_once_is_refused(bench: Bench, tmp_path: Path) -> None:
    _plant(bench.home, {"a": b"a", "b": b"b"})
    plan = await _plan(bench, tmp_path / "out")
    running = asyncio.Event()
    told, paused = _watch()
    first = asyncio.create_task(copy.run(bench.gateway, plan, running=running, on_progress=told))
    async with asyncio.timeout(30):
        await paused.wait()
        with pytest.raises(TransferError, match="under way already"):
            await copy.run(bench.gateway, plan)
        running.set()
        assert (await first).files == 2


async def test_contents_that_were_tampered_with_on_the_way_are_read_again(bench: Bench, tmp_path: Path) -> None:
    data = os.urandom(600_000)
    _plant(bench.home, {"large": data, "a": b"a", "b": b"b"})

    class Lying(_Meddling):
        async def read(self, sandbox_id: SandboxId, path: str, *, offset: int = 0) -> AsyncIterator[bytes]:
            is_first = not self.reads
            async with aclosing(super().read(sandbox_id, path, offset=offset)) as chunks:  # type: ignore[type-var]
                async for chunk in chunks:
                    yield bytes(len(chunk)) if is_first else chunk

    report = await copy.run(Lying(bench), await _plan(bench, tmp_path / "out"))

    assert not report.failed
    assert hashlib.sha256((tmp_path / "out" / "large").read_bytes()).digest() == hashlib.sha256(data).digest()


async def test_a_sandbox_without_tools_is_walked_and_compared_by_size(bench: Bench, tmp_path: Path) -> None:
    _plant(bench.home, {"sub/a": b"a", "b": b"b"})
    bench.emulator.faults.add(FaultRule(path="*/process/execute", body={"exitCode": 127, "result": "sh: not found"}))

    report = await copy.run(bench.gateway, await _plan(bench, tmp_path / "out"))

    assert not report.failed
    assert _files(tmp_path / "out") == _files(bench.home)
    assert report.verified.startswith("size only")


async def test_archives_bring_everything_when_asked_for(bench: Bench, tmp_path: Path) -> None:
    tree = {f"many/{number:03}": os.urandom(number * 20) for number in range(400)}
    _plant(bench.home, tree | {"new\nline": b"n", "-rf": b"r", "large": os.urandom(9_000_000), "dé/x": b"x", "e": b""})
    with (bench.home / "holes").open("wb") as stream:
        stream.truncate(3_000_000)

    report = await copy.run(bench.gateway, await _plan(bench, tmp_path / "out", way=Way.TAR))

    assert _files(tmp_path / "out") == _files(bench.home)
    assert (report.failed, report.verified) == ((), "size and SHA-256")
    assert report.ways[0] is Way.TAR
    told = await bench.gateway.look(bench.sandbox.id, "ls -A /tmp", timeout_s=10)
    assert "daytona-tui" not in told.output


async def test_a_sandbox_without_tar_is_read_in_another_way(bench: Bench, tmp_path: Path) -> None:
    _plant(bench.home, {"a": b"a", "b": b"b"})

    class Bare(_Meddling):
        async def look(self, sandbox_id: SandboxId, script: str, *, timeout_s: int) -> ExecOutcome:
            return await super().look(sandbox_id, script.replace("command -v tar", "false"), timeout_s=timeout_s)

    report = await copy.run(Bare(bench), await _plan(bench, tmp_path / "out", way=Way.TAR))

    assert _files(tmp_path / "out") == _files(bench.home)
    assert report.ways == (Way.BULK,)


@pytest.mark.parametrize(("gzip", "form"), [(True, "gzip"), (False, "plain")])
async def test_a_server_without_bulk_download_gives_small_files_as_archives(
    bench: Bench, tmp_path: Path, gzip: bool, form: str
) -> None:
    _plant(
        bench.home, {f"many/{number:03}": os.urandom(number * 20) for number in range(300)} | {"big": b"x" * 300_000}
    )
    bench.emulator.faults.add(FaultRule(path="*/files/bulk-download", status=404))
    forms: list[str] = []

    class Telling(_Meddling):
        async def look(self, sandbox_id: SandboxId, script: str, *, timeout_s: int) -> ExecOutcome:
            script = script if gzip else script.replace("command -v gzip", "false")
            outcome = await super().look(sandbox_id, script, timeout_s=timeout_s)
            forms.append(outcome.output.partition("\n")[0])
            return outcome

    source = Telling(bench)
    report = await copy.run(source, await _plan(bench, tmp_path / "out"))

    assert _files(tmp_path / "out") == _files(bench.home)
    assert report.ways == (Way.TAR, Way.STREAM)
    assert form in forms
    assert [path.rpartition("/")[2] for path, _offset in source.reads] == ["big"]


NO_TEXT = "caf\udce9 \n\udcff'"


@pytest.mark.parametrize("way", [Way.AUTO, Way.BULK, Way.STREAM, Way.TAR])
async def test_names_that_are_no_text_arrive_as_they_are(bench: Bench, tmp_path: Path, way: Way) -> None:
    _plant(bench.home, {NO_TEXT: b"1", f"{NO_TEXT}-dir/x": b"2", "caf \n'": b"not this one", "a": b"a"})
    (bench.home / "link").symlink_to(NO_TEXT)

    report = await copy.run(bench.gateway, await _plan(bench, tmp_path / "out", way=way))

    assert (report.failed, report.left_out, report.verified) == ((), (), "size and SHA-256")
    assert _files(tmp_path / "out") == _files(bench.home)
    assert (tmp_path / "out" / "link").read_bytes() == b"1"
    again = await _plan(bench, tmp_path / "out")
    assert (again.summary.files, again.summary.equal) == (0, 5)


async def test_names_that_are_no_text_are_reported_where_nothing_can_say_them(bench: Bench, tmp_path: Path) -> None:
    _plant(bench.home, {NO_TEXT: b"1", f"{NO_TEXT}-dir/x": b"2", "a": b"a", "b": b"b"})

    class Bare(_Meddling):
        async def look(self, sandbox_id: SandboxId, script: str, *, timeout_s: int) -> ExecOutcome:
            return await super().look(sandbox_id, script.replace(*self.change), timeout_s=timeout_s)

        change = ("", "")

    source = Bare(bench)
    for source.change in (("command -v tar", "false"), ("command -v base64", "false")):
        plan = await copy.plan(source, bench.sandbox.id, bench.work_dir, tmp_path / "out", OPTIONS)
        report = await copy.run(source, plan)

        assert len(report.failed) == 2
        assert all("caf" in item.path for item in report.failed)
        assert sorted(_files(tmp_path / "out")) == ["a", "b"]


async def test_a_pull_that_dies_while_it_puts_things_in_place_goes_on(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _plant(bench.home, {f"f{number}": b"new" * number for number in range(9)} | {"sub/x": b"x", "sub/y": b"y"})
    _plant(tmp_path / "out", {"f3": b"old", "mine": b"mine", "sub/mine": b"mine"})
    asked = {"conflict": ConflictPolicy.OVERWRITE}

    class Killed(BaseException):
        """Nothing is cleaned up after it, as after a SIGKILL."""

    with monkeypatch.context() as patch:
        moves = iter(range(5))

        def replace_some(*arguments: Any, **options: Any) -> None:
            if next(moves, None) is None:
                raise Killed
            os_replace(*arguments, **options)

        os_replace = os.replace
        patch.setattr("daytona_tui.transfer.staging.os.replace", replace_some)
        patch.setattr("daytona_tui.transfer.staging.Staging.discard", lambda staging: staging.journal.close())
        with pytest.raises(Killed):
            await copy.run(bench.gateway, await _plan(bench, tmp_path / "out", **asked))
    source = _Meddling(bench)

    plan = await _plan(bench, tmp_path / "out", **asked)
    assert (plan.summary.equal, plan.summary.resumed_files) == (5, 6)
    report = await copy.run(source, plan)

    assert (report.failed, source.reads, source.many) == ((), [], [])
    assert _files(tmp_path / "out") == _files(bench.home) | {"mine": b"mine", "sub/mine": b"mine"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["emulator", "out"]
    assert not [path for path in (tmp_path / "out").iterdir() if path.name.startswith(".")]
