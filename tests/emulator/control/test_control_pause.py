"""Pausing virtual machines: processes stop where they are, keep their memory, and go on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from daytona import (
    AsyncDaytona,
    AsyncSandbox,
    CreateSandboxFromSnapshotParams,
    DaytonaBadRequestError,
    SessionExecuteRequest,
)
from daytona.common.errors import DaytonaError

from daytona_tui.emulator.server import Emulator

Open = Callable[..., Awaitable[Emulator]]
Connect = Callable[..., Awaitable[AsyncDaytona]]
Eventually = Callable[..., Awaitable[None]]

_HEART = "i=0; while :; do i=$((i + 1)); echo $i > beat.new; mv beat.new beat; sleep 0.02; done"


def _beats(home: Path) -> int:
    try:
        return int((home / "beat").read_text())
    except (FileNotFoundError, ValueError):
        return 0


async def _machine(sdk: AsyncDaytona) -> AsyncSandbox:
    return await sdk.create(CreateSandboxFromSnapshotParams(snapshot="daytona-vm", auto_stop_interval=0))


async def test_a_paused_machine_keeps_its_memory_and_its_processes(
    open_emulator: Open, connect: Connect, tmp_path: Path, isolation: str, eventually: Eventually
) -> None:
    emulator = await open_emulator(isolation=isolation, state_dir=tmp_path / "state")
    sandbox = await _machine(await connect(emulator))
    home = tmp_path / "state" / "sandboxes" / sandbox.id / "home"
    await sandbox.process.create_session("memory")
    await sandbox.process.execute_session_command("memory", SessionExecuteRequest(command="kept=in-memory-only"))
    await sandbox.process.create_session("heart")
    await sandbox.process.execute_session_command("heart", SessionExecuteRequest(command=_HEART, run_async=True))
    await eventually(lambda: _beats(home) > 3)

    await sandbox.pause(timeout=20)
    assert sandbox.state == "paused"
    still = _beats(home)
    with pytest.raises(DaytonaBadRequestError, match="Is the Sandbox started"):
        await sandbox.process.exec("true")
    token = emulator.fleet.records[sandbox.id].auth_token
    assert _beats(home) == still

    await sandbox.start(timeout=20)
    await eventually(lambda: _beats(home) > still + 3)
    told = await sandbox.process.execute_session_command("memory", SessionExecuteRequest(command="echo $kept"))

    assert (told.stdout or "").strip() == "in-memory-only"
    assert emulator.fleet.records[sandbox.id].auth_token == token  # its previews go on as well


async def test_a_paused_machine_can_be_stopped_and_deleted(
    open_emulator: Open, connect: Connect, tmp_path: Path, isolation: str
) -> None:
    emulator = await open_emulator(isolation=isolation, state_dir=tmp_path / "state")
    sdk = await connect(emulator)
    stopped, deleted = await _machine(sdk), await _machine(sdk)
    for sandbox in (stopped, deleted):
        await sandbox.fs.upload_file(b"kept", "note.txt")
        await sandbox.process.create_session("heart")
        await sandbox.process.execute_session_command("heart", SessionExecuteRequest(command=_HEART, run_async=True))
        await sandbox.pause(timeout=20)

    await stopped.stop(timeout=20)
    await deleted.delete(timeout=20, wait=True)
    await stopped.start(timeout=20)

    assert (await stopped.process.exec("cat note.txt")).result == "kept"
    assert [path.name for path in (tmp_path / "state" / "sandboxes").iterdir()] == [stopped.id]
    listing = await stopped.process.exec("for p in /proc/[0-9]*/cmdline; do tr '\\0' ' ' < $p; done 2>/dev/null; true")
    assert "beat.new" not in listing.result or isolation == "plain"


async def test_the_states_of_a_pause_are_seen_at_the_natural_pace(
    open_emulator: Open, connect: Connect, eventually: Eventually
) -> None:
    emulator = await open_emulator(pace="natural")
    sdk = await connect(emulator)
    sandbox = await _machine(sdk)
    seen: list[str] = []
    emulator.fleet.subscribe(lambda event, record, _: seen.append(record.state) if "state.updated" in event else None)

    await sandbox.pause(timeout=20)
    await sandbox.start(timeout=20)

    assert [state for number, state in enumerate(seen) if state not in seen[:number]] == [
        "pausing",
        "paused",
        "resuming",
        "started",
    ]


async def test_what_cannot_be_paused(emulator: Emulator, connect: Connect) -> None:
    sdk = await connect(emulator)
    container, machine = await sdk.create(), await _machine(sdk)

    with pytest.raises(DaytonaError, match="Pausing is not supported for this sandbox") as refusal:
        await container.pause(timeout=20)
    assert refusal.value.status_code == 422
    await machine.stop(timeout=20)
    with pytest.raises(DaytonaBadRequestError, match="must be in started state to pause"):
        await machine.pause(timeout=20)
    with pytest.raises(DaytonaError, match="Archiving is not supported for this sandbox"):
        await machine.archive()

    assert (container.state, machine.state) == ("started", "stopped")
