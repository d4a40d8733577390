"""A push that is cut anywhere: whole files or none under their names, nothing else, and the same push does the rest."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.operations.conftest import Bench
from tests.operations.cutting_proxy import CuttingProxy

from daytona_tui.client import open_gateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.transfers import TransferOptions, TransferReport, Way
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.push import plan_push, push


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A directory with small files and large ones."""
    made = tmp_path / "it"
    for number in range(8):
        path = made / f"d{number % 3}" / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(6_000))
    for number in range(2):
        (made / f"{number}.bin").write_bytes(os.urandom(300_000))
    return made


def _contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


async def _pushed(gateway: Gateway, bench: Bench, root: Path, to: str, options: TransferOptions) -> TransferReport:
    return await push(gateway, await plan_push(gateway, bench.sandbox.id, [root], to, options))


@pytest.mark.parametrize(("way", "patience_s"), [(Way.AUTO, 0), (Way.STREAM, 0), (Way.AUTO, 30)])
async def test_cut_at_every_tenth(bench: Bench, root: Path, way: Way, patience_s: float) -> None:
    here = _contents(root)
    options = TransferOptions(way=way, patience_s=patience_s)
    async with CuttingProxy(urlsplit(bench.emulator.api_url).port or 0) as proxy:
        gateway = open_gateway(Connection(f"http://127.0.0.1:{proxy.port}/api", Secret(bench.emulator.api_key)))
        try:
            before = proxy.sent
            await _pushed(gateway, bench, root, "whole/", options)
            size_bytes = proxy.sent - before
            for tenth in range(10):
                plan = await plan_push(gateway, bench.sandbox.id, [root], f"t{tenth}/", options)
                proxy.cut_at = proxy.sent + 1 + size_bytes * tenth // 10
                try:
                    report = await push(gateway, plan)
                except DaytonaTuiError:
                    assert not patience_s
                else:
                    assert report.failed == ()
                there = _contents(bench.home / f"t{tenth}/it")
                assert there.items() <= here.items(), f"something is there by half, cut at {tenth}/10"
                assert not list(bench.home.rglob(".daytona-tui*")), f"something temporary is left, cut at {tenth}/10"

                proxy.cut_at = None
                again = await _pushed(gateway, bench, root, f"t{tenth}/", options)
                assert (again.equal, again.files) == (len(there), len(here) - len(there))
                assert _contents(bench.home / f"t{tenth}/it") == here
        finally:
            await gateway.close()


async def _interrupted(bench: Bench, root: Path, tmp_path: Path, to: str, there: Path, number: signal.Signals) -> None:
    """Run the command, and send it a signal when the first large files are in their places."""
    environment = {
        **os.environ,
        "HOME": str(tmp_path / "home"),
        "DAYTONA_API_URL": bench.emulator.api_url,
        "DAYTONA_API_KEY": bench.emulator.api_key,
    }
    words = ("-m", "daytona_tui", "push", str(root), f"{bench.sandbox.id}:{to}")
    bench.emulator.faults.add(FaultRule(path="*/bulk-upload", delay_s=0.4))
    process = await asyncio.create_subprocess_exec(sys.executable, *words, env=environment, cwd=tmp_path)
    async with asyncio.timeout(60):
        while not list(there.glob("*.bin")):
            assert process.returncode is None, "it was done before it could be killed"
            await asyncio.sleep(0.01)
    process.send_signal(number)
    async with asyncio.timeout(60):
        await process.wait()
    bench.emulator.faults.clear()


@pytest.fixture
def longer(root: Path) -> Path:
    """The directory with so many large files that there is time to interrupt it."""
    for number in range(12):
        (root / f"{number}.bin").write_bytes(os.urandom(300_000))
    return root


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_push_that_is_told_to_end_leaves_no_debris(
    bench: Bench, longer: Path, tmp_path: Path, number: signal.Signals
) -> None:
    there = bench.home / "box/it"
    await _interrupted(bench, longer, tmp_path, "box/", there, number)
    assert _contents(there).items() < _contents(longer).items()
    assert not list(bench.home.rglob(".daytona-tui*"))


@pytest.mark.parametrize("to", ["box/", "renamed"])
async def test_a_push_that_was_killed_goes_on(bench: Bench, longer: Path, tmp_path: Path, to: str) -> None:
    here = _contents(longer)
    there = bench.home / ("box/it" if to == "box/" else to)
    await _interrupted(bench, longer, tmp_path, to, there, signal.SIGKILL)

    done = _contents(there)
    assert done.items() <= here.items()
    assert len(done) < len(here)
    assert list(bench.home.rglob(".daytona-tui*")), "it could clean up after all"

    report = await _pushed(bench.gateway, bench, longer, to, TransferOptions())

    assert _contents(there) == here
    assert report.equal >= len(done)
    assert report.equal + report.files == len(here)
    assert not list(bench.home.rglob(".daytona-tui*"))
