"""The entrypoint of a sandbox: a session of its own that is there without being created."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.emulator.conftest import Connect, OpenEmulator
from tests.emulator.toolbox.processes import running_with, unique_nap, until

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.toolbox.entrypoint import entrypoint

if TYPE_CHECKING:
    from daytona import AsyncSandbox


async def test_without_one_it_sleeps(sandbox: AsyncSandbox) -> None:
    sessions = await asyncio.gather(*(sandbox.process.get_entrypoint_session() for _ in range(5)))
    assert {session.session_id for session in sessions} == {"entrypoint_session_id"}
    (command,) = sessions[0].commands or []
    assert (command.id, command.command, command.exit_code) == ("entrypoint_command_id", "sleep infinity", None)
    logs = await sandbox.process.get_entrypoint_logs()
    assert (logs.output, logs.stdout, logs.stderr) == ("", "", "")
    assert await sandbox.process.list_sessions() == []


async def test_its_logs_tell_the_streams_apart_and_can_be_followed(sandbox: AsyncSandbox, box: Box) -> None:
    script = "echo ready; echo careful >&2; until [ -e go ]; do sleep 0.01; done; echo done; exit 4"
    box.entrypoint = ["sh", "-c", script]
    await entrypoint(box)
    out: list[str] = []
    err: list[str] = []
    follower = asyncio.create_task(sandbox.process.get_entrypoint_logs_async(out.append, err.append))
    await until(lambda: ("".join(out), "".join(err)) == ("ready\n", "careful\n"))
    (box.home / "go").touch()
    await asyncio.wait_for(follower, 5)
    assert "".join(out) == "ready\ndone\n"
    logs = await sandbox.process.get_entrypoint_logs()
    assert (logs.stdout, logs.stderr) == ("ready\ndone\n", "careful\n")
    session = await sandbox.process.get_entrypoint_session()
    assert [command.exit_code for command in session.commands or []] == [4]


async def test_it_is_nobodys_to_change(sandbox: AsyncSandbox) -> None:
    from daytona import SessionExecuteRequest
    from daytona.common.errors import DaytonaBadRequestError

    name = (await sandbox.process.get_entrypoint_session()).session_id
    for deed in (
        sandbox.process.create_session(name),
        sandbox.process.delete_session(name),
        sandbox.process.execute_session_command(name, SessionExecuteRequest(command="true")),
        sandbox.process.send_session_command_input(name, "entrypoint_command_id", "x"),
    ):
        with pytest.raises(DaytonaBadRequestError):
            await deed


async def test_it_ends_with_the_box(sandbox: AsyncSandbox, box: Box) -> None:
    nap = unique_nap()
    box.entrypoint = ["sleep", nap]
    await entrypoint(box)
    await until(lambda: running_with(nap))
    follower = asyncio.create_task(sandbox.process.get_entrypoint_logs_async(lambda _: None, lambda _: None))
    await box.close()
    await asyncio.wait({follower}, timeout=5)
    assert follower.done()
    assert running_with(nap) == []


async def test_a_sandbox_starts_with_it(open_emulator: OpenEmulator, connect: Connect) -> None:
    emulator = await open_emulator()
    sandbox = await (await connect(emulator)).create()
    session = await sandbox.process.get_entrypoint_session()
    assert session.session_id == "entrypoint_session_id"


async def test_an_images_entrypoint_runs_from_the_start(open_emulator: OpenEmulator, connect: Connect) -> None:
    from daytona import CreateSandboxFromImageParams, Image

    emulator = await open_emulator()
    image = Image.base("debian:12").workdir("/srv/app").entrypoint(["sh", "-c", "pwd; exec sleep infinity"])
    sandbox = await (await connect(emulator)).create(CreateSandboxFromImageParams(image=image), timeout=60)
    logs = await sandbox.process.get_entrypoint_logs()
    async with asyncio.timeout(5):
        while not (logs := await sandbox.process.get_entrypoint_logs()).stdout:
            pass
    assert logs.stdout == "/srv/app\n"


async def test_a_snapshots_entrypoint_runs_from_the_start(open_emulator: OpenEmulator, connect: Connect) -> None:
    from daytona import CreateSandboxFromSnapshotParams, CreateSnapshotParams

    daytona = await connect(await open_emulator())
    wanted = ["sh", "-c", "echo ready; exec sleep infinity"]
    made = await daytona.snapshot.create(CreateSnapshotParams(name="service", image="debian:12", entrypoint=wanted))
    assert made.entrypoint == wanted
    sandbox = await daytona.create(CreateSandboxFromSnapshotParams(snapshot="service"))
    async with asyncio.timeout(5):
        while not (logs := await sandbox.process.get_entrypoint_logs()).stdout:
            pass
    assert logs.stdout == "ready\n"
