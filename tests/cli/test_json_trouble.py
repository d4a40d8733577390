"""With --json a program gets an object whatever happens: the result, or what went wrong; never both, never nothing."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from tests.cli.conftest import Run, finish, start
from tests.cli.test_asking import terminal
from tests.operations.bulk_helpers import until

from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator

pytestmark = pytest.mark.parametrize("emulator", ["leaky:40"], indirect=True)

LEAKS = "state:started"
WRONG_KEY = "dtn_wrong_0123456789abcdef0123456789"


def _error(out: bytes) -> dict[str, object]:
    told = json.loads(out)
    assert told.keys() == {"error"}
    assert told["error"].keys() == {"code", "message", "next", "exit_code"}
    return dict(told["error"])


@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        (["list", "state:"], 2, "filter"),
        (["list", "--nope"], 2, "usage"),
        (["list", "--profile", "nowhere"], 2, "settings"),
        (["stop", LEAKS], 2, "no_terminal"),
        (["stop", "", "--yes"], 2, "empty_filter"),
        (["stop", LEAKS, "--yes", "--max", "1"], 2, "too_many"),
        (["stop", LEAKS, "--yes"], 2, "would_delete"),
        (["delete", "name:nobody", "--yes"], 5, "not_found"),
        (["who", "nobody"], 5, "not_found"),
        (["who"], 2, "usage"),
        (["leaks", "(("], 2, "filter"),
        (["reap"], 2, "empty_filter"),
        (["reap", LEAKS, "--max", "1", "--yes"], 2, "too_many"),
        (["reap", LEAKS, "--max", "one"], 2, "usage"),
        (["reap", LEAKS, "--plan", "p", "--yes"], 2, "usage"),
        (["reap", "--apply", "nowhere.json"], 2, "no_terminal"),
        (["reap", "--apply", "nowhere.json", "--yes"], 2, "plan"),
        (["reap", LEAKS, "--plan", "/proc/none/plan.json"], 2, "plan"),
        (["reap", "owner:benchflow", "--action", "stop", "--yes"], 2, "would_delete"),
        (["--read-only", "reap", LEAKS, "--yes"], 2, "settings"),
    ],
)
async def test_what_is_refused_is_an_object(
    emulator: Emulator, run: Run, words: list[str], exit_code: int, code: str
) -> None:
    plain, told = await run(*words), await run(*words, "--json")

    assert (plain.code, told.code, plain.out) == (exit_code, exit_code, b""), plain.err
    assert told.err == plain.err, "people are told the same"
    error = _error(told.out)
    assert (error["code"], error["exit_code"]) == (code, exit_code)
    assert str(error["message"]).splitlines()[0] in plain.err
    assert str(error["next"]) in plain.err or code == "usage"


@pytest.mark.parametrize(
    "words",
    [
        ["exec", "nobody", "ls", "--json"],
        ["run-once", "sh", "script", "--json"],
        ["run-once", "--nope", "--", "ls", "--json"],
        ["ssh", "connect", "nobody", "ls", "--json"],
    ],
)
async def test_the_words_of_another_program_ask_for_nothing_here(run: Run, words: list[str]) -> None:
    outcome = await run(*words, DAYTONA_API_KEY=WRONG_KEY)

    assert outcome.code != 0
    assert outcome.out == b""


@pytest.mark.parametrize("words", [["list"], ["leaks"], ["reap", LEAKS], ["stop", LEAKS, "--yes"], ["who", "a"]])
async def test_a_server_that_refuses_or_fails_is_an_object(emulator: Emulator, run: Run, words: list[str]) -> None:
    refused = await run(*words, "--json", DAYTONA_API_KEY=WRONG_KEY)
    silent = await run(*words, "--json", DAYTONA_API_URL="http://127.0.0.1:9/api")
    emulator.faults.add(FaultRule(path="/api/sandbox", status=500))
    broken = await run(*words, "--json")

    assert [each.code for each in (refused, silent, broken)] == [4, 3, 1]
    codes = [_error(each.out)["code"] for each in (refused, silent, broken)]
    assert codes == ["key_refused", "unreachable", "failed"]
    assert WRONG_KEY not in refused.out.decode()


async def test_a_flag_of_the_remote_program_is_not_ours(emulator: Emulator, run: Run) -> None:
    outcome = await run("exec", "nobody", "--", "ls", "--json")

    assert (outcome.code, outcome.out) == (5, b"")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_an_interruption_before_the_end_is_an_object(
    emulator: Emulator, env: dict[str, str], tmp_path: Path, number: signal.Signals, code: int
) -> None:
    slow = emulator.faults.add(FaultRule(path="/api/sandbox", delay_s=30))
    process = await start("reap", LEAKS, "--json", cwd=tmp_path, env=env)
    await until(lambda: slow.hits > 0, within_s=30)

    outcome = await finish(process, signals=(number,))

    assert outcome.code == code
    assert _error(outcome.out)["code"] == "interrupted"


async def test_at_a_terminal_the_plan_is_shown_beside_the_json(
    emulator: Emulator, run: Run, env: dict[str, str], tmp_path: Path
) -> None:
    await run("reap", "owner:benchflow", "--plan", "plan.json")
    (row, *_) = [each for each in json.loads((tmp_path / "plan.json").read_text())["rows"] if each["chosen"]]

    async with terminal("reap", "--apply", "plan.json", "--json", cwd=tmp_path, env=env) as shown:
        await shown.until("to go on")
        assert row["name"][:6] in shown.text, "the table is on stderr, stdout is for JSON"
        shown.type("no\n")
        assert await shown.code() == 1
