"""``--timeout`` for every subcommand: the whole of it gives up, says so, and tells what is left behind."""

from __future__ import annotations

import json
import time

import pytest
from tests.cli.conftest import Run

from daytona_tui.cli.catalogue import CATALOGUE
from daytona_tui.cli.grammar import Common
from daytona_tui.cli.parsing import whole
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator

LOCAL = {"logout", "completion", "man", "emulator"}


def _verbs() -> list[tuple[str, list[str]]]:
    """Every subcommand and verb, with its flags."""
    import click

    group, found = whole(), []
    with click.Context(group, obj=Common()) as context:
        for name in CATALOGUE:
            command = group.get_command(context, name)
            assert command is not None
            below = command.commands.values() if isinstance(command, click.Group) else [command]
            for each in below:
                found.append((name, [flag for param in each.params for flag in param.opts]))
    return found


def test_everything_that_asks_a_server_can_be_given_a_time() -> None:
    for name, flags in _verbs():
        assert flags.count("--timeout") == (name not in LOCAL), name


def test_everything_knows_json_if_only_to_refuse_it() -> None:
    for name, flags in _verbs():
        assert name == "emulator" or {"--json", "--jsonl"} <= set(flags), name


@pytest.mark.parametrize("words", [["list"], ["get", "scratch"], ["ls", "scratch:"], ["quotas"], ["doctor"]])
async def test_a_server_that_does_not_answer_is_given_up(emulator: Emulator, run: Run, words: list[str]) -> None:
    emulator.faults.add(FaultRule(path="/api/*", delay_s=30.0))
    began = time.monotonic()

    outcome = await run(*words, "--timeout", "2", "--json")

    assert outcome.code == 7, outcome.err
    assert "Out of time: given up after 2 s" in outcome.err
    assert json.loads(outcome.out)["error"]["code"] == "out_of_time"
    assert time.monotonic() - began < 25


async def test_who_was_begun_and_who_was_not_is_told(emulator: Emulator, run: Run) -> None:
    emulator.faults.add(FaultRule(path="*/stop", delay_s=30.0))

    outcome = await run("stop", "scratch", "--yes", "--json", "--timeout", "3")

    assert outcome.code == 7, outcome.err
    assert "it may still happen" in outcome.err
    assert [row["status"] for row in json.loads(outcome.out)] == ["cancelled"]


async def test_a_time_that_is_none_is_refused(run: Run) -> None:
    for wrong in ("0", "soon", "-1", ""):
        outcome = await run("list", "--timeout", wrong)
        assert outcome.code == 2
        assert "--timeout" in outcome.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--json", "list"], "it stands behind the verb"),
        (["snapshots", "--json", "list"], "it stands behind the verb"),
        (["man", "--json"], "what is printed is a page for man"),
        (["completion", "bash", "--jsonl"], "what is printed is a script for a shell"),
        (["ssh", "connect", "scratch", "--json"], "exec has --json"),
        (["pty", "attach", "scratch", "x", "--json"], "pty list has --json"),
        (["clone", "scratch", "o/r", "--user", "me"], "--user is called --login-user here"),
        (["run-once", "--user", "me", "--", "true"], "--user is called --login-user here"),
    ],
)
async def test_a_flag_that_is_not_here_is_refused_with_the_reason(run: Run, words: list[str], told: str) -> None:
    outcome = await run(*words)

    assert outcome.code == 2
    assert told in " ".join(outcome.err.split())


@pytest.mark.parametrize(
    "words",
    [
        ["clone", "scratch", "no"],
        ["ssh", "create", "scratch", "--for", "500d"],
        ["create", "--env", "SURELY_NOT_SET_HERE"],
        ["preview", "signed", "scratch", "3000", "--for", "9d"],
        ["volumes", "create", ""],
        ["snapshots", "create", "a b c", "--image", "python:3.12"],
    ],
)
async def test_a_wrong_value_is_no_fault_of_the_settings(run: Run, words: list[str]) -> None:
    outcome = await run(*words)

    assert outcome.code == 2, outcome.err
    assert "Settings:" not in outcome.err


@pytest.mark.parametrize(
    "words",
    [
        ["clone", "scratch", "https://me:hunter22@127.0.0.1:9/a/b"],
        ["create", "--repo", "https://me:hunter22@127.0.0.1:9/a/b", "--dry-run"],
        ["create", "--proxy", "http://me:hunter22@127.0.0.1:9", "--dry-run"],
        ["run-once", "--repo", "https://me:hunter22@127.0.0.1:9/a/b", "--snapshot", "nothing-of-that-name"],
    ],
)
async def test_a_login_among_the_words_is_warned_of_and_not_repeated(run: Run, words: list[str]) -> None:
    outcome = await run(*words)

    assert "a login on the command line can be read by others here" in outcome.err
    assert "hunter22" not in outcome.err + outcome.out.decode()


async def test_an_address_without_its_scheme_does_not_show_its_login(run: Run) -> None:
    outcome = await run("clone", "scratch", "me:hunter22@example.org/a/b")

    assert outcome.code == 2
    assert "hunter22" not in outcome.err
