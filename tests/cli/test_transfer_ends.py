"""How ``pull`` and ``push`` end: taken up again, kept in the history, and with words for what to do next."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path

from tests.cli.conftest import DEADLINE_S, Run, finish, start

from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.operations.journal import Entry, Journal
from daytona_tui.operations.transfer_history import FILE_NAME


async def _plant(run: Run, script: str) -> None:
    assert (await run("exec", "scratch", "--", f"mkdir -p box && cd box && {script}")).code == 0


async def _history() -> list[Entry]:
    files = list(Path(os.environ["XDG_STATE_HOME"]).rglob(FILE_NAME))
    return [entry for file in files for entry in await Journal(file).recent(10)]


async def test_a_pull_that_is_broken_off_goes_on_with_the_same_command(
    run: Run, tmp_path: Path, env: dict[str, str], emulator: Emulator
) -> None:
    await _plant(run, "head -c 3000000 /dev/urandom > big")
    emulator.faults.add(FaultRule(path="*/files/*download*", truncate=2_000_000, times=1))
    silence = emulator.faults.add(FaultRule(path="*/files/*download*", silent=True))
    process = await start("pull", "scratch:box/", "out", "--json", cwd=tmp_path, env=env)
    deadline = asyncio.get_running_loop().time() + DEADLINE_S
    while not silence.hits:
        assert asyncio.get_running_loop().time() < deadline, "it never went on reading"
        await asyncio.sleep(0.01)

    broken_off = await finish(process, signals=(signal.SIGINT,))

    kept = list(tmp_path.glob(".daytona-tui-*"))
    assert broken_off.code == 130
    assert len(kept) == 1
    said = f"the same command goes on from what has arrived, which is kept in {kept[0].name}"
    assert f"interrupted: {said}\n" in broken_off.err
    assert json.loads(broken_off.out)["error"] == {
        "code": "interrupted",
        "message": "interrupted",
        "next": said,
        "exit_code": 130,
    }
    assert not (tmp_path / "out").exists()
    emulator.faults.clear()
    assert (await run("pull", "scratch:box/", "out")).code == 0
    assert (tmp_path / "out" / "big").stat().st_size == 3_000_000
    assert not list(tmp_path.glob(".daytona-tui-*"))
    assert [(entry.verb, entry.outcome) for entry in await _history()] == [("pull", "done"), ("pull", "cancelled")]


async def test_transfers_stand_in_the_history_with_whole_paths(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_bytes(b"one")

    assert (await run("push", "in.txt", "scratch:box/", "-q")).code == 0
    assert (await run("pull", "scratch:box/in.txt", "out.txt", "-q")).code == 0
    assert (await run("cat", "scratch:box/in.txt")).out == b"one"

    pulled, pushed = await _history()
    assert (pulled.verb, pulled.name, pulled.outcome, pulled.parameters["bytes"]) == ("pull", "scratch", "done", 3)
    assert pulled.parameters["destination"] == str(tmp_path / "out.txt")
    assert pulled.parameters["sources"] == ["/home/daytona/box/in.txt"]
    assert (pushed.verb, pushed.parameters["sources"]) == ("push", [str(tmp_path / "in.txt")])
    assert pushed.parameters["destination"] == "/home/daytona/box/"
    assert pushed.line == f"daytona-tui push {tmp_path}/in.txt {pushed.sandbox_id}:/home/daytona/box/"


async def test_what_exists_and_differs_is_named_with_the_flag_that_decides(run: Run, tmp_path: Path) -> None:
    await _plant(run, "printf new > a")
    (tmp_path / "a").write_bytes(b"old")

    refused = await run("pull", "scratch:box/a", "a", "--json")
    renamed = await run("pull", "scratch:box/a", "a", "--conflict", "rename")

    assert (refused.code, json.loads(refused.out)["error"]["code"]) == (6, "not_copied")
    assert "conflict: /home/daytona/box/a: it exists here and differs" in refused.err
    assert "--conflict overwrite|skip|newer|rename" in refused.err
    assert (renamed.code, renamed.out) == (0, b"a (1)\n")
    assert (tmp_path / "a (1)").read_bytes() == b"new"
    pushed = await run("push", "a", "scratch:box/a", "--conflict", "rename")
    assert (pushed.code, pushed.out) == (0, b"scratch:/home/daytona/box/a (1)\n")


async def test_a_path_that_is_not_there_comes_with_what_was_meant(run: Run) -> None:
    here = await run("pull", "scratch", "nowhere")
    there = await run("ls", "scratch:nowhere")

    assert (here.code, there.code) == (5, 5)
    assert "to copy its working directory to 'nowhere' here: daytona-tui pull scratch: nowhere" in here.err
    assert "daytona-tui ls scratch shows what is there" in there.err


async def test_a_push_the_wrong_way_round_is_told_from_a_sandbox_that_is_not_there(run: Run) -> None:
    outcome = await run("push", "scratch:todo.md", ".")

    assert outcome.code == 2
    assert "daytona-tui pull SANDBOX:PATH DEST" in outcome.err


async def test_what_find_can_never_find_is_refused(run: Run) -> None:
    assert "SANDBOX:PATH NAME" in (await run("find", "scratch", "src/*.py")).err
    assert (await run("find", "scratch", "--contains", "")).code == 2
