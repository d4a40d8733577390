"""``doctor`` says what a bug report needs, and nothing that must stay secret."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Run

from daytona_tui import __version__
from daytona_tui.cli.subcommands.doctor import _wrapped
from daytona_tui.config import paths
from daytona_tui.config.settings import read_settings
from daytona_tui.diagnostics import Diagnostics
from daytona_tui.emulator.mishaps.lacking import parse_lacks
from daytona_tui.emulator.server import Emulator

OpenEmulator = Callable[..., Awaitable[Emulator]]
MISPLACED = "dtn_misplaced_0123456789abcdef"


async def test_a_healthy_connection(run: Run, emulator: Emulator) -> None:
    outcome = await run("doctor", DAYTONA_TARGET="eu")

    text = outcome.out.decode()
    assert (outcome.code, outcome.err) == (0, "")
    for words in (
        f"daytona-tui {__version__}",
        "Python 3.",
        "textual 8.",
        str(paths.config_file()),
        str(paths.diagnostics_file()),
        f"{emulator.api_url}  [DAYTONA_API_URL]",
        "eu  [DAYTONA_TARGET]",
        f"{len(emulator.fleet.records)} sandboxes",
        "isolated by",
        "characters, from DAYTONA_API_KEY",
        "it answers in",
        "agree on the time",
        "the event feed connects",
        "may make, change and delete sandboxes",
    ):
        assert words in text
    assert emulator.api_key not in text


async def test_what_an_older_server_lacks_is_told_and_fails_nothing(run: Run, open_emulator: OpenEmulator) -> None:
    older = await open_emulator(seed="demo", lacks=parse_lacks("v0.190"))

    outcome = await run("doctor", "--json", DAYTONA_API_URL=older.api_url, DAYTONA_API_KEY=older.api_key)

    told = json.loads(outcome.out)
    words = [each["words"] for each in told["findings"] if each["check"] == "abilities"]
    assert outcome.code == 0
    assert any("server 0.190.0" in each["words"] for each in told["findings"])
    assert [each for each in words if each.startswith("this server has no time to live")] != []
    assert {each["exit_code"] for each in told["findings"]} == {0}


def test_long_findings_are_wrapped_for_a_terminal_and_left_whole_for_programs() -> None:
    words = "this server has no time to live " * 4

    narrow = _wrapped("  warn  abilities  ", words, 60)

    assert max(map(len, narrow.splitlines())) <= 60
    assert " ".join(narrow.split()) == " ".join(("warn", "abilities", words.strip()))
    assert all(line.startswith(" " * len("  warn  abilities  ")) for line in narrow.splitlines()[1:])
    for room in (0, 30):
        assert _wrapped("  warn  abilities  ", words, room) == f"  warn  abilities  {words}\n"


async def test_findings_are_data_for_programs_and_warnings_count_when_asked_for(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"DAYTONA_API_KEY={MISPLACED}\n")

    outcome = await run("doctor", "--json", "--strict", LANG="C.UTF-8")

    told = json.loads(outcome.out)
    assert (outcome.code, told["exit_code"]) == (1, 1)
    assert {tuple(each) for each in told["findings"]} == {("check", "grade", "words", "todo", "exit_code")}
    grades = {each["check"]: each["grade"] for each in told["findings"]}
    assert (grades["dotenv"], grades["credential"], grades["key"], grades["events"]) == ("warn", "ok", "ok", "ok")
    assert "versions" in told["report"]
    assert MISPLACED not in outcome.out.decode()


async def test_nobody_answers(run: Run) -> None:
    outcome = await run("doctor", "--jsonl", DAYTONA_API_URL="http://127.0.0.1:1/api")

    told = json.loads(outcome.out)
    assert outcome.code == told["exit_code"] == 3
    failed = [each for each in told["findings"] if each["grade"] == "fail"]
    assert [(each["check"], each["exit_code"]) for each in failed] == [("reachability", 3)]
    assert failed[0]["todo"]


async def test_trouble_is_part_of_the_report_and_of_the_exit_code(run: Run) -> None:
    wrong = "dtn_wrong_0123456789abcdef0123456789"

    outcome = await run("doctor", DAYTONA_API_KEY=wrong)

    assert outcome.code == 4
    assert "key" in outcome.out.decode()
    assert wrong not in outcome.out.decode() + outcome.err


async def test_without_a_key_it_still_reports(run: Run) -> None:
    outcome = await run("doctor", DAYTONA_API_KEY="")

    assert outcome.code == 2
    assert "no Daytona key" in outcome.out.decode()


async def test_a_broken_settings_file_is_part_of_the_report(run: Run) -> None:
    paths.config_file().parent.mkdir(parents=True)
    paths.config_file().write_text("poll_s = ")

    outcome = await run("doctor")

    assert outcome.code == 2
    assert "is not TOML" in outcome.out.decode()


async def test_what_is_judged_otherwise_than_usual_is_shown(run: Run) -> None:
    paths.config_file().parent.mkdir(parents=True)
    usual = await run("doctor")
    paths.config_file().write_text(
        'harbor_jobs = ["/srv/jobs"]\n[leaks]\nidle_min = 240\noff = ["own.none"]\nstuck_min = { starting = 20 }\n'
        '[leaks.weights]\nrun.overdue = 60\n[[protect]]\nfilter = "label:team=core"\nwhy = "theirs"\n'
    )

    told = (await run("doctor")).out.decode()

    assert "leaks\n  (as usual)\n" in usual.out.decode()
    for words in (
        "harbor_jobs /srv/jobs",
        "idle_min = 240",
        "run.overdue counts 60",
        "not looked for: own.none",
        "stuck after 20 min: starting",
        "protected: label:team=core (theirs)",
    ):
        assert words in " ".join(told.split())


async def test_the_tail_of_the_diagnostics_is_shown_harmless(run: Run, home: Path) -> None:
    diagnostics = Diagnostics(paths.diagnostics_file(), level=read_settings({}).log_level)
    diagnostics.start()
    logging.getLogger("x").warning("something \x1b[2J odd, token=abcdef0123456789")

    text = (await run("doctor")).out.decode()

    assert "something ␛[2J odd" in text
    assert "abcdef0123456789" not in text


@pytest.mark.parametrize(
    "url", [f"http://me:{MISPLACED}@127.0.0.1:1/api", MISPLACED, f"http://127.0.0.1:1/api?token={MISPLACED}"]
)
async def test_a_key_in_the_address_is_not_shown(run: Run, url: str) -> None:
    outcome = await run("doctor", DAYTONA_API_URL=url)

    assert outcome.code != 0
    assert "api_url" in outcome.out.decode()
    assert MISPLACED not in outcome.out.decode() + outcome.err
