"""Where an emulator keeps its sandboxes: a private directory that goes with it, or one that the user names."""

from __future__ import annotations

import asyncio
import dataclasses
import fcntl
import json
import logging
import os
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from daytona_tui.emulator.lifeline import remove
from daytona_tui.emulator.records import SandboxRecord, is_uuid

_MARKER = "daytona-emulator.json"
_LOCK = "daytona-emulator.lock"
_RECORDS = "records"
_SANDBOXES = "sandboxes"
_FORMAT = 1
_MOMENTS = ("backup_created_at", "auto_destroy_at", "created_at", "updated_at", "last_activity_at")
_SETTLED = {
    "creating": "started",
    "starting": "started",
    "restoring": "started",
    "resuming": "started",
    "stopping": "stopped",
    "archiving": "stopped",
}


_log = logging.getLogger(__name__)


class StateDirectoryError(Exception):
    """The named directory cannot hold an emulator's state; the message says why."""


class StateDirectory:
    """The directory of one emulator.

    Args:
        named: the user's directory, kept on close; None for a private one, made when first needed and removed on close.

    Nothing is removed from a named directory but what an emulator made in it.
    """

    def __init__(self, named: Path | None) -> None:
        self.named = named
        self._root = named
        self._lock: IO[bytes] | None = None

    @property
    def root(self) -> Path:
        """The directory; a private one is made here, at first use."""
        if self._root is None:
            self._root = Path(tempfile.mkdtemp(prefix="daytona-emulator-"))
        return self._root

    def sandbox_root(self, sandbox_id: str) -> Path:
        """Return the directory of one sandbox's body."""
        return self.root / _SANDBOXES / sandbox_id

    def has_body(self, sandbox_id: str) -> bool:
        """Whether a sandbox has a directory. Blocks on disk."""
        return self._root is not None and self.sandbox_root(sandbox_id).is_dir()

    def open(self) -> None:
        """Make the named directory ours, and nobody else's while this emulator runs. Blocks on disk.

        Raises:
            StateDirectoryError: it is a file, not writable, somebody else's, or in use by another emulator.
        """
        if self.named is None:
            return
        try:
            self._claim(self.named)
        except StateDirectoryError:
            self.close()
            raise
        except OSError as error:
            self.close()
            raise StateDirectoryError(f"cannot use state directory {self.named}: {error.strerror or error}") from error

    def close(self) -> None:
        """Let go of a named directory; remove a private one. Blocks on disk. Idempotent."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        if self.named is None and self._root is not None:
            remove(self._root)
            self._root = None

    def load(self) -> list[SandboxRecord]:
        """Return the sandboxes kept from an earlier run, each in a settled state. Blocks on disk.

        Raises:
            StateDirectoryError: a record cannot be understood.
        """
        if self.named is None:
            return []
        records = []
        for path in sorted((self.named / _RECORDS).glob("*.json")):
            try:
                record = _from_json(json.loads(path.read_bytes()))
            except (OSError, ValueError, TypeError, KeyError) as error:
                raise StateDirectoryError(f"cannot read {path}: {error}") from error
            if record.id != path.stem or not is_uuid(record.id):
                raise StateDirectoryError(f"cannot read {path}: it does not belong to the sandbox that it names")
            if record.state != "destroying":
                records.append(record)
        return records

    def save(self, record_id: str, text: str | None) -> None:
        """Keep one record, spelt by :func:`spell`; None forgets it. Blocks on disk."""
        if self.named is None:
            return
        path = self.named / _RECORDS / f"{record_id}.json"
        if text is None:
            path.unlink(missing_ok=True)
            return
        temporary = path.with_suffix(".part")
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)

    def _claim(self, directory: Path) -> None:
        if directory.exists() and not directory.is_dir():
            raise StateDirectoryError(f"state directory {directory} is not a directory")
        directory.mkdir(parents=True, exist_ok=True)
        marker = directory / _MARKER
        foreign = [entry.name for entry in directory.iterdir() if entry.name != _LOCK]
        if foreign and not marker.is_file():
            raise StateDirectoryError(f"state directory {directory} holds other files; name an empty or a new one")
        self._lock = (directory / _LOCK).open("ab")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StateDirectoryError(f"state directory {directory} is in use by another emulator") from None
        if not os.access(directory, os.W_OK | os.X_OK):
            raise StateDirectoryError(f"state directory {directory} is not writable")
        if not marker.is_file():
            marker.write_text(json.dumps({"format": _FORMAT}), encoding="utf-8")
        elif not _is_ours(marker):
            raise StateDirectoryError(f"state directory {directory} was written by another version")
        (directory / _RECORDS).mkdir(exist_ok=True)
        (directory / _SANDBOXES).mkdir(exist_ok=True)


class Journal:
    """Writes changed records to a named state directory, one at a time and off the event loop."""

    def __init__(self, directory: StateDirectory) -> None:
        self._directory = directory
        self._waiting: dict[str, str | None] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._is_closing = False

    def start(self) -> None:
        """Begin to write what :meth:`note` is told."""
        if self._directory.named is not None:
            self._task = asyncio.create_task(self._write_on())

    def note(self, _event: str, record: SandboxRecord, _extra: Mapping[str, object]) -> None:
        """Keep the record as it is at this moment (a listener of the fleet)."""
        if self._task is not None:
            self._waiting[record.id] = None if record.is_hidden else spell(record)
            self._wake.set()

    async def close(self) -> None:
        """Write what waits, and end."""
        if self._task is not None:
            self._is_closing = True
            self._wake.set()
            await self._task
            self._task = None

    async def _write_on(self) -> None:
        while not self._is_closing:
            await self._wake.wait()
            self._wake.clear()
            await asyncio.to_thread(self._flush)

    def _flush(self) -> None:
        while self._waiting:
            record_id, text = self._waiting.popitem()
            try:
                self._directory.save(record_id, text)
            except OSError:
                _log.exception("could not keep the record of sandbox %s", record_id)


def _is_ours(marker: Path) -> bool:
    try:
        return bool(json.loads(marker.read_bytes()) == {"format": _FORMAT})
    except ValueError:
        return False


def spell(record: SandboxRecord) -> str:
    """Return a record as the text of its file."""
    values = dataclasses.asdict(record)
    for name in _MOMENTS:
        if values[name] is not None:
            values[name] = values[name].isoformat()
    return json.dumps(values, indent=1, ensure_ascii=False)


def _from_json(values: dict[str, Any]) -> SandboxRecord:
    for name in _MOMENTS:
        if values[name] is not None:
            values[name] = datetime.fromisoformat(values[name])
    record = SandboxRecord(**values)
    record.pending = False
    if record.state in _SETTLED:
        record.state = record.desired_state = _SETTLED[record.state]
    elif record.state in {"started", "stopped", "archived", "paused"}:
        record.desired_state = record.state
    return record
