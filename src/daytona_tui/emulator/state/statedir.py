"""Where an emulator keeps its state: a private directory that goes with it, or one that the user names."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import tempfile
from pathlib import Path
from typing import IO

from daytona_tui.emulator.fleet.records import SandboxRecord, is_uuid
from daytona_tui.emulator.state.lifeline import remove, sweep
from daytona_tui.emulator.state.spelling import read, spell
from daytona_tui.emulator.state.store import Batch, Store, StoreError

_MARKER = "daytona-emulator.json"
_LOCK = "daytona-emulator.lock"
_LIFE = "daytona-emulator.life"
_DATABASE = "state.sqlite"
_SANDBOXES = "sandboxes"
_ARCHIVES = "archives"
_BACKUPS = "backups"
_FORMAT = 2
_OLD_FORMAT = 1
_OLD_RECORDS = "records"
_OURS_EARLY = frozenset({_LOCK, f"{_MARKER}.part"})  # what a start that was cut short may leave


class StateDirectoryError(Exception):
    """The named directory cannot hold an emulator's state; the message says why."""


class StateDirectory:
    """The directory of one emulator.

    Args:
        named: the user's directory, kept on close; None for a private one, made when first needed and removed on close.

    Nothing is removed from a named directory but what an emulator made in it.

    Attributes:
        mark: what the processes of this emulator's sandboxes carry in their environment.
        store: the database of a named directory while it is open; None for a private one.
    """

    def __init__(self, named: Path | None) -> None:
        self.named = named
        self.mark = secrets.token_hex(8)
        self.store: Store | None = None
        self._root = named
        self._lock: IO[bytes] | None = None

    @property
    def root(self) -> Path:
        """The directory; a private one is made here, at first use."""
        if self._root is None:
            self._root = Path(tempfile.mkdtemp(prefix="daytona-emulator-"))
        return self._root

    @property
    def has_root(self) -> bool:
        """Whether there is a directory already."""
        return self._root is not None

    def sandbox_root(self, sandbox_id: str) -> Path:
        """Return the directory of one sandbox's body."""
        return self.root / _SANDBOXES / sandbox_id

    def archive_file(self, sandbox_id: str) -> Path:
        """Return where a sandbox's body is while it is archived."""
        return self.root / _ARCHIVES / f"{sandbox_id}.tar.gz"

    def backup_file(self, sandbox_id: str) -> Path:
        """Return where the copy of a sandbox's body is, once there is one."""
        return self.root / _BACKUPS / f"{sandbox_id}.tar.gz"

    def template_root(self, snapshot_id: str) -> Path:
        """Return the directory of the files that sandboxes of a snapshot begin with."""
        return self.root / "templates" / snapshot_id

    def volume_root(self, volume_id: str) -> Path:
        """Return the directory of a volume's files."""
        return self.root / "volumes" / volume_id

    def objects_root(self) -> Path:
        """Return the directory of the object storage."""
        return self.root / "objects"

    def context_root(self, record_id: str) -> Path:
        """Return the directory of the files that a build copies, while it goes on."""
        return self.root / "contexts" / record_id

    def build_log(self, record_id: str) -> Path:
        """Return the file of the build log of a sandbox or a snapshot."""
        return self.root / "builds" / f"{record_id}.log"

    def open(self) -> None:
        """Make the named directory ours, and nobody else's while this emulator runs. Blocks on disk.

        Processes that an emulator left here when it was killed are ended.

        Raises:
            StateDirectoryError: it is a file, not writable, somebody else's, damaged, of a newer version, or in use by
                another emulator.
        """
        if self.named is None:
            return
        try:
            self._claim(self.named)
            self._begin_life(self.named)
            self.store = Store(self.named / _DATABASE)
            self._take_over(self.named, self.store)
        except StateDirectoryError:
            self.close()
            raise
        except StoreError as error:
            self.close()
            raise StateDirectoryError(str(error)) from error
        except OSError as error:
            self.close()
            raise StateDirectoryError(f"cannot use state directory {self.named}: {error.strerror or error}") from error

    def close(self) -> None:
        """Let go of a named directory; remove a private one. Blocks on disk. Idempotent."""
        if self.store is not None:
            self.store.close()
            self.store = None
        if self._lock is not None:
            if self.named is not None:
                (self.named / _LIFE).unlink(missing_ok=True)
            self._lock.close()
            self._lock = None
        if self.named is None and self._root is not None:
            remove(self._root)
            self._root = None

    def _claim(self, directory: Path) -> None:
        if directory.exists() and not directory.is_dir():
            raise StateDirectoryError(f"state directory {directory} is not a directory")
        directory.mkdir(parents=True, exist_ok=True)
        marker = directory / _MARKER
        foreign = [entry.name for entry in directory.iterdir() if entry.name not in _OURS_EARLY]
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
            _replace(marker, json.dumps({"format": _FORMAT}))
        _check_format(marker)
        (directory / _SANDBOXES).mkdir(exist_ok=True)

    def _begin_life(self, directory: Path) -> None:
        """End what is left of an earlier life, and write down how to know the processes of this one."""
        life = directory / _LIFE
        if life.is_file():
            earlier = life.read_text(encoding="ascii", errors="replace").strip()
            if earlier.isalnum():
                sweep(earlier)
        _replace(life, self.mark)

    def _take_over(self, directory: Path, store: Store) -> None:
        """Bring the records of the first format, a file for each sandbox, into the database."""
        marker = directory / _MARKER
        if _format_of(marker) != _OLD_FORMAT:
            return
        files = sorted((directory / _OLD_RECORDS).glob("*.json"))
        batch = Batch()
        for path in files:
            try:
                record = read(SandboxRecord, json.loads(path.read_bytes()))
            except (OSError, ValueError, AttributeError) as error:
                raise StateDirectoryError(f"cannot read {path}: {error}") from error
            if record.id != path.stem or not is_uuid(record.id):
                raise StateDirectoryError(f"cannot read {path}: it does not belong to the sandbox that it names")
            batch.records["sandbox", record.id] = spell(record)
        store.write(batch)
        _replace(marker, json.dumps({"format": _FORMAT}))
        for path in files:
            path.unlink()


def _check_format(marker: Path) -> None:
    number = _format_of(marker)
    if number is None:
        raise StateDirectoryError(f"{marker} is not an emulator's")
    if number > _FORMAT:
        raise StateDirectoryError(
            f"state directory {marker.parent} was written by a newer version: its format is {number}, "
            f"this one knows {_FORMAT}"
        )


def _format_of(marker: Path) -> int | None:
    try:
        number = json.loads(marker.read_bytes())["format"]
    except (ValueError, KeyError, TypeError):
        return None
    return number if isinstance(number, int) and number >= _OLD_FORMAT else None


def _replace(file: Path, text: str) -> None:
    """Write a small file whole or not at all."""
    temporary = file.with_name(f"{file.name}.part")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(file)
