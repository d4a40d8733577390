"""A working day as a person has it: a sandbox from an image, a clone, a bug, a commit, a patch, a preview, a snapshot.

Everything by keys, in a real terminal, on an emulator and a git server that asks for a password. One test, since each
step is done with what the one before has left.
"""

from __future__ import annotations

import asyncio
import base64
import re
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import OpenEmulator
from tests.support.git_server import PASSWORD, USER, GitServer, git, git_server
from tests.terminal.driver import DEADLINE_S, Terminal
from tests.terminal.test_program import terminal

pytestmark = pytest.mark.terminal

SUBJECT = "Add, and do not subtract"
COPIED = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07")
CALC = "def add(a, b):\n    return a - b\n"
TEST = "from calc import add\n\nassert add(2, 3) == 5, add(2, 3)\nprint('1 passed')\n"


async def test_a_person_works_for_a_day(open_emulator: OpenEmulator, tmp_path: Path) -> None:
    emulator = await open_emulator(seed="demo")
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nexec sed -i "s/a - b/a + b/" "$1"\n')
    editor.chmod(0o755)
    key, pulls = emulator.api_key, str(tmp_path / "home")
    async with git_server(tmp_path / "served") as server:
        server.make("calc", {"calc.py": CALC, "test_calc.py": TEST})
        with terminal(
            tmp_path, "--pull-dir", pulls, DAYTONA_API_URL=emulator.api_url, DAYTONA_API_KEY=key, EDITOR=str(editor)
        ) as screen:
            await asyncio.to_thread(work, screen, server)
            assert await asyncio.to_thread(screen.wait_exit) == 0
        check(server, tmp_path)


def work(screen: Terminal, server: GitServer) -> None:
    """Do everything, one thing after another."""
    screen.wait_for("● live", "preview-shop")
    create(screen)
    clone(screen, f"{server.address}/calc.git")
    find_and_fix_the_bug(screen)
    commit_push_and_take_the_patch_home(screen, server)
    preview_a_web_server(screen)
    keep_a_snapshot(screen)
    fork_a_machine(screen)
    clean_up(screen)
    screen.press("ctrl+q")


def create(screen: Terminal) -> None:
    screen.press("n")
    screen.wait_for("New sandbox", "who it is")
    screen.press("day", "tab", "tab", "tab", "tab", "python:3.12")
    screen.wait_for("the same:  daytona-tui create --name day --image python:3.12")
    screen.press("enter")
    screen.wait_for("Created", "day runs")
    screen.press("4")
    screen.wait_for("build of the image")
    screen.press("down", "enter")
    screen.wait_for("FROM python:3.12")
    screen.press("l")


def clone(screen: Terminal, address: str) -> None:
    screen.press("U")
    screen.wait_for("no repository")
    screen.press("C")
    screen.wait_for("Clone into day")
    screen.press(address, "enter")
    screen.wait_for("wants a login")
    screen.press("tab", USER, "tab", PASSWORD)
    assert PASSWORD not in screen.text
    screen.press("enter")
    screen.wait_for("~/calc", "main", "clean")


def find_and_fix_the_bug(screen: Terminal) -> None:
    screen.press("3")
    screen.wait_for("a command")
    screen.press("cd calc && python3 -B test_calc.py", "enter")
    screen.wait_for("AssertionError: -1", "exit 1")
    leave_the_input(screen)
    screen.press("2", "[", "[")
    screen.wait_for("▸ calc/")
    screen.press("enter")
    screen.wait_for("     calc.py ")
    screen.press("down", "e")
    screen.wait_for("return a + b")
    screen.press("enter")
    screen.wait_for("Uploaded")
    screen.press("3", "python3 -B test_calc.py", "enter")
    screen.wait_for("1 passed", "exit 0")
    leave_the_input(screen)


def leave_the_input(screen: Terminal) -> None:
    screen.press("escape")
    screen.pause(0.4)  # a key right after it would be one with alt


def commit_push_and_take_the_patch_home(screen: Terminal, server: GitServer) -> None:
    screen.press("U", "r")
    screen.wait_for("~/calc", "±1")
    screen.press("enter")
    screen.wait_for("calc.py")
    screen.press("enter")
    screen.wait_for("+    return a + b")
    screen.press("left")
    screen.wait_gone("+    return a + b")
    screen.press("e")
    screen.wait_for("Unstage")
    screen.press("c")
    screen.wait_for("Message")
    screen.press(SUBJECT, "tab", "Ann <ann@example.org>", "\x13")
    screen.wait_for("nothing differs from the last commit")
    screen.press("H")
    screen.wait_for(".patch")
    screen.press(">")
    screen.wait_for("wants a login")
    screen.press("tab", USER, "tab", PASSWORD, "enter")
    screen.wait_gone("wants a login")
    until(screen, lambda: server.log("calc") == [SUBJECT, "first"])


def preview_a_web_server(screen: Terminal) -> None:
    screen.press("3", "python3 -m http.server 8123 > web.log 2>&1 &", "enter")
    screen.wait_for("exit 0")
    leave_the_input(screen)
    screen.press("b")
    screen.wait_for("private: its links ask for a login")
    screen.press("Q")
    screen.wait_for("show its QR code")
    screen.press("enter")
    screen.wait_for("▀▀▀")
    screen.press("escape")
    screen.wait_gone("▀▀▀")
    screen.press("l")
    screen.wait_for("copy it")
    screen.press("enter")
    screen.wait_gone("copy it")
    until(screen, lambda: COPIED.search(screen.output))
    link = base64.b64decode(COPIED.findall(screen.output)[-1]).decode()
    assert "8123" in link
    with urllib.request.urlopen(link, timeout=DEADLINE_S) as page:
        assert "test_calc.py" in page.read().decode()


def until(screen: Terminal, holds: Callable[[], object]) -> None:
    """Wait until ``holds`` is true; fail at the deadline."""
    end = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < end, screen.text
        screen.pause(0.05)


def keep_a_snapshot(screen: Terminal) -> None:
    screen.press("1", "C")
    screen.wait_for("New snapshot", "its files are kept")
    screen.press("day-1", "enter")
    screen.wait_gone("its files are kept")
    screen.wait_for("● active  day-1")
    screen.press("q")
    screen.wait_gone("Shelf")


def fork_a_machine(screen: Terminal) -> None:
    screen.press("/", "desktop-agent", "enter")
    screen.wait_for("1 of 26")
    screen.press("s")
    # In its own row: rows that the filter hides may be there still when the frame says so, and are started as well.
    until(screen, lambda: re.search(r"desktop-agent +● started", screen.text))
    screen.press("f")
    screen.wait_for("Fork desktop-agent", "It gets the files")
    screen.press("enter")
    screen.wait_for("desktop-agent-fork", "2 of 27")


def clean_up(screen: Terminal) -> None:
    leave_the_input(screen)  # the filter goes
    screen.wait_for("27 sandboxes")
    screen.wait_gone("2 of 27")
    screen.press("g", "space", "space")
    screen.wait_for("2 marked")
    screen.press("D")
    screen.wait_for("Delete 2 sandboxes?", "desktop-agent-fork", "  day  ", "Type 2 to go on")
    screen.press("2", "enter", "enter")
    screen.wait_for("25 sandboxes")


def check(server: GitServer, home: Path) -> None:
    """Look at what of the day is left where it belongs."""
    (patch,) = (home / "home").rglob("*.patch")
    git(home, "clone", "-q", str(server.root / "calc.git"), "again")
    git(home / "again", "checkout", "-q", "HEAD~1")
    git(home / "again", "apply", str(patch))
    assert (home / "again" / "calc.py").read_text() == CALC.replace("-", "+")
    kept = [path for path in home.rglob("*") if path.is_file() and "served" not in path.parts]
    assert not [path for path in kept if PASSWORD.encode() in path.read_bytes()]
