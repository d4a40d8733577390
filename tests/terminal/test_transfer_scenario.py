"""Taking a workspace home as people do it: see what it comes to, pull it, once more, keep what is mine, look it up."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.terminal.test_program import terminal

pytestmark = pytest.mark.terminal


def test_a_person_takes_a_workspace_home_and_goes_on_with_it(tmp_path: Path) -> None:
    with terminal(tmp_path, "--local", "--pull-dir", str(tmp_path / "home")) as screen:
        screen.wait_for("preview-shop", "● started")
        screen.press("/", "scratch", "enter")
        screen.wait_for("1 of 25")
        screen.press("2")
        screen.wait_for("▸ merge-lab/")
        screen.press("P")
        screen.wait_for("Pull from scratch", " ~ ", " files, ", " links")
        screen.press("enter")
        screen.wait_for("Pulled", " files, ")

        mine = tmp_path / "home" / "scratch"
        assert (mine / "merge-lab" / ".git" / "HEAD").is_file()
        assert (mine / "todo.md").read_text(encoding="utf-8").startswith("# Today")
        assert not list(mine.parent.glob("**/.daytona-tui-*"))
        (mine / "todo.md").write_text("mine\n", encoding="utf-8")

        screen.press("P")
        screen.wait_for("the same already", "1 exists and differs: todo.md")
        screen.press("enter")
        screen.wait_for("choose what happens")
        screen.press("right", "right", "right", "right", "enter")  # keep both
        screen.wait_gone("choose what happens")
        screen.press("w", "H")
        screen.wait_for("Transfers", "1 file, 66 B", "scratch:/home/daytona →")
        screen.press("escape")
        screen.wait_gone("scratch:/home/daytona →")
        screen.press("ctrl+q")
        assert screen.wait_exit() == 0
    assert (mine / "todo.md").read_text(encoding="utf-8") == "mine\n"
    assert (mine / "todo (1).md").read_text(encoding="utf-8").startswith("# Today")
