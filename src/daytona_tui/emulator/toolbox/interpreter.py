"""Interpreter contexts: Python processes that keep their names from one run to the next."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import json
import os
import shutil
import sys
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.body.processes import Program, StartError
from daytona_tui.emulator.envelope import daemon_error
from daytona_tui.emulator.state.lifeline import remove_tree
from daytona_tui.emulator.toolbox.execute import start_refusal
from daytona_tui.emulator.toolbox.pipes import PipeReader, PipeWriter
from daytona_tui.emulator.wire import Json, instant

DEFAULT = "default"
"""Id of the context that is there without being created, and in no list."""
GRACE_S = 2.0
"""How long code may go on after its SIGINT before the context is killed."""
SETTLE_S = 0.3
"""How long the last words of a context that has ended are waited for."""
LONGEST_REPORT = 1 << 20
WORKER = Path(__file__).with_name("interpreter_worker.py")

Emit = Callable[[Json], Awaitable[None]]
"""Takes one frame; while it waits the code waits too, once its pipe is full."""


class TimeIsUpError(Exception):
    """The code took longer than it was given."""


class ContextEndedError(Exception):
    """The context's process has ended."""


class Context:
    """One Python process and its names.

    Attributes:
        id: its name; ``default`` for the one that nobody creates.
    """

    def __init__(self, box: Box, context_id: str, cwd: str) -> None:
        self.id = context_id
        self._box = box
        self._cwd = cwd or box.start_dir or box.work_dir
        self._created = datetime.now(UTC)
        self._place = box.root / "run" / f"interpreter-{uuid.uuid4().hex}"
        self._turn = asyncio.Lock()
        self._emit: Emit | None = None
        self._program: Program | None = None
        self._orders: PipeWriter | None = None
        self._reports: PipeReader | None = None
        self._outputs: list[PipeReader] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._in_flight = 0
        self._held = -1
        self._has_finished = False

    @property
    def is_active(self) -> bool:
        """Whether it can run code."""
        return self._program is not None and not self._program.exited.done() and not self._has_finished

    def describe(self) -> Json:
        """Return the daemon's InterpreterContext."""
        return {
            "id": self.id,
            "cwd": self._cwd,
            "language": "python",
            "active": self.is_active,
            "createdAt": instant(self._created),
        }

    async def open(self) -> None:
        """Start the process.

        Raises:
            ApiError: 400, there is no Python, or no such directory.
        """
        reports = self._place / "reports"

        def make() -> None:
            self._place.mkdir(parents=True)
            shutil.copyfile(WORKER, self._place / WORKER.name)
            os.mkfifo(reports)

        await asyncio.to_thread(make)
        with contextlib.ExitStack() as theirs:
            await self._launch(theirs, reports)
        names = ("stdout", "stderr")
        self._tasks = [
            asyncio.create_task(self._copy(reader, name)) for reader, name in zip(self._outputs, names, strict=True)
        ]

    async def _launch(self, theirs: contextlib.ExitStack, reports: Path) -> None:
        """Make the pipes and start the process; its own ends are closed with ``theirs``."""
        given, orders = os.pipe()
        theirs.callback(os.close, given)
        self._orders = PipeWriter(orders)
        outputs = (self._output(theirs), self._output(theirs))
        self._reports = PipeReader(os.open(reports, os.O_RDONLY | os.O_NONBLOCK))
        # A writer of our own, so that a pipe nobody has opened yet does not look like one that has ended.
        self._held = os.open(reports, os.O_WRONLY | os.O_NONBLOCK)
        inside = f"{self._box.run_dir}/{self._place.name}"
        words = ["-B", f"{inside}/{WORKER.name}", f"{inside}/{reports.name}"]
        try:
            self._program = await start_python(self._box, words, fds=(given, *outputs), cwd=self._cwd)
        except StartError as error:
            raise start_refusal(error, self._cwd) from error

    def _output(self, theirs: contextlib.ExitStack) -> int:
        reading, writing = os.pipe()
        theirs.callback(os.close, writing)
        self._outputs.append(PipeReader(reading))
        return writing

    async def run(self, code: str, envs: dict[str, str], emit: Emit, timeout_s: float | None) -> None:
        """Run code when those before it have run, and hand its output and its error to ``emit``.

        Raises:
            TimeIsUpError: it was interrupted, or killed, for the time it took.
            ContextEndedError: the process has ended, before or by it.
        """
        async with self._turn:
            if not self.is_active:
                raise ContextEndedError
            self._emit = emit
            running = asyncio.ensure_future(self._round(code, envs))
            try:
                await asyncio.wait({running}, timeout=timeout_s)
                if not running.done():
                    await self._stop(running)
                    raise TimeIsUpError
                await running
            except asyncio.CancelledError:
                await asyncio.shield(asyncio.ensure_future(self._stop(running)))
                raise
            finally:
                self._emit = None

    async def _stop(self, running: asyncio.Future[None]) -> None:
        """Interrupt a run; kill the context if that is not heeded."""
        assert self._program is not None
        await self._box.interrupt(self._program)
        await asyncio.wait({running}, timeout=GRACE_S)
        if not running.done():
            await self._box.kill(self._program)
            await asyncio.wait({running}, timeout=GRACE_S)
        if not running.done():
            running.cancel()
        await asyncio.wait({running})
        if not running.cancelled():
            running.exception()

    async def _round(self, code: str, envs: dict[str, str]) -> None:
        """Give one order and take its report, or the end of the process."""
        assert self._program is not None
        assert self._orders is not None
        order = json.dumps({"code": code, "envs": envs}).encode() + b"\n"
        reporting = asyncio.ensure_future(self._report())
        try:
            with contextlib.suppress(OSError):
                await self._orders.write(order)
            either: set[asyncio.Future[Any]] = {reporting, self._program.exited}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not reporting.done():
                await asyncio.wait({reporting}, timeout=SETTLE_S)
            report = reporting.result() if reporting.done() else None
        finally:
            reporting.cancel()
        await self._drain()
        if report is None:
            await self.finished()
            raise ContextEndedError
        error = report.get("error")
        if isinstance(error, dict) and self._emit is not None:
            words = {key: str(error.get(key, "")) for key in ("name", "value", "traceback")}
            await self._emit({"type": "error", **words})

    async def _report(self) -> dict[str, object] | None:
        """Return the worker's next report; None when there is none, or it is not the worker who speaks."""
        assert self._reports is not None
        line = bytearray()
        while not line.endswith(b"\n"):
            data = await self._reports.read()
            line += data
            if not data or len(line) > LONGEST_REPORT:
                return None
        with contextlib.suppress(ValueError):
            report = json.loads(line)
            if isinstance(report, dict):
                return report
        return None

    async def _copy(self, reader: PipeReader, name: str) -> None:
        """Hand on what the code prints; between runs nobody is there to take it."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while data := await reader.read():
            await self._hand_on(name, decoder.decode(data))
        await self._hand_on(name, decoder.decode(b"", final=True))

    async def _hand_on(self, name: str, text: str) -> None:
        if text and self._emit is not None:
            self._in_flight += 1
            try:
                await self._emit({"type": name, "text": text})
            finally:
                self._in_flight -= 1

    async def _drain(self) -> None:
        """Wait until what has been printed before now has been handed on."""
        ends = [(reader, reader.taken + reader.waiting_bytes()) for reader in self._outputs]
        while self._in_flight or any(reader.taken < end and reader.waiting_bytes() for reader, end in ends):  # noqa: ASYNC110 - pipes tell nobody
            await asyncio.sleep(0.001)

    async def delete(self) -> None:
        """Kill the process and what it started."""
        if self._program is not None and not self._program.exited.done():
            await self._box.kill(self._program)
            await asyncio.wait({self._program.exited}, timeout=2)
        await self.finished()
        with contextlib.suppress(OSError):
            await asyncio.to_thread(remove_tree, self._place)

    async def finished(self) -> None:
        """Close everything; idempotent."""
        self._has_finished = True
        if self._held >= 0:
            os.close(self._held)
            self._held = -1
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=SETTLE_S)
        for end in (*self._outputs, self._orders, self._reports):
            if end is not None:
                end.close()
        for task in self._tasks:
            task.cancel()


async def start_python(box: Box, words: list[str], *, fds: tuple[int, int, int], cwd: str) -> Program:
    """Start the box's Python, or the emulator's own where the box has none and can see that.

    Raises:
        StartError: there is none, or no such directory.
    """
    for program in ("python3", "python"):
        try:
            return await box.start([program, *words], fds=fds, cwd=cwd)
        except StartError as error:
            if error.stage != "exec":
                raise
    return await box.start([sys.executable, *words], fds=fds, cwd=cwd)


async def create_context(box: Box, context_id: str, cwd: str) -> Context:
    """Add a context to a box and start it.

    Raises:
        ApiError: 400, it cannot be started.
    """
    context = Context(box, context_id, cwd)
    contexts = box.services(Context)
    contexts[context_id] = context
    try:
        await context.open()
    except BaseException:
        contexts.pop(context_id, None)
        await context.finished()
        raise
    return context


async def find_context(box: Box, context_id: str | None) -> Context:
    """Return a context; the default one is made when it is first asked for, and anew when its process has ended.

    Raises:
        ApiError: 404, there is none such.
    """
    contexts = box.services(Context)
    found = contexts.get(context_id or DEFAULT)
    if context_id in (None, DEFAULT):
        if found is None or not found.is_active:
            found = await create_context(box, DEFAULT, "")
    elif found is None:
        raise daemon_error(404, f"context with ID '{context_id}' not found", "PROCESS_NOT_FOUND")
    return found
