"""The emulator's side of a keeper: programs of a box as objects that can be awaited and killed."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import marshal
import os
import signal
import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

START_S = 5.0
"""Longest wait for a keeper to be ready, or for it to start one program."""
CLOSE_S = 3.0
"""Longest wait for a keeper to end everything before it is killed itself."""


class BoxClosedError(OSError):
    """The box runs no programs: it was closed, or its keeper has ended."""

    def __init__(self) -> None:
        super().__init__(errno.ESRCH, "the box is closed")


class StartError(Exception):
    """A program could not be started.

    Attributes:
        stage: ``cwd`` or ``exec``.
        number: the errno.
    """

    def __init__(self, stage: str, number: int) -> None:
        super().__init__(f"{stage}: {os.strerror(number)}")
        self.stage = stage
        self.number = number


@dataclass
class Program:
    """A program running in a box.

    Attributes:
        number: the keeper's name for it.
        exited: becomes its exit code; 128 + n after signal n, as a shell says it.
    """

    number: int
    exited: asyncio.Future[int]
    started: asyncio.Future[int] = field(repr=False)


class KeeperLink:
    """One running keeper."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._socket: socket.socket | None = None
        self._listener: asyncio.Task[None] | None = None
        self._sending = asyncio.Lock()
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._programs: dict[int, Program] = {}
        self._count = 0
        self.pid = 0
        """The keeper's pid on the host."""

    @property
    def is_alive(self) -> bool:
        """Whether the keeper still answers."""
        return self._listener is not None and not self._listener.done()

    async def open(self, argv: Sequence[str]) -> None:
        """Start the keeper and wait until it can start programs.

        Raises:
            OSError: it did not come up; the text is what it said.
        """
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        self._socket = ours
        try:
            self._process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=theirs.fileno(),
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env={},
                start_new_session=True,
            )
        finally:
            theirs.close()
        self.pid = self._process.pid
        self._listener = asyncio.create_task(self._listen())
        try:
            await asyncio.wait_for(asyncio.shield(self._ready), START_S)
        except (TimeoutError, OSError) as error:
            await self.close(force=True)
            raise OSError(f"the box did not open: {str(error) or 'no answer'}") from error

    async def start(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: str,
        fds: tuple[int, int, int],
        tty: bool = False,
    ) -> Program:
        """Start a program with ``fds`` as its standard streams; the caller still owns and closes them.

        Raises:
            StartError: the program or its directory does not exist, or may not be used.
            BoxClosedError: the keeper has ended.
        """
        self._count += 1
        loop = asyncio.get_running_loop()
        program = Program(self._count, loop.create_future(), loop.create_future())
        self._programs[program.number] = program
        request = {
            "op": "start",
            "id": program.number,
            "argv": list(argv),
            "env": {**env, "DAYTONA_RUN_ID": str(program.number)},
            "cwd": cwd,
            "tty": tty,
        }
        try:
            await self._send(request, fds)
            await asyncio.wait_for(program.started, START_S)
        except BaseException:
            self._programs.pop(program.number, None)
            raise
        return program

    async def kill(self, program: Program) -> None:
        """Kill a program and everything it started; returns once the request is sent."""
        with contextlib.suppress(OSError):
            await self._send({"op": "kill", "id": program.number})

    async def close(self, *, force: bool) -> None:
        """End every process of the box; at most ``CLOSE_S`` and a little."""
        if self._process is None:
            return
        with contextlib.suppress(OSError):
            await self._send({"op": "finish", "force": force})
        try:
            await asyncio.wait_for(self._process.wait(), CLOSE_S)
        except TimeoutError:
            for pid in (self.pid, self._process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            await self._process.wait()
        if self._socket is not None:
            self._socket.close()
        if self._listener is not None:
            await asyncio.wait({self._listener}, timeout=1)

    async def _send(self, request: dict[str, object], fds: Sequence[int] = ()) -> None:
        """Send one request; they never interleave."""
        body = marshal.dumps(request)
        async with self._sending:
            control = self._socket
            if control is None or control.fileno() < 0 or not self.is_alive:
                raise BoxClosedError
            header = struct.pack("!I", len(body))
            # Four bytes fit whenever the buffer is not full, and it is empty between requests but for a blink.
            while True:
                try:
                    socket.send_fds(control, [header], list(fds))
                    break
                except BlockingIOError:
                    await asyncio.sleep(0.001)
            await asyncio.shield(asyncio.get_running_loop().sock_sendall(control, body))

    async def _listen(self) -> None:
        """Take the keeper's reports until it is gone, then end whatever still waits."""
        assert self._process is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        while line := await self._process.stdout.readline():
            self._take(line.decode().split())
        said = (await self._process.stderr.read(4096)).decode(errors="replace").strip().splitlines()
        if not self._ready.done():
            self._ready.set_exception(OSError(said[-1] if said else "it ended at once"))
        for program in self._programs.values():
            if not program.started.done():
                program.started.set_exception(BoxClosedError())
            if not program.exited.done():
                program.exited.set_result(128 + signal.SIGKILL)
        self._programs.clear()

    def _take(self, words: list[str]) -> None:
        """Act on one report."""
        match words:
            case ["keeper", pid]:
                self.pid = int(pid)
            case ["ready"] if not self._ready.done():
                self._ready.set_result(None)
            case ["pid", number, pid] if program := self._programs.get(int(number)):
                if not program.started.done():
                    program.started.set_result(int(pid))
            case ["fail", number, stage, code] if program := self._programs.pop(int(number), None):
                if not program.started.done():
                    program.started.set_exception(StartError(stage, int(code)))
            case ["exit", number, code] if program := self._programs.pop(int(number), None):
                if not program.exited.done():
                    program.exited.set_result(int(code))
