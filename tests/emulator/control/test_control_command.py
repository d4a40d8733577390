"""The command line: one line when ready, clear refusals, and nothing left behind however it ends."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from daytona_tui.emulator import command

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")

Eventually = Callable[..., Awaitable[None]]
COMMAND = (sys.executable, "-m", "daytona_tui.emulator")
LOOP = "nohup setsid sleep 987654 >/dev/null 2>&1 & echo gone"


class Served:
    """A running emulator process and what its first line said."""

    def __init__(self, process: asyncio.subprocess.Process, ready: dict[str, Any]) -> None:
        self.process = process
        self.ready = ready

    async def post(self, path: str, body: object = None) -> Any:
        headers = {"Authorization": f"Bearer {self.ready['api_key']}"}
        url = self.ready["api_url"].removesuffix("/api") + path
        async with aiohttp.ClientSession(headers=headers) as session, session.post(url, json=body) as response:
            assert response.status in {200, 201}, await response.text()
            return await response.json()

    async def run_something_stubborn(self) -> str:
        """Create a sandbox with a process that has left its session; return the sandbox's id."""
        sandbox = await self.post("/api/sandbox", {})
        await self.post(f"/toolbox/{sandbox['id']}/process/execute", {"command": LOOP})
        return str(sandbox["id"])


@asynccontextmanager
async def serve(*arguments: str, stdin: int | None = None, key: str = "") -> AsyncIterator[Served]:
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        *arguments,
        stdin=stdin,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, command.API_KEY_VARIABLE: key},
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            line = await process.stdout.readline()
        yield Served(process, json.loads(line))
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def sandbox_processes(sandbox_id: str) -> list[int]:
    found = []
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            try:
                environment = (each / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if f"DAYTONA_SANDBOX_ID={sandbox_id}".encode() in environment:
                found.append(int(each.name))
    return found


async def refusal(*arguments: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(20):
        out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_the_first_line_is_all_a_program_needs() -> None:
    async with serve("--api-key", "the-key", "--seed", "fleet:3") as served:
        assert served.ready.keys() == {"api_url", "api_key", "pid"}
        assert (served.ready["api_key"], served.ready["pid"]) == ("the-key", served.process.pid)
        headers = {"Authorization": "Bearer the-key"}
        url = f"{served.ready['api_url']}/sandbox"
        async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as response:
            assert len((await response.json())["items"]) == 3
        served.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            out, err = await served.process.communicate()

    assert (served.process.returncode, out, err) == (0, b"", b"")


async def test_the_key_may_come_from_the_environment() -> None:
    async with serve(key="from-environment") as served:
        assert served.ready["api_key"] == "from-environment"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_ends_it_with_all_its_processes(number: signal.Signals, eventually: Eventually) -> None:
    async with serve("--pace", "instant") as served:
        sandbox_id = await served.run_something_stubborn()
        await eventually(lambda: sandbox_processes(sandbox_id))  # a process has no environment while it begins

        begun = time.monotonic()
        served.process.send_signal(number)
        async with asyncio.timeout(10):
            code = await served.process.wait()

        assert code == 0
        assert time.monotonic() - begun < 8
        assert sandbox_processes(sandbox_id) == []


async def test_killed_outright_it_leaves_neither_processes_nor_files(eventually: Eventually) -> None:
    places = set(Path(tempfile.gettempdir()).glob("daytona-emulator-*"))
    async with serve("--pace", "instant") as served:
        sandbox_id = await served.run_something_stubborn()
        mine = set(Path(tempfile.gettempdir()).glob("daytona-emulator-*")) - places
        mine = {place for place in mine if (place / "sandboxes" / sandbox_id).is_dir()}
        assert len(mine) == 1

        served.process.kill()
        await served.process.wait()

        await eventually(lambda: not sandbox_processes(sandbox_id))
        await eventually(lambda: not any(place.exists() for place in mine))


async def test_with_a_lifeline_it_ends_with_its_parent() -> None:
    async with serve("--lifeline", stdin=asyncio.subprocess.PIPE) as served:
        assert served.process.stdin is not None
        served.process.stdin.write(b"ignored\n")
        await served.process.stdin.drain()
        served.process.stdin.close()
        async with asyncio.timeout(10):
            assert await served.process.wait() == 0


async def test_a_lifeline_that_is_not_there_ends_it_at_once() -> None:
    async with serve("--lifeline", stdin=asyncio.subprocess.DEVNULL) as served, asyncio.timeout(10):
        assert await served.process.wait() == 0


async def test_without_a_lifeline_standard_input_does_not_matter() -> None:
    async with serve(stdin=asyncio.subprocess.DEVNULL) as served:
        await served.post("/api/sandbox", {})
        assert served.process.returncode is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--seed", "jungle"], "jungle"),
        (["--seed", "fleet:many"], "fleet:many"),
        (["--seed", "fleet:-1"], "fleet:-1"),
        (["--port", "65536"], "65536"),
        (["--port", "http"], "http"),
        (["--pace", "leisurely"], "leisurely"),
        (["--host", "no.such.host.invalid"], "no.such.host.invalid"),
        (["--state-dir", "/proc/nothing/here"], "/proc/nothing/here"),
        (["--state-dir", ""], "state directory"),
        (["--state-dir", "/proc/two\nlines"], "two\\nlines"),
        (["--host", ""], "host"),
        (["--api-key", "has spaces"], "key"),
        (["--isolation", "moat"], "moat"),
        (["--rate-limit", "fast"], "a rate limit is"),
        (["--quota", "cpu=much"], "cpu"),
        (["--keys", "/no/such/file"], "/no/such/file"),
        (["--unknown"], "--unknown"),
    ],
)
def test_what_cannot_be_used_is_one_clear_line(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    code = command.main(arguments)
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    out, err = capsys.readouterr()

    assert (code, out) == (2, "")
    assert words in err
    assert err.startswith("daytona-tui emulator: ")
    assert err.count("\n") == 1


async def test_a_port_in_use_is_one_clear_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        code, out, err = await refusal("--port", str(port))

    assert (code, out) == (2, "")
    assert err == f"daytona-tui emulator: cannot listen on 127.0.0.1 port {port}: Address already in use\n"


async def test_listening_to_everyone_is_said() -> None:
    async with serve("--host", "0.0.0.0") as served:
        assert served.process.stderr is not None
        async with asyncio.timeout(10):
            line = await served.process.stderr.readline()
        assert b"listening on 0.0.0.0" in line
        assert served.ready["api_url"].startswith("http://127.0.0.1:")


async def test_help_is_help() -> None:
    code, out, _ = await refusal("--help")

    assert code == 0
    options = "host port api-key keys seed pace state-dir lifeline control isolation rate-limit quota"
    for option in options.split():
        assert f"--{option}" in out
