"""What the git pane shows: repositories, and from each of them files, commits, branches and differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from daytona_tui.domain.git import Branch, Commit, FoundRepository, GitFile
from daytona_tui.domain.tree import tilde
from daytona_tui.presentation.columns import Column
from daytona_tui.presentation.git_rows import Row, branch_row, commit_row, file_row, repository_row
from daytona_tui.presentation.tones import Cell
from daytona_tui.ui.widgets.cell_table import heading

Thing = FoundRepository | GitFile | Commit | Branch


class Level(StrEnum):
    """What is shown."""

    REPOSITORIES = "repositories"
    FILES = "files"
    LOG = "log"
    BRANCHES = "branches"
    DIFF = "diff"
    COMMIT = "commit"


_COLUMNS: dict[Level, tuple[Column, ...]] = {
    Level.REPOSITORIES: (
        heading("path", "REPOSITORY", (8, 16, 48), 1),
        heading("branch", "BRANCH", (4, 8, 30), 2),
        heading("away", "AWAY", (5, 5, 10), 3),
        heading("dirt", "DIFFERS", (7, 10, 34), 4),
        heading("head", "LAST COMMIT", (12, 24, 80), 5),
    ),
    Level.FILES: (
        heading("staged", "", (1, 1, 1), 1),
        heading("letters", "", (2, 2, 2), 2),
        heading("name", "FILE", (8, 24, 120), 1),
        heading("word", "", (4, 8, 40), 5),
    ),
    Level.LOG: (
        heading("hash", "COMMIT", (8, 8, 8), 1),
        heading("unpushed", "", (1, 1, 1), 2),
        heading("age", "AGE", (3, 3, 4), 3, right=True),
        heading("author", "AUTHOR", (4, 10, 24), 5),
        heading("subject", "SUBJECT", (8, 30, 200), 1),
    ),
    Level.BRANCHES: (
        heading("current", "", (1, 1, 1), 1),
        heading("name", "BRANCH", (8, 16, 60), 1),
        heading("standing", "STANDS", (2, 8, 24), 3),
        heading("subject", "LAST COMMIT", (8, 24, 120), 4),
    ),
}
KINDS = ("all", "staged", "unstaged")
"""Which differences are shown: since the last commit, of what is staged, of what is not."""
KIND_WORDS = {"all": "", "staged": "staged", "unstaged": "not staged"}


@dataclass
class View:
    """One thing that is shown, and where the user is in it.

    Attributes:
        subject: the thing that it was opened from: the file of a difference, the commit.
        things: one for each row; not for a difference.
        lines: of a difference.
        is_read: something was read for it.
        trouble: why it could not be read, in words.
        is_partial: there is more than is shown.
    """

    level: Level
    subject: Thing | None = None
    things: tuple[Thing, ...] = ()
    lines: Sequence[Cell] = ()
    cursor: int = 0
    is_read: bool = False
    trouble: str = ""
    is_partial: bool = False

    @property
    def is_text(self) -> bool:
        """True for lines that are only read."""
        return self.level in (Level.DIFF, Level.COMMIT)

    @property
    def current(self) -> Thing | None:
        """What is under the cursor."""
        return self.things[self.cursor] if self.cursor < len(self.things) else None

    @property
    def columns(self) -> tuple[Column, ...]:
        """The headings of its rows."""
        return _COLUMNS[self.level]

    def take(self, things: Sequence[Thing]) -> None:
        """Show other things, with the cursor on the one that it was on if that is still there."""
        key = _key(self.current) if self.current is not None else ""
        self.things = tuple(things)
        if self.current is not None and _key(self.current) == key:
            return  # also where two have the same name: one that is gone and one that git does not know
        same = (index for index, each in enumerate(self.things) if _key(each) == key)
        self.cursor = next(same, max(0, min(self.cursor, len(self.things) - 1)))

    def rows(self, now: datetime, home: str, ahead: int) -> list[Row]:
        """Return the rows; so many of the first commits are not pushed."""
        return [
            repository_row(each, tilde(each.path, home), now)
            if isinstance(each, FoundRepository)
            else file_row(each)
            if isinstance(each, GitFile)
            else branch_row(each, now)
            if isinstance(each, Branch)
            else commit_row(each, now, is_unpushed=index < ahead)
            for index, each in enumerate(self.things)
        ]


def _key(thing: Thing) -> str:
    if isinstance(thing, FoundRepository):
        return thing.path
    if isinstance(thing, Commit):
        return thing.hash
    return f"{thing.remote}/{thing.name}" if isinstance(thing, Branch) else thing.name


@dataclass
class Stack:
    """The views, one opened from another; the first shows the repositories.

    Attributes:
        repository: the one that all but the first speak of.
        kind: which differences are shown.
    """

    views: list[View] = field(default_factory=lambda: [View(Level.REPOSITORIES)])
    repository: FoundRepository | None = None
    kind: str = KINDS[0]

    @property
    def view(self) -> View:
        """The one that is seen."""
        return self.views[-1]

    def open(self, view: View) -> None:
        """Show another one on top."""
        self.views.append(view)

    def back(self) -> None:
        """Leave the one that is seen."""
        if len(self.views) > 1:
            self.views.pop()
        if len(self.views) == 1:
            self.repository = None
            self.kind = KINDS[0]
