"""How files differ from the last commit of the repository that they lie in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from daytona_tui.domain.files import parent_path
from daytona_tui.domain.tree import GitMark

_CONFLICTS = frozenset({"DD", "AU", "UD", "UA", "DU", "AA", "UU"})


@dataclass(slots=True)
class GitMarks:
    """The marks of some repositories.

    Attributes:
        tops: their working trees.
        own: what git named, by absolute path.
        below: directories in which something differs.
    """

    tops: frozenset[str] = frozenset()
    own: dict[str, GitMark] = field(default_factory=dict)
    below: set[str] = field(default_factory=set)

    def of(self, path: str) -> GitMark | None:
        """Return the mark of a file or directory; None where it is as committed, or in no repository."""
        if not self.own:
            return None
        mark = self.own.get(path)
        if mark is not None:
            return mark
        if path in self.below:
            return GitMark.BELOW
        # Git names a directory that is untracked or ignored as a whole, and not what is in it.
        directory = parent_path(path)
        while directory not in self.tops and directory != "/":
            mark = self.own.get(directory)
            if mark in (GitMark.UNTRACKED, GitMark.IGNORED):
                return mark
            directory = parent_path(directory)
        return None

    def add(self, top: str, records: Sequence[str]) -> None:
        """Take in what ``git status --porcelain=v1 -z`` says of the repository whose working tree is ``top``."""
        self.tops |= {top}
        for code, name in _entries(records):
            path = f"{top.rstrip('/')}/{name.rstrip('/')}"
            mark = _mark(code)
            self.own[path] = mark
            if mark is not GitMark.IGNORED:
                self._note_above(top, path)

    def _note_above(self, top: str, path: str) -> None:
        directory = parent_path(path)
        while directory not in self.below and directory.startswith(top) and directory != "/":
            self.below.add(directory)
            if directory == top:
                return
            directory = parent_path(directory)


def _entries(records: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Yield code and name; of what was renamed only the new name."""
    at = 0
    while at < len(records):
        record = records[at]
        at += 1
        code, name = record[:2], record[3:]
        if len(code) < 2 or record[2:3] != " " or not name:
            continue
        if "R" in code or "C" in code:
            at += 1
        yield code, name


def _mark(code: str) -> GitMark:
    if code == "??":
        return GitMark.UNTRACKED
    if code == "!!":
        return GitMark.IGNORED
    if code in _CONFLICTS:
        return GitMark.CONFLICT
    return GitMark.ADDED if code[0] == "A" else GitMark.MODIFIED
