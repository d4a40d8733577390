"""Building what a Dockerfile asks for: its steps are run in a body, for real, and what they say is the build log."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

from daytona_tui.emulator.body.box import PATH, Box
from daytona_tui.emulator.body.outfit import start_dir
from daytona_tui.emulator.fleet.records import Ground
from daytona_tui.emulator.life.transitions import BuildFailedError
from daytona_tui.emulator.workshop.context import ContextError
from daytona_tui.emulator.workshop.dockerfile import Dockerfile, DockerfileError, check_base, parse
from daytona_tui.emulator.workshop.placing import place
from daytona_tui.emulator.workshop.python import give_pip, name_python
from daytona_tui.emulator.workshop.steps import Job, run

BUILD_S = 1800.0
"""Longest build, in seconds."""
LARGEST_LOG = 64 << 20
"""Bytes of a build log that are kept; a build that says more goes on unheard."""

_CHUNK = 1 << 16
_LOOK_S = 5.0
# Python packages go into the home: what is outside is this machine's, and other sandboxes'.
_PIP = {"PIP_USER": "1", "PIP_BREAK_SYSTEM_PACKAGES": "1"}


class BuildLog:
    """The log of one build, in a file that readers follow at their own pace.

    Attributes:
        is_open: whether more may come.
        changed: set when it changes next; take it before reading.
    """

    def __init__(self, path: Path) -> None:
        self.is_open = True
        self._path = path
        self._size = 0
        self._turn = asyncio.Lock()
        self.changed = asyncio.Event()

    async def write(self, data: bytes) -> None:
        """Add to it; what is too much is dropped."""
        async with self._turn:
            if not self.is_open or self._size >= LARGEST_LOG:
                return
            is_first, self._size = self._size == 0, self._size + len(data)
            # Opened for each piece: what a thread still holds when its caller is cancelled, nobody would close.
            await asyncio.to_thread(_append, self._path, data, is_first=is_first)
            self._announce()

    async def say(self, line: str) -> None:
        """Add a line of the builder's own."""
        await self.write(f"{line}\n".encode("utf-8", "replace"))

    async def close(self) -> None:
        """Say that no more will come. Idempotent."""
        async with self._turn:
            self.is_open = False
            self._announce()

    def _announce(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()


class BuildLogs:
    """The logs of builds, by the id of the sandbox or snapshot.

    Args:
        path_of: where the log of an id is.
    """

    def __init__(self, path_of: Callable[[str], Path]) -> None:
        self._path_of = path_of
        self._open: dict[str, BuildLog] = {}

    def begin(self, record_id: str) -> BuildLog:
        """Return a new log, in place of an older one."""
        log = self._open[record_id] = BuildLog(self._path_of(record_id))
        return log

    def is_open(self, record_id: str) -> bool:
        """Whether more may come of a log."""
        return record_id in self._open

    def of(self, record_id: str) -> BuildLog:
        """Return the open log of an id, begun if need be."""
        return self._open.get(record_id) or self.begin(record_id)

    async def end(self, record_id: str) -> None:
        """Say that no more will come, if anything could."""
        log = self._open.pop(record_id, None)
        if log is not None:
            await log.close()

    async def keep(self, record_id: str, text: str) -> None:
        """Keep the log of a build that was over before this emulator began."""
        await self.of(record_id).write(text.encode("utf-8", "replace"))
        await self.end(record_id)

    async def remove(self, record_id: str) -> None:
        """Forget a log."""
        await self.end(record_id)
        await asyncio.to_thread(self._path_of(record_id).unlink, missing_ok=True)

    async def read(self, record_id: str, *, follow: bool) -> AsyncGenerator[bytes, None]:
        """Yield a log from its beginning, ``follow`` to its end; memory holds one piece of it at a time."""
        offset = 0
        while True:
            log = self._open.get(record_id)
            awaited = log.changed if follow and log is not None and log.is_open else None
            data = await asyncio.to_thread(_piece, self._path_of(record_id), offset)
            if data:
                offset += len(data)
                yield data
            elif awaited is None:
                return
            else:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(awaited.wait(), _LOOK_S)


def ground_of(dockerfile: Dockerfile) -> Ground:
    """Return what a Dockerfile lays down for the programs of its sandboxes."""
    return Ground(
        dict(dockerfile.env), dockerfile.workdir, list(dockerfile.workdirs), entrypoint=list(dockerfile.entrypoint)
    )


def read_dockerfile(text: str) -> Dockerfile:
    """Return what a Dockerfile asks for, begun from a known base.

    Raises:
        DockerfileError: it cannot be built here.
    """
    dockerfile = parse(text, {"PATH": PATH, "HOME": "/home/daytona"})
    check_base(dockerfile.base)
    return dockerfile


async def build(box: Box, dockerfile: Dockerfile, log: BuildLog, context: Path) -> None:
    """Follow every step of a Dockerfile in a body.

    Args:
        box: the body.
        dockerfile: what is to be done.
        log: gets what is done and said.
        context: directory of the files that can be copied.

    Raises:
        BuildFailedError: a step failed.
        TimeoutError: it took longer than :data:`BUILD_S`.
    """
    count = len(dockerfile.steps) + 1
    await log.say(f"Step 1/{count} : FROM {dockerfile.base}")
    await asyncio.to_thread(name_python, box.home)
    if any("pip" in step.text for step in dockerfile.steps):
        await asyncio.to_thread(give_pip, box.home)
    async with asyncio.timeout(BUILD_S):
        for number, step in enumerate(dockerfile.steps, 2):
            await log.say(f"Step {number}/{count} : {step.text}")
            cwd = await asyncio.to_thread(start_dir, box, step.cwd) if step.cwd else ""
            if step.note:
                await log.say(f" ---> {step.note}")
            elif step.copy is not None:
                await place(box, step.copy, context, log, step.text)
            elif step.argv:
                await run(box, Job(step.argv, step.text, cwd, {**_PIP, **step.env}), log)


def failure(error: Exception) -> BuildFailedError:
    """Return why a build failed, for a person."""
    if isinstance(error, TimeoutError):
        return BuildFailedError(f"the build took longer than {BUILD_S:.0f} seconds")
    if isinstance(error, DockerfileError | BuildFailedError | ContextError):
        return BuildFailedError(str(error))
    return BuildFailedError(f"the build could not be done: {error}")


def _append(path: Path, data: bytes, *, is_first: bool) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("wb" if is_first else "ab") as file:
        file.write(data)


def _piece(path: Path, offset: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(_CHUNK)
    except FileNotFoundError:
        return b""
