"""The line breaks at every tenth of a transfer: what was pulled is whole, or clearly not there."""

from __future__ import annotations

import asyncio
import errno
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.operations.conftest import Bench

from daytona_tui.domain.transfers import TransferOptions, TransferReport, Way
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.errors import DaytonaTuiError, TransferError
from daytona_tui.operations import copy
from daytona_tui.transfer import landing

TENTHS = range(10)
SMALL = {f"many/{number:02}": random.Random(number).randbytes(9_000) for number in range(30)}
LARGE = {"large": random.Random(1).randbytes(1_500_000)}
ROUTES = {Way.BULK: "*/files/bulk-download", Way.STREAM: "*/files/download", Way.TAR: "*/process/execute"}
SOURCES = {Way.BULK: SMALL, Way.STREAM: LARGE | {"b": b"b"}, Way.TAR: SMALL}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daytona_tui.transfer.patience._FIRST_S", 0.001)


def _plant(root: Path, tree: dict[str, bytes]) -> None:
    for name, contents in tree.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(contents)


def _files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


async def _pull(
    bench: Bench, out: Path, way: Way, *rules: FaultRule, patience_s: float = 30.0
) -> TransferReport | None:
    """Pull with what goes wrong while it runs; None where it fails as a whole."""
    # Without sums all that is asked of programs are archives.
    options = TransferOptions(way=way, checksums=way is not Way.TAR, patience_s=patience_s)
    plan = await copy.plan(bench.gateway, bench.sandbox.id, bench.work_dir, out, options)
    for rule in rules:
        bench.emulator.faults.add(rule)
    try:
        return await copy.run(bench.gateway, plan)
    except DaytonaTuiError:
        return None
    finally:
        bench.emulator.faults.clear()


@pytest.mark.parametrize("way", ROUTES)
async def test_a_line_that_breaks_once_at_any_tenth_costs_nothing(bench: Bench, tmp_path: Path, way: Way) -> None:
    source = SOURCES[way]
    _plant(bench.home, source)
    size = sum(map(len, source.values()))
    for tenth in TENTHS:
        out = tmp_path / f"out-{tenth}"
        rule = FaultRule(path=ROUTES[way], truncate=size * tenth // 10, times=1)

        report = await _pull(bench, out, way, rule)

        assert report is not None
        assert (report.files, report.failed) == (len(source), ())
        assert _files(out) == source
    assert not list(tmp_path.glob(".daytona-tui-*"))


@pytest.mark.parametrize("way", ROUTES)
async def test_a_line_that_goes_away_at_any_tenth_leaves_nothing_half_and_the_next_pull_goes_on(
    bench: Bench, tmp_path: Path, way: Way
) -> None:
    source = SOURCES[way]
    _plant(bench.home, source)
    size = sum(map(len, source.values()))
    resumed = []
    for tenth in TENTHS:
        out = tmp_path / f"out-{tenth}"
        breaks = FaultRule(path=ROUTES[way], truncate=size * tenth // 10, times=1)

        report = await _pull(bench, out, way, breaks, FaultRule(path="*/toolbox/*", drop=True), patience_s=0.0)

        assert report is None
        assert not out.exists()
        report = await _pull(bench, out, way)
        assert report is not None
        assert _files(out) == source
        assert not list(tmp_path.glob(".daytona-tui-*"))
        resumed.append(report.resumed_files)
    if way is Way.BULK:
        assert resumed == sorted(resumed)
        assert resumed[-1] >= 20


@pytest.mark.parametrize("way", ROUTES)
async def test_files_that_change_after_they_were_listed_arrive_as_they_are_then(
    bench: Bench, tmp_path: Path, way: Way
) -> None:
    _plant(bench.home, {f"{name}": b"before" * 2000 for name in ("grown", "shrunk", "gone", "other", "same")})
    plan = await copy.plan(bench.gateway, bench.sandbox.id, bench.work_dir, tmp_path / "out", TransferOptions(way=way))
    (bench.home / "gone").unlink()
    _plant(bench.home, {"grown": b"before" * 3000, "shrunk": b"after", "other": b"behind" * 2000})

    report = await copy.run(bench.gateway, plan)

    assert [item.path for item in report.failed] == [f"{bench.work_dir}/gone"]
    assert _files(tmp_path / "out") == _files(bench.home)
    assert report.files == 4


@pytest.mark.parametrize("way", ROUTES)
async def test_a_pull_that_is_cancelled_in_the_middle_leaves_nothing_anywhere(
    bench: Bench, tmp_path: Path, way: Way
) -> None:
    source = SOURCES[way]
    _plant(bench.home, source)
    options = TransferOptions(way=way, checksums=way is not Way.TAR)
    plan = await copy.plan(bench.gateway, bench.sandbox.id, bench.work_dir, tmp_path / "a" / "out", options)
    broken = FaultRule(path=ROUTES[way], truncate=sum(map(len, source.values())) // 2, times=1)
    bench.emulator.faults.add(broken)
    silence = bench.emulator.faults.add(FaultRule(path="*/toolbox/*", silent=True))
    task = asyncio.create_task(copy.run(bench.gateway, plan))
    deadline = asyncio.get_running_loop().time() + 30
    while not silence.hits:
        assert asyncio.get_running_loop().time() < deadline, "it never asked again"
        await asyncio.sleep(0.01)
    assert (tmp_path / "a").exists(), "it was under way"

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    bench.emulator.faults.clear()
    assert [path.name for path in tmp_path.iterdir()] == ["emulator"]
    told = await bench.gateway.look(bench.sandbox.id, "ls -A /tmp . | grep -c daytona-tui", timeout_s=10)
    assert told.output.strip() == "0"


@pytest.mark.parametrize("way", ROUTES)
@pytest.mark.parametrize("journal", [True, False], ids=["journal", "no journal"])
async def test_a_disk_that_fills_in_the_middle_ends_the_pull_and_the_next_one_goes_on(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: Way, journal: bool
) -> None:
    _plant(bench.home, SOURCES[way])
    options = TransferOptions(way=way, resume=journal)
    plan = await copy.plan(bench.gateway, bench.sandbox.id, bench.work_dir, tmp_path / "out", options)
    room = iter(range(10 if way is not Way.STREAM else 1))

    def full(write: Callable[..., Any]) -> Callable[..., Any]:
        def written(*arguments: Any) -> Any:
            if next(room, None) is None:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return write(*arguments)

        return written

    with monkeypatch.context() as patch:
        patch.setattr("daytona_tui.transfer.engine.put", full(landing.put))
        patch.setattr("daytona_tui.transfer.archives.put", full(landing.put))
        patch.setattr("daytona_tui.transfer.landing.os.pwrite", full(os.pwrite))
        with pytest.raises(TransferError, match="no space left"):
            await copy.run(bench.gateway, plan)

    assert not (tmp_path / "out").exists()
    assert len(list(tmp_path.glob(".daytona-tui-*"))) == journal
    report = await _pull(bench, tmp_path / "out", way)
    assert report is not None
    assert _files(tmp_path / "out") == SOURCES[way]
    assert not list(tmp_path.glob(".daytona-tui-*"))


async def test_what_this_system_refuses_fails_alone(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a stick does that knows no links, nor every name."""
    _plant(bench.home, {"a:b/c:d/in": b"in", "a:b/too": b"too", "good/x": b"x", "y": b"y"})
    (bench.home / "link").symlink_to("y")
    real = Path.mkdir

    def mkdir(path: Path, *arguments: Any, **options: Any) -> None:
        if ":" in path.name:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        real(path, *arguments, **options)

    def symlink(*_: Any) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "mkdir", mkdir)
        patch.setattr(Path, "symlink_to", symlink)
        report = await _pull(bench, tmp_path / "out", Way.AUTO)

    assert report is not None
    assert _files(tmp_path / "out") == {"good/x": b"x", "y": b"y"}
    assert {item.path.removeprefix(f"{bench.work_dir}/") for item in report.failed} == {
        "a:b",
        "a:b/c:d",
        "a:b/c:d/in",
        "a:b/too",
        "link",
    }
    assert (report.files, report.links) == (2, 0)
