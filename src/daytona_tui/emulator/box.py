"""A box: one sandbox's body, that is its directory, its environment and its processes."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from daytona_tui.emulator.isolation import Isolation
from daytona_tui.emulator.processes import BoxClosedError, KeeperLink, Program

if TYPE_CHECKING:
    from daytona_tui.emulator.toolbox.pty import Pty
    from daytona_tui.emulator.toolbox.sessions import Session

ISOLATED_HOME = "/home/daytona"
ISOLATED_RUN = "/home/.daytona"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Box:
    """One sandbox's body: its directory, its environment, its processes.

    Under ``root`` lie ``home``, ``tmp`` (used as /tmp when isolated) and ``run`` (logs and pipes of sessions, for one
    life from open to close). Nothing is on disk before :meth:`create`.
    """

    def __init__(self, box_id: str, root: Path, *, env: Mapping[str, str], isolation: Isolation) -> None:
        self.id = box_id
        self.root = root
        self.home = root / "home"
        self.isolation = isolation
        self.sessions: dict[str, Session] = {}
        self.ptys: dict[str, Pty] = {}
        self._own_env = dict(env)
        self._link: KeeperLink | None = None
        self._lock = asyncio.Lock()

    @property
    def work_dir(self) -> str:
        """The home as programs inside see it."""
        return ISOLATED_HOME if self.isolation.is_isolated else str(self.home)

    @property
    def run_dir(self) -> str:
        """The directory of session pipes as programs inside see it."""
        return ISOLATED_RUN if self.isolation.is_isolated else str(self.root / "run")

    @property
    def is_open(self) -> bool:
        """Whether programs can run now."""
        return self._link is not None and self._link.is_alive

    @property
    def env(self) -> dict[str, str]:
        """The whole environment of a program: nothing of it comes from the host."""
        return {
            "PATH": PATH,
            "HOME": self.work_dir,
            "USER": "daytona",
            "LOGNAME": "daytona",
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "SHELL": self.shell,
            "DAYTONA_SANDBOX_ID": self.id,
            **self._own_env,
        }

    @property
    def shell(self) -> str:
        """The shell that runs what clients send."""
        return "/bin/bash" if Path("/bin/bash").exists() else "/bin/sh"

    @property
    def view(self) -> str:
        """Host path of the root directory as programs inside see it; empty when they see the host's.

        Reaching in through the keeper means that the files API meets the very same mounts as a program: the same
        home, the same read-only host, the other boxes hidden.

        Raises:
            BoxClosedError: an isolated box shows nothing while it is closed.
        """
        if not self.isolation.is_isolated:
            return ""
        if self._link is None or not self._link.is_alive:
            raise BoxClosedError
        return f"/proc/{self._link.pid}/root"

    async def create(self) -> None:
        """Make the directories; idempotent."""

        def make() -> None:
            for name in ("home", "tmp", "run"):
                (self.root / name).mkdir(parents=True, exist_ok=True)

        await asyncio.to_thread(make)

    async def open(self) -> None:
        """Let processes run from now on; idempotent.

        Raises:
            OSError: the keeper could not be started.
        """
        async with self._lock:
            if self._link is not None:
                if self._link.is_alive:
                    return
                await self._wind_up(self._link, force=True)
                self._link = None
            await self.create()
            link = KeeperLink()
            await link.open(self.isolation.argv(self.home, self.root / "tmp", self.root / "run", self.root.parent))
            self._link = link

    async def close(self, *, force: bool = False) -> None:
        """End every process of the box and keep its files; idempotent.

        Args:
            force: kill at once instead of asking first and waiting two seconds.
        """
        async with self._lock:
            link, self._link = self._link, None
            if link is None:
                return
            closing = asyncio.ensure_future(self._wind_up(link, force=force))
            await asyncio.shield(closing)

    async def destroy(self) -> None:
        """Kill every process and remove the directory."""
        await self.close(force=True)
        await asyncio.to_thread(shutil.rmtree, self.root, ignore_errors=True)

    async def start(
        self,
        argv: list[str],
        *,
        fds: tuple[int, int, int],
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        tty: bool = False,
    ) -> Program:
        """Start a program; the caller still owns ``fds``.

        Raises:
            StartError: the program or ``cwd`` cannot be used.
            BoxClosedError: the box is closed.
        """
        if self._link is None:
            raise BoxClosedError
        directory = os.path.join(self.work_dir, cwd or "")  # noqa: PTH118 - a sandbox path, not one of ours
        return await self._link.start(argv, env={**self.env, **(env or {})}, cwd=directory, fds=fds, tty=tty)

    async def kill(self, program: Program) -> None:
        """Kill a program and all that it started."""
        if self._link is not None:
            await self._link.kill(program)

    async def spawn_service(self, session_id: str, command: str) -> None:
        """Create session ``session_id`` and run ``command`` in it, as the session routes would.

        Raises:
            ApiError: there is such a session already.
            BoxClosedError: the box is closed.
        """
        from daytona_tui.emulator.toolbox.sessions import create_session  # noqa: PLC0415 - sessions know boxes

        session = await create_session(self, session_id)
        await session.run(command, is_async=True)

    async def _wind_up(self, link: KeeperLink, *, force: bool) -> None:
        """End the processes, then what the emulator kept for them."""
        await link.close(force=force)
        for pty in list(self.ptys.values()):
            await pty.finished()
        for session in list(self.sessions.values()):
            await session.finished()
        self.ptys.clear()
        self.sessions.clear()
