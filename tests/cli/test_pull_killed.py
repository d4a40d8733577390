"""A pull that is killed goes on with the same command: what is here is not fetched again, and half is not trusted."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from tests.cli.conftest import DEADLINE_S, Run, finish, start

from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator

LARGE = 6_000_000
SOURCE = {
    "big": "".join(f"{number}\n" for number in range(1, 1_000_001)).encode()[:LARGE],
    **{f"many/{number}": f"{number}\n".encode() for number in range(1, 61)},
}
PULL = ("pull", "scratch:box/", "out")


async def _kill_in_the_middle(run: Run, directory: Path, env: dict[str, str], emulator: Emulator) -> Path:
    """Kill a pull when all small files and a part of the large one are here; return its staging directory."""
    small = "for i in $(seq 60); do echo $i > many/$i; done"
    large = f"seq 1000000 | head -c {LARGE} > big"
    assert (await run("exec", "scratch", "--", f"mkdir -p box/many && cd box && {small}; {large}")).code == 0
    emulator.faults.add(FaultRule(path="*/files/download", truncate=LARGE // 2, times=1))
    emulator.faults.add(FaultRule(path="*/files/*download", method="GET", silent=True))
    process = await start(*PULL, cwd=directory, env=env)

    def is_in_the_middle() -> bool:
        journals = list(directory.glob(".daytona-tui-*/journal"))
        halves = list(directory.glob(".daytona-tui-*/contents/big"))
        return bool(journals and journals[0].read_bytes().count(b"\n") == 60 and halves and halves[0].stat().st_size)

    deadline = asyncio.get_running_loop().time() + DEADLINE_S
    try:
        while not is_in_the_middle():
            assert asyncio.get_running_loop().time() < deadline, "it never got so far"
            await asyncio.sleep(0.01)
    finally:
        process.kill()
        await finish(process)
    emulator.faults.clear()
    assert not (directory / "out").exists()
    return next(directory.glob(".daytona-tui-*"))


def _files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


async def test_the_same_command_goes_on_and_fetches_only_what_lacks(
    run: Run, tmp_path: Path, env: dict[str, str], emulator: Emulator
) -> None:
    stage = await _kill_in_the_middle(run, tmp_path, env, emulator)
    here = (stage / "contents" / "big").stat().st_size
    many = emulator.faults.add(FaultRule(path="*/files/bulk-download"))
    # Asked for more than what lacks, it would break off and be asked again.
    single = emulator.faults.add(FaultRule(path="*/files/download", truncate=LARGE - here))

    outcome = await run(*PULL, "--json")

    told = json.loads(outcome.out)
    assert (outcome.code, told["files"], told["resumed_files"], told["failed"]) == (0, 61, 60, [])
    assert (many.hits, single.hits) == (0, 1)
    assert _files(tmp_path / "out") == SOURCE
    assert not list(tmp_path.glob(".daytona-tui-*"))


@pytest.mark.parametrize("damage", ["half", "whole", "journal"])
async def test_what_is_not_as_it_was_left_is_fetched_again(
    run: Run, tmp_path: Path, env: dict[str, str], emulator: Emulator, damage: str
) -> None:
    stage = await _kill_in_the_middle(run, tmp_path, env, emulator)
    if damage == "half":
        half = stage / "contents" / "big"
        half.write_bytes(b"?" + half.read_bytes()[1:])
    elif damage == "whole":
        (stage / "contents" / "many" / "7").write_bytes(b"nonsense")
    else:
        journal = stage / "journal"
        journal.write_bytes(journal.read_bytes()[:-20] + b"\xff")

    outcome = await run(*PULL)

    assert outcome.code == 0
    assert _files(tmp_path / "out") == SOURCE
    assert not list(tmp_path.glob(".daytona-tui-*"))
