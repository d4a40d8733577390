"""A box starts quickly, keeps to itself, and leaves no process behind, however its programs or its emulator end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.emulator.toolbox.processes import running_with, unique_nap, until

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.body.isolation import Isolation
from daytona_tui.emulator.body.processes import BoxClosedError, StartError

NULL = os.open(os.devnull, os.O_RDWR)

# Each leaves the shell's process group, environment or descriptors in another way.
DEPARTURES = [
    "exec sleep {nap}",
    "sleep {nap} & wait",
    "setsid sleep {nap}",
    "(setsid sleep {nap} &) ; exit 0",
    "setsid env -i /bin/sh -c 'exec 0<&- 1<&- 2<&-; cd /; (sleep {nap} &) ; exit 0' & exit 0",
    "trap '' TERM HUP INT; sleep {nap}; sleep {nap}",
]


async def _run(box: Box, script: str) -> None:
    await box.start(["/bin/sh", "-c", script], fds=(NULL, NULL, NULL))


@pytest.mark.parametrize("script", DEPARTURES)
@pytest.mark.parametrize("force", [False, True], ids=["asked", "forced"])
async def test_close_leaves_no_process(box: Box, script: str, force: bool) -> None:
    nap = unique_nap()
    await _run(box, script.format(nap=nap))
    await until(lambda: running_with(nap))
    before = time.monotonic()
    await box.close(force=force)
    assert time.monotonic() - before < 15
    assert running_with(nap) == []
    assert not box.is_open


async def test_who_gives_up_closing_leaves_when_all_has_ended(box: Box) -> None:
    nap = unique_nap()
    await _run(box, f"trap '' TERM; sleep {nap}")
    await until(lambda: running_with(nap))
    closing = asyncio.create_task(box.close())
    await asyncio.sleep(0.1)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert running_with(nap) == []


async def test_a_program_may_tidy_up_when_the_box_closes(box: Box) -> None:
    await _run(box, "trap 'echo bye > ~/bye; exit' TERM; echo > ~/ready; while :; do sleep 0.01; done")
    await until((box.home / "ready").exists)
    await box.close()
    assert (box.home / "bye").read_text() == "bye\n"


async def test_open_and_close_are_idempotent_and_keep_files(box: Box) -> None:
    await box.open()
    (box.home / "kept").write_text("yes")
    await box.close()
    await box.close()
    await box.open()
    assert (box.home / "kept").read_text() == "yes"


async def test_other_boxes_go_on_when_one_is_closed(box: Box, tmp_path: Path, isolation: Isolation) -> None:
    other = Box("other", tmp_path / "sandboxes" / "other", env={}, isolation=isolation)
    await other.open()
    nap = unique_nap()
    await _run(other, f"(setsid env -i sleep {nap} &) ; exit 0")
    await until(lambda: running_with(nap))
    await box.close(force=True)
    assert running_with(nap)
    await other.destroy()
    assert running_with(nap) == []


async def test_a_closed_box_runs_nothing(box: Box) -> None:
    await box.close(force=True)
    with pytest.raises(BoxClosedError):
        await _run(box, "true")


async def test_a_missing_directory_or_program_is_said(box: Box) -> None:
    with pytest.raises(StartError) as caught:
        await box.start(["/bin/sh"], fds=(NULL, NULL, NULL), cwd="/no/such/place")
    assert caught.value.stage == "cwd"
    with pytest.raises(StartError) as caught:
        await box.start(["/no/such/program"], fds=(NULL, NULL, NULL))
    assert caught.value.stage == "exec"


async def test_a_program_that_is_killed_from_inside_does_not_take_the_box_along(box: Box) -> None:
    program = await box.start(["/bin/sh", "-c", "kill -9 $$"], fds=(NULL, NULL, NULL))
    assert await asyncio.wait_for(program.exited, 5) == 137
    again = await box.start(["/bin/sh", "-c", "exit 6"], fds=(NULL, NULL, NULL))
    assert await asyncio.wait_for(again.exited, 5) == 6


async def test_a_box_whose_keeper_is_killed_still_closes(box: Box) -> None:
    link = box._link
    assert link is not None
    os.kill(link.pid, signal.SIGKILL)
    await until(lambda: not box.is_open)
    with pytest.raises(BoxClosedError):
        await _run(box, "true")
    await box.close()
    assert not box.is_open


async def test_a_box_whose_keeper_is_killed_can_be_opened_again(box: Box) -> None:
    link = box._link
    assert link is not None
    os.kill(link.pid, signal.SIGKILL)
    await until(lambda: not box.is_open)
    await box.open()
    program = await box.start(["/bin/sh", "-c", "exit 4"], fds=(NULL, NULL, NULL))
    assert await asyncio.wait_for(program.exited, 5) == 4


HOST = """
import asyncio, os, sys
from pathlib import Path
from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.body.isolation import detect_isolation

async def main():
    box = Box("b", Path(sys.argv[1]) / "sandboxes" / "b", env={}, isolation=detect_isolation(sys.argv[2]))
    await box.open()
    null = os.open(os.devnull, os.O_RDWR)
    for script in sys.argv[3:]:
        await box.start(["/bin/sh", "-c", script], fds=(null, null, null))
    sys.stdout.write("up\\n")
    sys.stdout.flush()
    await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_killing_the_emulator_leaves_nothing(tmp_path: Path, isolation: Isolation) -> None:
    naps = [unique_nap() for _ in DEPARTURES]
    scripts = [script.format(nap=nap) for script, nap in zip(DEPARTURES, naps, strict=True)]
    command = [sys.executable, "-c", HOST, str(tmp_path), isolation.name, *scripts]
    host = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert host.stdout is not None
    assert await asyncio.wait_for(host.stdout.readline(), 20) == b"up\n"
    await until(lambda: all(running_with(nap) for nap in naps))
    host.kill()
    await host.wait()
    await until(lambda: not any(running_with(nap) for nap in naps))
