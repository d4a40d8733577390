"""The list as people live in it: filter by a sentence, mark, act on all that is marked, and see it happen."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.terminal.test_program import terminal

pytestmark = pytest.mark.terminal


def test_a_person_filters_marks_stops_and_sees_it(tmp_path: Path) -> None:
    with terminal(tmp_path, "--local", "--seed", "fleet:60") as screen:
        screen.wait_for("● live", "60 sandboxes")
        screen.press("/state:started autostop=off !ephemeral", "enter")
        screen.wait_for("state:started autostop=off !ephemeral", "hidden by filter")
        screen.wait_gone("○ stopped")
        screen.press("space", "space", "space")
        screen.wait_for("3 marked", "Stop 3")
        screen.press("x")
        screen.wait_for("3 stopped")
        screen.press("escape")
        screen.wait_gone("hidden by filter")
        screen.press("w")
        screen.wait_for("Tasks", "Stop")
        screen.press("ctrl+q")
        assert screen.wait_exit() == 0


def test_a_sentence_that_is_none_selects_nothing(tmp_path: Path) -> None:
    with terminal(tmp_path, "--local", "--seed", "fleet:30") as screen:
        screen.wait_for("● live", "30 sandboxes")
        screen.press("/cpu>=", "enter")
        screen.wait_for("0 of 30")
        screen.press("ctrl+a")
        screen.pause(0.5)
        assert "marked" not in screen.text
        screen.press("ctrl+q")
        assert screen.wait_exit() == 0
