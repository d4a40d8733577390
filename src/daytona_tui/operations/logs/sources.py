"""The logs that a sandbox has."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from daytona_tui.domain.executions import Execution, Session
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.domain.shell_options import without_options
from daytona_tui.errors import DaytonaTuiError, NotFoundError, UnsupportedError
from daytona_tui.operations.logs.looking import Seen, Standing, seen_in
from daytona_tui.operations.logs.source import Source, SourceKind
from daytona_tui.operations.logs.watching import LOG_PREFIX, close_leftovers
from daytona_tui.operations.shell import QUESTION, SESSION_PREFIX

T = TypeVar("T")

ENTRYPOINT: Final = "entrypoint"
BUILD: Final = "build"
TELEMETRY: Final = "telemetry"
"""How these three are said; a file is said by its path, a command by ``SESSION/EXECUTION``."""

Missing = set[tuple[SandboxId, SourceKind]]
"""Sources that sandboxes do not have, so that they need not be asked for again."""

_ENTRYPOINT_SESSION: Final = "entrypoint_session_id"
"""The daemon's own name; its command is listed among the others there."""
_PROBE_S: Final = 4.0
"""How long a sandbox may take to say whether it has a source of a kind."""


async def sources(gateway: Gateway, sandbox: Sandbox, missing: Missing | None = None) -> tuple[Source, ...]:
    """Return the logs of a sandbox; all of it peeks.

    What runs comes first, then the entrypoint, commands that have ended with the newest first, files with the one that
    was written last first, the build, telemetry. Of a sandbox that does not run there are the last two. What our own
    watchers have left behind there is closed. Where the sandbox is too old for sessions there are the others.

    Args:
        gateway: where it is.
        sandbox: whose.
        missing: what a call found missing is remembered here and not asked for by the next.

    Raises:
        DaytonaTuiError: not even its sessions can be listed.
    """
    missing = set() if missing is None else missing
    about = (gateway, sandbox.id, missing)
    lasting = (_probed(*about, SourceKind.BUILD), _probed(*about, SourceKind.TELEMETRY))
    if not sandbox.is_running:
        return tuple(source for source in await asyncio.gather(*lasting) if source is not None)
    sessions, seen, entrypoint, build, telemetry = await asyncio.gather(
        _caught(gateway.sessions(sandbox.id)),
        seen_in(gateway, sandbox.id),
        _entrypoint(*about),
        *lasting,
    )
    if isinstance(sessions, UnsupportedError):
        sessions = ()  # there is no session, and so no log of one: the others are there all the same
    if isinstance(sessions, DaytonaTuiError):
        raise sessions
    await close_leftovers(gateway, sandbox.id, sessions)
    if entrypoint is not None:
        entrypoint = _sized(entrypoint, seen)
    commands = list(_commands(sandbox.id, sessions, seen))
    running = [source for source in commands if source.is_running]
    ended = [source for source in commands if not source.is_running]
    around = (*running, entrypoint, *ended, *_files(sandbox, seen), build, telemetry)
    return tuple(source for source in around if source is not None)


def file_source(sandbox_id: SandboxId, path: str) -> Source:
    """Return the source that a file is, whether or not it is there."""
    return Source(SourceKind.FILE, sandbox_id, path, path)


def said_source(rows: Iterable[Source], said: str) -> tuple[Source, ...]:
    """Return the sources that somebody means by ``said``: by id, by its beginning, or by a session's name alone."""
    rows = tuple(rows)
    exact = tuple(row for row in rows if said in (row.id, row.session_id, row.execution_id))
    return exact or tuple(row for row in rows if row.id.startswith(said) or row.execution_id.startswith(said))


def _commands(sandbox_id: SandboxId, sessions: Iterable[Session], seen: Seen) -> Iterable[Source]:
    """Yield the commands of all sessions, the newest first; what this program asks or watches with is none of them."""
    found = [
        _command(sandbox_id, session.id, execution, seen)
        for session in sessions
        if session.id != _ENTRYPOINT_SESSION and not session.id.startswith(LOG_PREFIX)
        for execution in session.executions
        if not execution.command.endswith(QUESTION)
    ]
    never = datetime.min.replace(tzinfo=UTC)
    # Stable, and from the end: where no times are told the order of the list is what there is.
    return sorted(reversed(found), key=lambda row: row.started_at or row.changed_at or never, reverse=True)


def _command(sandbox_id: SandboxId, session_id: str, execution: Execution, seen: Seen) -> Source:
    command = Source(
        kind=SourceKind.COMMAND,
        sandbox_id=sandbox_id,
        id=f"{session_id}/{execution.id}",
        title=without_options(execution.command),
        session_id=session_id,
        execution_id=execution.id,
        exit_code=execution.exit_code,
        is_running=execution.exit_code is None,
        is_ours=session_id.startswith(SESSION_PREFIX),
    )
    return _sized(command, seen)


def _sized(source: Source, seen: Seen) -> Source:
    """Return the source of a command with what was seen of its output."""
    key = (source.session_id, source.execution_id)
    output = seen.outputs.get(key)
    if output is None:
        return source
    return replace(
        source,
        size_bytes=output.size_bytes,
        started_at=output.began_at,
        changed_at=seen.ends.get(key) or output.changed_at,
    )


def _files(sandbox: Sandbox, seen: Seen) -> list[Source]:
    never = datetime.min.replace(tzinfo=UTC)
    newest = sorted(seen.files.items(), key=lambda item: item[1].changed_at or never, reverse=True)
    return [
        Source(
            kind=SourceKind.FILE,
            sandbox_id=sandbox.id,
            id=path,
            title=path,
            size_bytes=standing.size_bytes,
            started_at=standing.began_at,
            changed_at=standing.changed_at,
        )
        for path, standing in newest
        if not _is_of_the_image(sandbox, path, standing)
    ]


def _is_of_the_image(sandbox: Sandbox, path: str, standing: Standing) -> bool:
    """Tell whether a system log is older than the sandbox: how the image was made says nothing of it."""
    if not path.startswith("/var/log/") or sandbox.created_at is None:
        return False
    return not standing.size_bytes or (standing.changed_at is not None and standing.changed_at < sandbox.created_at)


async def _entrypoint(gateway: Gateway, sandbox_id: SandboxId, missing: Missing) -> Source | None:
    if (sandbox_id, SourceKind.ENTRYPOINT) in missing:
        return None
    session = await _caught(gateway.entrypoint(sandbox_id))
    if isinstance(session, DaytonaTuiError):
        if isinstance(session, NotFoundError | UnsupportedError):
            missing.add((sandbox_id, SourceKind.ENTRYPOINT))
        return None
    last = session.executions[-1] if session.executions else Execution("", ENTRYPOINT)
    return Source(
        kind=SourceKind.ENTRYPOINT,
        sandbox_id=sandbox_id,
        id=ENTRYPOINT,
        title=last.command,
        session_id=session.id,
        execution_id=last.id,
        exit_code=last.exit_code,
        is_running=last.exit_code is None,
    )


async def _probed(gateway: Gateway, sandbox_id: SandboxId, missing: Missing, kind: SourceKind) -> Source | None:
    """Return the build or the telemetry of a sandbox, if there is one; a server that is too slow may have it."""
    if (sandbox_id, kind) in missing:
        return None
    try:
        async with asyncio.timeout(_PROBE_S):
            await (_touch_build(gateway, sandbox_id) if kind is SourceKind.BUILD else _touch(gateway, sandbox_id))
    except (NotFoundError, UnsupportedError):
        missing.add((sandbox_id, kind))
        return None
    except TimeoutError:
        pass
    except DaytonaTuiError:
        return None
    title = "build of the image" if kind is SourceKind.BUILD else "what its programs report"
    return Source(kind, sandbox_id, BUILD if kind is SourceKind.BUILD else TELEMETRY, title)


async def _touch_build(gateway: Gateway, sandbox_id: SandboxId) -> None:
    pieces: Any = gateway.follow_build(sandbox_id)
    async with aclosing(pieces):
        async for _ in pieces:
            return


async def _touch(gateway: Gateway, sandbox_id: SandboxId) -> None:
    now = datetime.now(UTC)
    await gateway.telemetry(sandbox_id, now - timedelta(seconds=1), now)


async def _caught(asked: Awaitable[T]) -> T | DaytonaTuiError:
    try:
        return await asked
    except DaytonaTuiError as error:
        return error
