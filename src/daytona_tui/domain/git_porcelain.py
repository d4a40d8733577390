"""What ``git status --porcelain=v2 --branch -z`` says → how a repository stands. It is exact for every file name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from daytona_tui.domain.git import Change, GitFile, RepositoryStatus

_WORDS = {
    ".": Change.SAME,
    "M": Change.MODIFIED,
    "T": Change.MODIFIED,
    "A": Change.ADDED,
    "D": Change.DELETED,
    "R": Change.RENAMED,
    "C": Change.COPIED,
}
_FIELDS = {"1": 8, "2": 9, "u": 10, "?": 1}
"""How many fields come before the name, by the kind of a record."""


def status_of(records: Iterable[str]) -> RepositoryStatus:
    """Return how a repository stands; what is no record counts for nothing."""
    rest = iter(records)
    headers: dict[str, str] = {}
    files: list[GitFile] = []
    for record in rest:
        if record.startswith("# "):
            name, _, value = record[2:].partition(" ")
            headers[name] = value
        elif record[:2].rstrip() in _FIELDS:
            origin = next(rest, "") if record[0] == "2" else ""
            files.extend(_file(record, origin))
    head, upstream = headers.get("branch.head", ""), headers.get("branch.upstream", "")
    ahead, behind = _counts(headers.get("branch.ab", ""))
    return RepositoryStatus(
        branch="" if head == "(detached)" else head,
        upstream=upstream,
        is_published=bool(upstream) if headers else None,
        ahead=ahead,
        behind=behind,
        files=tuple(files),
    )


def _file(record: str, origin: str) -> Iterator[GitFile]:
    kind = record[0]
    *fields, name = record.split(" ", _FIELDS[kind])
    if len(fields) != _FIELDS[kind] or not name:
        return
    if kind == "?":
        yield GitFile(name, Change.UNTRACKED, Change.UNTRACKED)
    elif kind == "u":
        yield GitFile(name, Change.CONFLICT, Change.CONFLICT)
    else:
        staged, unstaged = (_WORDS.get(letter, Change.UNKNOWN) for letter in (fields[1] + "??")[:2])
        yield GitFile(name, staged, unstaged, origin)


def _counts(text: str) -> tuple[int | None, int | None]:
    words = text.split()
    if len(words) != 2 or not all(word[1:].isascii() and word[1:].isdigit() for word in words):
        return None, None
    return int(words[0][1:]), int(words[1][1:])
