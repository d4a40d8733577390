"""Starts the installed command: as it is installed, or as a fork of a process that has loaded it already."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from asyncio import base_subprocess
from asyncio.subprocess import DEVNULL, PIPE, Process, SubprocessStreamProtocol
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support import preloaded

COMMAND = Path(sys.executable).with_name("daytona-tui")
ALL_INSTALLED = "TESTS_START_THE_INSTALLED_COMMAND"
"""With this variable every test starts the command as it is installed."""


async def start(
    *words: str,
    cwd: Path,
    env: dict[str, str] | None = None,
    stdin: int = DEVNULL,
    stdout: int = PIPE,
    stderr: int = PIPE,
) -> Process:
    """Start the command in ``cwd`` with the test's own environment and ``env``."""
    whole = {**os.environ, **(env or {})}
    if os.environ.get(ALL_INSTALLED) or _is_read_by_the_interpreter(env or {}):
        return await start_installed(*words, cwd=cwd, env=env, stdin=stdin, stdout=stdout, stderr=stderr)
    loop = asyncio.get_running_loop()
    protocol = SubprocessStreamProtocol(limit=1 << 16, loop=loop)
    waiter = loop.create_future()
    streams: dict[str, Any] = {"stdin": stdin, "stdout": stdout, "stderr": stderr}
    transport = _Transport(
        loop, protocol, [str(COMMAND), *words], False, **streams, bufsize=0, waiter=waiter, cwd=cwd, env=whole
    )
    await waiter
    return Process(transport, protocol, loop)


async def start_installed(
    *words: str,
    cwd: Path,
    env: dict[str, str] | None = None,
    stdin: int = DEVNULL,
    stdout: int = PIPE,
    stderr: int = PIPE,
) -> Process:
    """Start the command as it is installed: for what happens before the program has its words."""
    whole = {**os.environ, **(env or {})}
    return await asyncio.create_subprocess_exec(
        COMMAND, *words, cwd=cwd, env=whole, stdin=stdin, stdout=stdout, stderr=stderr
    )


def _is_read_by_the_interpreter(env: dict[str, str]) -> bool:
    return any(name.startswith(("PYTHON", "LC_", "LANG")) for name in env)


class Server:
    """The process that has loaded the command; it begins with the first request."""

    def __init__(self, *, with_screen: bool = False) -> None:
        self._with_screen = with_screen
        self._socket: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def fork(
        self, argv: list[str], cwd: Path, env: dict[str, str], files: list[int], *, owns_terminal: bool = False
    ) -> int:
        """Become ``argv`` with ``files`` as streams and, the last one, for its end; return the process id.

        With ``owns_terminal`` it leads a session of its own, at the terminal that its streams are.
        """
        if self._socket is None:
            self._begin()
            assert self._socket is not None
        request = json.dumps({"argv": argv, "cwd": str(cwd), "env": env, "owns_terminal": owns_terminal})
        socket.send_fds(self._socket, [f"{request}\n".encode()], files)
        answer = self._socket.recv(64)
        assert answer.endswith(b"\n"), "the preloaded process is gone"
        return int(answer)

    def end(self) -> None:
        """End it, and whatever it has started."""
        if self._socket is not None and self._process is not None:
            self._socket.close()
            self._process.wait()
            self._socket = None

    def _begin(self) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-P", preloaded.__file__, str(theirs.fileno())),
                    *(["screen"] if self._with_screen else []),
                ],
                env={**os.environ, "LANG": "C.UTF-8"} if self._with_screen else None,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        atexit.register(self.end)


SERVER = Server()
SCREENS = Server(with_screen=True)


class OnTerminal:
    """The program with its screen, forked into a terminal; as much of ``subprocess.Popen`` as tests need."""

    def __init__(self, argv: list[str], slave: int, cwd: Path, env: dict[str, str]) -> None:
        self._ended, report = os.pipe()
        self._code: int | None = None
        try:
            self.pid = SCREENS.fork(argv, cwd, env, [slave, slave, slave, report], owns_terminal=True)
        finally:
            os.close(report)

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code, negative for a signal; raise TimeoutError after ``timeout`` seconds."""
        if self._code is None:
            if not select.select([self._ended], [], [], timeout)[0]:
                raise TimeoutError(f"it has not ended within {timeout} s")
            self._code = int(os.read(self._ended, 64) or 255)
            os.close(self._ended)
        return self._code

    def poll(self) -> int | None:
        """Return the exit code, None as long as it runs."""
        with contextlib.suppress(TimeoutError):
            return self.wait(0)
        return None

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)


class _Fork:
    """What the transport has to know of a process that is nobody's child."""

    def __init__(self, pid: int, stdin: Any, stdout: Any, stderr: Any) -> None:
        self.pid, self.stdin, self.stdout, self.stderr = pid, stdin, stdout, stderr
        self.returncode: int | None = None

    def poll(self) -> int | None:
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class _Transport(base_subprocess.BaseSubprocessTransport):
    """The pipes of a fork and the news of its end."""

    def _start(self, args: Any, shell: bool, stdin: Any, stdout: Any, stderr: Any, bufsize: int, **kwargs: Any) -> None:
        ended, report = os.pipe()
        with contextlib.ExitStack() as stack:
            stack.callback(os.close, report)
            pipes = [stack.enter_context(_pipe(given, number)) for number, given in enumerate((stdin, stdout, stderr))]
            pid = SERVER.fork(args, kwargs["cwd"], kwargs["env"], [*(theirs for _, theirs in pipes), report])
        self._proc = _Fork(pid, *(ours for ours, _ in pipes))  # type: ignore[assignment]
        self._loop.add_reader(ended, self._hear_end, ended)

    def _hear_end(self, ended: int) -> None:
        self._loop.remove_reader(ended)
        told = os.read(ended, 64)
        os.close(ended)
        self._process_exited(int(told or 255))


@contextlib.contextmanager
def _pipe(given: int, number: int) -> Iterator[tuple[Any, int]]:
    """Give our end of a new pipe, if one is asked for, and the end that goes to the program; close the latter."""
    if given not in (PIPE, DEVNULL):
        yield None, given
        return
    if given == DEVNULL:
        theirs, ours = os.open(os.devnull, os.O_RDWR), None
    elif number == 0:
        theirs, end = os.pipe()
        ours = open(end, "wb", buffering=0)  # noqa: PTH123,SIM115  # the transport closes it
    else:
        end, theirs = os.pipe()
        ours = open(end, "rb", buffering=0)  # noqa: PTH123,SIM115
    try:
        yield ours, theirs
    finally:
        os.close(theirs)
