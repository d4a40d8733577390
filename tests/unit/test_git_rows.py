"""Repositories in rows: what is hostile is made safe, what is long goes on in the next row, nothing is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from daytona_tui.domain.git import Branch, Change, Commit, FoundRepository, GitFile, RepositoryStatus
from daytona_tui.presentation.git import dirt, distance, marks, standing
from daytona_tui.presentation.git_rows import (
    branch_row,
    broken,
    commit_row,
    diff_lines,
    file_row,
    repository_row,
)
from daytona_tui.presentation.safe_text import cell_width
from daytona_tui.presentation.tones import Cell, Tone

NOW = datetime(2026, 1, 2, tzinfo=UTC)
HOSTILE = "x\x1b[2J\n\u202e\ty"
FILES = (
    GitFile("both", Change.CONFLICT, Change.CONFLICT),
    GitFile("one", Change.MODIFIED),
    GitFile("two", Change.ADDED, Change.MODIFIED),
    GitFile("three", Change.SAME, Change.DELETED),
    GitFile("four", Change.UNTRACKED, Change.UNTRACKED),
)


def test_how_a_repository_stands() -> None:
    status = RepositoryStatus("main", "origin/main", True, 1_200, 3, FILES)
    assert dirt(status) == "1 in conflict, 2 staged, 2 changed, 1 new"
    assert marks(status) == "!1 ●2 ±2 ?1"
    assert (distance(status), standing(status)) == ("↑1200 ↓3", "main, 1,200 ahead and 3 behind of origin/main")
    even = RepositoryStatus("main", "origin/main", True, 0, 0)
    assert (dirt(even), marks(even), distance(even)) == ("clean", "clean", "")
    assert standing(even) == "main, even with origin/main"
    assert standing(RepositoryStatus("main", is_published=False)) == "main, not published"
    assert standing(RepositoryStatus()) == "no branch"
    assert standing(RepositoryStatus("main", is_published=True, ahead=1)) == "main, 1 ahead of its upstream"


def test_no_row_has_what_a_terminal_would_obey() -> None:
    commit = Commit("abc" + HOSTILE, HOSTILE, HOSTILE, HOSTILE, NOW - timedelta(hours=3))
    status = RepositoryStatus(HOSTILE, HOSTILE, True, 1, 0, FILES)
    rows = (
        repository_row(FoundRepository("/a/" + HOSTILE, status, commit), HOSTILE, NOW),
        repository_row(FoundRepository("/a"), "/a", NOW),
        file_row(GitFile(HOSTILE, Change.RENAMED, Change.SAME, HOSTILE)),
        commit_row(commit, NOW, is_unpushed=True),
        branch_row(Branch(HOSTILE, True, HOSTILE, HOSTILE, HOSTILE, HOSTILE, NOW), NOW),
        diff_lines(HOSTILE),
    )
    texts = [cell.text for row in rows for cell in row]
    assert all(char.isprintable() and char != "\u202e" for text in texts for char in text)
    assert "3h" in texts
    assert [file_row(file)[0].text for file in FILES] == ["○", "●", "◐", "○", "○"]


def test_lines_of_a_difference_have_their_tones() -> None:
    lines = diff_lines("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n c\n")
    assert [line.tone for line in lines] == [
        Tone.STRONG, Tone.DIM, Tone.DIM, Tone.ACCENT, Tone.BAD, Tone.GOOD, Tone.NEUTRAL,
    ]  # fmt: skip


@given(st.lists(st.text(st.characters(exclude_categories=["C", "M"]), max_size=60), max_size=8), st.integers(10, 30))
def test_long_lines_go_on_and_lose_nothing(texts: list[str], width: int) -> None:
    rows = list(broken([Cell(text) for text in texts], width))
    assert all(cell_width(cell.text) <= width for _, cell in rows)
    for index, text in enumerate(texts):
        assert "".join(cell.text for at, cell in rows if at == index) == text
