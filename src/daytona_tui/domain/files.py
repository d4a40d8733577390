"""Files of a sandbox: entries, paths and the order in which they are shown."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One entry of a directory in a sandbox.

    Attributes:
        name: the last part of the path, exactly as the sandbox says it: hostile text.
        path: absolute path in the sandbox.
        is_dir: true for directories; false for links to directories.
        size_bytes: length of a file; meaningless for a directory.
        mode: ``ls`` style, such as ``drwxr-xr-x``; a link begins with ``L`` or ``l``.
    """

    name: str
    path: str
    is_dir: bool
    size_bytes: int = 0
    mode: str = ""
    owner: str = ""
    group: str = ""
    modified_at: datetime | None = None

    @property
    def is_link(self) -> bool:
        """True for a symbolic link."""
        return self.mode[:1] in ("L", "l")

    @property
    def is_special(self) -> bool:
        """True for what has no contents to copy: sockets, pipes and devices."""
        return self.mode[:1] in ("S", "s", "p", "D", "b", "c")


class FoundLine(NamedTuple):
    """A line of a file that a search found.

    Attributes:
        path: absolute path in the sandbox.
        line: its number; the first is 1.
        text: the line, without its end: hostile text.
    """

    path: str
    line: int
    text: str


def join_path(directory: str, name: str) -> str:
    """Return the path of ``name`` in ``directory``; both are paths of the sandbox."""
    return posixpath.join(directory, name)


def parent_path(path: str) -> str:
    """Return the directory that holds ``path``; the root holds itself."""
    return posixpath.dirname(path.rstrip("/")) or "/"


def file_name(path: str) -> str:
    """Return the last part of ``path``; empty for the root."""
    return posixpath.basename(path.rstrip("/"))


def in_order(entries: tuple[FileEntry, ...]) -> tuple[FileEntry, ...]:
    """Return directories first, then files, each by name without regard to case."""
    return tuple(sorted(entries, key=lambda entry: (not entry.is_dir, entry.name.casefold(), entry.name)))
