"""Programs in a sandbox: run to the end, kept in a session, and followed as they write."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from tests.contract.helpers import client_tasks, until

from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.domain.executions import OutputChunk, Stream
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.emulator.server import Emulator
from daytona_tui.errors import (
    ConflictError,
    DaytonaTuiError,
    NotFoundError,
    OperationTimeoutError,
    RemoteError,
    UnreachableError,
)


async def text_of(chunks: AsyncIterator[OutputChunk]) -> dict[Stream, str]:
    """Return everything that was written, by stream."""
    texts = {Stream.STDOUT: "", Stream.STDERR: ""}
    async for chunk in chunks:
        texts[chunk.stream] += chunk.text
    return texts


async def test_a_command_runs_to_its_end(gateway: DaytonaGateway, started: SandboxId) -> None:
    outcome = await gateway.run(started, "pwd; echo 'ünï'; exit 3", cwd="/tmp", timeout_s=20)
    assert outcome.exit_code == 3
    assert outcome.output == "/tmp\nünï\n"


async def test_a_command_that_takes_too_long(gateway: DaytonaGateway, started: SandboxId) -> None:
    with pytest.raises(OperationTimeoutError):
        await gateway.run(started, "sleep 30", timeout_s=1)


async def test_a_session_keeps_its_directory_and_variables(gateway: DaytonaGateway, started: SandboxId) -> None:
    await gateway.open_session(started, "s1")
    first = await gateway.submit(started, "s1", "cd /tmp && export WHO=ada")
    await text_of(gateway.follow(started, "s1", first.id))
    second = await gateway.submit(started, "s1", 'echo "$WHO in $(pwd)"; echo oops >&2; (exit 7)')
    texts = await text_of(gateway.follow(started, "s1", second.id))
    assert texts[Stream.STDOUT] == "ada in /tmp\n"
    assert texts[Stream.STDERR] == "oops\n"
    done = await gateway.execution(started, "s1", second.id)
    assert done.exit_code == 7
    [session] = [each for each in await gateway.sessions(started) if each.id == "s1"]
    assert [execution.id for execution in session.executions] == [first.id, second.id]


async def test_output_comes_as_it_is_written(gateway: DaytonaGateway, started: SandboxId) -> None:
    await gateway.open_session(started, "s")
    execution = await gateway.submit(started, "s", "printf '> '; read -t 20 x; echo done")
    output = gateway.follow(started, "s", execution.id)
    async with asyncio.timeout(5):
        assert (await anext(output)).text == "> "
    assert (await gateway.execution(started, "s", execution.id)).exit_code is None
    await gateway.close_session(started, "s")
    await gateway.close_session(started, "s")  # gone already: a success
    await text_of(output)


async def test_much_output_arrives_whole_at_a_late_reader(gateway: DaytonaGateway, started: SandboxId) -> None:
    await gateway.open_session(started, "s")
    execution = await gateway.submit(started, "s", "seq 1 60000")
    output = gateway.follow(started, "s", execution.id)
    text = (await anext(output)).text
    async with asyncio.timeout(30):  # nothing is read while it writes the rest
        while (await gateway.execution(started, "s", execution.id)).exit_code is None:
            pass
    text += "".join([chunk.text async for chunk in output])
    assert text == "".join(f"{number}\n" for number in range(1, 60001))


async def test_a_reader_that_leaves_closes_its_socket_at_once(gateway: DaytonaGateway, started: SandboxId) -> None:
    await gateway.open_session(started, "s")
    execution = await gateway.submit(started, "s", "while :; do echo tick; sleep 0.05; done")
    before = client_tasks()
    output = gateway.follow(started, "s", execution.id)
    assert (await anext(output)).text.startswith("tick")

    async def read_on() -> None:
        async for _ in output:
            pass

    reading = asyncio.create_task(read_on())
    await asyncio.sleep(0)
    began = time.monotonic()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert time.monotonic() - began < 3
    await until(lambda: client_tasks() <= before)
    await gateway.close_session(started, "s")


async def test_what_is_not_there(gateway: DaytonaGateway, started: SandboxId) -> None:
    await gateway.open_session(started, "s")
    with pytest.raises(NotFoundError):
        await gateway.execution(started, "s", "nothing")
    with pytest.raises(NotFoundError):
        await gateway.submit(started, "nobody", "true")
    with pytest.raises(NotFoundError):
        await text_of(gateway.follow(started, "s", "nothing"))
    with pytest.raises(ConflictError):
        await gateway.open_session(started, "s")


async def test_a_session_name_may_hold_anything(gateway: DaytonaGateway, started: SandboxId) -> None:
    name = "a b/ü?#%"
    await gateway.open_session(started, name)
    execution = await gateway.submit(started, name, "echo x")
    assert (await text_of(gateway.follow(started, name, execution.id)))[Stream.STDOUT] == "x\n"
    await gateway.close_session(started, name)


@pytest.mark.parametrize(
    ("code", "kind"), [(1000, None), (1001, RemoteError), (1011, RemoteError), (0, UnreachableError)]
)
async def test_how_a_stream_ends_is_told_after_its_data(
    emulator: Emulator, gateway: DaytonaGateway, started: SandboxId, code: int, kind: type[DaytonaTuiError] | None
) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        stream = web.WebSocketResponse()
        await stream.prepare(request)
        await stream.send_bytes(b"\x01\x01\x01last words\xc3")
        if code:
            await stream.close(code=code)
        elif request.transport is not None:
            request.transport.close()
        return stream

    app = web.Application()
    app.router.add_get("/{anything:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        emulator.fleet.distort(started, {"toolboxProxyUrl": f"http://127.0.0.1:{runner.addresses[0][1]}"})
        found: list[str] = []

        async def read() -> None:
            async for chunk in gateway.follow(started, "s", "c"):
                found.append(chunk.text)

        if kind is None:
            await read()
        else:
            with pytest.raises(kind):
                await read()
        assert "".join(found) == "last words\ufffd"
    finally:
        await runner.cleanup()
