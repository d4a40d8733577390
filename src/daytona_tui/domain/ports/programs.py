"""Programs in started sandboxes: executions, their output, terminals, code, and SSH."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from datetime import datetime

    from daytona_tui.domain.code import CodeContext, CodeEvent, CodeOutcome, Language
    from daytona_tui.domain.executions import ExecOutcome, Execution, OutputChunk, Session, TelemetryLine
    from daytona_tui.domain.ptys import PtyLink, PtySize
    from daytona_tui.domain.sandbox import SandboxId
    from daytona_tui.domain.ssh import SshAccess


class Executor(Protocol):
    """Programs in started sandboxes. All of it counts as activity, save what says otherwise."""

    async def run(
        self,
        sandbox_id: SandboxId,
        command: str,
        *,
        cwd: str | None = None,
        envs: Mapping[str, str] | None = None,
        timeout_s: int | None = None,
    ) -> ExecOutcome:
        """Run a shell command to its end and return all of its output at once."""

    async def open_session(self, sandbox_id: SandboxId, session_id: str, *, peeks: bool = False) -> None:
        """Start a shell that keeps its working directory and variables between executions.

        ``peeks``, here and below, is for sessions in which this program only looks: they do not count as activity.
        """

    async def submit(
        self, sandbox_id: SandboxId, session_id: str, command: str, *, peeks: bool = False, echoes: bool = True
    ) -> Execution:
        """Start a command in a session without waiting for its end.

        With ``echoes`` what is sent to it as input stands in its output too.
        """

    async def send_input(self, sandbox_id: SandboxId, session_id: str, execution_id: str, text: str) -> None:
        """Write ``text`` to the standard input of an execution that runs; a line needs its own line end.

        Raises:
            NotFoundError: there is no such execution.
            ConflictError: it has ended.
        """

    async def execution(self, sandbox_id: SandboxId, session_id: str, execution_id: str) -> Execution:
        """Return how an execution stands. Peeks."""

    async def close_session(self, sandbox_id: SandboxId, session_id: str, *, peeks: bool = False) -> None:
        """End a session and everything that runs in it. One that is gone already is a success."""


class LogSource(Protocol):
    """Output of executions. All of it peeks."""

    async def sessions(self, sandbox_id: SandboxId) -> tuple[Session, ...]:
        """Return the sandbox's sessions with their executions."""

    async def output_so_far(self, sandbox_id: SandboxId, session_id: str, execution_id: str) -> tuple[OutputChunk, ...]:
        """Return what an execution has written by now, each stream as one piece.

        Raises:
            NotFoundError: there is no such execution.
        """

    def follow(self, sandbox_id: SandboxId, session_id: str, execution_id: str) -> AsyncIterator[OutputChunk]:
        """Yield the output from its beginning, then as it is written, until the execution ends."""

    async def entrypoint(self, sandbox_id: SandboxId) -> Session:
        """Return the session of the program that the sandbox started with.

        Raises:
            NotFoundError: it has none.
            UnsupportedError: the server does not tell.
        """

    def follow_entrypoint(self, sandbox_id: SandboxId) -> AsyncIterator[OutputChunk]:
        """Yield what that program wrote, from its beginning, then as it is written, until it ends."""

    def follow_build(self, sandbox_id: SandboxId) -> AsyncIterator[str]:
        """Yield the log of the build of the sandbox's image, cut anywhere, until the build is over.

        Raises:
            NotFoundError: nothing was built for it.
        """

    async def telemetry(self, sandbox_id: SandboxId, since: datetime, until: datetime) -> tuple[TelemetryLine, ...]:
        """Return what programs in the sandbox logged through OpenTelemetry between two moments, oldest first.

        Raises:
            UnsupportedError: the deployment keeps none.
        """


class Ptys(Protocol):
    """Terminals of started sandboxes. An open connection keeps the sandbox awake, unless it peeks."""

    async def open_pty(
        self,
        sandbox_id: SandboxId,
        pty_id: str,
        *,
        size: PtySize,
        cwd: str | None = None,
        envs: Mapping[str, str] | None = None,
    ) -> PtyLink:
        """Start a login shell on a new terminal and connect to it.

        Raises:
            ConflictError: there is a terminal of this name.
            OperationTimeoutError: the sandbox accepted the connection and then said nothing.
        """

    async def attach_pty(self, sandbox_id: SandboxId, pty_id: str, *, peeks: bool) -> PtyLink:
        """Connect to a terminal that is open; others may be connected to it too. ``peeks`` is for watching.

        Raises:
            NotFoundError: there is no such terminal, or its program has ended.
        """

    async def resize_pty(self, sandbox_id: SandboxId, pty_id: str, size: PtySize) -> None:
        """Change a terminal's size for everybody."""

    async def kill_pty(self, sandbox_id: SandboxId, pty_id: str) -> None:
        """End a terminal and what runs on it. One that is gone already is a success."""


class Interpreter(Protocol):
    """Code in started sandboxes. All of it counts as activity, save what says otherwise."""

    async def run_code(
        self,
        sandbox_id: SandboxId,
        language: Language,
        code: str,
        *,
        argv: Sequence[str] = (),
        envs: Mapping[str, str] | None = None,
        timeout_s: int | None = None,
    ) -> CodeOutcome:
        """Run code in a process of its own and return all that came of it at once.

        Raises:
            OperationTimeoutError: ``timeout_s`` was over; the code was ended.
            UnsupportedError: the sandbox has no program for the language.
        """

    async def open_context(self, sandbox_id: SandboxId, *, cwd: str | None = None) -> CodeContext:
        """Start a Python interpreter that keeps its variables."""

    def run_in_context(
        self,
        sandbox_id: SandboxId,
        context_id: str,
        code: str,
        *,
        envs: Mapping[str, str] | None = None,
        timeout_s: int | None = None,
    ) -> AsyncIterator[CodeEvent]:
        """Run code in an interpreter and yield what it writes, and the exception that it ends with, if any.

        ``envs`` are variables of the environment during this run.

        To stop iterating stops the code where the sandbox looks for it; some do not, and go on until it ends or the
        interpreter is closed.

        Raises:
            OperationTimeoutError: ``timeout_s`` was over; the code was interrupted.
            NotFoundError: the interpreter is not there, or died of the code; another can be opened.
        """

    async def close_context(self, sandbox_id: SandboxId, context_id: str) -> None:
        """End an interpreter. One that is gone already is a success."""


class SshDoor(Protocol):
    """Access by SSH."""

    async def create_ssh_access(self, sandbox_id: SandboxId, minutes: int) -> SshAccess:
        """Make a token; those there were may cease to work.

        Raises:
            UnsupportedError: the server has no SSH.
        """

    async def revoke_ssh_access(self, sandbox_id: SandboxId, access: SshAccess | None = None) -> None:
        """Make a token useless, or all of the sandbox. One that is useless already is a success."""
