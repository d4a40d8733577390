"""Changes to the files of a sandbox, as far as they follow from names alone. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass

from daytona_tui.domain.files import FileEntry, join_path, parent_path


@dataclass(frozen=True, slots=True)
class Below:
    """What is in a directory, however deep.

    Attributes:
        files: everything that is no directory.
        directories: the directory itself among them.
        size_bytes: what they take on the disk, in whole KiB.
    """

    files: int
    directories: int
    size_bytes: int


def typed_path(text: str, base: str, home: str) -> str:
    """Return the absolute path that ``text`` stands for, typed while looking at ``base``.

    A slash at its end is kept: it says that the path is a directory.

    Raises:
        ValueError: it is none, in words.
    """
    if not text or "\0" in text:
        raise ValueError("type a path")
    if text == "~" or text.startswith("~/"):
        text = home.rstrip("/") + text[1:]
    whole = posixpath.normpath(join_path(base, text))
    whole = "/" + whole.lstrip("/")
    return whole + "/" if text.endswith(("/", "/.", "/..")) and whole != "/" else whole


def outermost(entries: Sequence[FileEntry]) -> tuple[FileEntry, ...]:
    """Return those of ``entries`` that lie in none of the others."""
    paths = {entry.path for entry in entries if entry.is_dir and not entry.is_link}

    def is_inside(entry: FileEntry) -> bool:
        above = parent_path(entry.path)
        while above != parent_path(above):
            if above in paths:
                return True
            above = parent_path(above)
        return False

    return tuple(entry for entry in entries if not is_inside(entry))
