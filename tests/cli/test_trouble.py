"""Whatever goes wrong is one clear message on stderr, an exit code of its own, and never the key."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from tests.cli.conftest import Outcome, Run

from daytona_tui.config import paths
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator

WRONG_KEY = "dtn_wrong_0123456789abcdef0123456789"


def _check(outcome: Outcome, code: int, *words: str) -> None:
    assert outcome.code == code, outcome.err
    assert outcome.out == b""
    assert outcome.err.startswith("daytona-tui: ")
    assert "Traceback" not in outcome.err
    assert len(outcome.err.splitlines()) <= 2
    for word in words:
        assert word.lower() in outcome.err.lower()


async def test_without_a_key(run: Run) -> None:
    _check(await run("list", DAYTONA_API_KEY=""), 2, "no Daytona key", "DAYTONA_API_KEY")


async def test_a_wrong_key(run: Run) -> None:
    outcome = await run("list", DAYTONA_API_KEY=WRONG_KEY)

    _check(outcome, 4, "key")
    assert WRONG_KEY not in outcome.err


async def test_an_address_that_is_none(run: Run) -> None:
    _check(await run("list", DAYTONA_API_URL="app.daytona.io"), 2, "DAYTONA_API_URL")


async def test_an_address_where_nobody_listens(run: Run) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        _check(await run("list", DAYTONA_API_URL=f"http://127.0.0.1:{port}/api"), 3, f"127.0.0.1:{port}")


async def test_a_host_that_does_not_exist(run: Run) -> None:
    _check(await run("list", DAYTONA_API_URL="http://no-such-host.invalid/api"), 3, "no-such-host.invalid")


async def test_a_server_that_asks_to_wait(run: Run, emulator: Emulator) -> None:
    emulator.faults.add(FaultRule.rate_limited(path="/api/sandbox*", seconds=75))

    _check(await run("list"), 3, "wait", "1m 15s")


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (FaultRule(path="/api/sandbox*", status=500), 1),
        (FaultRule(path="/api/sandbox*", status=503, text="<html>busy</html>"), 1),
        (FaultRule(path="/api/sandbox*", text="<html>welcome to the hotel</html>"), 1),
        (FaultRule(path="/api/sandbox*", text="{", content_type="application/json"), 1),
        (FaultRule(path="/api/sandbox*", body=["not", "a", "page"]), 1),
        (FaultRule(path="/api/sandbox*", drop=True), 3),
    ],
    ids=["500", "503", "html", "cut-json", "nonsense", "dropped"],
)
async def test_a_server_that_is_not_well(run: Run, emulator: Emulator, rule: FaultRule, code: int) -> None:
    emulator.faults.add(rule)

    _check(await run("list"), code)


async def test_a_sandbox_that_is_not_there(run: Run) -> None:
    _check(await run("exec", "nobody", "--", "true"), 5, "nobody")
    _check(await run("pull", "nobody", "/x"), 5, "nobody")


async def test_an_ambiguous_name(run: Run) -> None:
    _check(await run("exec", "inspect-", "--", "true"), 2, "inspect-swe-bench", "inspect-gaia")


async def test_a_sandbox_that_does_not_run(run: Run) -> None:
    _check(await run("exec", "nightly-etl", "--", "true"), 1, "nightly-etl is error")
    _check(await run("pull", "hermes-refactor-auth", "."), 1, "is stopped", "start it first")


async def test_a_broken_settings_file_is_named(run: Run) -> None:
    paths.config_file().parent.mkdir(parents=True)
    paths.config_file().write_text("poll_s = 'often'")

    _check(await run("list"), 2, str(paths.config_file()), "poll_s")


@pytest.mark.parametrize(
    "words",
    [
        ["exec", "scratch"],
        ["exec", "scratch", "--"],
        ["frobnicate"],
        ["pull"],
        ["pull", "scratch", "a", "b", "c"],
        ["push", "scratch"],
        ["push", "a", ":b"],
        ["--nope"],
        [],
        ["--seed", "x"],
    ],
)
async def test_usage_mistakes(run: Run, words: list[str]) -> None:
    outcome = await run(*words)

    assert outcome.code == 2
    assert outcome.out == b""
    assert "daytona-tui" in outcome.err


async def test_an_unwritable_state_directory_costs_the_diagnostics_only(run: Run, home: Path) -> None:
    (home / "state").write_text("in the way")

    listed, examined = await run("list"), await run("doctor")

    assert (listed.code, listed.err) == (0, "")
    assert examined.code == 0
    assert "cannot be written" in examined.out.decode()
