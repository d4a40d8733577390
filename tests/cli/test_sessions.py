"""``sessions`` and ``pty``: shells that run on by themselves, worked with from the command line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tests.cli.conftest import DEADLINE_S, Run, finish, start

Said = Callable[[], Awaitable[bytes]]


async def _until(run: Run, holds: Callable[[bytes], bool], *words: str) -> bytes:
    """Ask again until what is said holds."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            outcome = await run(*words)
            if holds(outcome.out):
                return outcome.out


async def test_a_session_keeps_its_directory_and_runs_commands(run: Run) -> None:
    opened = await run("sessions", "create", "scratch", "work")
    assert (opened.code, opened.out) == (0, b"work\n")
    again = await run("sessions", "create", "scratch", "work", "--json")
    assert (again.code, "error" in json.loads(again.out)) == (1, True)

    moved = await run("sessions", "run", "scratch", "work", "--", "mkdir -p deep && cd deep; X=1; echo bad >&2; false")
    assert (moved.code, moved.err) == (1, "bad\n")
    where = await run("sessions", "run", "--json", "scratch", "work", "--", "basename $PWD; echo $X")
    told = json.loads(where.out)
    assert (told["output"], told["errors"], told["exit_code"], told["is_running"]) == ("deep\n1\n", "", 0, False)

    listed = json.loads((await run("sessions", "list", "scratch", "--json")).out)
    (session,) = (each for each in listed if each["id"] == "work")
    assert [each["exit_code"] for each in session["commands"]] == [1, 0]
    table = (await run("sessions", "list", "scratch")).out.decode()
    assert "exit 1" in table
    logs = await run("sessions", "logs", "scratch", "work", session["commands"][0]["id"])
    assert (logs.code, logs.out, logs.err) == (0, b"", "bad\n")
    assert (await run("sessions", "logs", "scratch", "work")).out == b"deep\n1\n"

    ended = await run("sessions", "delete", "scratch", "work")
    assert (ended.code, ended.err.strip().endswith("work: ended")) == (0, True)
    assert (await run("sessions", "delete", "scratch", "work")).code == 5


async def test_a_command_is_left_alone_gets_input_and_is_followed(
    run: Run, tmp_path: Path, env: dict[str, str]
) -> None:
    name = (await run("sessions", "create", "scratch")).out.decode().strip()
    late = await run("sessions", "run", "--timeout", "1", "scratch", name, "--", "echo begun; sleep 2")
    assert (late.code, late.out) == (124, b"begun\n")
    assert "runs on" in late.err

    detached = await run(
        "sessions", "run", "--detach", "--no-echo", "scratch", name, "--", "read x; echo got $x; (exit 3)"
    )
    command = detached.out.decode().strip()
    busy = await run("sessions", "delete", "scratch", name)
    assert (busy.code, "read x" in busy.err) == (2, True)
    sent = await run("sessions", "input", "scratch", name, command, "--text", "it")
    assert sent.code == 0
    followed = await run("sessions", "logs", "--follow", "scratch", name, command)
    assert (followed.code, followed.out) == (3, b"got it\n")

    reading = json.loads((await run("sessions", "run", "--detach", "--json", "scratch", name, "--", "cat > said")).out)
    process = await start(
        "sessions", "input", "scratch", name, reading["id"], cwd=tmp_path, env=env, stdin=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    process.stdin.write("über\n".encode())
    process.stdin.close()
    assert (await finish(process)).code == 0
    assert await _until(run, lambda out: out == "über\n".encode(), "exec", "scratch", "--", "cat said")
    gone = await run("sessions", "delete", "scratch", name, "--yes")
    assert "runs, and is ended: cat > said" in gone.err


async def test_a_terminal_is_opened_typed_into_resized_and_ended(run: Run) -> None:
    opened = await run("pty", "create", "scratch", "mine", "--size", "90x30", "-e", "COLOUR=blue", "--json")
    told = json.loads(opened.out)
    assert (opened.code, told["id"], told["cols"], told["rows"]) == (0, "mine", 90, 30)
    assert (await run("pty", "create", "scratch", "mine")).code == 1

    typed = await run("pty", "input", "scratch", "mine", "--text", "stty size > said; echo $COLOUR >> said")
    assert typed.code == 0
    assert await _until(run, lambda out: out == b"30 90\nblue\n", "exec", "scratch", "--", "cat said")
    assert (await run("pty", "resize", "scratch", "mine", "100x40")).code == 0
    listed = json.loads((await run("pty", "list", "scratch", "--json")).out)
    assert [(each["cols"], each["rows"]) for each in listed if each["id"] == "mine"] == [(100, 40)]
    assert "100x40" in (await run("pty", "list", "scratch")).out.decode()

    assert (await run("pty", "delete", "scratch", "mine")).code == 2
    assert (await run("pty", "delete", "scratch", "mine", "--yes")).code == 0
    assert (await run("pty", "delete", "scratch", "mine", "--yes")).code == 5


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("sessions", "run", "scratch", "work"), 2, "a command is needed"),
        (("sessions", "run", "scratch", "nobody", "--", "ls"), 5, "session nobody of scratch"),
        (("sessions", "logs", "scratch", "nobody"), 5, "has no session nobody"),
        (("sessions", "logs", "scratch", "nobody", "x"), 5, ""),
        (("sessions", "input", "scratch", "nobody", "x", "--text", "y"), 5, "command x of session nobody"),
        (("sessions", "input", "scratch", "nobody", "x"), 2, "nothing to send"),
        (("sessions", "create", "scratch", "a/b"), 2, "no name of a session"),
        (("sessions", "list", "no-such-sandbox"), 5, "no-such-sandbox"),
        (("pty", "create", "scratch", ""), 2, "no name of a terminal"),
        (("pty", "create", "scratch", "--size", "0x5"), 2, "is no size"),
        (("pty", "create", "scratch", "--cwd", "/no/such/place"), 1, "/no/such/place"),
        (("pty", "resize", "scratch", "nobody", "80x24"), 5, "terminal nobody of scratch"),
        (("pty", "resize", "scratch", "nobody", "80"), 2, "is no size"),
        (("pty", "input", "scratch", "nobody", "--text", "x"), 5, "terminal nobody of scratch"),
        (("pty", "attach", "scratch", "nobody"), 2, "needs a terminal"),
        (("pty", "nothing"), 2, "nothing"),
    ],
)
async def test_what_cannot_be_done_says_why(run: Run, words: tuple[str, ...], code: int, said: str) -> None:
    outcome = await run(*words, NO_COLOR="1")

    assert outcome.code == code, outcome.err
    assert said in " ".join(outcome.err.replace("│", " ").split())
    assert outcome.err


async def test_what_changes_something_is_refused_where_only_reading_is_allowed(run: Run) -> None:
    for words in (("sessions", "create", "scratch"), ("pty", "create", "scratch"), ("pty", "delete", "scratch", "x")):
        outcome = await run(*words, "--read-only")
        assert (outcome.code, "read-only" in outcome.err) == (2, True)
