"""What the makers of sandboxes left on this machine: runs that ended, sessions that are gone.

Harbor writes ``jobs/<job>/<trial>/result.json``; its ``finished_at`` is set when the trial is over. The pi extension
deletes a sandbox once its session file, ``sessions/<directory>/<time>_<session>.jsonl``, is gone, and misses that when
it does not run. Both directories belong to this machine alone: elsewhere the run may go on and the session may live, so
that what is found here counts only a little.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from daytona_tui.domain.leaks.evidence import NOTHING_MORE
from daytona_tui.domain.owners import owner_of
from daytona_tui.domain.sandbox import Sandbox, SandboxId

PI_VARIABLE: Final = "PI_CODING_AGENT_DIR"
MOST_DIRECTORIES: Final = 2000
"""Jobs and projects that are looked through, the newest by name; whoever has more keeps the old ones for the record."""

_MOST_BYTES = 4 << 20
_HARBOR = "harbor"
_PI_LABEL = ("created-by", "pi-daytona")
_PI_SESSION = "session-id"


@dataclass(frozen=True, slots=True)
class Traces:
    """What was found.

    Attributes:
        finished_runs: runs that ended, as their owners name them, and when.
        gone_sessions: sandboxes whose session would be on this machine and is not.
    """

    finished_runs: Mapping[str, datetime] = field(default_factory=lambda: NOTHING_MORE)
    gone_sessions: frozenset[SandboxId] = frozenset()


class LocalTraces:
    """Looks for traces of the owners of sandboxes on this machine.

    Args:
        harbor_jobs: directories in which Harbor keeps its jobs.
        pi_sessions: directory in which pi keeps its sessions.
    """

    def __init__(self, harbor_jobs: Sequence[Path] | None = None, pi_sessions: Path | None = None) -> None:
        self._harbor_jobs = usual_harbor_jobs() if harbor_jobs is None else tuple(harbor_jobs)
        self._pi_sessions = usual_pi_sessions() if pi_sessions is None else pi_sessions

    async def of(self, sandboxes: Iterable[Sandbox]) -> Traces:
        """Return the traces of the owners of ``sandboxes``; what cannot be read tells nothing."""
        return await asyncio.to_thread(self.read, tuple(sandboxes))

    def read(self, sandboxes: Collection[Sandbox]) -> Traces:
        """Return the same. Blocks."""
        owners = (owner_of(each) for each in sandboxes)
        trials = {owner.run for owner in owners if owner.name == _HARBOR and owner.run}
        sessions = {each.id: _session(each) for each in sandboxes if _session(each)}
        return Traces(
            finished_trials(self._harbor_jobs, trials) if trials else {},
            gone(sessions, self._pi_sessions) if sessions else frozenset(),
        )


def usual_harbor_jobs() -> tuple[Path, ...]:
    """Return where Harbor keeps its jobs unless it is told otherwise: here, and in its cache."""
    return (Path("jobs"), Path.home() / ".cache" / "harbor" / "jobs")


def usual_pi_sessions(environ: Mapping[str, str] | None = None) -> Path:
    """Return where pi keeps its sessions."""
    told = (os.environ if environ is None else environ).get(PI_VARIABLE, "")
    return (Path(told) if told else Path.home() / ".pi" / "agent") / "sessions"


def finished_trials(jobs: Iterable[Path], trials: Collection[str]) -> dict[str, datetime]:
    """Return when those of ``trials`` ended that have a result; of several, the latest. Blocks."""
    found: dict[str, datetime] = {}
    for directory in jobs:
        for job in _newest(directory):
            # The names in the fleet are anybody's: they are compared with what is there, and never made into a path.
            for trial in _entries(job):
                ended = _ended(trial / "result.json") if trial.name in trials else None
                if ended is not None:
                    found[trial.name] = max(ended, found.get(trial.name, ended))
    return found


def gone(sessions: Mapping[SandboxId, str], directory: Path) -> frozenset[SandboxId]:
    """Return the sandboxes whose session is not in ``directory``; none where there are no sessions at all. Blocks."""
    here = {
        file.name.removesuffix(".jsonl").rpartition("_")[2]
        for project in _newest(directory)
        for file in _entries(project)
        if file.name.endswith(".jsonl")
    }
    if not here:
        return frozenset()
    return frozenset(sandbox_id for sandbox_id, session in sessions.items() if session not in here)


def _session(sandbox: Sandbox) -> str:
    key, value = _PI_LABEL
    return sandbox.labels.get(_PI_SESSION, "") if sandbox.labels.get(key) == value else ""


def _newest(directory: Path) -> list[Path]:
    return sorted(_entries(directory), reverse=True)[:MOST_DIRECTORIES]


def _entries(directory: Path) -> Iterator[Path]:
    try:
        with os.scandir(directory) as entries:
            names = [entry.name for entry in entries]
    except OSError:
        return iter(())
    return (directory / name for name in names)


def _ended(result: Path) -> datetime | None:
    """Return when a trial ended by its result; None if it has not, or nobody can tell.

    A time without an offset is that of a machine whose zone nobody knows; when the file was written is known.
    """
    try:
        if not result.is_file():
            return None
        with result.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
            written = os.fstat(stream.fileno()).st_mtime
        document = json.loads(data) if len(data) <= _MOST_BYTES else None
        told = document.get("finished_at") if isinstance(document, dict) else None
        if not isinstance(told, str):
            return None
        ended = datetime.fromisoformat(told)
        return ended if ended.tzinfo is not None else datetime.fromtimestamp(written, UTC)
    except (OSError, ValueError, OverflowError, RecursionError):
        return None
