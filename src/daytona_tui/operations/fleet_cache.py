"""The last fleet of a connection on disk, so that the next start has something to show at once.

JSON lines: a heading, then lines of many sandboxes each, every sandbox a row of values in a fixed order. Plain JSON
because it cannot run anything, whoever wrote the file, and because nothing else would be quicker: 10,000 rows are
parsed in 20 ms, making sandboxes of them takes 50, and a binary format saves at most half of the former.

No secrets: a sandbox as this program knows it holds no environment and no token. The file belongs to its owner alone
and is replaced as a whole. One that is foreign or of another version counts as none, and so does what follows damage.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
import os
import tempfile
from collections.abc import AsyncIterator, Generator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, Final

from daytona_tui.config.kept_file import make_private
from daytona_tui.domain.sandbox import NO_LABELS, Lifetimes, Resources, Sandbox, SandboxId, SandboxState

_log = logging.getLogger(__name__)

FORMAT: Final = "daytona-tui fleet"
VERSION: Final = 2
MOST_ROWS: Final = 50_000
"""Larger fleets are kept in part: the newest rows."""

PER_LINE: Final = 500
_LONGEST_LINE: Final = 8 * 1024 * 1024
_LONGEST_TEXT: Final = 2_000
"""Characters of a text that are kept; a longer one is not worth the room."""

_TEXT, _TIME, _NUMBER, _FLAG = (str,), (str, type(None)), (int, type(None)), (bool,)
_KINDS: Final = (
    *[_TEXT] * 9,
    (dict,),
    *[_NUMBER] * 4,
    _TEXT,
    *[_NUMBER] * 4,
    *[_TIME] * 4,
    _TEXT,
    *[_FLAG] * 2,
    *[_TEXT] * 3,
)
"""Types of the values of a row."""


@dataclass(frozen=True, slots=True)
class SavedFleet:
    """Part of what an earlier run kept.

    Attributes:
        saved_at: when it was true.
        sandboxes: some of the fleet; the newest come first.
    """

    saved_at: datetime
    sandboxes: tuple[Sandbox, ...]


class FleetCache:
    """The file of one connection. Reading and writing happen in threads; neither ever raises."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._saving = asyncio.Lock()

    async def load(self) -> AsyncIterator[SavedFleet]:
        """Yield what was kept, in parts; what follows damage is left out."""
        reading = _read(self._path)
        try:
            while (part := await asyncio.to_thread(next, reading, None)) is not None:
                yield part
        finally:
            # Where this is cancelled, the read that is under way goes on for a moment and closes the file itself.
            with contextlib.suppress(ValueError):
                await asyncio.to_thread(reading.close)

    async def save(self, sandboxes: Iterable[Sandbox], saved_at: datetime) -> None:
        """Keep a fleet; one that cannot be kept is no loss, and is said in the diagnostics."""
        async with self._saving:
            try:
                await asyncio.to_thread(_write, self._path, sandboxes, saved_at)
            except OSError as error:
                _log.warning("the fleet cannot be kept: %s", error.strerror or type(error).__name__)


# Reading


def _read(path: Path) -> Generator[SavedFleet, None, None]:
    try:
        with path.open("rb") as file:
            saved_at = _heading(file.readline(_LONGEST_LINE))
            for _ in range(MOST_ROWS // PER_LINE):
                line = file.readline(_LONGEST_LINE)
                if not line:
                    return
                yield SavedFleet(saved_at, tuple(map(_sandbox, json.loads(line))))
    except FileNotFoundError:
        return
    except (OSError, ValueError, TypeError, LookupError, RecursionError) as error:
        _log.info("what was kept of the fleet cannot be read: %s", type(error).__name__)


def _heading(line: bytes) -> datetime:
    heading = json.loads(line)
    if not isinstance(heading, dict) or (heading.get("format"), heading.get("version")) != (FORMAT, VERSION):
        raise ValueError("another format")
    return _moment(heading["saved_at"])


def _sandbox(row: Sequence[Any]) -> Sandbox:
    if len(row) != len(_KINDS) or not all(type(value) in kinds for value, kinds in zip(row, _KINDS, strict=True)):
        raise ValueError("not the row of a sandbox")
    labels: dict[str, str] = row[9]
    if not all(type(value) is str for value in labels.values()):
        raise ValueError("not the labels of a sandbox")
    destroy_at, created_at, updated_at, last_activity_at = (at and _moment(at) for at in row[19:23])
    return Sandbox(
        id=SandboxId(row[0]),
        name=row[1],
        state=SandboxState(row[2]),
        state_word=row[3],
        desired_state=row[4],
        organization_id=row[5],
        region=row[6],
        snapshot=row[7],
        user=row[8],
        labels=MappingProxyType(labels) if labels else NO_LABELS,
        resources=Resources(*row[10:15]),
        lifetimes=Lifetimes(row[15], row[16], row[17], row[18], destroy_at),
        created_at=created_at,
        updated_at=updated_at,
        last_activity_at=last_activity_at,
        error_reason=row[23],
        recoverable=row[24],
        public=row[25],
        backup_state=row[26],
        warm_pool_id=row[27],
        sandbox_class=row[28],
    )


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a time without an offset")
    return at


# Writing


def _write(path: Path, sandboxes: Iterable[Sandbox], saved_at: datetime) -> None:
    make_private(path.parent)
    # What the server said of some could not be understood: a value that stands for it is not to look like one it said.
    plain = (sandbox for sandbox in sandboxes if not sandbox.oddities)
    newest = sorted(plain, key=_age, reverse=True)[:MOST_ROWS]
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            _dump({"format": FORMAT, "version": VERSION, "saved_at": saved_at.isoformat()}, file)
            for first in range(0, len(newest), PER_LINE):
                _dump([_row(sandbox) for sandbox in itertools.islice(newest, first, first + PER_LINE)], file)
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _age(sandbox: Sandbox) -> float:
    return sandbox.created_at.timestamp() if sandbox.created_at is not None else 0.0


def _dump(value: object, file: IO[bytes]) -> None:
    file.write(json.dumps(value, separators=(",", ":")).encode() + b"\n")


def _row(sandbox: Sandbox) -> list[object]:
    resources, lifetimes = sandbox.resources, sandbox.lifetimes
    return [
        sandbox.id,
        sandbox.name[:_LONGEST_TEXT],
        sandbox.state.value,
        sandbox.state_word,
        sandbox.desired_state,
        sandbox.organization_id,
        sandbox.region,
        sandbox.snapshot,
        sandbox.user,
        dict(sandbox.labels),
        resources.cpu,
        resources.memory_gib,
        resources.disk_gib,
        resources.gpu,
        resources.gpu_type,
        lifetimes.auto_stop_min,
        lifetimes.auto_pause_min,
        lifetimes.auto_archive_min,
        lifetimes.auto_delete_min,
        *(_spelt(at) for at in (lifetimes.destroy_at, sandbox.created_at, sandbox.updated_at)),
        _spelt(sandbox.last_activity_at),
        sandbox.error_reason[:_LONGEST_TEXT],
        sandbox.recoverable,
        sandbox.public,
        sandbox.backup_state,
        sandbox.warm_pool_id,
        sandbox.sandbox_class,
    ]


def _spelt(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
