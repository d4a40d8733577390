"""One program in a sandbox: its output as it comes, its exit code, and nothing left of it."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest
from tests.operations.conftest import Bench

from daytona_tui.domain.executions import OutputChunk, Stream
from daytona_tui.operations.execute import command_line, execute
from daytona_tui.operations.tail import Ended


async def _run(bench: Bench, command: str) -> tuple[str, str, int | None]:
    written = {Stream.STDOUT: "", Stream.STDERR: ""}
    code: int | None = None
    async with aclosing(execute(bench.gateway, bench.sandbox.id, command)) as events:
        async for event in events:
            if isinstance(event, OutputChunk):
                written[event.stream] += event.text
            elif isinstance(event, Ended):
                code = event.exit_code
    return written[Stream.STDOUT], written[Stream.STDERR], code


@pytest.mark.parametrize(
    ("command", "stdout", "code"),
    [
        ("echo a; echo b", "a\nb\n", 0),
        ("exit 7", "", 7),
        ("kill -9 $$", "", 137),
        ("cat; echo done", "done\n", 0),
        ("printf 'no newline'", "no newline", 0),
        (command_line(["printf", "%s|", "a b", "$HOME", "it's"]), "a b|$HOME|it's|", 0),
    ],
)
async def test_output_and_exit_code(bench: Bench, command: str, stdout: str, code: int) -> None:
    out, _, exit_code = await _run(bench, command)

    assert out == stdout
    assert exit_code == code


async def test_the_two_streams_stay_apart(bench: Bench) -> None:
    out, err, _ = await _run(bench, "echo good; echo bad >&2")

    assert (out, err) == ("good\n", "bad\n")


async def test_an_open_quote_is_an_error_of_the_program_and_hangs_nothing(bench: Bench) -> None:
    _, err, code = await _run(bench, 'echo "open')

    assert code == 2
    assert "unexpected EOF" in err or "nterminated" in err


async def test_no_session_is_left(bench: Bench) -> None:
    await _run(bench, "true")

    sessions = await bench.gateway.sessions(bench.sandbox.id)
    assert [session.id for session in sessions if "exec" in session.id] == []


async def test_cancelling_ends_the_program(bench: Bench) -> None:
    started = asyncio.Event()

    async def follow() -> None:
        async with aclosing(execute(bench.gateway, bench.sandbox.id, "echo $$ > pid; echo up; sleep 600")) as events:
            async for _ in events:
                started.set()

    task = asyncio.create_task(follow())
    async with asyncio.timeout(20):
        await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    outcome = await bench.gateway.run(bench.sandbox.id, "kill -0 $(cat pid) 2>&1 || echo gone")
    assert "gone" in outcome.output
