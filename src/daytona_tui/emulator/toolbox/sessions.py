"""Sessions: shells that live on between commands, with a log for every command."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import uuid
from collections.abc import Coroutine
from dataclasses import dataclass

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.body.processes import Program, StartError
from daytona_tui.emulator.envelope import daemon_error
from daytona_tui.emulator.state.lifeline import remove_tree
from daytona_tui.emulator.toolbox.logs import STDERR, STDOUT, Log
from daytona_tui.emulator.toolbox.pipes import PipeReader, PipeWriter

ENTRYPOINT_SESSION, ENTRYPOINT_COMMAND = "entrypoint_session_id", "entrypoint_command_id"
"""The daemon's own ids of what a sandbox was made to run."""
DEFAULT_ENTRYPOINT = ("sleep", "infinity")
INPUT_S = 10.0
"""How long input is offered to a program that does not read it."""
SETTLE_S = 0.3
"""How long the last words of a shell, or of its pipes, are waited for once it has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a session is asked to run.

    Attributes:
        command: shell text.
        is_async: it may be given input; its caller does not wait for it.
        is_input_hidden: what it is given does not appear among its output.
        command_id: its id; empty for a new one.
    """

    command: str
    is_async: bool = False
    is_input_hidden: bool = False
    command_id: str = ""


class Execution:
    """One command of a session.

    Its output arrives through two named pipes, so that the session's own shell runs it (and keeps its directory,
    variables and functions) while the emulator can tell stdout from stderr. As with the daemon, it has ended when its
    output has: a program left in the background that still holds the output keeps it running.
    """

    def __init__(self, box: Box, folder: str, wish: Wish) -> None:
        self.id = wish.command_id or str(uuid.uuid4())
        self.command = wish.command.strip()
        self.exit_code: int | None = None
        self.takes_input = wish.is_async
        self._echoes = not wish.is_input_hidden
        self._place = box.root / "run" / folder / self.id
        self._inside = f"{box.run_dir}/{folder}/{self.id}"
        self.log = Log(self._place / "log")
        self.ended = asyncio.Event()
        self._readers: list[PipeReader] = []
        self._copies: list[asyncio.Task[None]] = []
        self._held: list[int] = []
        self._input: PipeWriter | None = None

    def describe(self) -> dict[str, object]:
        """Return the daemon's Command; without an exit code while it runs."""
        shape: dict[str, object] = {"id": self.id, "command": self.command}
        if self.exit_code is not None:
            shape["exitCode"] = self.exit_code
        return shape

    async def prepare(self) -> None:
        """Make the files and pipes and start copying output to the log."""

        def make() -> None:
            self._place.mkdir(parents=True)
            for name in ("in", "out", "err"):
                os.mkfifo(self._place / name)

        await asyncio.to_thread(make)
        await self.log.open()
        for name, stream in (("out", STDOUT), ("err", STDERR)):
            reader = PipeReader(os.open(self._place / name, os.O_RDONLY | os.O_NONBLOCK))
            # One writer of our own until the command is over: the end of the pipe must not come before its beginning.
            self._held.append(os.open(self._place / name, os.O_WRONLY | os.O_NONBLOCK))
            self._readers.append(reader)
            self._copies.append(asyncio.create_task(self._copy(reader, stream)))
        if self.takes_input:
            self._input = PipeWriter(os.open(self._place / "in", os.O_RDWR | os.O_NONBLOCK))

    def line(self) -> bytes:
        """Return the line that makes the session's shell run the command and report its id and exit code."""
        source = "in" if self.takes_input else None
        given = shlex.quote(f"{self._inside}/{source}") if source else os.devnull
        out, err = (shlex.quote(f"{self._inside}/{name}") for name in ("out", "err"))
        # `command` keeps a syntax error from ending a POSIX shell; `eval` keeps it from being one of the whole line.
        text = shlex.quote(self.command)
        line = f"{{ command eval {text}; }} <{given} >{out} 2>{err}; echo {self.id} $?\n"
        # After an unclosed quote Bash takes no reserved word until a line has ended.
        return f"\n{line}".encode("utf-8", "replace")

    async def send_input(self, data: str) -> None:
        """Write a line to the command's standard input, and among its output unless that was declined.

        Raises:
            ApiError: 410, it has ended; 400, it takes no input; 408, it does not read what it was given before.
        """
        if self.exit_code is not None or self.ended.is_set():
            raise daemon_error(410, "command has already completed", "COMMAND_ALREADY_COMPLETED")
        if self._input is None:
            raise daemon_error(400, "command does not take input: it was not run asynchronously")
        line = (data if data.endswith("\n") else data + "\n").encode("utf-8", "replace")
        try:
            if self._echoes:
                await self.log.append(STDOUT, line)
            await asyncio.wait_for(self._input.write(line), INPUT_S)
        except TimeoutError as error:
            raise daemon_error(408, "the command does not read its input") from error
        except OSError as error:
            raise daemon_error(410, "command has already completed", "COMMAND_ALREADY_COMPLETED") from error

    async def finish(self, code: int, *, settle_s: float | None = None) -> None:
        """Take what the pipes still hold, close the log and publish the exit code; idempotent.

        Args:
            code: the exit code.
            settle_s: how long programs may still hold the output; None waits for them.
        """
        if self.ended.is_set():
            return
        self._release()
        if self._copies:
            await asyncio.wait(self._copies, timeout=settle_s)
        for reader in self._readers:
            reader.close()
        if self._copies:
            await asyncio.wait(self._copies)
        if self.exit_code is None:
            self.exit_code = code
        # Ended only once the log is closed: a finish that is cancelled in between is then made up for by the next.
        await self.log.close()
        self.ended.set()

    def _release(self) -> None:
        """Let go of our own ends of the pipes."""
        for fd in self._held:
            os.close(fd)
        self._held.clear()
        if self._input is not None:
            self._input.close()

    async def _copy(self, reader: PipeReader, stream: bytes) -> None:
        """Copy a pipe to the log until it ends."""
        while data := await reader.read():
            # On a full disk output is lost, but the program that prints it goes on.
            with contextlib.suppress(OSError):
                await self.log.append(stream, data)


class Session:
    """A shell that runs commands one after another until it is deleted, or exits."""

    def __init__(self, box: Box, session_id: str) -> None:
        self.id = session_id
        self.executions: dict[str, Execution] = {}
        self.has_ended = False
        self._box = box
        self._folder = uuid.uuid4().hex
        self._program: Program | None = None
        self._orders: PipeWriter | None = None
        self._reports: PipeReader | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._starting = asyncio.Lock()

    def describe(self) -> dict[str, object]:
        """Return the daemon's Session."""
        return {"sessionId": self.id, "commands": [execution.describe() for execution in self.executions.values()]}

    def execution(self, command_id: str) -> Execution:
        """Return a command of this session.

        Raises:
            ApiError: 404, there is none such.
        """
        if command_id not in self.executions:
            raise daemon_error(404, "command not found", "PROCESS_NOT_FOUND")
        return self.executions[command_id]

    async def open(self) -> None:
        """Start the shell.

        Raises:
            ApiError: 503, it could not be started.
        """
        with contextlib.ExitStack() as theirs:
            given, orders = os.pipe()
            theirs.callback(os.close, given)
            self._orders = PipeWriter(orders)
            reading, reports = os.pipe()
            theirs.callback(os.close, reports)
            self._reports = PipeReader(reading)
            null = os.open(os.devnull, os.O_WRONLY)
            theirs.callback(os.close, null)
            try:
                self._program = await self._box.start([self._box.shell], fds=(given, reports, null))
            except StartError as error:
                raise daemon_error(503, f"failed to start session: {error}") from error
        self._keep(self._watch(self._program, asyncio.create_task(self._take_reports(self._reports))))

    async def run(self, wish: Wish) -> Execution:
        """Hand a command to the shell; it runs when those before it are done.

        Raises:
            ApiError: 410, the shell has ended.
        """
        if self.has_ended or self._orders is None:
            raise daemon_error(410, f"session {self.id} has ended", "SESSION_ENDED")
        execution = Execution(self._box, self._folder, wish)
        async with self._starting:
            try:
                await execution.prepare()
            except BaseException:
                await execution.finish(1, settle_s=0)
                raise
            self.executions[execution.id] = execution
            try:
                await self._orders.write(execution.line())
            except OSError as error:
                await execution.finish(1, settle_s=0)
                raise daemon_error(410, f"session {self.id} has ended", "SESSION_ENDED") from error
        if self._program is None or self._program.exited.done():  # it ended while the command was handed over
            await execution.finish(1, settle_s=0)
        return execution

    async def delete(self) -> None:
        """Kill the shell and what it started, then remove the logs."""
        if self._program is not None and not self.has_ended:
            await self._box.kill(self._program)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._program.exited), 2)
        await self.finished()
        place = self._box.root / "run" / self._folder
        with contextlib.suppress(OSError):
            await asyncio.to_thread(remove_tree, place)

    async def finished(self) -> None:
        """End every command's log; the shell is gone, or no longer of interest."""
        self.has_ended = True
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=2)
        for execution in self.executions.values():
            await execution.finish(137, settle_s=SETTLE_S)
        for end in (self._reports, self._orders):
            if end is not None:
                end.close()

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        """Run something beside the session and hold on to it."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take_reports(self, reports: PipeReader) -> None:
        """Finish each command whose exit code the shell reports."""
        text = b""
        while data := await reports.read():
            *lines, text = (text + data).split(b"\n")
            for line in lines:
                match line.decode("ascii", "replace").split():
                    case [number, code] if number in self.executions and code.isdigit():
                        self._keep(self.executions[number].finish(int(code)))

    async def _watch(self, program: Program, reports: asyncio.Task[None]) -> None:
        """When the shell ends, its last command has ended with the shell's exit code."""
        try:
            code = await asyncio.shield(program.exited)
            self.has_ended = True
            await asyncio.wait({reports}, timeout=SETTLE_S)
            for execution in list(self.executions.values()):
                await execution.finish(code, settle_s=SETTLE_S)
        finally:
            reports.cancel()


async def create_session(box: Box, session_id: str) -> Session:
    """Create a session and start its shell.

    Raises:
        ApiError: 409, the id is taken.
    """
    sessions = box.services(Session)
    if session_id in sessions:
        raise daemon_error(409, "session already exists")
    session = Session(box, session_id)
    sessions[session_id] = session
    try:
        await session.open()
    except BaseException:
        sessions.pop(session_id, None)
        await session.finished()
        raise
    return session


def find_session(box: Box, session_id: str) -> Session:
    """Return a session.

    Raises:
        ApiError: 404, there is none such.
    """
    session = box.services(Session).get(session_id)
    if session is None:
        raise daemon_error(404, "session not found", "PROCESS_NOT_FOUND")
    return session


async def spawn_service(box: Box, session_id: str, command: str) -> None:
    """Create a session and start a command in it, as the session routes would.

    Raises:
        ApiError: 409, there is such a session already.
        BoxClosedError: the box is closed.
    """
    session = await create_session(box, session_id)
    await session.run(Wish(command=command, is_async=True))


class Entrypoint:
    """What a sandbox was made to run, in a session of its own."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self._turn = asyncio.Lock()

    async def session(self) -> Session:
        """Return its session; it is started when it is not there yet.

        Raises:
            BoxClosedError: the box is closed.
        """
        async with self._turn:
            session = self._box.services(Session).get(ENTRYPOINT_SESSION)
            if session is None:
                session = await create_session(self._box, ENTRYPOINT_SESSION)
                command = shlex.join(self._box.entrypoint or DEFAULT_ENTRYPOINT)
                await session.run(Wish(command=command, command_id=ENTRYPOINT_COMMAND))
            return session

    async def finished(self) -> None:
        """Do nothing: the session ends with the others."""


async def entrypoint(box: Box) -> Session:
    """Return the session of a box's entrypoint, started if need be; raises BoxClosedError."""
    return await box.services(Entrypoint).setdefault("", Entrypoint(box)).session()
