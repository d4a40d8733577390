"""What ``git status`` says of a repository, in the daemon's words.

The second version of git's format for programs, with NUL between entries: the one that is exact for every file name.
"""

from __future__ import annotations

from daytona_tui.emulator.wire import Json

ARGUMENTS = ("status", "--porcelain=v2", "-z", "--branch", "--untracked-files=all")
ENV = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.fsmonitor", "GIT_CONFIG_VALUE_0": ""}
"""The daemon looks by itself and runs no program that a repository's settings name."""

_WORDS = {
    ".": "Unmodified",
    "M": "Modified",
    "T": "Modified",
    "A": "Added",
    "D": "Deleted",
    "R": "Renamed",
    "C": "Copied",
}
_UNMERGED = "Updated but unmerged"
_FIELDS = {"1": 8, "2": 9, "u": 10, "?": 1}
"""How many fields come before the name, by the kind of an entry."""


def parse_status(printed: bytes) -> Json:
    """Return the daemon's GitStatus for what git has printed."""
    entries = iter(printed.decode("utf-8", "replace").split("\0"))
    headers: dict[str, str] = {}
    files: list[Json] = []
    for entry in entries:
        kind = entry[:1]
        if kind == "#":
            name, _, value = entry[2:].partition(" ")
            headers[name] = value
        elif kind in _FIELDS and kind:
            files.append(_file(entry, next(entries, "") if kind == "2" else ""))
    return {**_branch(headers), "fileStatus": files}


def _file(entry: str, origin: str) -> Json:
    """Return one FileStatus; ``origin`` is the old name of one that was renamed or copied."""
    kind = entry[0]
    *fields, name = entry.split(" ", _FIELDS[kind])
    if kind == "?":
        staging = worktree = "Untracked"
    elif kind == "u":
        staging = worktree = _UNMERGED
    else:
        staging, worktree = (_WORDS.get(letter, "Unmodified") for letter in fields[1])
    return {"name": name, "staging": staging, "worktree": worktree, "extra": origin}


def _branch(headers: dict[str, str]) -> Json:
    head = headers.get("branch.head", "")
    is_detached = head == "(detached)"
    ahead, behind = 0, 0
    if counts := headers.get("branch.ab", "").split():
        ahead, behind = int(counts[0]), -int(counts[1])
    upstream = headers.get("branch.upstream", "")
    return {
        "currentBranch": "HEAD" if is_detached else head,
        "detached": is_detached,
        "upstream": upstream,
        "branchPublished": bool(upstream),
        "ahead": ahead,
        "behind": behind,
    }
