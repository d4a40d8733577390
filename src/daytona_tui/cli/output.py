"""The only writer to stdout: data, as lines, tables, JSON or bytes as they come."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Sequence

from daytona_tui.presentation.safe_text import cell_width, safe


class OutputError(Exception):
    """Stdout cannot be written; the message says why."""


_GAP = "  "


def is_terminal() -> bool:
    """Return True where a person reads."""
    return sys.stdout is not None and sys.stdout.isatty()


def write(text: str) -> None:
    """Write ``text`` exactly and at once: no newline is translated, nothing waits in a buffer.

    Raises:
        BrokenPipeError: nobody reads any more.
        OutputError: stdout cannot be written: the disk is full, or it was closed from the start.
    """
    if sys.stdout is None:
        raise OutputError(os.strerror(errno.EBADF))
    try:
        # Names that are not UTF-8 come back out as the bytes they were.
        sys.stdout.buffer.write(_encoded(text))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(error.strerror or str(error)) from error


def _encoded(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace")


def line(text: str) -> None:
    """Write one line of data; made safe where a terminal would obey it."""
    write(f"{safe(text) if is_terminal() else text}\n")


def as_json(value: object) -> None:
    """Write ``value`` as JSON. Pure ASCII: exact for a program, harmless in a terminal."""
    write(json.dumps(value, indent=2, ensure_ascii=True) + "\n")


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[bool]) -> None:
    """Write rows of safe cells in columns as wide as their contents.

    Args:
        head: one title for each column.
        rows: the cells.
        right: which columns stand on the right.
    """
    widths = [max(map(cell_width, column)) for column in zip(head, *rows, strict=True)]
    lines = []
    for row in (head, *rows):
        cells = [
            " " * (width - cell_width(cell)) + cell if is_right else cell + " " * (width - cell_width(cell))
            for cell, width, is_right in zip(row, widths, right, strict=True)
        ]
        lines.append(_GAP.join(cells).rstrip())
    write("\n".join(lines) + "\n")
