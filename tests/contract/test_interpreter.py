"""Code: run at one go in three languages, with charts; and in an interpreter that keeps its variables."""

from __future__ import annotations

import asyncio
import base64

import pytest

from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.domain.code import Chart, CodeError, CodeEvent, Language
from daytona_tui.domain.executions import OutputChunk, Stream
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.errors import ConfigError, NotFoundError, OperationTimeoutError, UnsupportedError


async def runs_typescript(gateway: DaytonaGateway, sandbox_id: SandboxId) -> bool:
    """Whether the sandbox has a program for TypeScript; without one it says so."""
    try:
        await gateway.run_code(sandbox_id, Language.TYPESCRIPT, "0", timeout_s=20)
    except UnsupportedError as error:
        return "it needs one of ts-node" not in error.message or not error.hint
    return True


async def events(gateway: DaytonaGateway, sandbox_id: SandboxId, context_id: str, code: str) -> list[CodeEvent]:
    """Return what came of code in an interpreter."""
    return [event async for event in gateway.run_in_context(sandbox_id, context_id, code, timeout_s=20)]


@pytest.mark.parametrize(
    ("language", "code", "output"),
    [
        (Language.PYTHON, "import sys, os\nprint(sys.argv[1], os.environ['WHO'])\nsys.exit(3)", "ü ada\n"),
        (Language.JAVASCRIPT, "console.log(process.argv.at(-1), process.env.WHO); process.exit(3)", "ü ada\n"),
        (
            Language.TYPESCRIPT,
            "const a: string = process.argv.at(-1)!; console.log(a, process.env.WHO); process.exit(3)",
            "ü ada\n",
        ),
    ],
)
async def test_code_runs_to_its_end(
    gateway: DaytonaGateway, started: SandboxId, language: Language, code: str, output: str
) -> None:
    if language is Language.TYPESCRIPT and not await runs_typescript(gateway, started):
        pytest.skip("nothing here runs TypeScript: npm install --global ts-node typescript")
    outcome = await gateway.run_code(started, language, code, argv=["ü"], envs={"WHO": "ada"}, timeout_s=20)
    assert (outcome.exit_code, outcome.output, outcome.charts) == (3, output, ())


async def test_charts_come_as_pictures(emulator: Emulator, gateway: DaytonaGateway, started: SandboxId) -> None:
    png = b"\x89PNG\r\n\x1a\nrest"
    charts: list[object] = [
        {"type": "line", "title": "squ\x1b[31mares\n", "png": base64.b64encode(png).decode(), "elements": []},
        {"type": "bar", "title": "", "png": "no base64", "elements": [{"label": "a", "value": "1"}]},
        {"type": 3, "title": None, "png": ["x"]},
        "no chart",
    ]
    body = {"exitCode": 0, "result": "drawn\n", "artifacts": {"charts": charts}}
    emulator.faults.add(FaultRule(path="*/process/code-run", body=body, times=1))
    outcome = await gateway.run_code(started, Language.PYTHON, "draw", timeout_s=60)
    assert outcome.output == "drawn\n"
    assert outcome.charts == (Chart("squ [31mares", "line", png), Chart("", "bar"), Chart("", ""))
    for artifacts in ({"charts": 3}, 3, None):
        emulator.faults.add(FaultRule(path="*/process/code-run", body={"artifacts": artifacts}, times=1))
        outcome = await gateway.run_code(started, Language.PYTHON, "draw", timeout_s=60)
        assert (outcome.exit_code, outcome.output, outcome.charts) == (-1, "", ())


async def test_code_that_takes_too_long(gateway: DaytonaGateway, started: SandboxId) -> None:
    with pytest.raises(OperationTimeoutError):
        await gateway.run_code(started, Language.PYTHON, "while True: pass", timeout_s=1)
    context = await gateway.open_context(started)
    with pytest.raises(OperationTimeoutError, match="the code was ended after 1 s"):
        [event async for event in gateway.run_in_context(started, context.id, "while True: pass", timeout_s=1)]


@pytest.mark.parametrize("limit", [0, -1, True, 1.5, "10"])
async def test_a_limit_that_is_none(gateway: DaytonaGateway, started: SandboxId, limit: int) -> None:
    with pytest.raises(ConfigError, match="from 1 on"):
        await gateway.run_code(started, Language.PYTHON, "1", timeout_s=limit)
    with pytest.raises(ConfigError, match="from 1 on"):
        await gateway.run(started, "true", timeout_s=limit)
    with pytest.raises(ConfigError, match="from 1 on"):
        [event async for event in gateway.run_in_context(started, "x", "1", timeout_s=limit)]


async def test_an_interpreter_keeps_its_variables(gateway: DaytonaGateway, started: SandboxId) -> None:
    context = await gateway.open_context(started, cwd="/tmp")
    assert context.cwd == "/tmp"
    assert await events(gateway, started, context.id, "import os, sys\nx = 20") == []
    told = await events(gateway, started, context.id, "print(x + 1, os.getcwd()); print('oops', file=sys.stderr)")
    texts = {stream: "" for stream in Stream}
    for event in told:
        assert isinstance(event, OutputChunk)
        texts[event.stream] += event.text
    assert texts == {Stream.STDOUT: "21 /tmp\n", Stream.STDERR: "oops\n"}
    [error] = await events(gateway, started, context.id, "1 / 0")
    assert isinstance(error, CodeError)
    assert (error.name, error.value) == ("ZeroDivisionError", "division by zero")
    assert "1 / 0" in error.traceback or "line 1" in error.traceback
    await gateway.close_context(started, context.id)
    await gateway.close_context(started, context.id)  # gone already: a success


async def test_an_interpreter_that_is_gone_says_so(gateway: DaytonaGateway, started: SandboxId) -> None:
    with pytest.raises(NotFoundError, match="the interpreter is gone"):
        await events(gateway, started, "nothing", "1")
    context = await gateway.open_context(started)
    with pytest.raises(NotFoundError, match="the interpreter is gone"):
        await events(gateway, started, context.id, "import os; os._exit(3)")


async def test_output_of_code_comes_as_it_is_written_and_leaving_stops_it(
    gateway: DaytonaGateway, started: SandboxId
) -> None:
    context = await gateway.open_context(started)
    endless = gateway.run_in_context(started, context.id, "while True: print('tick', flush=True)")
    async with asyncio.timeout(10):
        first = await anext(endless)
    assert isinstance(first, OutputChunk)
    assert first.text.startswith("tick")
    await endless.aclose()  # type: ignore[attr-defined]
    told = await events(gateway, started, context.id, "print('free')")
    assert "free" in "".join(event.text for event in told if isinstance(event, OutputChunk))
