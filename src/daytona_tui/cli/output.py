"""The only writer to stdout: data, as lines, tables, JSON or bytes as they come."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import sys
from collections.abc import Sequence

from daytona_tui.cli.grammar import Form
from daytona_tui.presentation.safe_text import cell_width, clip, safe


class OutputError(Exception):
    """Stdout cannot be written; the message says why."""


class _Stdout:
    """What became of stdout so far."""

    is_used = False


_stdout = _Stdout()
_GAP = "  "
_LEAST_CELLS = 8
"""A column that is cut keeps at least so many cells."""


def begin() -> None:
    """Take note that nothing was written yet."""
    _stdout.is_used = False


def is_used() -> bool:
    """Return whether anything was written since ``begin``."""
    return _stdout.is_used


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
    _stdout.is_used = True
    try:
        # Names that are not UTF-8 come back out as the bytes they were.
        sys.stdout.buffer.write(_encoded(text))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(error.strerror or str(error)) from error


async def write_bytes(data: bytes) -> None:
    """Write ``data`` exactly, while the loop goes on: a reader that is slow can be waited for and given up.

    Raises:
        BrokenPipeError: nobody reads any more.
        OutputError: stdout cannot be written.
    """
    import asyncio
    import threading

    if sys.stdout is None:
        raise OutputError(os.strerror(errno.EBADF))
    _stdout.is_used = True
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def end(error: OSError | None) -> None:
        if not done.done():
            done.set_exception(error) if error is not None else done.set_result(None)

    def put() -> None:
        told: OSError | None = None
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(fd, rest) :]
        except OSError as error:
            told = error
        with contextlib.suppress(RuntimeError):  # the loop is gone, and so is who waited
            loop.call_soon_threadsafe(end, told)

    sys.stdout.flush()
    fd = sys.stdout.fileno()
    # A daemon, since the program may end while the reader still does not read; and past the buffer, which the
    # interpreter wants for itself then.
    threading.Thread(target=put, daemon=True, name="stdout").start()
    try:
        await done
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


def as_data(value: object, form: Form) -> None:
    """Write ``value`` for a program: as ``as_json`` does, or a line for it, or for each of its rows if it is a list."""
    if form is not Form.JSONL:
        as_json(value)
        return
    rows = value if isinstance(value, list) else [value]
    write("".join(json.dumps(row, ensure_ascii=True) + "\n" for row in rows))


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[bool], room: int | None = None
) -> None:
    """Write rows of safe cells in columns as wide as their contents.

    Args:
        head: one title for each column.
        rows: the cells.
        right: which columns stand on the right; these are never cut.
        room: cells that a line may take; None where somebody else cuts, or nobody.
    """
    write("\n".join(table_lines(head, rows, right=right, room=room)) + "\n")


def table_lines(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[bool], room: int | None = None
) -> list[str]:
    """Return the lines of a table, as ``table`` has them."""
    widths = [max(map(cell_width, column)) for column in zip(head, *rows, strict=True)]
    if room is not None:
        widths = _narrowed(widths, right, room)
    lines = []
    for row in (head, *rows):
        cells = [
            " " * (width - cell_width(cell)) + cell if is_right else cell + " " * (width - cell_width(cell))
            for cell, width, is_right in zip(map(clip, row, widths), widths, right, strict=True)
        ]
        lines.append(_GAP.join(cells).rstrip())
    return lines


def room_of_terminal() -> int | None:
    """Return the cells of a line where a person reads; None where a program does."""
    return shutil.get_terminal_size().columns if is_terminal() else None


def _narrowed(widths: Sequence[int], right: Sequence[bool], room: int) -> list[int]:
    """Take from the widest column what is too much, cell by cell; nothing gets narrower than can be read."""
    narrowed = list(widths)
    spare = room - sum(widths) - len(_GAP) * (len(widths) - 1)
    left = [at for at, is_right in enumerate(right) if not is_right]
    while spare < 0 and left:
        widest = max(left, key=narrowed.__getitem__)
        if narrowed[widest] <= _LEAST_CELLS:
            break
        narrowed[widest] -= 1
        spare += 1
    return narrowed
