"""The database of a state directory: what the control plane knows, each record whole or not at all.

One SQLite file in WAL mode. A committed change outlives the end of this process in whatever way; a failure of the
machine's power may cost the last moments, never the file. Reads and writes block, and one thread at a time may call.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SCHEMA = 1
"""Version of the tables; a file with a greater one was written by a newer program and is left alone."""

_APPLICATION = 0x44544E45
_BUSY_S = 5.0
_TABLES = (
    "CREATE TABLE records (kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id))"
    " WITHOUT ROWID",
    "CREATE TABLE entries (number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, body TEXT NOT NULL)",
    "CREATE INDEX entries_by_kind ON entries (kind, number)",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {SCHEMA}",
)


class StoreError(Exception):
    """The database cannot be used; the message says why."""


@dataclass
class Batch:
    """Changes that are committed together.

    Attributes:
        records: body of a record by its kind and id; None to forget it.
        entries: kind and body of what is only ever added, oldest first.
    """

    records: dict[tuple[str, str], str | None] = field(default_factory=dict)
    entries: list[tuple[str, str]] = field(default_factory=list)


class Store:
    """One open database.

    Args:
        file: made when it is not there.

    Attributes:
        is_new: whether nothing had ever been kept in it.

    Raises:
        StoreError: it is no database of an emulator, or of a newer one.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.is_new = True
        try:
            self._connection = sqlite3.connect(
                file, timeout=_BUSY_S, isolation_level=None, check_same_thread=False, cached_statements=32
            )
        except sqlite3.Error as error:
            raise StoreError(f"cannot open {file}: {error}") from error
        try:
            self._prepare()
        except sqlite3.Error as error:
            self.close()
            raise StoreError(f"cannot read {file}: {error}") from error
        except StoreError:
            self.close()
            raise

    def close(self) -> None:
        """Close it; idempotent."""
        self._connection.close()

    def records(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield id and values of every record of one kind, in the order of their ids.

        Raises:
            StoreError: a record cannot be understood.
        """
        try:
            for record_id, body in self._connection.execute("SELECT id, body FROM records WHERE kind = ?", (kind,)):
                yield record_id, _values(body)
        except (sqlite3.Error, ValueError) as error:
            raise StoreError(f"cannot read {self.file}: a {kind} in it is damaged: {error}") from error

    def entries(self, kind: str, newest: int) -> list[dict[str, Any]]:
        """Return the ``newest`` entries of one kind, oldest first, and forget those before them.

        Raises:
            StoreError: an entry cannot be understood.
        """
        query = "SELECT number, body FROM entries WHERE kind = ? ORDER BY number DESC LIMIT ?"
        try:
            rows = self._connection.execute(query, (kind, newest)).fetchall()
            if len(rows) == newest:
                self._connection.execute("DELETE FROM entries WHERE kind = ? AND number < ?", (kind, rows[-1][0]))
            return [_values(body) for _number, body in reversed(rows)]
        except (sqlite3.Error, ValueError) as error:
            raise StoreError(f"cannot read {self.file}: an entry of {kind} in it is damaged: {error}") from error

    def write(self, batch: Batch) -> None:
        """Commit a batch: all of it, or nothing.

        Raises:
            StoreError: it could not be written, for want of space for example.
        """
        kept = [(kind, record_id, body) for (kind, record_id), body in batch.records.items() if body is not None]
        gone = [key for key, body in batch.records.items() if body is None]
        try:
            self._transact(kept, gone, batch.entries)
        except sqlite3.Error as error:
            raise StoreError(f"cannot write {self.file}: {error}") from error

    def _transact(
        self, kept: Sequence[tuple[str, str, str]], gone: Sequence[tuple[str, str]], entries: Sequence[tuple[str, str]]
    ) -> None:
        database = self._connection
        database.execute("BEGIN IMMEDIATE")
        try:
            database.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", kept)
            database.executemany("DELETE FROM records WHERE kind = ? AND id = ?", gone)
            database.executemany("INSERT INTO entries (kind, body) VALUES (?, ?)", entries)
            database.execute("COMMIT")
        except BaseException:
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise

    def _prepare(self) -> None:
        database = self._connection
        version, application = self._pragma("user_version"), self._pragma("application_id")
        has_tables = database.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None
        self.is_new = not (version or application or has_tables)
        if not self.is_new and application != _APPLICATION:
            raise StoreError(f"{self.file} is not a database of the emulator")
        if version > SCHEMA:
            raise StoreError(
                f"{self.file} was written by a newer version: its schema is {version}, this one knows {SCHEMA}"
            )
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        if self.is_new:
            database.execute("BEGIN IMMEDIATE")
            for statement in _TABLES:
                database.execute(statement)
            database.execute("COMMIT")

    def _pragma(self, name: str) -> int:
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])


def _values(body: str) -> dict[str, Any]:
    values = json.loads(body)
    if not isinstance(values, Mapping):
        raise ValueError("it is no object")
    return dict(values)
