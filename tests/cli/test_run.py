"""``run`` is code from here in a sandbox."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run, finish, start

from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator


async def test_a_file_runs_with_its_arguments_and_returns_its_code(run: Run, tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("import os, sys\nprint(sys.argv[1:], os.environ['A'])\nsys.exit(3)\n")

    outcome = await run("run", "scratch", "one.py", "--env", "A=b c", "--", "x y", "--z")

    assert (outcome.code, outcome.out, outcome.err) == (3, b"['x y', '--z'] b c\n", "")


async def test_javascript_finds_its_arguments_where_scripts_look_for_them(run: Run, tmp_path: Path) -> None:
    (tmp_path / "one.js").write_text("console.log(process.argv.slice(2).join('|'))")

    assert (await run("run", "scratch", "one.js", "--", "a b", "c")).out == b"a b|c\n"


async def test_code_from_standard_input(tmp_path: Path, env: dict[str, str]) -> None:
    (tmp_path / "code").write_text("print(6 * 7)")
    with (tmp_path / "code").open("rb") as source:
        words = ("run", "--language", "python", "scratch", "-")
        outcome = await finish(await start(*words, cwd=tmp_path, env=env, stdin=source.fileno()))

    assert (outcome.code, outcome.out) == (0, b"42\n")


async def test_code_from_the_command_line_with_arguments(run: Run) -> None:
    told = await run("run", "scratch", "--code", "import sys; print(sys.argv[1:])", "--", "x y", "--z")
    script = await run("run", "scratch", "--language", "javascript", "--code", "console.log(process.argv[2])", "a")

    assert (told.code, told.out) == (0, b"['x y', '--z']\n")
    assert (script.code, script.out) == (0, b"a\n")


async def test_json_has_code_output_and_charts(run: Run, tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("print('é')\n1 / 0\n")

    outcome = await run("run", "scratch", "one.py", "--json")

    told = json.loads(outcome.out)
    assert outcome.code == told["exit_code"] == 1
    assert told["output"].startswith("é\n")
    assert "ZeroDivisionError" in told["output"]
    assert told["charts"] == []


async def test_code_whose_time_is_over_is_ended(run: Run, tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("import time\ntime.sleep(600)\n")

    outcome = await run("run", "scratch", "one.py", "--timeout", "1")

    assert outcome.code == 124
    assert "1 s" in outcome.err or "time" in outcome.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("one.txt",), "one.txt does not tell what it is written in"),
        (("none.py",), "none.py: "),
        (("empty.py",), "empty.py is empty"),
        (("bytes.py",), "bytes.py is not UTF-8 text"),
        ((), "there is no code to run"),
        (("--code", " "), "--code is empty"),
        (("one.py", "--language", "cobol"), "'cobol' is not one of"),
        (("one.py", "--timeout", "0"), "'0' is not a time"),
    ],
)
async def test_what_cannot_be_run_is_said(run: Run, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    (tmp_path / "one.txt").write_text("1")
    (tmp_path / "empty.py").write_text(" \n")
    (tmp_path / "bytes.py").write_bytes(b"\xff\xfe")

    outcome = await run("run", "scratch", *words)

    assert outcome.code == 2
    assert said in outcome.err


async def test_charts_are_kept_where_that_is_asked_for(run: Run, tmp_path: Path, emulator: Emulator) -> None:
    charts = [
        {"type": "line", "title": "../Sales \x1b[31m", "png": "iVBORw0KGgo="},
        {"type": "bar", "title": "figures only"},
    ]
    answer = {"exitCode": 0, "result": "done\n", "artifacts": {"charts": charts}}
    (tmp_path / "one.py").write_text("print('done')")
    emulator.faults.add(FaultRule(path="*/process/code-run", body=answer))
    try:
        kept = await run("run", "scratch", "one.py", "--charts", "here/charts", "--json")
        told_only = await run("run", "scratch", "one.py")
        (tmp_path / "file").write_text("")
        refused = await run("run", "scratch", "one.py", "--charts", "file")
    finally:
        emulator.faults.clear()

    (file,) = (str(path.relative_to(tmp_path)) for path in tmp_path.glob("here/charts/sales*.png"))
    assert (tmp_path / file).read_bytes().startswith(b"\x89PNG")
    assert [chart["file"] for chart in json.loads(kept.out)["charts"]] == [file, None]
    assert "\x1b" not in kept.err
    assert told_only.out == b"done\n"
    assert "charts it showed: 2; --charts DIR keeps them" in told_only.err
    assert refused.code == 1
    assert "is not kept: file" in refused.err


async def test_json_stands_in_place_of_a_result_wherever_the_flag_stands(run: Run, tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("import time\ntime.sleep(600)\n")

    missing = await run("run", "scratch", "none.py", "--json")
    late = await run("run", "scratch", "--json", "one.py", "--timeout", "1")

    assert json.loads(missing.out)["error"]["code"] == "usage"
    error = json.loads(late.out)["error"]
    assert (late.code, error["code"], error["exit_code"]) == (124, "not_settled", 124)
