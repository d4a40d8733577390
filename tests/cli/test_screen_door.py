"""The screen's front door: what it starts ends with it, however it ends."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.conftest import COMMAND
from tests.terminal.driver import DEADLINE_S, Terminal

from daytona_tui.bootstrap import EmulatorProcess
from daytona_tui.errors import UnreachableError

pytestmark = pytest.mark.terminal


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """Where the program and its emulator put temporary things; it marks every process of this test."""
    directory = tmp_path / "scratch"
    directory.mkdir()
    return directory


def _env(scratch: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(scratch)}


def _processes(scratch: Path) -> list[int]:
    """Return the processes that were started with the test's temporary directory, or that name it."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                said = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if str(scratch).encode() in said:
                found.append(int(entry.name))
    return found


def _until_nothing_is_left(scratch: Path) -> None:
    left: list[object]
    end = time.monotonic() + DEADLINE_S
    while left := [*_processes(scratch), *scratch.iterdir()]:
        assert time.monotonic() < end, left
        time.sleep(0.05)


@pytest.fixture
def terminal(scratch: Path, tmp_path: Path) -> Iterator[Terminal]:
    argv = [str(COMMAND), "--local", "--seed", "fleet:30"]
    with Terminal(argv, columns=120, rows=36, env=_env(scratch), cwd=tmp_path, is_installed=True) as terminal:
        terminal.wait_for("30 sandboxes")
        yield terminal


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_cleanly(terminal: Terminal, scratch: Path, number: signal.Signals) -> None:
    assert len(_processes(scratch)) > 1

    terminal.process.send_signal(number)

    assert terminal.wait_exit() == 128 + number
    assert terminal.modes_now == terminal.modes_before
    assert b"\x1b[?1049l" in terminal.output, "the ordinary screen is back"
    assert b"Traceback" not in terminal.output
    _until_nothing_is_left(scratch)


def test_a_killed_program_leaves_nothing_behind(terminal: Terminal, scratch: Path) -> None:
    terminal.process.kill()

    terminal.wait_exit()
    _until_nothing_is_left(scratch)


def test_the_key_stands_in_no_command_line(terminal: Terminal, scratch: Path) -> None:
    lines = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in _processes(scratch)]

    assert any(b"daytona_tui.emulator" in line for line in lines)
    assert not any(b"dtn_local" in line for line in lines)


def test_a_local_daytona_that_cannot_start_says_why() -> None:
    emulator = EmulatorProcess("nonsense")
    try:
        with pytest.raises(UnreachableError, match="did not start: the seed is empty, demo, fleet:N"):
            emulator.connection()
    finally:
        emulator.end()
        emulator.end()


def test_a_local_daytona_serves_and_ends() -> None:
    emulator = EmulatorProcess("empty")
    try:
        connection = emulator.connection()
        assert connection.label == "local"
        assert emulator.connection() == connection
    finally:
        emulator.end()

    assert emulator.is_over
