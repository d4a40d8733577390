"""What git says of files, as marks."""

from __future__ import annotations

import pytest

from daytona_tui.domain.git_marks import GitMarks
from daytona_tui.domain.tree import GitMark

SAID = [
    " M src/main.py", "A  src/new.py", "R  now.py", "before.py", "?? notes/", "!! build/", "UU both.py",
    "?? a b\nc", "",
]  # fmt: skip


@pytest.fixture
def marks() -> GitMarks:
    made = GitMarks()
    made.add("/testbed/repo", SAID)
    return made


@pytest.mark.parametrize(
    ("name", "mark"),
    [
        ("src/main.py", GitMark.MODIFIED),
        ("src/new.py", GitMark.ADDED),
        ("src", GitMark.BELOW),
        ("src/same.py", None),
        ("now.py", GitMark.MODIFIED),
        ("before.py", None),
        ("notes", GitMark.UNTRACKED),
        ("notes/deep/today.md", GitMark.UNTRACKED),
        ("build", GitMark.IGNORED),
        ("build/out.o", GitMark.IGNORED),
        ("both.py", GitMark.CONFLICT),
        ("a b\nc", GitMark.UNTRACKED),
    ],
)
def test_each_path_has_the_mark_that_git_gave_it(marks: GitMarks, name: str, mark: GitMark | None) -> None:
    assert marks.of(f"/testbed/repo/{name}") == mark


def test_a_repository_that_differs_is_marked_and_what_is_around_it_is_not(marks: GitMarks) -> None:
    assert marks.of("/testbed/repo") is GitMark.BELOW
    assert marks.of("/testbed") is None
    assert marks.of("/testbed/repository") is None


def test_only_ignored_files_leave_their_directories_unmarked() -> None:
    made = GitMarks()
    made.add("/r", ["!! src/x.pyc", ""])

    assert made.of("/r/src/x.pyc") is GitMark.IGNORED
    assert made.of("/r/src") is None


@pytest.mark.parametrize("said", [[], [""], ["M"], ["  "], ["R  only"], ["\x00\x00\x00"], ["?? "]])
def test_what_is_no_status_is_passed_over(said: list[str]) -> None:
    made = GitMarks()
    made.add("/r", said)

    assert made.of("/r/nothing") is None


def test_a_repository_at_the_top_of_everything() -> None:
    made = GitMarks()
    made.add("/", [" M etc/hosts"])

    assert made.of("/etc/hosts") is GitMark.MODIFIED
    assert made.of("/etc") is GitMark.BELOW
