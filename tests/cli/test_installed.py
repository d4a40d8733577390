"""The command as it is installed: every subcommand once, from the start of the interpreter to its exit code.

The other tests of this folder start it as a fork of a process that has loaded its modules. Here, nothing is loaded that
the command does not load by itself.
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
    (("list",), 0, "scratch", ""),
    (("list", "--nope"), 2, "", "--nope"),
    (("start", "scratch", "--dry-run"), 0, "", "it is started already"),
    (("stop", "scratch", "--yes"), 0, "", "1 stopped"),
    (("archive", "scratch", "--dry-run"), 0, "", "Archive scratch"),
    (("delete", "scratch", "--yes", "--held"), 0, "", "1 deleted"),
    (("exec", "scratch", "--", "echo good; exit 7"), 7, "good", ""),
    (("push", "file", "scratch:box/"), 0, "box", "1 file"),
    (("pull", "scratch:/etc/hostname", "."), 0, "hostname", "1 file"),
    (("ls", "scratch:/etc"), 0, "hostname", ""),
    (("cat", "scratch:/etc/passwd"), 0, "root:", ""),
    (("du", "scratch:/etc"), 0, "/etc", ""),
    (("find", "scratch:/etc", "host*"), 0, "hostname", ""),
    (("leaks",), 0, "", ""),
    (("reap", "scratch"), 0, "", ""),
    (("who", "scratch"), 0, "scratch", ""),
    (("doctor",), 0, "isolated by", ""),
    (("emulator", "--help"), 0, "usage:", ""),
]


@pytest.mark.parametrize(("words", "code", "out", "err"), RUNS, ids=[words[0] for words, *_ in RUNS])
async def test_a_subcommand(
    env: dict[str, str], tmp_path: Path, words: tuple[str, ...], code: int, out: str, err: str
) -> None:
    (tmp_path / "file").write_text("contents")

    outcome = await finish(await start_installed(*words, cwd=tmp_path, env=env))

    assert outcome.code == code, outcome.err
    assert out in outcome.out.decode()
    assert err in outcome.err


async def test_a_fork_is_like_it(env: dict[str, str], tmp_path: Path, emulator: Emulator) -> None:
    words = ("list", "--json", "name:scratch")

    installed, forked = [await finish(await each(*words, cwd=tmp_path, env=env)) for each in (start_installed, start)]

    assert installed == forked
    assert [row["name"] for row in json.loads(forked.out)] == ["scratch"]
