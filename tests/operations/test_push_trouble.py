"""Whatever goes wrong on the way: what a push says is there is there as a whole, and what it leaves is nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import os
import posixpath
import random
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.operations.conftest import Bench
from tests.operations.cutting_proxy import CuttingProxy

from daytona_tui.client import open_gateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.transfers import ConflictPolicy, TransferOptions, TransferProgress, TransferReport, Way
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.errors import AuthError, DaytonaTuiError, RemoteError, TransferError, UnreachableError
from daytona_tui.operations.push import plan_push, push
from daytona_tui.transfer.patience import Patience
from daytona_tui.transfer.progress import Meter
from daytona_tui.transfer.push_script import PREFIX
from daytona_tui.transfer.push_stage import Stage

QUICK = TransferOptions(patience_s=30)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A directory with small files and large ones."""
    made = tmp_path / "it"
    for number in range(40):
        path = made / f"d{number % 5}" / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(number * 100))
    for number in range(3):
        (made / f"{number}.bin").write_bytes(os.urandom(700_000))
    return made


def _contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


async def _pushed(bench: Bench, root: Path, options: TransferOptions = QUICK) -> TransferReport:
    return await push(bench.gateway, await plan_push(bench.gateway, bench.sandbox.id, [root], "", options))


FAULTS = {
    "dropped uploads": FaultRule(path="*/bulk-upload", drop=True, times=3),
    "a gateway that is away": FaultRule(path="*/bulk-upload", status=503, times=3),
    "asked too often": FaultRule(path="*/bulk-upload", status=429, headers={"Retry-After": "0"}, times=3),
    "refused as a whole": FaultRule(path="*/bulk-upload", status=400, times=1),
    "dropped commands": FaultRule(path="*/process/execute", drop=True, times=3),
    "lost answers": FaultRule(path="*/process/execute", truncate=0, times=1),
    "nonsense for an answer": FaultRule(path="*/process/execute", text="<html>", content_type="text/html", times=2),
    "no commands at all": FaultRule(path="*/process/execute", status=404),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_it_arrives_all_the_same(bench: Bench, root: Path, fault: FaultRule) -> None:
    plan = await plan_push(bench.gateway, bench.sandbox.id, [root], "", QUICK)
    bench.emulator.faults.add(fault)

    report = await push(bench.gateway, plan)

    assert report.failed == ()
    assert report.files == 43
    assert _contents(bench.home / "it") == _contents(root)
    assert [path.name for path in bench.home.iterdir()] == ["it"]


async def test_a_lost_answer_of_the_shell_is_no_failure(bench: Bench, root: Path) -> None:
    plan = await plan_push(bench.gateway, bench.sandbox.id, [root], "", QUICK)
    bench.emulator.faults.add(FaultRule(path="*/process/execute", truncate=0, times=4))

    report = await push(bench.gateway, replace(plan, tools=frozenset({"sha256sum"})))

    assert report.failed == ()
    assert _contents(bench.home / "it") == _contents(root)


@pytest.mark.parametrize("seed", range(3))
async def test_a_line_that_breaks_again_and_again(bench: Bench, root: Path, seed: int) -> None:
    chance = random.Random(seed)
    async with CuttingProxy(urlsplit(bench.emulator.api_url).port or 0) as proxy:
        gateway = open_gateway(Connection(f"http://127.0.0.1:{proxy.port}/api", Secret(bench.emulator.api_key)))
        try:
            plan = await plan_push(gateway, bench.sandbox.id, [root], "", QUICK)
            left = 6

            def told(progress: TransferProgress) -> None:
                nonlocal left
                if left and not progress.waiting and chance.random() < 0.5:
                    left -= 1
                    proxy.cut()

            report = await push(gateway, plan, on_progress=told)
        finally:
            await gateway.close()

    assert report.failed == ()
    assert _contents(bench.home / "it") == _contents(root)
    assert [path.name for path in bench.home.iterdir()] == ["it"]


async def test_where_nothing_can_be_run_it_says_what_it_could_not_do(bench: Bench, root: Path) -> None:
    bench.emulator.faults.add(FaultRule(path="*/process/execute", status=404))
    (root / "run.sh").write_bytes(b"#!/bin/sh\n")
    (root / "run.sh").chmod(0o755)
    (root / "link").symlink_to("run.sh")

    report = await _pushed(bench, root)

    assert {**_contents(bench.home / "it"), "link": b"#!/bin/sh\n"} == _contents(root)
    assert os.access(bench.home / "it/run.sh", os.X_OK)
    assert report.verified.startswith("size only")
    assert "times" in report.verified
    assert [(Path(item.path).name, item.reason) for item in report.failed] == [("link", "the sandbox refused it")]


async def test_a_network_that_stays_away_ends_it(bench: Bench, root: Path) -> None:
    plan = await plan_push(bench.gateway, bench.sandbox.id, [root], "", TransferOptions(patience_s=0.5))
    bench.emulator.faults.add(FaultRule(path="*/bulk-upload", drop=True))
    waits: list[str] = []
    with pytest.raises(UnreachableError):
        await push(bench.gateway, plan, on_progress=lambda progress: waits.append(progress.waiting))
    assert any(waits)
    assert not list(bench.home.rglob(".daytona-tui*"))


async def test_a_key_that_is_refused_ends_it_at_once(bench: Bench, root: Path) -> None:
    plan = await plan_push(bench.gateway, bench.sandbox.id, [root], "", QUICK)
    bench.emulator.faults.add(FaultRule(path="*/bulk-upload", status=401))
    with pytest.raises(AuthError):
        await push(bench.gateway, plan)


async def test_a_place_that_may_not_be_written_to_ends_it_at_once(bench: Bench, root: Path) -> None:
    for number in range(2):
        (root / f"{number}.bin").unlink()
    plan = await plan_push(bench.gateway, bench.sandbox.id, [root], "/usr/", QUICK)
    with pytest.raises(TransferError, match="cannot write to '/usr'"):
        await push(bench.gateway, plan)


@pytest.mark.parametrize("way", [Way.AUTO, Way.BULK, Way.STREAM])
async def test_a_disk_that_is_full_ends_it_at_once(bench: Bench, root: Path, way: Way) -> None:
    plan = await plan_push(bench.gateway, bench.sandbox.id, [root], "new/", replace(QUICK, way=way))
    full = {"errors": ["it: no space left on device"]}
    bench.emulator.faults.add(FaultRule(path="*/bulk-upload", status=400, body=full))

    with pytest.raises(TransferError, match="no space left"):
        await push(bench.gateway, plan)

    assert list(bench.home.iterdir()) == []


async def test_what_is_below_a_file_is_told_and_does_no_harm(bench: Bench, root: Path) -> None:
    (bench.home / "a-file").write_bytes(b"theirs")

    report = await push(
        bench.gateway, await plan_push(bench.gateway, bench.sandbox.id, [root / "0.bin"], "a-file/x", QUICK)
    )

    assert {item.reason for item in report.failed} == {
        "a file is there, where a directory should be",
        "not a directory",
    }
    assert _contents(bench.home) == {"a-file": b"theirs"}
    assert [path.name for path in bench.home.iterdir()] == ["a-file"]


async def test_what_a_killed_push_has_left_goes_when_it_is_old(bench: Bench, root: Path) -> None:
    old, young = (f"{PREFIX}{word * 12}-1-{word * 8}-{word * 8}" for word in "ab")
    theirs = f"{PREFIX}notes"
    for name, age_s in ((old, 2 * 86_400), (young, 60), (theirs, 2 * 86_400)):
        left = bench.home / name
        left.mkdir()
        (left / "0").write_bytes(b"half")
        os.utime(left, (time.time() - age_s, time.time() - age_s))

    await _pushed(bench, root)

    assert sorted(path.name for path in bench.home.iterdir()) == [young, theirs, "it"]


async def test_a_copy_that_a_killed_push_has_left_beside_its_target_goes(bench: Bench, root: Path) -> None:
    stage = Stage(bench.gateway, bench.sandbox.id, "/", "/x", frozenset(), Patience(0, Meter(lambda _progress: None)))
    left = bench.home / "it/d0" / f"{posixpath.basename(stage.path)}-7"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")

    await _pushed(bench, root)
    assert left.exists(), "its push goes on"
    stage.close()
    await _pushed(bench, root)

    assert not left.exists()


async def test_a_file_that_cannot_be_read_fails_alone(bench: Bench, root: Path) -> None:
    plan = await plan_push(bench.gateway, bench.sandbox.id, [root], "", QUICK)
    (root / "d0/0.txt").unlink()
    (root / "0.bin").unlink()
    (root / "1.bin").unlink()
    (root / "1.bin").mkdir()

    report = await push(bench.gateway, plan)

    assert report.files == 40
    assert sorted(Path(item.path).name for item in report.failed) == ["0.bin", "0.txt", "1.bin"]


async def test_what_has_changed_since_the_plan_goes_as_it_is(bench: Bench, root: Path) -> None:
    plan = await plan_push(bench.gateway, bench.sandbox.id, [root], "", QUICK)
    (root / "d0/0.txt").write_bytes(b"longer than it was")
    (root / "0.bin").write_bytes(b"shorter")
    (root / "d1/1.txt").write_bytes(b"grown" * 300_000)

    report = await push(bench.gateway, plan)

    assert report.failed == ()
    assert _contents(bench.home / "it") == _contents(root)


async def test_a_log_that_is_written_meanwhile_arrives_as_it_was(bench: Bench, root: Path) -> None:
    with (root / "live.log").open("wb") as log:
        log.write(b"x" * 3_000_000)
        log.flush()
        plan = await plan_push(bench.gateway, bench.sandbox.id, [root], "", QUICK)

        def told(_progress: TransferProgress) -> None:
            log.write(b"more")
            log.flush()

        report = await push(bench.gateway, plan, on_progress=told)

    assert report.failed == ()
    there = (bench.home / "it/live.log").read_bytes()
    assert len(there) >= 3_000_000
    assert (root / "live.log").read_bytes().startswith(there)


async def test_what_appears_meanwhile_is_not_replaced(bench: Bench, root: Path) -> None:
    plan = await plan_push(bench.gateway, bench.sandbox.id, [root], "", QUICK)
    (bench.home / "it").mkdir()
    (bench.home / "it/0.bin").write_bytes(b"somebody else's")

    report = await push(bench.gateway, plan)

    assert (bench.home / "it/0.bin").read_bytes() == b"somebody else's"
    assert [(Path(item.path).name, item.reason) for item in report.failed] == [("0.bin", "it appeared there meanwhile")]


async def test_what_appears_while_a_file_is_read_again_is_not_replaced(bench: Bench, root: Path) -> None:
    source, there = root / "0.bin", bench.home / "0.bin"
    plan = await plan_push(bench.gateway, bench.sandbox.id, [source], "", QUICK)

    class Meddling:
        def __getattr__(self, name: str) -> Any:
            return getattr(bench.gateway, name)

        async def write(self, *arguments: Any, **options: Any) -> int:
            written = await bench.gateway.write(*arguments, **options)
            if not there.exists():
                os.utime(source, (1, 1))  # so that what was read is not what it is
                there.write_bytes(b"somebody else's")
            return written

    meddling: Any = Meddling()
    report = await push(meddling, plan)

    assert there.read_bytes() == b"somebody else's"
    assert [item.reason for item in report.failed] == ["it appeared there meanwhile"]


@pytest.mark.parametrize("error", [RemoteError("no space left", status=500), UnreachableError("the line is dead")])
@pytest.mark.parametrize("is_back", [True, False], ids=["at once", "in the end"])
async def test_what_could_not_be_replaced_without_a_shell_is_there_again(
    bench: Bench, root: Path, error: DaytonaTuiError, is_back: bool
) -> None:
    there = bench.home / "0.bin"
    there.write_bytes(b"theirs")
    options = replace(QUICK, conflict=ConflictPolicy.OVERWRITE, patience_s=0)
    plan = await plan_push(bench.gateway, bench.sandbox.id, [root / "0.bin"], "", options)
    failing = 1 if is_back else 2

    class Meddling:
        def __getattr__(self, name: str) -> Any:
            return getattr(bench.gateway, name)

        async def move(self, sandbox_id: SandboxId, source: str, destination: str) -> None:
            nonlocal failing
            if failing and not there.exists():
                failing -= 1
                raise error
            await bench.gateway.move(sandbox_id, source, destination)

    meddling: Any = Meddling()
    with contextlib.suppress(DaytonaTuiError):
        report = await push(meddling, replace(plan, tools=frozenset()))
        assert len(report.failed) == 1

    assert failing == 0
    assert there.read_bytes() == b"theirs"
    assert [path.name for path in bench.home.iterdir()] == ["0.bin"]


async def test_the_room_is_looked_at_first(bench: Bench, root: Path) -> None:
    plan = await plan_push(bench.gateway, bench.sandbox.id, [root], "", QUICK)
    assert plan.free_bytes is not None
    assert plan.free_bytes > 0


async def test_two_pushes_at_once_do_not_hurt_each_other(bench: Bench, root: Path) -> None:
    reports = await asyncio.gather(_pushed(bench, root), _pushed(bench, root))
    assert _contents(bench.home / "it") == _contents(root)
    assert sum(report.files for report in reports) >= 43
    assert [path.name for path in bench.home.iterdir()] == ["it"]


@pytest.mark.parametrize("way", [Way.BULK, Way.STREAM, Way.TAR])
async def test_a_way_that_is_asked_for(bench: Bench, root: Path, way: Way) -> None:
    report = await _pushed(bench, root, TransferOptions(way=way))
    assert _contents(bench.home / "it") == _contents(root)
    assert way in report.ways
