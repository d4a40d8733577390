"""The installed program as a person meets it: started in a terminal, driven by keys, quit or killed."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tests.terminal.driver import Terminal

from daytona_tui.emulator.server import Emulator

pytestmark = pytest.mark.terminal

PROGRAM = str(Path(sys.executable).with_name("daytona-tui"))
LEFT_ALTERNATE_SCREEN = b"\x1b[?1049l"
SHOWED_CURSOR = b"\x1b[?25h"


def terminal(
    tmp_path: Path, *arguments: str, columns: int = 160, rows: int = 45, is_installed: bool = False, **env: str
) -> Terminal:
    """The program in a terminal, in an empty home."""
    given = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **env}
    argv = [PROGRAM, *arguments]
    return Terminal(argv, columns=columns, rows=rows, env=given, cwd=tmp_path, is_installed=is_installed)


def descendants(pid: int) -> set[int]:
    """Every process below ``pid`` as the kernel knows them now."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def wait_dead(pids: set[int], deadline_s: float = 10) -> set[int]:
    """Return which of ``pids`` still live when the deadline is over."""
    end = time.monotonic() + deadline_s
    alive = set(pids)
    while alive and time.monotonic() < end:
        alive = {pid for pid in alive if _lives(pid)}
    return alive


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_it_opens_on_a_local_daytona_and_quits_leaving_the_terminal_as_found(tmp_path: Path) -> None:
    with terminal(tmp_path, "--local", is_installed=True) as screen:
        screen.wait_for("1 Sandboxes", "2 Files", "3 Console", "4 Logs", "hermes-docs-crawl", "started")
        helpers = descendants(screen.process.pid)
        screen.press("q")

        assert screen.wait_exit() == 0
        assert helpers, "the emulator and its sandboxes should have been running"
        assert wait_dead(helpers) == set()
        assert screen.modes_now == screen.modes_before
        assert LEFT_ALTERNATE_SCREEN in screen.output
        assert screen.output.rindex(SHOWED_CURSOR) > 0
        tail = screen.output[screen.output.rindex(LEFT_ALTERNATE_SCREEN) :]
        assert b"Traceback" not in tail
        assert b"Warning" not in tail


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP])
def test_an_ended_program_restores_the_terminal(tmp_path: Path, ending: signal.Signals) -> None:
    with terminal(tmp_path, "--local", is_installed=True) as screen:
        screen.wait_for("hermes-docs-crawl")
        helpers = descendants(screen.process.pid)
        screen.process.send_signal(ending)
        screen.wait_exit()

        assert wait_dead(helpers) == set()
        assert screen.modes_now == screen.modes_before
        assert LEFT_ALTERNATE_SCREEN in screen.output


def test_a_killed_program_leaves_no_process_behind(tmp_path: Path) -> None:
    with terminal(tmp_path, "--local", is_installed=True) as screen:
        screen.wait_for("hermes-docs-crawl", "running")
        helpers = descendants(screen.process.pid)
        screen.process.send_signal(signal.SIGKILL)
        screen.wait_exit()

        assert helpers
        assert wait_dead(helpers) == set()


def test_it_follows_the_size_of_the_terminal(tmp_path: Path) -> None:
    with terminal(tmp_path, "--local") as screen:
        screen.wait_for("hermes-docs-crawl", "4 Logs")
        screen.resize(80, 24)
        narrow = screen.wait_for("1 Sandboxes", "2 Files", "3 Console", "4 Logs")
        assert all(len(line) <= 80 for line in narrow.splitlines())
        screen.resize(60, 15)
        screen.wait_for("Sandboxes")
        screen.resize(40, 10)
        screen.resize(160, 45)
        screen.wait_for("hermes-docs-crawl", "4 Logs")
        screen.press("q")
        assert screen.wait_exit() == 0


def test_without_a_key_it_says_what_to_do(tmp_path: Path) -> None:
    with terminal(tmp_path) as screen:
        screen.wait_for("DAYTONA_API_KEY", "local")
        screen.press("escape", "q")
        screen.press("ctrl+q")
        assert screen.wait_exit() == 0
        assert b"Traceback" not in screen.output


async def test_a_refused_key_is_said_and_never_shown(
    tmp_path: Path, open_emulator: Callable[..., Awaitable[Emulator]]
) -> None:
    import asyncio

    emulator = await open_emulator(seed="empty")
    key = "dtn_wrong_0123456789abcdef"

    def drive() -> bytes:
        with terminal(tmp_path, DAYTONA_API_URL=emulator.api_url, DAYTONA_API_KEY=key) as screen:
            screen.wait_for("refused")
            screen.press("ctrl+q")
            assert screen.wait_exit() == 0
            return bytes(screen.output)

    output = await asyncio.to_thread(drive)
    assert key.encode() not in output
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or key.encode() not in file.read_bytes(), file


def find(screen: Terminal, name: str) -> None:
    """Filter to one sandbox and leave the filter line; the keys of the text come in one burst, as over a slow line."""
    screen.press(f"/{name}", "enter")
    screen.wait_gone("hermes-docs-crawl")
    screen.wait_gone("│ / ")


def test_a_person_stops_starts_archives_and_deletes(tmp_path: Path) -> None:
    with terminal(tmp_path, "--local") as screen:
        screen.wait_for("preview-shop", "● started")
        find(screen, "preview-shop")
        screen.press("x")
        screen.wait_for("○ stopped")
        screen.press("s")
        screen.wait_for("● started")
        screen.press("a")
        screen.wait_for("▫ archived", deadline_s=60)
        screen.press("D")
        screen.wait_for("Delete", "Cancel", "preview-shop")
        screen.press("escape")
        screen.wait_gone("Cancel")
        assert "preview-shop" in screen.text
        screen.press("q")
        assert screen.wait_exit() == 0


def test_a_person_reads_files_runs_a_command_and_pulls_the_workspace(tmp_path: Path) -> None:
    with terminal(tmp_path, "--local") as screen:
        screen.wait_for("scratch", "2 Files")
        find(screen, "scratch")
        screen.wait_for("todo.md", "merge-lab")
        screen.press("3", "echo six times seven is $((6*7)); exit_code() { return 3; }; exit_code", "enter")
        screen.wait_for("six times seven is 42", "exit 3")
        screen.press("escape")
        screen.pause(1.0)  # right behind an escape a letter is the letter with Alt
        screen.press("P")
        screen.wait_for("Pull from scratch")
        screen.press("enter")
        screen.wait_for("files")
        _wait_for_file(tmp_path / "scratch" / "todo.md")
        screen.press("ctrl+q")
        screen.wait_exit()


def _wait_for_file(path: Path, deadline_s: float = 20) -> None:
    end = time.monotonic() + deadline_s
    while not path.exists():
        assert time.monotonic() < end, f"{path.name} did not arrive in {sorted(p.name for p in path.parent.glob('*'))}"
