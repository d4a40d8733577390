"""Run a line of the user's own on this machine, about a sandbox, and keep the end of what it writes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass

from daytona_tui.domain.custom_commands import environment, quoted
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.transfer.concurrency import settled

MOST_BYTES = 256 * 1024
"""Output that is kept; of more, the end."""

_SHELL = "/bin/sh"
_NOT_STARTED = 126
_PIECE = 64 * 1024
_WAITING = f"""{_SHELL} -c "$1"; code=$?; printf '\\n[exit %s] Enter goes back ' "$code"; read -r _; exit "$code" """
_LAST_WORDS_S = 0.5
_LOOK_S = 0.01
_PATIENCE_S = 2.0
"""How long a program may take to end when it is told to."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of it.

    Attributes:
        exit_code: as a shell gives it: 128 and the number of the signal that ended it.
        output: what it wrote, to either stream; the end of it where it was much.
    """

    exit_code: int
    output: str


async def run_local(line: str, sandbox: Sandbox) -> Ended:
    """Run ``line`` without a terminal; given up, it is ended with all that it began. What fails is in the result."""
    starting = asyncio.ensure_future(_start(line, sandbox))
    try:
        program = await asyncio.shield(starting)
    except OSError as error:
        return Ended(_NOT_STARTED, f"{_SHELL} cannot be started: {error.strerror or error}")
    except asyncio.CancelledError:
        await settled(_give_up(starting))
        raise
    kept = bytearray()
    reading = asyncio.create_task(_read(program, kept), name="read a local command")
    try:
        code = await program.wait()
        await asyncio.wait({reading}, timeout=_LAST_WORDS_S)  # what it left running may hold its output open
    finally:
        reading.cancel()
        await settled(_end(program))
    return Ended(code if code >= 0 else 128 - code, bytes(kept[-MOST_BYTES:]).decode("utf-8", "replace"))


async def _start(line: str, sandbox: Sandbox) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *command_of(line), env=environment(sandbox, os.environ), stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip


async def _give_up(starting: asyncio.Future[asyncio.subprocess.Process]) -> None:
    """End a program that may only just have begun: asyncio would kill it, and leave what it has begun itself."""
    with contextlib.suppress(OSError):
        await _end(await starting)


async def _read(program: asyncio.subprocess.Process, kept: bytearray) -> None:
    """Add to ``kept`` what the program writes; of much, the end."""
    assert program.stdout is not None
    while piece := await program.stdout.read(_PIECE):
        kept += piece
        if len(kept) > 2 * MOST_BYTES:
            del kept[:-MOST_BYTES]


def command_of(line: str) -> tuple[str, ...]:
    """Return the program and its arguments that run ``line``."""
    return (_SHELL, "-c", quoted(line))


def shown_command_of(line: str) -> tuple[str, ...]:
    """Return the same for a terminal, where what it wrote stays until somebody has read it."""
    return (_SHELL, "-c", _WAITING, _SHELL, quoted(line))


async def _end(program: asyncio.subprocess.Process) -> None:
    """End a program that is still there, and whatever belongs to it: kindly, then not."""
    if program.returncode is not None:
        return
    _tell(program.pid, signal.SIGTERM)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(program.wait(), _PATIENCE_S)
        await asyncio.wait_for(_gone(program.pid), _LAST_WORDS_S)
    _tell(program.pid, signal.SIGKILL)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(program.wait(), _PATIENCE_S)


async def _gone(group: int) -> None:
    """Wait until nothing of a group of processes is left."""
    while _tell(group, 0):  # noqa: ASYNC110 - the system tells nobody
        await asyncio.sleep(_LOOK_S)


def _tell(group: int, number: int) -> bool:
    """Send a signal to a group of processes; return whether there is one."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
