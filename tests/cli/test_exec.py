"""``exec`` is a program in a sandbox, with its own output and exit code."""

from __future__ import annotations

import asyncio
import random
import signal
from pathlib import Path

import pytest
from tests.cli.conftest import DEADLINE_S, Run, finish, start, start_installed
from tests.cli.test_asking import terminal


async def test_streams_and_exit_code_are_those_of_the_program(run: Run) -> None:
    outcome = await run("exec", "scratch", "--", "echo good; echo bad >&2; exit 7")

    assert (outcome.code, outcome.out, outcome.err) == (7, b"good\n", "bad\n")


async def test_several_words_reach_the_program_as_they_are(run: Run) -> None:
    outcome = await run("exec", "scratch", "printf", "%s|", "a b", "$HOME", "it's", "--", "-x")

    assert (outcome.code, outcome.out) == (0, b"a b|$HOME|it's|--|-x|")


async def test_a_signal_in_the_sandbox_is_128_and_its_number(run: Run) -> None:
    outcome = await run("exec", "scratch", "--", "echo last >&2; kill -TERM $$")

    assert (outcome.code, outcome.err) == (128 + signal.SIGTERM, "last\n")


async def test_output_comes_as_it_is_written(tmp_path: Path, env: dict[str, str]) -> None:
    process = await start("exec", "scratch", "--", "echo first; read -r x < gate; echo last", cwd=tmp_path, env=env)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(DEADLINE_S):
            assert await process.stdout.readline() == b"first\n"
        assert process.returncode is None
    finally:
        outcome = await finish(process)

    assert outcome.out == b"last\n"  # there is no gate: the program ends by itself


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_interrupting_ends_the_remote_program(
    run: Run, tmp_path: Path, env: dict[str, str], number: signal.Signals, code: int
) -> None:
    process = await start_installed("exec", "scratch", "--", "echo $$ | tee pid; sleep 600", cwd=tmp_path, env=env)
    assert process.stdout is not None
    async with asyncio.timeout(DEADLINE_S):
        await process.stdout.readline()

    outcome = await finish(process, signals=(number,))

    assert outcome.code == code
    assert "Traceback" not in outcome.err
    gone = await run("exec", "scratch", "--", "kill -0 $(cat pid) 2>/dev/null && echo alive || echo gone")
    assert gone.out == b"gone\n"


async def test_a_reader_that_goes_away_ends_it_quietly(tmp_path: Path, env: dict[str, str]) -> None:
    process = await start("exec", "scratch", "--", "while :; do echo y; done", cwd=tmp_path, env=env)
    assert process.stdout is not None
    async with asyncio.timeout(DEADLINE_S):
        await process.stdout.readline()
    transport = process._transport  # type: ignore[attr-defined]
    transport.get_pipe_transport(1).close()

    outcome = await finish(process)

    assert (outcome.code, outcome.err) == (141, "")


async def test_bytes_go_in_and_come_out_as_they_are(tmp_path: Path, env: dict[str, str]) -> None:
    given = random.Random(7).randbytes(300_000)
    (tmp_path / "given").write_bytes(given)
    with (tmp_path / "given").open("rb") as source:
        process = await start("exec", "scratch", "--", "cat", cwd=tmp_path, env=env, stdin=source.fileno())
        outcome = await finish(process)

    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == given


async def test_flags_stand_before_or_behind_the_sandbox(run: Run) -> None:
    words = ("--cwd", "/tmp", "--env", 'A=x "$y"\n', "--", 'pwd; printf %s "$A"')

    behind = await run("exec", "scratch", *words)
    before = await run("exec", *words[:4], "scratch", *words[4:])

    assert behind.out == before.out == b'/tmp\nx "$y"\n'


async def test_a_variable_can_be_taken_from_here_and_is_in_no_list_of_commands(run: Run) -> None:
    outcome = await run("exec", "scratch", "-e", "A_TOKEN", "--", 'echo "$A_TOKEN"', A_TOKEN="tell-nobody")

    assert outcome.out == b"tell-nobody\n"


@pytest.mark.parametrize("limit", ["0", "-1", "soon", "", "1.5"])
async def test_a_time_that_is_none_is_said(run: Run, limit: str) -> None:
    outcome = await run("exec", "scratch", "--timeout", limit, "--", "true")

    assert outcome.code == 2
    assert f"{limit!r} is not a time: at least 1 second, such as 30, 5m, 2h or 1d" in outcome.err


async def test_a_program_is_ended_when_its_time_is_over(run: Run) -> None:
    outcome = await run("exec", "scratch", "--timeout", "4", "--", "echo up; exec sleep 600")

    assert (outcome.code, outcome.out) == (124, b"up\n")
    assert "4 s are over: the program is being ended" in outcome.err


async def test_a_program_that_handles_the_interrupt_ends_as_it_likes(tmp_path: Path, env: dict[str, str]) -> None:
    script = "trap 'echo caught; exit 5' INT; echo up; while :; do sleep 0.05; done"
    process = await start("exec", "scratch", "--", script, cwd=tmp_path, env=env)
    assert process.stdout is not None
    async with asyncio.timeout(DEADLINE_S):
        await process.stdout.readline()

    outcome = await finish(process, signals=(signal.SIGINT,))

    assert (outcome.code, outcome.out) == (5, b"caught\n")


async def test_a_directory_that_is_not_there_is_said_by_the_sandbox(run: Run) -> None:
    outcome = await run("exec", "scratch", "--cwd", "/no/such", "--", "pwd")

    assert outcome.code == 1
    assert "/no/such" in outcome.err


async def test_variables_are_the_callers_and_a_directory_may_be_the_home_there(run: Run) -> None:
    script = 'echo $shell; [ "$PWD" = "$HOME" ] && echo home'
    outcome = await run("exec", "scratch", "-e", "shell=odd", "--cwd", "~", "--", script)

    assert (outcome.code, outcome.out, outcome.err) == (0, b"odd\nhome\n", "")


async def test_a_terminal_gets_nothing_that_reaches_beyond_its_window(tmp_path: Path, env: dict[str, str]) -> None:
    script = r"printf '\033]52;c;aGk=\007\033[31mred\033[0m\n'; printf '\033]9;x\007bad\n' >&2"
    async with terminal("exec", "scratch", "--", script, cwd=tmp_path, env=env, shows_output=True) as shown:
        await shown.until("bad")
        await shown.until("red")
        assert await shown.code() == 0

    assert "\x1b]" not in shown.text
    assert "\x1b[31mred\x1b[0m" in shown.text
