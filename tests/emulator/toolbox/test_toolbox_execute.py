"""Single commands through the SDK."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
from tests.emulator.toolbox.conftest import Toolbox
from tests.emulator.toolbox.processes import running_with, unique_nap, until

from daytona_tui.emulator.body.box import Box

if TYPE_CHECKING:
    from daytona import AsyncSandbox


async def test_output_and_exit_code(sandbox: AsyncSandbox) -> None:
    answer = await sandbox.process.exec("echo out; echo err >&2; exit 3")
    assert answer.exit_code == 3
    assert answer.result == "out\nerr\n"


async def test_shell_text_directory_and_environment(sandbox: AsyncSandbox) -> None:
    answer = await sandbox.process.exec('for i in 1 2; do echo "$i $WORD"; done | tac; pwd', "/usr", {"WORD": "a b"})
    assert answer.result == "2 a b\n1 a b\n/usr\n"


async def test_output_that_is_no_text(sandbox: AsyncSandbox) -> None:
    answer = await sandbox.process.exec(r"printf '\377\033[31m'")
    assert answer.result == "\ufffd\x1b[31m"


async def test_input_is_empty(sandbox: AsyncSandbox) -> None:
    assert (await sandbox.process.exec("cat; echo end", timeout=5)).result == "end\n"


async def test_much_output(sandbox: AsyncSandbox) -> None:
    answer = await sandbox.process.exec("seq 300000")
    assert answer.result.splitlines()[-1] == "300000"


async def test_a_timeout_kills_the_whole_tree(sandbox: AsyncSandbox) -> None:
    from daytona.common.errors import DaytonaProcessExecutionTimeoutError

    nap = unique_nap()
    command = f"sleep {nap} & (sleep {nap} &) ; setsid sleep {nap} & trap '' TERM; sh -c 'sleep {nap}; true'"
    before = time.monotonic()
    with pytest.raises(DaytonaProcessExecutionTimeoutError):
        await sandbox.process.exec(command, timeout=1)
    assert time.monotonic() - before < 20
    await until(lambda: running_with(nap) == [])


async def test_a_client_that_goes_takes_its_command_along(toolbox: Toolbox) -> None:
    nap = unique_nap()
    asked = toolbox.http.post(f"{toolbox.url}/process/execute", json={"command": f"sleep {nap}"})
    request = asyncio.ensure_future(asked)
    await until(lambda: running_with(nap))
    request.cancel()
    await until(lambda: running_with(nap) == [])


async def test_commands_run_side_by_side(sandbox: AsyncSandbox) -> None:
    # Each waits for the next to have begun: one after the other none would end.
    meet = "touch here-{0}; until [ -e here-{1} ]; do sleep 0.01; done; echo {0}"
    commands = (meet.format(number, (number + 1) % 8) for number in range(8))
    answers = await asyncio.gather(*(sandbox.process.exec(command, timeout=30) for command in commands))
    assert [answer.result for answer in answers] == [f"{number}\n" for number in range(8)]


async def test_bad_requests_are_said(sandbox: AsyncSandbox, toolbox: Toolbox) -> None:
    from daytona.common.errors import DaytonaBadRequestError

    with pytest.raises(DaytonaBadRequestError, match="nowhere"):
        await sandbox.process.exec("true", cwd="/nowhere")
    with pytest.raises(DaytonaBadRequestError):
        await sandbox.process.exec(" ")
    for body in (
        b"{",
        b"[]",
        b'{"command": 5}',
        b'{"command": "x", "envs": {"A": 1}}',
        b'{"command": "x", "timeout": "1"}',
    ):
        async with toolbox.http.post(f"{toolbox.url}/process/execute", data=body) as response:
            assert response.status == 400
            assert (await response.json())["source"] == "DAYTONA_DAEMON"


async def test_nothing_is_left_of_a_command(sandbox: AsyncSandbox, box: Box) -> None:
    await sandbox.process.exec("true")
    answer = await sandbox.process.exec("ls -l /proc/$$/fd | wc -l")
    assert int(answer.result) <= 6  # "total", the three streams, and what the shell itself holds
