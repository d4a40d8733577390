"""Clients that do not read: what a sandbox prints waits in a file or in a pipe, never in the emulator's memory."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.emulator.toolbox.conftest import KEY, Toolbox

if TYPE_CHECKING:
    from daytona import AsyncSandbox

MEBIBYTE = 1 << 20
PRINT_200_MB = "head -c 209715200 /dev/zero | tr '\\0' x"


def _resident() -> int:
    """Bytes of memory that this process, in which the emulator runs too, holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@asynccontextmanager
async def _deaf(toolbox: Toolbox, path: str, first: bytes = b"") -> AsyncIterator[None]:
    """Open a WebSocket with bare hands, perhaps send one frame, and never read from it."""
    host, port = toolbox.root.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
    base = toolbox.url.removeprefix(toolbox.root)
    writer.write(
        f"GET {base}{path} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {KEY}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {'A' * 22}==\r\n\r\n".encode()
    )
    assert b" 101 " in await reader.readline()
    if first:  # one masked text frame; a mask of zeros leaves it as it is
        writer.write(bytes([0x81, 0x80 | 126]) + len(first).to_bytes(2) + bytes(4) + first)
    yield
    writer.transport.abort()


async def _most_while(done: asyncio.Task[object]) -> int:
    """Return the most memory that was held while something went on."""
    most = 0
    while not done.done():
        most = max(most, _resident())
        await asyncio.wait({done}, timeout=0.02)
    await done
    return most


async def _end_of(sandbox: AsyncSandbox, command: str) -> None:
    async with asyncio.timeout(60):
        while (await sandbox.process.get_session_command("s", command)).exit_code is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_a_deaf_follower_does_not_make_the_emulator_grow(sandbox: AsyncSandbox, toolbox: Toolbox) -> None:
    from daytona import SessionExecuteRequest

    await sandbox.process.create_session("s")
    request = SessionExecuteRequest(command=f"read go; {PRINT_200_MB}", run_async=True)
    command = (await sandbox.process.execute_session_command("s", request)).cmd_id or ""
    path = f"/process/session/s/command/{command}/logs?follow=true"
    async with _deaf(toolbox, path), _deaf(toolbox, path):
        before = _resident()
        await sandbox.process.send_session_command_input("s", command, "go\n")
        most = await _most_while(asyncio.create_task(_end_of(sandbox, command)))
        assert most - before < 48 * MEBIBYTE, f"{(most - before) >> 20} MiB more"


async def test_a_deaf_interpreter_client_lets_the_code_wait(sandbox: AsyncSandbox, toolbox: Toolbox) -> None:
    order = b'{"code": "import sys\\nfor _ in range(200): sys.stdout.write(\'x\' * 1048576)"}'
    before = _resident()
    async with _deaf(toolbox, "/process/interpreter/execute", order):
        most = await _most_while(asyncio.create_task(asyncio.sleep(2)))
    assert most - before < 48 * MEBIBYTE, f"{(most - before) >> 20} MiB more"
    # The client that has gone takes its code along, and the context goes on.
    async with asyncio.timeout(10):
        assert (await sandbox.code_interpreter.run_code("print('free')")).stdout.endswith("free\n")


async def test_an_answer_of_much_output_is_bounded(sandbox: AsyncSandbox) -> None:
    from daytona import SessionExecuteRequest

    await sandbox.process.create_session("s")
    answer = await sandbox.process.execute_session_command("s", SessionExecuteRequest(command=PRINT_200_MB))
    assert answer.exit_code == 0
    assert 60 * MEBIBYTE < len(answer.stdout or "") < 66 * MEBIBYTE


async def test_a_million_lines_are_followed_quickly(sandbox: AsyncSandbox) -> None:
    from daytona import SessionExecuteRequest

    await sandbox.process.create_session("s")
    request = SessionExecuteRequest(command="seq 1000000", run_async=True)
    lines = 0

    def count(text: str) -> None:
        nonlocal lines
        lines += text.count("\n")

    command = (await sandbox.process.execute_session_command("s", request)).cmd_id or ""
    await sandbox.process.get_session_command_logs_async("s", command, count, count)
    assert lines == 1_000_000


async def test_one_too_many_is_refused_and_the_rest_goes_on(sandbox: AsyncSandbox, toolbox: Toolbox) -> None:
    """What a machine has no more of is said; nothing of a refused request is left, and what goes is free again."""
    await sandbox.process.create_session("first")
    async with toolbox.http.get(f"{toolbox.url}/process/session") as answer:  # connections are held open
        assert answer.status == 200
    held = len(list(Path("/proc/self/fd").iterdir()))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (held + 40, hard))
    try:
        statuses = []
        for number in range(60):
            body = {"sessionId": f"more-{number}"}
            async with toolbox.http.post(f"{toolbox.url}/process/session", json=body) as answer:
                statuses.append(answer.status)
                if answer.status == 503:
                    assert "Too many open files" in (await answer.json())["message"]
        assert set(statuses) == {201, 503}
        for number in range(statuses.count(201)):
            async with toolbox.http.delete(f"{toolbox.url}/process/session/more-{number}") as answer:
                assert answer.status == 204
        assert (await sandbox.process.exec("echo free")).result == "free\n"
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert len(list(Path("/proc/self/fd").iterdir())) <= held
