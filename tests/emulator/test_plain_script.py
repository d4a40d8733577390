"""A plain script on a plain emulator: a first day with nothing but the SDK and the command line."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")

SCRIPT = """
import asyncio, sys
from daytona import AsyncDaytona, DaytonaConfig, SessionExecuteRequest

async def main():
    heard, shown = [], []
    async with AsyncDaytona(DaytonaConfig(api_key=sys.argv[2], api_url=sys.argv[1], target="us")) as daytona:
        before = [sandbox.name async for sandbox in daytona.list()]
        sandbox = await daytona.create()
        await sandbox.fs.upload_file(b"line one\\nline two\\n", "notes/input.txt")
        executed = await sandbox.process.exec("wc -l < notes/input.txt; pwd")
        home = await sandbox.get_user_home_dir()

        await sandbox.process.create_session("work")
        loop = "for n in 1 2 3; do echo out $n; echo err $n >&2; sleep 0.2; done"
        request = SessionExecuteRequest(command=loop, run_async=True)
        command = await sandbox.process.execute_session_command("work", request)
        await sandbox.process.get_session_command_logs_async("work", command.cmd_id, heard.append, heard.append)
        ended = await sandbox.process.get_session_command("work", command.cmd_id)

        terminal = await sandbox.process.create_pty_session("tty", on_data=lambda data: shown.append(data.decode()))
        await terminal.send_input("echo from-$((40+2)); exit 3\\n")
        result = await terminal.wait()

        content = await sandbox.fs.download_file("notes/input.txt")
        await sandbox.stop(timeout=30)
        stopped = sandbox.state.value
        await sandbox.delete(timeout=30, wait=True)
        after = [sandbox.name async for sandbox in daytona.list()]

    assert len(before) >= 14, before
    assert executed.exit_code == 0 and executed.result.split() == ["2", home], executed
    assert sorted("".join(heard).splitlines()) == ["err 1", "err 2", "err 3", "out 1", "out 2", "out 3"], heard
    assert ended.exit_code == 0, ended
    assert "from-42" in "".join(shown) and result.exit_code == 3, (shown, result)
    assert content == b"line one\\nline two\\n", content
    assert stopped == "stopped"
    assert sorted(after) == sorted(before)
    print(sandbox.id)

asyncio.run(main())
"""


async def test_a_plain_script_does_everything_and_leaves_nothing(tmp_path: Path) -> None:
    emulator = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "daytona_tui.emulator", "--port", "0", "--seed", "demo"), stdout=asyncio.subprocess.PIPE
    )
    assert emulator.stdout is not None
    try:
        async with asyncio.timeout(20):
            ready = json.loads(await emulator.stdout.readline())
        script = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "error", "-c", SCRIPT, ready["api_url"], ready["api_key"]),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=tmp_path,
        )
        async with asyncio.timeout(90):
            out, err = await script.communicate()
        assert (script.returncode, err.decode()) == (0, ""), err.decode()
        sandbox_id = out.decode().strip()
        emulator.terminate()
        async with asyncio.timeout(10):
            assert await emulator.wait() == 0
    finally:
        if emulator.returncode is None:
            emulator.kill()
        await emulator.communicate()

    assert sandbox_id
    assert not [pid for pid in _environments() if b"DAYTONA_EMULATOR_MARK=" in pid and sandbox_id.encode() in pid]


def _environments() -> list[bytes]:
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                found.append((process / "environ").read_bytes())
            except OSError:
                continue
    return found
