"""A file tree as the flat rows that are shown of it, and the order they are in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from daytona_tui.domain.files import FileEntry


class RowKind(StrEnum):
    """What a row of a tree is."""

    DIRECTORY = "directory"
    FILE = "file"
    LOADING = "loading"
    FAILED = "failed"
    EMPTY = "empty"


class TreeRow(NamedTuple):
    """One visible row.

    Attributes:
        path: of the entry; of the directory itself for a row that stands for its missing contents.
        depth: how far it is indented; 0 at the top.
        text: why contents are missing.
    """

    kind: RowKind
    path: str
    depth: int
    entry: FileEntry | None = None
    is_open: bool = False
    text: str = ""


class SortBy(StrEnum):
    """What the entries of a directory are sorted by."""

    NAME = "name"
    SIZE = "size"
    AGE = "age"


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How the entries of a directory are shown: directories come first in any case.

    Attributes:
        is_reversed: the other way round than usual, which is A to Z, the largest first, the newest first.
        shows_hidden: names that begin with a dot too.
    """

    by: SortBy = SortBy.NAME
    is_reversed: bool = False
    shows_hidden: bool = False


class GitMark(StrEnum):
    """How a file differs from the last commit; the letter is git's own."""

    MODIFIED = "M"
    ADDED = "A"
    UNTRACKED = "?"
    CONFLICT = "U"
    IGNORED = "!"
    BELOW = "•"
    """A directory: something in it differs."""


_HOME = re.compile(r"(/home/[^/]+|/root)(?=/|$)")


def arranged(
    entries: Iterable[FileEntry], arrangement: Arrangement, sizes: Mapping[str, int] | None = None
) -> tuple[FileEntry, ...]:
    """Return the entries to show, in the order to show them in.

    Args:
        entries: of one directory, as ``files.in_order`` puts them.
        arrangement: what to leave out and what to sort by; what is equal stays as it is.
        sizes: bytes by path of directories, as far as they were measured.
    """
    known = sizes or {}
    shown = [entry for entry in entries if arrangement.shows_hidden or not entry.name.startswith(".")]
    if arrangement.by is SortBy.SIZE:
        shown.sort(key=lambda entry: known.get(entry.path, 0) if entry.is_dir else entry.size_bytes, reverse=True)
    elif arrangement.by is SortBy.AGE:
        shown.sort(key=lambda entry: entry.modified_at.timestamp() if entry.modified_at else 0.0, reverse=True)
    if arrangement.is_reversed:
        shown.reverse()
    if arrangement.by is not SortBy.NAME or arrangement.is_reversed:
        shown.sort(key=lambda entry: not entry.is_dir)
    return tuple(shown)


def home_of(work_dir: str) -> str:
    """Return the directory that is written ``~``: the home that ``work_dir`` lies in, or ``work_dir`` itself."""
    match = _HOME.match(work_dir)
    return match.group() if match else work_dir


def tilde(path: str, home: str) -> str:
    """Return ``path`` with ``home`` written as ``~``."""
    if not home or home == "/":
        return path
    if path == home:
        return "~"
    return "~" + path[len(home) :] if path.startswith(home + "/") else path


def untilde(text: str, home: str, below: str) -> str:
    """Return the absolute path that somebody means with ``text``: ``~`` is ``home``, the rest is ``below`` it."""
    if text == "~" or text.startswith("~/"):
        text = home.rstrip("/") + text[1:] if home else text[1:] or "/"
    if not text.startswith("/"):
        text = f"{below.rstrip('/')}/{text}"
    parts: list[str] = []
    for part in text.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)
