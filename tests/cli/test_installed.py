"""The command as it is installed: a subcommand of each kind, from the start of the interpreter to its exit code.

The other tests of this folder start it as a fork of a process that has loaded its modules. Here, nothing is loaded that
the command does not load by itself. With ``TESTS_START_THE_INSTALLED_COMMAND`` all of them are started like this.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import finish, start, start_installed

from daytona_tui import __version__
from daytona_tui.emulator.server import Emulator

RUNS = [
    (("--version",), 0, f"daytona-tui {__version__}", ""),
    (("list", "--nope"), 2, "", "--nope"),
    (("stop", "scratch", "--yes"), 0, "", "1 stopped"),
    (("exec", "scratch", "--", "echo good; exit 7"), 7, "good", ""),
    (("pull", "scratch:/etc/hostname", "."), 0, "hostname", "1 file"),
    (("reap", "scratch"), 0, "", ""),
    (("emulator", "--help"), 0, "usage:", ""),
]


@pytest.mark.parametrize(("words", "code", "out", "err"), RUNS, ids=[words[0] for words, *_ in RUNS])
async def test_a_subcommand(
    env: dict[str, str], tmp_path: Path, words: tuple[str, ...], code: int, out: str, err: str
) -> None:
    outcome = await finish(await start_installed(*words, cwd=tmp_path, env=env))

    assert outcome.code == code, outcome.err
    assert out in outcome.out.decode()
    assert err in outcome.err


async def test_a_fork_is_like_it(env: dict[str, str], tmp_path: Path, emulator: Emulator) -> None:
    words = ("list", "--json", "name:scratch")

    installed, forked = [await finish(await each(*words, cwd=tmp_path, env=env)) for each in (start_installed, start)]

    assert installed == forked
    assert [row["name"] for row in json.loads(forked.out)] == ["scratch"]
