"""A file tree as the flat rows that are shown of it."""

from __future__ import annotations

import re
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


_HOME = re.compile(r"(/home/[^/]+|/root)(?=/|$)")


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
