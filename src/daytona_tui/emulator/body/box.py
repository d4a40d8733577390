"""A box: one sandbox's body, that is its directory, its environment and its processes."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Protocol, TypeVar

from daytona_tui.emulator.body import bubblewrap
from daytona_tui.emulator.body.bubblewrap import Mount, Rooms
from daytona_tui.emulator.body.census import ProcessInfo, census
from daytona_tui.emulator.body.isolation import Isolation, open_sysctl
from daytona_tui.emulator.body.listeners import listening_ports
from daytona_tui.emulator.body.meter import Meter
from daytona_tui.emulator.body.processes import BoxClosedError, KeeperLink, Program, StartError
from daytona_tui.emulator.state.lifeline import remove

__all__ = ["Box", "Mount", "ProcessInfo"]

CONNECT_S = 5.0
"""Longest wait for a connection to a port of a box."""
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


_HOSTNAME_LETTERS = 12


class Service(Protocol):
    """Something that is kept for an open box, such as a session or a terminal."""

    async def finished(self) -> None:
        """Let go of everything; the processes have ended."""


S = TypeVar("S", bound=Service)


class Box:
    """One sandbox's body: its directory, its environment, its processes.

    Under ``root`` lie ``home``, ``tmp`` (used as /tmp when isolated, named by ``TMPDIR`` when not), ``log`` (only when
    not, for /var/log) and ``run`` (logs and pipes of sessions, for one life from open to close). Nothing is on disk
    before :meth:`create`.

    Args:
        box_id: the sandbox's id.
        root: its directory, used by nothing else.
        env: environment of every program, beside what :attr:`env` says.
        isolation: how it is kept apart.
        mounts: further directories that programs see, from the next :meth:`open` on.
        network: whether programs have one beyond their own loopback, from the next :meth:`open` on; without isolation
            the host's is always there.
        hide: directory that programs must not see; by default the one that the box lies in, with its neighbours.

    Attributes:
        entrypoint: what the sandbox was made to run, for the toolbox to run it; empty for nothing of its own.
        start_dir: where programs begin, as they see it; empty for the home.
        heard: is told what a session's command writes: its id, the output (none at its end), and whether it is stderr.
    """

    def __init__(  # noqa: PLR0913 - each says one thing of the box, and all have to be told when it is made
        self,
        box_id: str,
        root: Path,
        *,
        env: Mapping[str, str],
        isolation: Isolation,
        mounts: Sequence[Mount] = (),
        network: bool = True,
        hide: Path | None = None,
    ) -> None:
        self.id = box_id
        self.root = root
        self.home = root / "home"
        self.isolation = isolation
        self.mounts = tuple(mounts)
        self.network = network
        self._hide = hide or root.parent
        self.entrypoint: Sequence[str] = ()
        self.start_dir = ""
        self.heard: Callable[[str, bytes, bool], object] | None = None
        self.meter = Meter()
        self._services: dict[type[Any], dict[str, Any]] = {}
        self._own_env = dict(env)
        self._unset: set[str] = set()
        self._link: KeeperLink | None = None
        self._lock = asyncio.Lock()

    @property
    def work_dir(self) -> str:
        """The home as programs inside see it."""
        return bubblewrap.HOME if self.isolation.is_isolated else str(self.home)

    @property
    def run_dir(self) -> str:
        """The directory of session pipes as programs inside see it."""
        return bubblewrap.RUN if self.isolation.is_isolated else str(self.root / "run")

    @property
    def is_open(self) -> bool:
        """Whether programs can run now."""
        return self._link is not None and self._link.is_alive

    @property
    def env(self) -> dict[str, str]:
        """The whole environment of a program: nothing of it comes from the host."""
        whole = {
            "PATH": f"{self.work_dir}/.local/bin:{PATH}",
            "HOME": self.work_dir,
            "USER": "daytona",
            "LOGNAME": "daytona",
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "SHELL": self.shell,
            "DAYTONA_SANDBOX_ID": self.id,
            **({} if self.isolation.is_isolated else self._own_places),
            **self._own_env,
        }
        return {name: value for name, value in whole.items() if name not in self._unset}

    @property
    def _own_places(self) -> dict[str, str]:
        """Where /tmp and /var/log are the host's, programs that ask are led to the box's own; so is who looks there."""
        return {"TMPDIR": str(self.root / "tmp"), "LOGS_DIRECTORY": str(self.root / "log")}

    def update_env(self, added: Mapping[str, str], removed: Collection[str]) -> None:
        """Change the environment of programs that are started from here on: remove first, then add."""
        self._unset = (self._unset | set(removed)) - set(added)
        self._own_env = {name: value for name, value in self._own_env.items() if name not in removed} | dict(added)

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
            for name in ("home", "tmp", "run", *(() if self.isolation.is_isolated else ("log",))):
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
            self._link = await self._start_keeper()

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
            try:
                await asyncio.shield(closing)
            except asyncio.CancelledError:
                # Whoever gives up waiting leaves only when it is done: nobody else would know what still ends here.
                await asyncio.wait([closing])
                raise

    async def destroy(self) -> None:
        """Kill every process and remove the directory."""
        await self.close(force=True)
        await asyncio.to_thread(remove, self.root)

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
        if "\0" in (cwd or ""):
            raise StartError("cwd", errno.EINVAL)
        directory = os.path.join(self.work_dir, self.start_dir, cwd or "")  # noqa: PTH118 - a sandbox path, not one of ours
        return await self._link.start(argv, env={**self.env, **(env or {})}, cwd=directory, fds=fds, tty=tty)

    async def kill(self, program: Program) -> None:
        """Kill a program and all that it started."""
        if self._link is not None:
            await self._link.kill(program)

    async def interrupt(self, program: Program) -> None:
        """Send SIGINT to a program, and to nothing that it started."""
        if self._link is not None:
            await self._link.interrupt(program)

    async def freeze(self) -> None:
        """Stop every process of the box where it is, until :meth:`thaw`.

        Raises:
            BoxClosedError: the box is closed.
            TimeoutError: they did not stop in time.
        """
        await self._open_link().freeze()

    async def thaw(self) -> None:
        """Let every process go on that :meth:`freeze` has stopped; raises as that does."""
        await self._open_link().thaw()

    async def connect(self, port: int) -> socket.socket:
        """Return a non-blocking socket connected to ``port`` on the box's own loopback, of either kind of address.

        Raises:
            BoxClosedError: the box is closed.
            OSError: nothing of the box listens there, whatever else may do so on a network that it shares.
            TimeoutError: what listens there does not accept.
        """
        async with asyncio.timeout(CONNECT_S):
            if port not in await asyncio.to_thread(self.listening_ports):
                raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
            try:
                return await self._connect(socket.AF_INET, ("127.0.0.1", port))
            except ConnectionRefusedError:
                return await self._connect(socket.AF_INET6, ("::1", port))

    async def open_terminal(self) -> tuple[int, int]:
        """Return both ends of a new terminal, the program's second; the caller owns them.

        Raises:
            BoxClosedError: the box is closed.
            OSError: there is none to be had.
        """
        return await self._open_link().new_terminal()

    def processes(self) -> list[ProcessInfo]:
        """Return the living processes of the box, by their host's pids; reads /proc, so call it in a thread."""
        if self._link is None or not self._link.is_alive:
            return []
        return census(self._link.pid)

    def listening_ports(self) -> set[int]:
        """Return the TCP ports that programs of the box listen on; reads /proc, so call it in a thread."""
        if self._link is None or not self._link.is_alive:
            return set()
        pid = self._link.pid
        return listening_ports(pid, [process.pid for process in census(pid)])

    def services(self, kind: type[S]) -> dict[str, S]:
        """Return what of one kind is kept for the box, by id; each is told to finish when the box closes."""
        return self._services.setdefault(kind, {})

    async def _start_keeper(self) -> KeeperLink:
        rooms = Rooms(
            home=self.home,
            tmp=self.root / "tmp",
            run=self.root / "run",
            hide=self._hide,
            hostname=self.id[:_HOSTNAME_LETTERS],
            mounts=self.mounts,
            network=self.network,
        )
        if not self.isolation.is_isolated:
            await asyncio.to_thread(link_mounts, self.home, self.mounts)
        sysctl = open_sysctl() if self.isolation.is_isolated else None
        link = KeeperLink()
        try:
            if sysctl is None:
                await link.open(self.isolation.argv(rooms))
            else:
                await link.open(self.isolation.argv(rooms, sysctl), pass_fds=(sysctl,))
        finally:
            if sysctl is not None:
                os.close(sysctl)
        return link

    def _open_link(self) -> KeeperLink:
        if self._link is None or not self._link.is_alive:
            raise BoxClosedError
        return self._link

    async def _connect(self, family: socket.AddressFamily, address: tuple[str, int]) -> socket.socket:
        link = self._open_link()
        if self.isolation.is_isolated:
            made = await link.new_socket(family)  # which leads to the network it was made in
        else:
            made = socket.socket(family, socket.SOCK_STREAM)
            made.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(made, address)
        except BaseException:
            made.close()
            raise
        return made

    async def _wind_up(self, link: KeeperLink, *, force: bool) -> None:
        """End the processes, then what the emulator kept for them."""
        await link.close(force=force)
        services, self._services = self._services, {}
        for of_a_kind in services.values():
            for service in list(of_a_kind.values()):
                await service.finished()


def link_mounts(home: Path, mounts: Sequence[Mount]) -> None:
    """Show ``mounts`` in a home as links, for want of a view of its own; blocks.

    What is meant for below /home/daytona lies at the same place in the home, anything else under its path there.
    """
    for mount in mounts:
        target = PurePosixPath(mount.target)
        inside = target.relative_to(bubblewrap.HOME if target.is_relative_to(bubblewrap.HOME) else "/")
        place = home / inside
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.is_symlink():
            place.unlink()
        if not place.exists():
            place.symlink_to(mount.source)
