"""Sessions through the SDK: one shell that lives on, a live log for every command."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from tests.emulator.toolbox.conftest import Toolbox
from tests.emulator.toolbox.processes import running_with, unique_nap, until

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.toolbox.sessions import spawn_service

if TYPE_CHECKING:
    from daytona import AsyncSandbox


async def _run(sandbox: AsyncSandbox, command: str, *, later: bool = False, hidden: bool = True) -> str:
    """Run a command in session ``s`` and return its output, or with ``later`` its id."""
    from daytona import SessionExecuteRequest

    request = SessionExecuteRequest(command=command, run_async=later, suppress_input_echo=hidden)
    answer = await sandbox.process.execute_session_command("s", request, timeout=20)
    return str(answer.cmd_id) if later else str(answer.output)


@pytest.fixture
async def session(sandbox: AsyncSandbox) -> AsyncSandbox:
    await sandbox.process.create_session("s")
    return sandbox


async def test_directory_variables_and_functions_survive(session: AsyncSandbox) -> None:
    await _run(session, 'cd /usr; export WORD=kept; greet() { echo "hi $1 $WORD"; }')
    assert await _run(session, "pwd; greet you") == "/usr\nhi you kept\n"


async def test_streams_are_told_apart(session: AsyncSandbox) -> None:
    from daytona import SessionExecuteRequest

    answer = await session.process.execute_session_command(
        "s", SessionExecuteRequest(command="echo o; echo e >&2; (exit 9)")
    )
    assert (answer.stdout, answer.stderr, answer.exit_code) == ("o\n", "e\n", 9)
    assert answer.cmd_id is not None
    logs = await session.process.get_session_command_logs("s", answer.cmd_id)
    assert (logs.stdout, logs.stderr) == ("o\n", "e\n")


@pytest.mark.parametrize("command", ["if then (", "echo 'unclosed", "x=$(", "no-such-program", "cd /nowhere", "{"])
async def test_a_command_that_fails_leaves_the_session_alive(session: AsyncSandbox, command: str) -> None:
    await _run(session, command)
    assert await _run(session, "echo alive") == "alive\n"


@pytest.mark.parametrize("command", ["# only a comment", "echo a # b", "cat <<X\nhere\nX", "echo 1\necho 2", "echo a;"])
async def test_any_shell_text_is_taken(session: AsyncSandbox, command: str) -> None:
    await _run(session, command)
    assert await _run(session, "echo alive") == "alive\n"


async def test_the_log_is_live(session: AsyncSandbox) -> None:
    command = await _run(session, "read go; echo first; echo oops >&2; read go; echo last", later=True)
    seen: list[tuple[str, str]] = []
    follower = asyncio.create_task(
        session.process.get_session_command_logs_async(
            "s", command, lambda text: seen.append(("out", text)), lambda text: seen.append(("err", text))
        )
    )
    assert (await session.process.get_session_command("s", command)).exit_code is None
    await session.process.send_session_command_input("s", command, "go\n")
    await until(lambda: ("out", "first\n") in seen and ("err", "oops\n") in seen)
    assert (await session.process.get_session_command("s", command)).exit_code is None
    await session.process.send_session_command_input("s", command, "go\n")
    await asyncio.wait_for(follower, 5)
    assert "".join(text for stream, text in seen if stream == "out") == "first\nlast\n"
    assert (await session.process.get_session_command("s", command)).exit_code == 0


async def test_followers_get_everything_from_the_start(session: AsyncSandbox) -> None:
    command = await _run(session, "seq 200000", later=True)

    async def follow() -> str:
        parts: list[str] = []
        await session.process.get_session_command_logs_async("s", command, parts.append, parts.append)
        return "".join(parts)

    expected = "".join(f"{number}\n" for number in range(1, 200_001))
    for text in await asyncio.wait_for(asyncio.gather(*(follow() for _ in range(5))), 30):
        assert text == expected
    assert await asyncio.wait_for(follow(), 30) == expected


async def test_a_follower_that_sleeps_holds_up_nobody(session: AsyncSandbox, toolbox: Toolbox) -> None:
    command = await _run(session, "read go; seq 1000000; echo end >&2", later=True)
    url = f"{toolbox.url}/process/session/s/command/{command}/logs?follow=true"
    async with toolbox.http.ws_connect(url):  # never read from
        await session.process.send_session_command_input("s", command, "go\n")
        parts: list[str] = []
        await asyncio.wait_for(
            session.process.get_session_command_logs_async("s", command, lambda _text: None, parts.append), 30
        )
    assert "".join(parts) == "end\n"


async def test_frames_begin_with_a_marker_and_stay_small(session: AsyncSandbox, toolbox: Toolbox) -> None:
    command = await _run(session, "head -c 200000 /dev/zero | tr '\\0' x; printf '\\001\\001\\001' >&2", later=True)
    url = f"{toolbox.url}/process/session/s/command/{command}/logs?follow=true"
    frames: list[bytes] = []
    async with toolbox.http.ws_connect(url) as socket:
        async for message in socket:
            frames.append(message.data)
        assert socket.close_code == 1000
    assert all(frame[:3] in (b"\1\1\1", b"\2\2\2") and len(frame) <= 32 * 1024 + 3 for frame in frames)
    assert sum(len(frame) - 3 for frame in frames if frame[:1] == b"\1") == 200_000
    logs = await session.process.get_session_command_logs("s", command)
    assert logs.stderr == "\1\1\1"


async def test_a_million_lines_arrive_whole(session: AsyncSandbox) -> None:
    output = await _run(session, "seq 1000000")
    assert output.count("\n") == 1_000_000
    assert output.endswith("\n1000000\n")


async def test_exit_ends_the_session(session: AsyncSandbox) -> None:
    from daytona import SessionExecuteRequest
    from daytona.common.errors import DaytonaSessionEndedError

    answer = await session.process.execute_session_command("s", SessionExecuteRequest(command="echo bye; exit 7"))
    assert (answer.stdout, answer.exit_code) == ("bye\n", 7)
    with pytest.raises(DaytonaSessionEndedError):
        await _run(session, "echo more")
    await session.process.delete_session("s")


async def test_commands_wait_for_those_before_them(session: AsyncSandbox) -> None:
    first = await _run(session, "read go; echo one", later=True)
    second = await _run(session, "echo two", later=True)
    assert (await session.process.get_session_command("s", second)).exit_code is None
    await session.process.send_session_command_input("s", first, "\n")
    parts: list[str] = []
    follow: Callable[[str], None] = parts.append
    await asyncio.wait_for(session.process.get_session_command_logs_async("s", second, follow, follow), 5)
    assert "".join(parts) == "two\n"


async def test_input_to_a_command_that_has_ended_is_refused(session: AsyncSandbox) -> None:
    from daytona.common.errors import DaytonaCommandAlreadyCompletedError

    command = await _run(session, "true", later=True)
    execution = session.process
    deadline = time.monotonic() + 5
    while (await execution.get_session_command("s", command)).exit_code is None:
        assert time.monotonic() < deadline
    with pytest.raises(DaytonaCommandAlreadyCompletedError):
        await execution.send_session_command_input("s", command, "x")


async def test_input_is_a_line_and_is_echoed_unless_that_is_declined(session: AsyncSandbox) -> None:
    for hidden, expected in ((True, "got x\n"), (False, "x\ngot x\n")):
        command = await _run(session, "read word; echo got $word", later=True, hidden=hidden)
        await session.process.send_session_command_input("s", command, "x")
        parts: list[str] = []
        follow = session.process.get_session_command_logs_async("s", command, parts.append, parts.append)
        await asyncio.wait_for(follow, 5)
        assert "".join(parts) == expected


@pytest.mark.parametrize("command", ["echo 'unclosed", "if then (", "no-such-program", "x=$("])
async def test_complaints_name_no_file_of_ours(session: AsyncSandbox, box: Box, command: str) -> None:
    from daytona import SessionExecuteRequest

    answer = await session.process.execute_session_command("s", SessionExecuteRequest(command=command))
    assert answer.exit_code
    assert answer.stderr
    assert box.run_dir not in answer.stderr
    assert "out" not in answer.stderr.replace("without", "")


async def test_deleting_a_session_kills_it(session: AsyncSandbox, box: Box) -> None:
    nap = unique_nap()
    command = await _run(session, f"(setsid sleep {nap} &); trap '' TERM; echo up; sleep {nap}", later=True)
    await until(lambda: len(running_with(nap)) == 2)
    parts: list[str] = []
    follower = asyncio.create_task(
        session.process.get_session_command_logs_async("s", command, parts.append, parts.append)
    )
    await until(lambda: parts)
    await session.process.delete_session("s")
    assert running_with(nap) == []
    await asyncio.wait_for(follower, 5)
    assert await session.process.list_sessions() == []
    assert not list((box.root / "run").iterdir())


async def test_sessions_are_listed_with_their_commands(session: AsyncSandbox) -> None:
    await session.process.create_session("odd/id ü")
    await _run(session, "echo one")
    listed = {entry.session_id: entry.commands for entry in await session.process.list_sessions()}
    assert set(listed) == {"s", "odd/id ü"}
    assert [(entry.command, entry.exit_code) for entry in listed["s"] or []] == [("echo one", 0)]
    assert (await session.process.get_session("odd/id ü")).session_id == "odd/id ü"
    await session.process.delete_session("odd/id ü")


async def test_refusals_have_the_sdks_own_classes(session: AsyncSandbox) -> None:
    from daytona.common.errors import DaytonaConflictError, DaytonaProcessNotFoundError

    with pytest.raises(DaytonaConflictError):
        await session.process.create_session("s")
    with pytest.raises(DaytonaProcessNotFoundError):
        await session.process.get_session("none")
    with pytest.raises(DaytonaProcessNotFoundError):
        await session.process.get_session_command("s", "none")
    with pytest.raises(DaytonaProcessNotFoundError):
        await session.process.delete_session("none")


async def test_a_service_looks_like_any_session(sandbox: AsyncSandbox, box: Box) -> None:
    nap = unique_nap()
    await spawn_service(box, "server", f"echo listening; exec sleep {nap}")
    await until(lambda: running_with(nap))
    (session,) = await sandbox.process.list_sessions()
    assert session.session_id == "server"
    (command,) = session.commands or []
    assert command.exit_code is None
    async with asyncio.timeout(5):  # the program may be there before its words have arrived
        while (await sandbox.process.get_session_command_logs("server", command.id)).stdout != "listening\n":
            pass
    with pytest.raises(ApiError):
        await spawn_service(box, "server", "true")


async def test_closing_the_box_ends_sessions_and_followers(session: AsyncSandbox, box: Box) -> None:
    nap = unique_nap()
    command = await _run(session, f"echo up; sleep {nap}", later=True)
    parts: list[str] = []
    follower = asyncio.create_task(
        session.process.get_session_command_logs_async("s", command, parts.append, parts.append)
    )
    await until(lambda: parts)
    await box.close()
    await asyncio.wait_for(follower, 5)
    assert running_with(nap) == []
    await box.open()
    assert await session.process.list_sessions() == []


async def test_nothing_of_a_session_stays_however_deep_it_is(session: AsyncSandbox, box: Box) -> None:
    dig = "import os\nfor _ in range(1500): os.mkdir('deep'); os.chdir('deep')"
    await _run(session, f'cd {box.run_dir}/*/ && python3 -c "{dig}"')
    assert list((box.root / "run").glob("*/deep/deep"))
    await session.process.delete_session("s")
    assert not list((box.root / "run").iterdir())
