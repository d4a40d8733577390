"""Repositories in words and letters."""

from __future__ import annotations

from daytona_tui.domain.git import Change, RepositoryStatus
from daytona_tui.presentation.safe_text import safe

_LETTERS = {
    Change.SAME: " ",
    Change.UNTRACKED: "?",
    Change.MODIFIED: "M",
    Change.ADDED: "A",
    Change.DELETED: "D",
    Change.RENAMED: "R",
    Change.COPIED: "C",
    Change.CONFLICT: "U",
    Change.UNKNOWN: "!",
}


def letter(change: Change) -> str:
    """Return git's own letter for how a file differs."""
    return _LETTERS[change]


def distance(status: RepositoryStatus) -> str:
    """Return how far a branch is from what it follows, such as ``↑2 ↓1``; empty where they are even."""
    counts = ((status.ahead, "↑"), (status.behind, "↓"))
    return " ".join(f"{sign}{count}" for count, sign in counts if count)


def marks(status: RepositoryStatus) -> str:
    """Return what ``dirt`` does in few cells: ``●2 ±3 ?1``."""
    parts = zip(_counts(status), "!●±?", strict=True)
    return " ".join(f"{sign}{count}" for count, sign in parts if count) or "clean"


def dirt(status: RepositoryStatus) -> str:
    """Return what differs, counted: ``2 staged, 3 changed``; ``clean`` where nothing does."""
    words = ("in conflict", "staged", "changed", "new")
    parts = zip(_counts(status), words, strict=True)
    return ", ".join(f"{count:,} {word}" for count, word in parts if count) or "clean"


def _counts(status: RepositoryStatus) -> tuple[int, int, int, int]:
    """Return how many files are in conflict, staged, changed and not staged, and new."""
    new = sum(file.unstaged is Change.UNTRACKED for file in status.files)
    conflicts = sum(file.unstaged is Change.CONFLICT for file in status.files)
    changed = sum(file.unstaged not in (Change.SAME, Change.UNTRACKED, Change.CONFLICT) for file in status.files)
    return conflicts, len(status.staged), changed, new


def standing(status: RepositoryStatus) -> str:
    """Return the branch and how it stands to what it follows, in a sentence's part."""
    branch = safe(status.branch) or "no branch"
    if not status.upstream and not status.is_published:
        return f"{branch}, not published" if status.is_published is False else branch
    counts = [f"{count:,} {word}" for count, word in ((status.ahead, "ahead"), (status.behind, "behind")) if count]
    upstream = safe(status.upstream) or "its upstream"
    return f"{branch}, {' and '.join(counts)} of {upstream}" if counts else f"{branch}, even with {upstream}"
