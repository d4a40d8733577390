"""The hunt as people do it: see the leaks, plan a sweep, leave one out, say yes in words, read and keep the report."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.terminal.test_program import terminal

pytestmark = pytest.mark.terminal


def test_a_person_gives_the_leaks_of_three_hundred_an_end(tmp_path: Path) -> None:
    with terminal(tmp_path, "--local", "--seed", "leaky:300") as screen:
        screen.wait_for("● live", "297 sandboxes")
        screen.press("!")
        screen.wait_for("leaks, by money then score", "auto-stop is off", "suspects")
        screen.press("W")
        before = _chosen(screen.wait_for("Sweep", "chosen", "because:"))
        screen.press("space")
        chosen = _chosen(screen.wait_gone(f"{before:,} of "))
        assert abs(chosen - before) == 1
        screen.press("enter")
        screen.wait_for(f"Sweep {chosen:,} sandboxes?", "Type local to go on")
        screen.press("local", "enter", "enter")
        screen.wait_for("repaired", "saves it as JSON", deadline_s=60)
        screen.press("s")
        screen.wait_for("Save the report as")
        screen.press("enter")
        screen.wait_for("sweep-report-")
        screen.press("escape")
        screen.press("ctrl+q")
        assert screen.wait_exit() == 0
    (file,) = tmp_path.glob("**/sweep-report-*.json")
    report = json.loads(file.read_text(encoding="utf-8"))
    assert len(report["rows"]) >= chosen
    assert "dtn_" not in file.read_text(encoding="utf-8")


def _chosen(text: str) -> int:
    found = re.search(r"([\d,]+) of [\d,]+ chosen", text)
    assert found is not None, text
    return int(found[1].replace(",", ""))
