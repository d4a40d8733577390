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
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid

START_S = 5.0
"""Longest wait for a keeper to be ready, or for it to start one program."""
CLOSE_S = 3.0
"""Longest wait for a keeper to end everything before it is killed itself."""


ANSWER_S = 3.0
"""Longest wait for any other answer of a keeper."""


class BoxClosedError(OSError):
    """The box runs no programs: it was closed, or its keeper has ended."""

    def __init__(self) -> None:
        super().__init__(errno.ESRCH, "the box is closed")


class StartError(Exception):
    """A program could not be started.

    Attributes:
        stage: ``cwd``, ``exec``, or ``fork`` when the box has as many processes as it may.
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
        self._fetching = asyncio.Lock()
        self._acts: dict[int, asyncio.Future[None]] = {}
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._programs: dict[int, Program] = {}
        self._count = 0
        self.pid = 0
        """The keeper's pid on the host."""

    @property
    def is_alive(self) -> bool:
        """Whether the keeper still answers."""
        return self._listener is not None and not self._listener.done()

    async def open(self, argv: Sequence[str], pass_fds: Sequence[int] = ()) -> None:
        """Start the keeper and wait until it can start programs.

        Args:
            argv: its command line.
            pass_fds: descriptors that it inherits.

        Raises:
            OSError: it did not come up; the text is what it said.
        """
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        if sys.platform == "linux":
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket = ours
        try:
            self._process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=theirs.fileno(),
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env={},
                start_new_session=True,
                pass_fds=pass_fds,
            )
        finally:
            theirs.close()
        self.pid = self._process.pid
        self._listener = asyncio.create_task(self._listen())
        try:
            await asyncio.wait_for(asyncio.shield(self._ready), START_S)
        except asyncio.CancelledError:
            await self.close(force=True)
            raise
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

    async def freeze(self) -> None:
        """Stop every process of the box.

        Raises:
            BoxClosedError: the keeper has ended.
            TimeoutError: it does not answer.
        """
        await self._act("freeze")

    async def thaw(self) -> None:
        """Let go on what :meth:`freeze` has stopped; raises as that does."""
        await self._act("thaw")

    async def new_socket(self, family: socket.AddressFamily) -> socket.socket:
        """Return a new stream socket that belongs to the box's network, non-blocking and not connected.

        Raises:
            OSError: there is none to be had.
            TimeoutError: the keeper does not answer.
        """
        (fd,) = await self._fetch({"op": "socket", "family": int(family)}, 1)
        made = socket.socket(fileno=fd)
        made.setblocking(False)
        return made

    async def new_terminal(self) -> tuple[int, int]:
        """Return both ends of a new terminal that programs of the box know by its name in their /dev/pts.

        Raises:
            OSError: there is none to be had.
            TimeoutError: the keeper does not answer.
        """
        ours, theirs = await self._fetch({"op": "terminal"}, 2)
        return ours, theirs

    async def interrupt(self, program: Program) -> None:
        """Send SIGINT to a program alone; returns once the request is sent."""
        with contextlib.suppress(OSError):
            await self._send({"op": "interrupt", "id": program.number})

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
            async with self._fetching:  # who still waits there meets the end first
                self._socket.close()
        if self._listener is not None:
            await asyncio.wait({self._listener}, timeout=1)

    async def _act(self, op: str) -> None:
        """Ask for something that is answered when it is done."""
        self._count += 1
        number = self._count
        done = self._acts[number] = asyncio.get_running_loop().create_future()
        try:
            await self._send({"op": op, "id": number})
            await asyncio.wait_for(done, ANSWER_S)
        finally:
            self._acts.pop(number, None)

    async def _fetch(self, request: dict[str, object], count: int) -> list[int]:
        """Ask for descriptors; one request at a time, so that answers find theirs."""
        async with self._fetching, asyncio.timeout(ANSWER_S):
            self._count += 1
            number = self._count
            await self._send({**request, "id": number})
            while True:
                name, fds = await self._received()
                if name == number and len(fds) == count:
                    return fds
                for fd in fds:  # of a request that nobody waits for any more
                    os.close(fd)
                if name == number:
                    raise OSError(errno.EMFILE, "the box has none to give")

    async def _received(self) -> tuple[int, list[int]]:
        """Return the next message on the socket: a request's number, and descriptors."""
        control = self._socket
        if control is None or control.fileno() < 0 or not self.is_alive:
            raise BoxClosedError
        loop = asyncio.get_running_loop()
        readable = loop.create_future()
        loop.add_reader(control.fileno(), _settle, readable)
        try:
            await readable
        finally:
            loop.remove_reader(control.fileno())
        header, fds, _flags, _address = socket.recv_fds(control, 4, 4)
        if not header:
            raise BoxClosedError
        return (struct.unpack("!I", header)[0] if len(header) == 4 else 0), fds

    def _meet(self) -> None:
        """Learn by which pid the host knows the keeper: the kernel says it of the sender of the first message."""
        control = self._socket
        if control is None or self._ready.done() or sys.platform != "linux":
            return
        _data, ancillary, _flags, _address = control.recvmsg(1, socket.CMSG_SPACE(_CREDENTIALS.size))
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
                self.pid = _CREDENTIALS.unpack(data)[0]
        control.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)

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
        # What a program inside could make the keeper say is not believed beyond its words.
        with contextlib.suppress(ValueError):
            while line := await self._process.stdout.readline():
                self._take(line.decode("utf-8", "replace").split())
        said = (await self._process.stderr.read(4096)).decode(errors="replace").strip().splitlines()
        if not self._ready.done():
            self._ready.set_exception(OSError(said[-1] if said else "it ended at once"))
        for program in self._programs.values():
            if not program.started.done():
                program.started.set_exception(BoxClosedError())
            if not program.exited.done():
                program.exited.set_result(128 + signal.SIGKILL)
        self._programs.clear()
        for done in self._acts.values():
            if not done.done():
                done.set_exception(BoxClosedError())

    def _take(self, words: list[str]) -> None:
        """Act on one report."""
        match words:
            case ["ready"]:
                self._meet()
                _settle(self._ready)
            case ["done", number] if done := self._acts.get(int(number)):
                _settle(done)
            case ["pid", number, pid] if program := self._programs.get(int(number)):
                if not program.started.done():
                    program.started.set_result(int(pid))
            case ["fail", number, stage, code] if program := self._programs.pop(int(number), None):
                if not program.started.done():
                    program.started.set_exception(StartError(stage, int(code)))
            case ["exit", number, code] if program := self._programs.pop(int(number), None):
                if not program.exited.done():
                    program.exited.set_result(int(code))


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
