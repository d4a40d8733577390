"""The journal: every act of ours on disk, one JSON object a line, for the owner of the file alone.

Several programs may write to one journal: a line is one ``write`` to a file opened for appending, under its lock; the
renaming of full files is under another. What cannot be written is told once and stops no act.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import json
import os
import stat
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from daytona_tui.config.kept_file import make_private
from daytona_tui.presentation.phrases import os_reason

FILE_NAME = "journal.jsonl"
"""Of the journal of one connection, in its state directory."""

BEGUN = "begun"
"""Outcome of what was asked for and has no end yet; where the program was killed, it never gets one."""

MAX_BYTES = 1_000_000
"""Size at which a file is put aside."""

FILES = 5
"""Files that are kept, the one that is written to among them."""

_LONGEST_TEXT = 2_000
_MODE = 0o600


@dataclass(frozen=True, slots=True)
class Entry:
    """One act on one sandbox.

    Attributes:
        at: when it was over.
        verb: what was done.
        sandbox_id: to which sandbox.
        name: what that was called then: hostile text.
        parameters: what else was said, as JSON values without secrets.
        outcome: ``done``, ``failed``, ``skipped`` or ``cancelled``; ``begun``, whose end has a line of its own.
        detail: what came of it, in words: hostile text.
        line: the same act as a line for a shell.
        profile: through which connection; the journal fills it in.
    """

    at: datetime
    verb: str
    sandbox_id: str
    name: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    outcome: str = ""
    detail: str = ""
    line: str = ""
    profile: str = ""


class Journal:
    """Appends entries to a file and reads them back.

    Args:
        path: the file; older ones stand beside it as ``name.1``, ``name.2``, …
        profile: what its entries say about whose acts they are.
    """

    def __init__(self, path: Path, *, profile: str = "", max_bytes: int = MAX_BYTES, files: int = FILES) -> None:
        self.path = path
        self._profile = profile
        self._max_bytes = max_bytes
        self._files = files
        self._trouble = ""
        self._has_told = False

    async def keep(self, entry: Entry) -> None:
        """Append an entry; never raises for what the disk does."""
        await asyncio.to_thread(self.keep_now, entry)

    def keep_now(self, entry: Entry) -> None:
        """Append an entry from where nothing can be awaited; blocks for the time of one small write."""
        try:
            line = _line(entry, self._profile)
            self._rotate_if_full(len(line))
            self._append(line)
        except OSError as error:
            self._trouble = f"the journal cannot be written: {os_reason(error)}"

    def take_trouble(self) -> str:
        """Return why the journal could not be written, once in the life of this object; empty otherwise."""
        if not self._trouble or self._has_told:
            return ""
        self._has_told = True
        return self._trouble

    async def recent(self, n: int) -> tuple[Entry, ...]:
        """Return the last ``n`` entries, the newest first.

        Damaged lines are left out, and beginnings whose end is known.
        """
        return await asyncio.to_thread(self._recent, n)

    def _append(self, line: bytes) -> None:
        make_private(self.path.parent)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        file = os.open(self.path, flags, _MODE)
        try:
            status = os.fstat(file)
            if not stat.S_ISREG(status.st_mode):
                raise OSError(errno.EINVAL, "it is no file")
            if status.st_mode & 0o077:
                os.fchmod(file, _MODE)
            # A line that another program is half through with would look like one that was cut off.
            fcntl.flock(file, fcntl.LOCK_EX)
            size = os.fstat(file).st_size
            if size and os.pread(file, 1, size - 1) != b"\n":  # an earlier line was cut off by a full disk
                line = b"\n" + line
            if os.write(file, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            os.close(file)

    def _rotate_if_full(self, more: int) -> None:
        if not self._is_full(more):
            return
        lock = os.open(self.path.with_name(self.path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self._is_full(more):  # nobody else did it meanwhile
                self._rotate()
        finally:
            os.close(lock)

    def _is_full(self, more: int) -> bool:
        try:
            size = self.path.stat().st_size
        except FileNotFoundError:
            return False
        return size > 0 and size + more > self._max_bytes

    def _rotate(self) -> None:
        for number in range(self._files - 1, 0, -1):
            younger = self._file(number - 1)
            with contextlib.suppress(FileNotFoundError):
                younger.rename(self._file(number)) if self._files > 1 else younger.unlink()

    def _file(self, number: int) -> Path:
        return self.path if number == 0 else self.path.with_name(f"{self.path.name}.{number}")

    def _recent(self, n: int) -> tuple[Entry, ...]:
        entries: list[Entry] = []
        ended: Counter[tuple[str, str, str]] = Counter()
        for number in range(self._files):
            if len(entries) >= n:
                break
            entries += (entry for entry in self._read(self._file(number)) if not _is_ended(entry, ended))
        return tuple(entries[:n])

    def _read(self, file: Path) -> Iterator[Entry]:
        """Yield the entries of one file, the last one first."""
        try:
            text = file.read_bytes().decode("utf-8", "replace")
        except OSError:
            return
        for line in reversed(text.split("\n")):
            entry = _entry(line)
            if entry is not None:
                yield entry


def _is_ended(entry: Entry, ended: Counter[tuple[str, str, str]]) -> bool:
    """Return whether this is a beginning of which ``ended``, what came later, has the end; note what ends in it."""
    act = (entry.profile, entry.sandbox_id, entry.verb)
    if entry.outcome != BEGUN:
        ended[act] += 1
    elif ended[act]:
        ended[act] -= 1
        return True
    return False


def _line(entry: Entry, profile: str) -> bytes:
    said = {
        "at": entry.at.isoformat(timespec="milliseconds"),
        "profile": entry.profile or profile,
        "verb": entry.verb,
        "id": entry.sandbox_id,
        "name": entry.name,
        "parameters": dict(entry.parameters),
        "outcome": entry.outcome,
        "detail": entry.detail,
        "line": entry.line,
    }
    return json.dumps({key: _shortened(value) for key, value in said.items()}).encode() + b"\n"


def _shortened(value: object) -> object:
    """Return a JSON value with its long texts cut off, so that a line stays one small write."""
    if isinstance(value, str):
        return value if len(value) <= _LONGEST_TEXT else value[: _LONGEST_TEXT - 1] + "…"
    if isinstance(value, Mapping):
        return {_shortened(str(key)): _shortened(each) for key, each in list(value.items())[:100]}
    if isinstance(value, list | tuple):
        return [_shortened(each) for each in value[:100]]
    return value


def _entry(line: str) -> Entry | None:
    try:
        said = json.loads(line)
        at = datetime.fromisoformat(said["at"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None

    def text(key: str) -> str:
        value = said.get(key)
        return value if isinstance(value, str) else ""

    parameters = said.get("parameters")
    return Entry(
        at if at.tzinfo is not None else at.astimezone(),
        text("verb"),
        text("id"),
        text("name"),
        parameters if isinstance(parameters, dict) else {},
        text("outcome"),
        text("detail"),
        text("line"),
        text("profile"),
    )
