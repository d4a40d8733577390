"""Keys that a slow line delivers in one piece: the program reads all of them before it looks at the first."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.terminal.driver import Terminal
from tests.terminal.test_program import terminal

pytestmark = pytest.mark.terminal


def _under_cursor(screen: Terminal) -> str:
    """The beginning of the row under the cursor: the name, as far as there is room."""
    found = re.search(r"▌\s*(\S+)", screen.text)
    assert found is not None, screen.text
    return found[1]


def test_each_key_of_a_burst_finds_what_the_one_before_it_left(tmp_path: Path) -> None:
    with terminal(tmp_path, "--local", "--seed", "fleet:300") as screen:
        screen.wait_for("● live", "300 sandboxes", "▌")
        first = _under_cursor(screen)
        screen.burst(*["j"] * 200, "down", *["up"] * 201, "down", "D")
        # Four hundred keys, each handled before the next, take seconds; several times as many on a busy machine.
        screen.wait_for("Delete", "Cancel", deadline_s=60)
        assert (second := _under_cursor(screen)) != first
        assert f"Delete {second}" in screen.text
        screen.press("escape")
        screen.wait_gone("Cancel")

        screen.burst("\x1b[1;3B", "\x1bD")  # with Alt they are other keys
        screen.pause()
        screen.burst("up", "space", "3", "xsaDq?:/", "tab")
        screen.wait_for("✓", "xsaDq?:/")
        assert first in next(line for line in screen.text.splitlines() if "✓" in line)
        screen.burst("3", "\x1b[A", "\x1b[B", "ctrl+c", "tab")
        screen.wait_gone("xsaDq?:/")

        screen.burst(*["j"] * 50, ":", "quit", "enter")
        assert screen.wait_exit() == 0


def test_the_program_ends_and_stops_what_is_asked_in_the_middle_of_a_burst(tmp_path: Path) -> None:
    with terminal(tmp_path, "--local") as screen:
        screen.wait_for("preview-shop", "● started")
        screen.burst("/", "preview-shop", "enter", "x")
        screen.wait_for("○ stopped")
        screen.burst(*["j"] * 300, "ctrl+c", "ctrl+q", *["j"] * 300)
        assert screen.wait_exit() == 0


def test_what_is_pasted_runs_nothing_though_it_has_escapes_in_it(tmp_path: Path) -> None:
    with terminal(tmp_path, "--local") as screen:
        screen.wait_for("preview-shop", "● started")
        screen.press("3")
        screen.wait_for("a command · tab completes")
        screen.press("\x1b[200~touch one\n\x1b[31mecho two\n\x1b[0mx\x1b[201~")
        screen.wait_for("touch one␊", "echo two␊")
        screen.pause()
        assert "exit" not in screen.text
        screen.press("ctrl+c", "echo mine", "enter")
        screen.wait_for("exit 0", "mine")
