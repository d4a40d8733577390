"""A program of a build: run in a body, with what it says in the log."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.body.processes import Program, StartError
from daytona_tui.emulator.life.transitions import BuildFailedError
from daytona_tui.emulator.toolbox.pipes import PipeReader

if TYPE_CHECKING:
    from daytona_tui.emulator.workshop.builds import BuildLog

_CHUNK = 1 << 16
_LONGEST_LINE = 300
_DRAIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Job:
    """A program that is to be run for a step.

    Attributes:
        argv: it and its arguments.
        text: the step, for the reason of a failure.
        cwd: directory it begins in.
        env: variables of its own.
        stdin: what it reads, which stays the caller's; None for nothing.
    """

    argv: Sequence[str]
    text: str
    cwd: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    stdin: int | None = None


async def run(box: Box, job: Job, log: BuildLog) -> None:
    """Run a program to its end; what it says goes to the log.

    Raises:
        BuildFailedError: it cannot be started, or ends with another code than 0.
    """
    code, last = await attempt(box, job, log)
    if code != 0:
        raise BuildFailedError(f"{job.text}: exit code {code}" + (f": {last}" if last else ""))


async def attempt(box: Box, job: Job, log: BuildLog) -> tuple[int, str]:
    """Run a program as :func:`run` does, and return its code and the last line that it said."""
    reading, writing = os.pipe()
    reader = PipeReader(reading)
    nothing = os.open(os.devnull, os.O_RDONLY)
    try:
        fds = (nothing if job.stdin is None else job.stdin, writing, writing)
        program = await box.start(list(job.argv), fds=fds, cwd=job.cwd, env=dict(job.env))
    except StartError as error:
        reader.close()
        raise BuildFailedError(f"{job.text}: cannot be started: {os.strerror(error.number).lower()}") from error
    except BaseException:
        reader.close()
        raise
    finally:
        os.close(nothing)
        os.close(writing)
    try:
        return await _follow(box, program, reader, log)
    finally:
        await asyncio.shield(box.kill(program))
        reader.close()


async def _follow(box: Box, program: Program, reader: PipeReader, log: BuildLog) -> tuple[int, str]:
    """Write what a program says to the log until it ends; return its code and its last line."""
    tail = bytearray()

    async def pump() -> None:
        while data := await reader.read():
            tail.extend(data)
            del tail[:-_CHUNK]
            await log.write(data)

    pumping = asyncio.create_task(pump(), name="build output")
    try:
        code = await asyncio.shield(program.exited)
        await box.kill(program)  # and whatever it has left behind, which may hold its output open
        await asyncio.wait([pumping], timeout=_DRAIN_S)
    finally:
        pumping.cancel()
    if tail and not tail.endswith(b"\n"):
        await log.write(b"\n")
    return code, _last_line(bytes(tail))


def _last_line(output: bytes) -> str:
    lines = output.decode("utf-8", "replace").splitlines()
    last = next((line for line in reversed(lines) if line.strip()), "")
    return "".join(letter for letter in last.strip() if letter.isprintable())[:_LONGEST_LINE]
