"""``sandbox.process``: commands, code, sessions and terminals."""

from __future__ import annotations

import asyncio

import pytest
from daytona import (
    AsyncDaytona,
    AsyncSandbox,
    CodeRunParams,
    CreateSandboxFromSnapshotParams,
    DaytonaConflictError,
    DaytonaError,
    DaytonaNotFoundError,
    DaytonaProcessExecutionTimeoutError,
    PtySize,
    SessionExecuteRequest,
)
from daytona._async.process import AsyncProcess
from daytona.handle.async_pty_handle import AsyncPtyHandle
from tests.emulator.sdk.conftest import WITHIN_S, Shell, until
from tests.emulator.sdk.covering import covers


@covers(AsyncProcess.exec)
async def test_a_command_has_its_directory_and_variables(sandbox: AsyncSandbox, shell: Shell) -> None:
    await shell("mkdir -p sub")

    answer = await sandbox.process.exec("pwd; echo $NAME; echo to stderr >&2; exit 7", cwd="sub", env={"NAME": "given"})

    lines = answer.result.splitlines()
    assert answer.exit_code == 7
    assert lines[0].endswith("/sub")
    assert "given" in lines
    assert "to stderr" in lines


@covers(AsyncProcess.exec)
async def test_a_command_that_takes_too_long_is_ended(sandbox: AsyncSandbox, shell: Shell) -> None:
    with pytest.raises(DaytonaProcessExecutionTimeoutError):
        await sandbox.process.exec("sleep 4242; touch survived", timeout=1)

    assert "sleep4242" not in await shell(
        "cat /proc/[0-9]*/cmdline 2>/dev/null | tr -d '\\0' | sed 's/sed.*//' || true"
    )
    assert await shell("ls") == ""


@covers(AsyncProcess.code_run)
async def test_python_is_run_with_arguments_and_variables(sandbox: AsyncSandbox) -> None:
    code = "import os, sys\nprint(sys.argv[1:], os.environ['GIVEN'])\nsys.exit(3)"

    answer = await sandbox.process.code_run(code, CodeRunParams(argv=["a", "b c"], env={"GIVEN": "value"}))

    assert answer.result.strip() == "['a', 'b c'] value"
    assert answer.exit_code == 3
    failed = await sandbox.process.code_run("raise ValueError('no such luck')")
    assert failed.exit_code == 1
    assert "ValueError: no such luck" in failed.result


@covers(AsyncProcess.code_run, differs="languages are those that the machine has")
async def test_javascript_is_run_where_the_machine_has_it(daytona: AsyncDaytona) -> None:
    sandbox = await daytona.create(CreateSandboxFromSnapshotParams(language="javascript"))
    if (await sandbox.process.exec("command -v node")).exit_code:
        pytest.skip("no node here")

    answer = await sandbox.process.code_run("console.log([1, 2, 3].map(x => x * 2).join('-'))")

    assert (answer.exit_code, answer.result.strip()) == (0, "2-4-6")
    await sandbox.delete(timeout=WITHIN_S)


@covers(
    AsyncProcess.create_session,
    AsyncProcess.execute_session_command,
    AsyncProcess.get_session,
    AsyncProcess.list_sessions,
    AsyncProcess.delete_session,
)
async def test_a_session_keeps_its_state(sandbox: AsyncSandbox) -> None:
    process = sandbox.process
    await process.create_session("work")
    with pytest.raises(DaytonaConflictError):
        await process.create_session("work")

    await process.execute_session_command("work", SessionExecuteRequest(command="cd /tmp && export KEPT=yes"))
    answer = await process.execute_session_command(
        "work", SessionExecuteRequest(command="pwd; echo $KEPT; echo wrong >&2; (exit 4)")
    )

    assert (answer.exit_code, answer.stdout, answer.stderr) == (4, "/tmp\nyes\n", "wrong\n")
    session = await process.get_session("work")
    assert [each.exit_code for each in session.commands] == [0, 4]
    assert "work" in {each.session_id for each in await process.list_sessions()}
    await process.delete_session("work")
    assert "work" not in {each.session_id for each in await process.list_sessions()}
    with pytest.raises(DaytonaNotFoundError):
        await process.get_session("work")


@covers(
    AsyncProcess.get_session_command,
    AsyncProcess.get_session_command_logs,
    AsyncProcess.get_session_command_logs_async,
    AsyncProcess.send_session_command_input,
)
async def test_a_running_command_is_followed_and_answers_its_input(sandbox: AsyncSandbox) -> None:
    process, out, err = sandbox.process, [], []  # type: ignore[var-annotated]
    await process.create_session("dialogue")
    command = "echo asked; read line; echo heard $line; echo loudly >&2"
    started = await process.execute_session_command("dialogue", SessionExecuteRequest(command=command, run_async=True))
    assert started.cmd_id is not None
    assert (await process.get_session_command("dialogue", started.cmd_id)).exit_code is None

    following = asyncio.ensure_future(
        process.get_session_command_logs_async("dialogue", started.cmd_id, out.append, err.append)
    )

    async def was_asked() -> bool:
        return "asked" in "".join(out)

    await until(was_asked)
    await process.send_session_command_input("dialogue", started.cmd_id, "hello there\n")
    await asyncio.wait_for(following, WITHIN_S)

    assert "heard hello there" in "".join(out)
    assert "".join(err) == "loudly\n"
    logs = await process.get_session_command_logs("dialogue", started.cmd_id)
    assert logs.stderr == "loudly\n"
    assert "heard hello there" in (logs.stdout or "")
    assert (await process.get_session_command("dialogue", started.cmd_id)).exit_code == 0


@covers(
    AsyncProcess.get_entrypoint_session,
    AsyncProcess.get_entrypoint_logs,
    AsyncProcess.get_entrypoint_logs_async,
    differs="what an image's ENTRYPOINT and CMD say; without them the session is there and its log is empty",
)
async def test_the_entrypoint_is_a_session(sandbox: AsyncSandbox) -> None:
    session = await sandbox.process.get_entrypoint_session()
    assert "entrypoint" in session.session_id
    assert [each.exit_code for each in session.commands if each.exit_code is not None] == []

    logs = await sandbox.process.get_entrypoint_logs()
    assert (logs.stdout or "", logs.stderr or "") == ("", "")
    pieces: list[str] = []
    following = asyncio.ensure_future(sandbox.process.get_entrypoint_logs_async(pieces.append, pieces.append))
    done, _ = await asyncio.wait({following}, timeout=0.5)
    for each in done:
        each.result()
    following.cancel()
    await asyncio.wait({following}, timeout=WITHIN_S)
    assert pieces == []


class Screen:
    """What a terminal has shown, and a wait for words on it."""

    def __init__(self) -> None:
        self.shown = b""
        self._grew = asyncio.Event()

    def __call__(self, data: bytes) -> None:
        self.shown += data
        self._grew.set()

    async def shows(self, words: bytes) -> None:
        async with asyncio.timeout(WITHIN_S):
            while words not in self.shown:
                self._grew.clear()
                await self._grew.wait()


@covers(
    AsyncProcess.create_pty_session,
    AsyncProcess.connect_pty_session,
    AsyncPtyHandle.is_connected,
    AsyncPtyHandle.wait_for_connection,
    AsyncPtyHandle.send_input,
    AsyncPtyHandle.disconnect,
    AsyncPtyHandle.wait,
)
async def test_two_clients_share_one_terminal(sandbox: AsyncSandbox) -> None:
    first, second = Screen(), Screen()
    one = await sandbox.process.create_pty_session("shared", first, envs={"GIVEN": "by-env"})
    await one.wait_for_connection()
    await one.send_input("echo first-$((40+2))-$GIVEN\n")
    await first.shows(b"first-42-by-env")

    two = await sandbox.process.connect_pty_session("shared", second)
    await two.send_input("echo second-$((50+5))\n")
    await first.shows(b"second-55")
    await second.shows(b"second-55")
    assert one.is_connected()
    await two.disconnect()
    assert not two.is_connected()
    await one.send_input("exit 5\n")

    assert (await asyncio.wait_for(one.wait(), WITHIN_S)).exit_code == 5


@covers(
    AsyncProcess.list_pty_sessions,
    AsyncProcess.get_pty_session_info,
    AsyncProcess.resize_pty_session,
    AsyncProcess.kill_pty_session,
    AsyncPtyHandle.resize,
)
async def test_a_terminal_is_resized_and_killed(sandbox: AsyncSandbox) -> None:
    screen = Screen()
    handle = await sandbox.process.create_pty_session("sized", screen, pty_size=PtySize(cols=100, rows=30))
    assert ((info := await sandbox.process.get_pty_session_info("sized")).cols, info.rows) == (100, 30)

    await sandbox.process.resize_pty_session("sized", PtySize(cols=120, rows=40))
    await handle.send_input("stty size; echo ==\n")
    await screen.shows(b"40 120")
    await handle.resize(PtySize(cols=90, rows=20))
    await handle.send_input("stty size\n")
    await screen.shows(b"20 90")
    assert [each.id for each in await sandbox.process.list_pty_sessions()] == ["sized"]
    await sandbox.process.kill_pty_session("sized")

    await asyncio.wait_for(handle.wait(), WITHIN_S)
    assert not [each for each in await sandbox.process.list_pty_sessions() if each.active]
    with pytest.raises(DaytonaError):
        await sandbox.process.resize_pty_session("never", PtySize(cols=1, rows=1))


@covers(AsyncPtyHandle.kill)
async def test_a_handle_kills_its_terminal(sandbox: AsyncSandbox, shell: Shell) -> None:
    screen = Screen()
    handle = await sandbox.process.create_pty_session("killed", screen)
    await handle.send_input("echo $$ > pid; exec sleep 987\n")

    async def runs() -> bool:
        return "sleep" in await shell("cat /proc/$(cat pid 2>/dev/null)/cmdline 2>/dev/null | tr '\\0' ' '; true")

    await until(runs)

    await handle.kill()
    await asyncio.wait_for(handle.wait(), WITHIN_S)

    assert not await runs()
