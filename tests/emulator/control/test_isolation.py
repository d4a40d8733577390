"""How sandboxes are kept apart: what is chosen, what is said of it, and what a program inside can see."""

from __future__ import annotations

import asyncio
import json
import os
import pwd
import shutil
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
from daytona import AsyncDaytona, CreateSandboxFromSnapshotParams

from daytona_tui.emulator.body.box import Box, Mount
from daytona_tui.emulator.body.isolation import Isolation, IsolationError, detect_isolation
from daytona_tui.emulator.server import Emulator

Open = Callable[..., Awaitable[Emulator]]
Connect = Callable[..., Awaitable[AsyncDaytona]]

isolated_only = pytest.mark.parametrize("isolation", ["bubblewrap"], indirect=True)


async def _command(*words: str, path: str | None = None) -> tuple[int, str, str]:
    """Run the emulator's command until it is ready or refuses; return its code and what it said."""
    environment = {**os.environ, **({} if path is None else {"PATH": path})}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "daytona_tui.emulator",
        *words,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    async with asyncio.timeout(30):
        line = (await process.stdout.readline()).decode()
        said = ""
        if line:
            if "plain" in words or path is not None:
                said = (await process.stderr.readline()).decode()
            process.send_signal(signal.SIGINT)
        said += (await process.stderr.read()).decode()
        return await process.wait(), line, said


async def test_the_configuration_tells_the_isolation(open_emulator: Open, isolation: str) -> None:
    emulator = await open_emulator(isolation=isolation)
    async with aiohttp.ClientSession() as http, http.get(f"{emulator.api_url}/config") as answer:
        assert (await answer.json())["isolation"] == isolation
    assert (await emulator.isolation()).name == isolation


async def test_plain_is_said_in_one_line() -> None:
    code, ready, said = await _command("--isolation", "plain")
    assert (code, "api_url" in json.loads(ready)) == (0, True)
    assert said == "daytona-tui emulator: sandboxes are not isolated: plain was asked for\n"


async def test_without_the_program_auto_is_plain_and_bubblewrap_is_refused(tmp_path: Path) -> None:
    empty = str(tmp_path)
    code, ready, said = await _command(path=empty)
    assert (code, bool(ready)) == (0, True)
    assert said.splitlines() == [
        "daytona-tui emulator: sandboxes are not isolated: "
        "there is no bwrap program (Debian's package is named bubblewrap)"
    ]
    code, ready, said = await _command("--isolation", "bubblewrap", path=empty)
    assert (code, ready) == (2, "")
    assert said.splitlines() == [
        "daytona-tui emulator: bubblewrap does not work here: "
        "there is no bwrap program (Debian's package is named bubblewrap)"
    ]


async def test_a_program_that_does_not_work_is_said_in_its_own_words(tmp_path: Path) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'No permissions to create new namespace' >&2\nexit 1\n")
    broken.chmod(0o755)
    code, _, said = await _command("--isolation", "bubblewrap", path=str(tmp_path))
    assert code == 2
    assert said == "daytona-tui emulator: bubblewrap does not work here: No permissions to create new namespace\n"


async def test_a_word_that_is_no_isolation_is_refused() -> None:
    code, _, said = await _command("--isolation", "docker")
    assert code == 2
    assert "--isolation" in said


def test_what_is_wanted_is_found_or_refused() -> None:
    assert detect_isolation("plain").name == "plain"
    if detect_isolation().is_isolated:
        assert detect_isolation("bubblewrap") == detect_isolation("auto")
    else:
        with pytest.raises(IsolationError, match="does not work"):
            detect_isolation("bubblewrap")


@isolated_only
async def test_a_program_sees_nothing_that_is_private(open_emulator: Open, connect: Connect, isolation: str) -> None:
    emulator = await open_emulator(isolation=isolation)
    daytona = await connect(emulator)
    sandbox = await daytona.create()
    other = await daytona.create()
    await other.fs.upload_file(b"secret", "other-secret.txt")

    async def run(command: str) -> str:
        return (await sandbox.process.exec(command)).result

    assert (await run("hostname")).strip() == sandbox.id[:12]
    assert (await run("ls -A /home /tmp /mnt")).split() == ["/home:", ".daytona", "daytona", "/mnt:", "/tmp:"]
    home = pwd.getpwuid(os.getuid()).pw_dir
    assert set((await run(f"ls -A {home} 2>/dev/null")).split()) <= {".pyenv", ".local", ".cache"}
    assert (await run("find / -xdev -name other-secret.txt 2>/dev/null")) == ""
    assert (await run("cat /etc/shadow 2>&1; true")).strip() in ("", "cat: /etc/shadow: Permission denied")
    assert emulator.api_key not in await run("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr '\\0' ' '")
    assert int((await run("ls -d /proc/[0-9]* | wc -l")).strip()) < 10
    assert "Read-only" in await run("touch /mine /etc/mine /usr/mine /run/mine 2>&1; true")
    assert (await run("test -c /dev/null && test -c /dev/ptmx && test -d /dev/shm && echo good")).strip() == "good"
    assert (await run("ls /dev/[sv]d* /dev/mem 2>/dev/null | wc -l")).strip() == "0"


@isolated_only
async def test_a_state_directory_is_hidden_wherever_it_lies(
    open_emulator: Open, connect: Connect, isolation: str
) -> None:
    place = next((path for path in (Path("/var/lib"), Path("/srv")) if os.access(path, os.W_OK)), None)
    if place is None:
        pytest.skip("no directory outside the hidden ones can be written here")
    state = place / f"daytona-tui-test-{os.getpid()}"
    try:
        emulator = await open_emulator(isolation=isolation, state_dir=state)
        sandbox = await (await connect(emulator)).create()
        assert (await sandbox.process.exec(f"ls -A {state}; echo listed; echo kept > ~/file")).result == "listed\n"
        assert (await sandbox.fs.download_file("file")) == b"kept\n"
        await emulator.close()
        assert state.is_dir()
    finally:
        shutil.rmtree(state, ignore_errors=True)


@isolated_only
async def test_a_sandbox_without_network_has_only_its_own_loopback(
    open_emulator: Open, connect: Connect, isolation: str
) -> None:
    emulator = await open_emulator(isolation=isolation)
    daytona = await connect(emulator)
    sandbox = await daytona.create(CreateSandboxFromSnapshotParams(network_block_all=True))
    devices = "tail -n +3 /proc/net/dev | cut -d: -f1"
    reach = f"exec 3<>/dev/tcp/127.0.0.1/{emulator.api_url.split(':')[2].partition('/')[0]} && echo reached"

    assert (await sandbox.process.exec(devices)).result.split() == ["lo"]
    assert "reached" not in (await sandbox.process.exec(reach)).result

    await sandbox.update_network_settings(network_block_all=False)
    assert "reached" not in (await sandbox.process.exec(reach)).result
    await sandbox.stop(timeout=20)
    await sandbox.start(timeout=20)
    assert "reached" in (await sandbox.process.exec(reach)).result


async def test_mounts_show_directories(tmp_path: Path, isolation: str) -> None:
    volume = tmp_path / "volume"
    volume.mkdir()
    (volume / "there").write_text("before")
    targets = ["/home/daytona/volume", "/data/volume", "/usr/share/of-nobody/volume", "/opt"]
    if isolation == "plain":
        targets = targets[:1]
    mounts = [Mount(volume, target) for target in targets]
    box = Box("b" * 36, tmp_path / "boxes" / "b", env={}, isolation=_way(isolation), mounts=mounts)
    await box.open()
    try:
        for target in targets:
            place = target if isolation == "bubblewrap" else target.replace("/home/daytona", box.work_dir)
            assert await _said(box, f"cat {place}/there; echo {place} >> {place}/log") == "before"
            assert (volume / "log").read_text().splitlines()[-1] == place
        if isolation == "bubblewrap":
            assert await _said(box, "ls /usr/share | grep -c zoneinfo") == "1"
    finally:
        await box.destroy()
    assert (volume / "there").read_text() == "before"
    assert not Path("/usr/share/of-nobody").exists()


async def test_what_is_frozen_stands_still_until_it_is_thawed(tmp_path: Path, isolation: str) -> None:
    box = Box("b" * 36, tmp_path / "boxes" / "b", env={}, isolation=_way(isolation))
    await box.open()
    counter = box.home / "counter"

    async def grows(within: float) -> bool:
        before = counter.stat().st_size
        deadline = time.monotonic() + within
        while counter.stat().st_size == before and time.monotonic() < deadline:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)
        return counter.stat().st_size > before

    try:
        count = "cd; while :; do echo >> counter; sleep 0.01; done"
        await _start(box, f"setsid sh -c '{count}' & setsid sh -c '{count}'")
        async with asyncio.timeout(10):
            while not counter.exists():  # noqa: ASYNC110 - it is in another process
                await asyncio.sleep(0.01)
        assert await grows(5)
        await box.freeze()
        await box.freeze()
        assert not await grows(0.2)
        await box.thaw()
        assert await grows(5)
        await box.freeze()
        await box.close()
        assert not await grows(0.1)
    finally:
        await box.destroy()


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None, reason="only root can be somebody else, with setpriv"
)
@isolated_only
async def test_an_ordinary_user_gets_the_same(tmp_path: Path, isolation: str) -> None:
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    if python is None:
        pytest.skip("this machine has no Python that everybody may run")
    package = tmp_path / "package"
    shutil.copytree(Path(sys.modules[Box.__module__].__file__ or "").parents[2], package / "daytona_tui")
    script = package / "script.py"
    script.write_text(_AS_USER)
    work = tmp_path / "work"
    work.mkdir()
    for parent in [*tmp_path.parents][:3]:
        parent.chmod(parent.stat().st_mode | 0o055)
    for entry in [tmp_path, *package.rglob("*"), package]:
        entry.chmod(0o755)
    work.chmod(0o777)
    process = await asyncio.create_subprocess_exec(
        *("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", python, "-B", str(script), str(work)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "PYTHONPATH": str(package)},
    )
    async with asyncio.timeout(60):
        told = (await process.communicate())[0].decode()
    if "SyntaxError" in told or "ImportError" in told:
        pytest.skip(f"the machine's own Python cannot run the emulator: {told.splitlines()[-1]}")
    if "PLAIN" in told:
        pytest.skip(f"an ordinary user gets no bubblewrap here: {told}")
    assert told.splitlines() == ["bubblewrap", "65534", "No such file", "kept", "closed"]


_AS_USER = """
import asyncio, os, sys
from pathlib import Path
from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.body.isolation import detect_isolation

async def main():
    way = detect_isolation()
    if not way.is_isolated:
        return print("PLAIN", way.reason)
    print(way.name)
    box = Box("b" * 36, Path(sys.argv[1]) / "b", env={}, isolation=way, network=False)
    await box.open()
    reading, writing = os.pipe()
    program = await box.start(
        ["/bin/sh", "-c", f"id -u; ls {sys.argv[1]} 2>&1 | grep -o 'No such file'; echo kept > ~/file"],
        fds=(writing, writing, writing))
    await asyncio.wait_for(program.exited, 10)
    os.close(writing)
    sys.stdout.write(os.read(reading, 4096).decode())
    print((Path(box.view + box.work_dir) / "file").read_text().strip())
    await box.freeze()
    await box.thaw()
    await box.close()
    print("closed")

asyncio.run(main())
"""


def _way(name: str) -> Isolation:
    return detect_isolation("plain" if name == "plain" else "bubblewrap")


async def _start(box: Box, script: str) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    try:
        await box.start(["/bin/sh", "-c", script], fds=(null, null, null))
    finally:
        os.close(null)


async def _said(box: Box, script: str) -> str:
    reading, writing = os.pipe()
    try:
        program = await box.start(["/bin/sh", "-c", script], fds=(writing, writing, writing))
        async with asyncio.timeout(10):
            await program.exited
    finally:
        os.close(writing)
    with os.fdopen(reading) as file:
        return file.read().strip()
