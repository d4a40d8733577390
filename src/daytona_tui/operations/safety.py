"""Looks whether a sandbox is safe to delete. All of it peeks: looking does not keep the sandbox awake."""

from __future__ import annotations

import asyncio
import posixpath
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from daytona_tui.domain.inspection import Terminal
from daytona_tui.domain.masking import masked
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.safety import Findings, FoundFile, Repository, SafetyReport
from daytona_tui.domain.sandbox import Sandbox, SandboxState
from daytona_tui.errors import DaytonaTuiError, NotFoundError, OperationTimeoutError, RemoteError, UnsupportedError
from daytona_tui.operations.safety_survey import SeenRepository, Survey, read_survey, survey_script
from daytona_tui.transfer.concurrency import together

LOOK_S = 60
"""How long the look round may take in the sandbox."""

WHOLE_S = 180.0
"""How long all of it may take."""

MOST_REPOSITORIES = 50
"""Repositories that are asked for their status."""

GRACE = timedelta(seconds=60)
"""Activity is stamped at its beginning and every fifty seconds or so: what it writes is newer than the stamp."""

SKEW = timedelta(minutes=2)
"""How far the sandbox's clock may be behind the server's: what was written first is not taken for part of the image."""

_AT_ONCE = 4

T = TypeVar("T")


async def inspect(gateway: Gateway, sandbox: Sandbox, now: Callable[[], datetime]) -> SafetyReport:
    """Return what deleting a sandbox would mean. What cannot be looked at is said in the report and not raised.

    Raises:
        NotFoundError: it is gone.
        OperationTimeoutError: it took too long as a whole.
        DaytonaTuiError: not even its record could be read.
    """
    sandbox = await gateway.get(sandbox.id)
    try:
        async with asyncio.timeout(WHOLE_S):
            return await _Look(gateway, sandbox).report(now())
    except TimeoutError:
        raise OperationTimeoutError(f"looking into {sandbox.name} took more than {WHOLE_S:.0f} s") from None


def _at_rest(sandbox: Sandbox) -> str:
    """Return in words how it is with a sandbox that does not run."""
    word = (sandbox.state_word or sandbox.state.value).replace("_", " ")
    said = {
        SandboxState.ERROR: "it has failed",
        SandboxState.BUILD_FAILED: "its image could not be built",
        SandboxState.UNKNOWN: f"nobody knows what its state {word} means",
    }
    return said.get(sandbox.state, f"it is {word}")


class _Look:
    """One look at one sandbox."""

    def __init__(self, gateway: Gateway, sandbox: Sandbox) -> None:
        self._gateway = gateway
        self._sandbox = sandbox
        self._unseen: list[str] = []
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def report(self, at: datetime) -> SafetyReport:
        """Look at everything."""
        sandbox = self._sandbox
        forks = await self._seen("its forks", self._forks(), ())
        record = await self._seen("its volumes", self._gateway.record(sandbox.id), {})
        volumes, mounts = _volumes(record)
        if not sandbox.is_running:
            unseen = (f"{_at_rest(sandbox)}: its files can only be looked at while it runs", *self._unseen)
            return SafetyReport(
                sandbox, at, Findings(forks=forks, volumes=volumes, unseen=unseen, is_looked_into=False)
            )
        work_dir = await self._seen("its working directory", self._gateway.work_dir(sandbox.id), "")
        survey = await self._survey(work_dir)
        _leave_out(survey, mounts)
        commands, terminals, ports = await self._inside()
        repositories = tuple(await together(map(self._repository, self._askable(survey.repositories))))
        files = self._files(survey, repositories)
        findings = Findings(
            repositories=_without_each_other(repositories),
            commands=tuple(map(masked, commands)),
            programs=tuple(masked(text) for text in survey.programs if text not in commands),
            terminals=terminals,
            ports=ports,
            files=files,
            written=frozenset(survey.files),
            forks=forks,
            volumes=volumes,
            unseen=tuple(self._unseen),
            is_looked_into=bool(work_dir),
        )
        return SafetyReport(sandbox, at, findings, work_dir)

    async def _seen(self, what: str, asked: Awaitable[T], otherwise: T) -> T:
        """Return what was asked for, or ``otherwise`` with a note of why it is not known."""
        try:
            return await asked
        except DaytonaTuiError as error:
            self._unseen.append(f"{what} could not be looked at: {error.message}")
            return otherwise

    async def _forks(self) -> tuple[str, ...]:
        try:
            relatives = await self._gateway.relatives(self._sandbox.id)
        except (UnsupportedError, NotFoundError):  # a server without forks has none
            return ()
        return tuple(fork.name for fork in relatives.forks)

    async def _survey(self, work_dir: str) -> Survey:
        if not work_dir:
            return Survey()
        script, mark = survey_script(work_dir, self._sandbox.created_at and self._sandbox.created_at - SKEW)
        try:
            outcome = await self._gateway.look(self._sandbox.id, script, timeout_s=LOOK_S)
            if outcome.exit_code != 0:
                raise RemoteError(f"the look ended with exit code {outcome.exit_code}")
            survey = await asyncio.to_thread(read_survey, outcome.output, mark)
        except DaytonaTuiError as error:
            self._unseen.append(f"its files could not be looked at: {error.message}")
            return Survey()
        self._unseen += survey.gaps
        return survey

    async def _inside(self) -> tuple[tuple[str, ...], tuple[Terminal, ...], tuple[int, ...]]:
        """Return the running commands, the open terminals and the ports, which the toolbox knows."""
        sandbox_id = self._sandbox.id
        none: tuple[Terminal, ...] = ()
        sessions = await self._seen("its sessions", self._gateway.sessions(sandbox_id), ())
        terminals = await self._seen("its terminals", self._gateway.terminals(sandbox_id), none)
        ports = await self._seen("its ports", self._gateway.listening_ports(sandbox_id), ())
        running = [each.command for session in sessions for each in session.executions if each.exit_code is None]
        return tuple(running), terminals, ports

    def _askable(self, seen: Sequence[SeenRepository]) -> Sequence[SeenRepository]:
        more = len(seen) - MOST_REPOSITORIES
        if more > 0:
            self._unseen.append(f"{more} more repositories were not asked for their status")
        return seen[:MOST_REPOSITORIES]

    async def _repository(self, seen: SeenRepository) -> Repository:
        """Return a repository with its status."""
        async with self._slots:
            try:
                status = await self._gateway.git_status(self._sandbox.id, seen.path)
            except DaytonaTuiError as error:
                self._unseen.append(f"git says nothing of {seen.path}: {error.message}")
                return Repository(seen.path, seen.stores, unpushed=seen.unpushed, stashes=seen.stashes, mark=seen.mark)
        unpushed = seen.unpushed
        if status.ahead and not unpushed:  # the program git may be missing there: then the toolbox's word counts
            unpushed = status.ahead
        return Repository(seen.path, seen.stores, status.branch, status.changed, unpushed, seen.stashes, seen.mark)

    def _files(self, survey: Survey, repositories: Sequence[Repository]) -> tuple[FoundFile, ...]:
        """Return the files that no repository keeps, the newest first."""
        ignored = frozenset[str]().union(*(seen.ignored for seen in survey.repositories))
        trees = tuple(f"{each.path.rstrip('/')}/" for each in survey.repositories)
        made, used = self._sandbox.created_at, self._sandbox.last_activity_at
        born = None if made is None else made - SKEW
        found = [
            FoundFile(path, size, at, is_late=used is not None and at > used + GRACE)
            for path, size, at in survey.files
            if (born is None or at > born) and (not path.startswith(trees) or path in ignored)
        ]
        if found and used is None:
            self._unseen.append("nobody can tell when it was last used")
        return tuple(sorted(found, key=lambda file: file.modified_at, reverse=True))


def _without_each_other(repositories: Sequence[Repository]) -> tuple[Repository, ...]:
    """Return them without the changes that are repositories of their own: those are judged by themselves."""
    paths = {repository.path for repository in repositories}

    def kept(repository: Repository) -> Repository:
        changed = tuple(
            each for each in repository.changed if posixpath.join(repository.path, each.name.rstrip("/")) not in paths
        )
        return replace(repository, changed=changed)

    return tuple(map(kept, repositories))


def _volumes(record: Mapping[str, object]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the volumes of a record in words, and the paths at which they are mounted."""
    told = record.get("volumes")
    volumes = [each for each in told if isinstance(each, Mapping)] if isinstance(told, list | tuple) else []
    words = tuple(f"{each.get('volumeId', '?')} at {each.get('mountPath', '?')}" for each in volumes)
    paths = (each.get("mountPath") for each in volumes)
    return words, tuple(path.rstrip("/") for path in paths if isinstance(path, str) and path.strip("/"))


def _leave_out(survey: Survey, mounts: Sequence[str]) -> None:
    """Forget what lies on volumes: it outlives the sandbox."""
    below = tuple(f"{path}/" for path in mounts)
    survey.repositories = [each for each in survey.repositories if not f"{each.path}/".startswith(below)]
    survey.files = [each for each in survey.files if not each[0].startswith(below)]
