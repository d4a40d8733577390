"""The composition root: settings → diagnostics → gateway → front door. The only place where concrete classes meet.

The order in ``open_screen`` is what makes the start quick: what takes long elsewhere (the emulator's process, the first
page of the fleet) is set going before the slow import of the screen.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from daytona_tui.client import FirstPage, open_gateway
from daytona_tui.config import paths
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.config.settings import Settings, read_settings
from daytona_tui.diagnostics import Diagnostics
from daytona_tui.domain.cost import PriceBook
from daytona_tui.domain.ports import Gateway
from daytona_tui.errors import ConfigError, DaytonaTuiError, UnreachableError

if TYPE_CHECKING:
    import subprocess

    from daytona_tui.ui.app import DaytonaApp
    from daytona_tui.ui.services import Choice, Services

_log = logging.getLogger(__name__)

_READY_S = 30.0
_END_S = 8.0


@dataclass(frozen=True, slots=True)
class ScreenOptions:
    """What the command line asks of the screen.

    Attributes:
        local: open the embedded emulator.
        seed: its fleet: ``empty``, ``demo`` or ``fleet:N``.
        flags: settings by key.
    """

    local: bool = False
    seed: str = "demo"
    flags: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


def start_diagnostics(settings: Settings) -> Diagnostics:
    """Return the running diagnostics of this process; they hide the credentials of ``settings``."""
    diagnostics = Diagnostics(
        paths.diagnostics_file(), level=settings.log_level, secrets=(settings.api_key, settings.jwt_token)
    )
    diagnostics.start()
    return diagnostics


@contextlib.asynccontextmanager
async def headless(settings: Settings, *, lists: bool = False) -> AsyncIterator[Gateway]:
    """Give a block a gateway to the Daytona that ``settings`` name.

    Args:
        settings: where and with which key.
        lists: the block begins with a listing: its first page is fetched at once, without waiting for the SDK, and a
            fleet that fits into it never loads the SDK at all.

    Raises:
        ConfigError: settings are missing or wrong.
    """
    connection = settings.connection()
    first_page = FirstPage(lambda: connection) if lists else None
    if first_page is not None:
        first_page.start()
    gateway = open_gateway(connection, first_page=first_page)
    try:
        yield gateway
    finally:
        await gateway.close()


def open_screen(options: ScreenOptions) -> int:
    """Run the screen until the user quits; return the exit code."""
    opener = ScreenOpener(options)
    try:
        opener.begin()
        # Frames are paced by this, and a key waits for the next one; read when Textual is imported.
        os.environ.setdefault("TEXTUAL_FPS", "120")
        from daytona_tui.ui.app import DaytonaApp

        return asyncio.run(_run(DaytonaApp(opener), opener))
    finally:
        opener.end_emulator()


async def _run(app: DaytonaApp, opener: ScreenOpener) -> int:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        # The ordinary way out restores the terminal and closes everything.
        loop.add_signal_handler(number, app.exit, None, 128 + number)
    # What was imported stays for good: left to the collector, it costs a pause of 20 ms now and then.
    gc.freeze()
    try:
        await app.run_async()
    finally:
        await opener.close()
    return app.return_code or 0


class ScreenOpener:
    """Makes the services of the screen for whatever the user chooses; the ``Opener`` of the screen."""

    def __init__(self, options: ScreenOptions) -> None:
        self._options = options
        self._diagnostics: Diagnostics | None = None
        self._emulator: EmulatorProcess | None = None
        self._gateways: list[Gateway] = []
        self._ahead: FirstPage | None = None

    @property
    def initial(self) -> Choice:
        """What the command line asked for."""
        from daytona_tui.ui.services import Choice, Door

        return Choice(Door.LOCAL if self._options.local else Door.ENVIRONMENT)

    def begin(self) -> None:
        """Set going what the first choice will need. Trouble is left to ``open``, which can show it."""
        if self._options.local:
            emulator = self._local()
            self._fetch_ahead(emulator.connection)
            return
        with contextlib.suppress(ConfigError):
            connection = self._settings().connection()
            self._fetch_ahead(lambda: connection)

    def open(self, choice: Choice) -> Services:
        """Return services without waiting for the network.

        Raises:
            ConfigError: a setting is missing or malformed.
        """
        from daytona_tui.ui.services import Door, Services

        settings = self._settings()
        if choice.door is Door.LOCAL:
            gateway = self._gateway(_Later(self._local().connection))
            return Services(gateway, settings, _now, "local", "local", paths.profile_dir("local"), PriceBook())
        if choice.door is Door.KEY:
            settings = self._with_key(settings, choice.key or Secret(""))
            self._ahead = None
        connection = settings.connection()
        profile_id = connection.profile_id()
        directory = paths.profile_dir(profile_id)
        gateway = self._gateway(connection)
        return Services(gateway, settings, _now, connection.label, profile_id, directory, PriceBook())

    async def close(self) -> None:
        """End what ``open`` started. Idempotent."""
        gateways, self._gateways = self._gateways, []
        for gateway in gateways:
            with contextlib.suppress(DaytonaTuiError):
                await gateway.close()
        await asyncio.to_thread(self.end_emulator)

    def end_emulator(self) -> None:
        """End the embedded emulator, if there is one. Blocks for a few seconds at most; idempotent."""
        emulator, self._emulator = self._emulator, None
        if emulator is not None:
            emulator.end()

    def _settings(self) -> Settings:
        settings = read_settings(flags=self._options.flags)
        if self._diagnostics is None:
            self._diagnostics = start_diagnostics(settings)
        return settings

    def _with_key(self, settings: Settings, key: Secret) -> Settings:
        if self._diagnostics is not None:
            self._diagnostics.hide(key)
        origins = MappingProxyType({**settings.origins, "api_key": "typed"})
        return dataclasses.replace(settings, api_key=key, jwt_token=Secret(""), origins=origins)

    def _local(self) -> EmulatorProcess:
        if self._emulator is None or self._emulator.is_over:
            self.end_emulator()
            self._emulator = EmulatorProcess(self._options.seed)
        return self._emulator

    def _fetch_ahead(self, connection: Callable[[], Connection]) -> None:
        self._ahead = FirstPage(connection)
        self._ahead.start()

    def _gateway(self, connection: Connection | _Later) -> Gateway:
        ahead, self._ahead = self._ahead, None
        gateway = open_gateway(connection, first_page=ahead)
        self._gateways.append(gateway)
        return gateway


class _Later:
    """A connection that is on its way: awaiting it asks a blocking callable in a thread."""

    def __init__(self, connection: Callable[[], Connection]) -> None:
        self._connection = connection

    def __await__(self) -> Generator[None, None, Connection]:
        return asyncio.to_thread(self._connection).__await__()


class EmulatorProcess:
    """The embedded emulator as a child process: its work never holds up the screen.

    It leaves our session, so that ctrl+c in the terminal does not reach it, and holds our pipe, so that it ends with
    us however we end. Its key is passed through its environment: command lines can be read by everyone.
    """

    def __init__(self, seed: str) -> None:
        import secrets
        import subprocess
        import tempfile

        key = f"dtn_local_{secrets.token_hex(16)}"
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed by end()
        self._ready: Connection | None = None
        self._lock = threading.Lock()
        # -P: a file called json.py in the user's directory is none of ours.
        self._child: subprocess.Popen[bytes] = subprocess.Popen(
            [sys.executable, "-P", "-m", "daytona_tui.emulator", "--seed", seed, "--lifeline"],
            env={**_without_credentials(os.environ), "DAYTONA_EMULATOR_API_KEY": key},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            start_new_session=True,
        )

    @property
    def is_over(self) -> bool:
        """True when the process has ended."""
        return self._child.poll() is not None

    def connection(self) -> Connection:
        """Wait until it serves and return where. Blocks; may be called from several threads.

        Raises:
            UnreachableError: it ended instead, or said nothing for too long.
        """
        import json

        with self._lock:
            if self._ready is None:
                try:
                    said = json.loads(self._first_line())
                    self._ready = Connection(said["api_url"], Secret(said["api_key"]), label="local")
                except (ValueError, KeyError, TypeError, OSError) as error:
                    raise UnreachableError(
                        f"the local Daytona did not start: {self._complaint()}", hint="daytona-tui emulator shows more"
                    ) from error
            return self._ready

    def _first_line(self) -> bytes:
        import select
        import time

        stdout = self._child.stdout
        if stdout is None:
            return b""
        line = b""
        deadline = time.monotonic() + _READY_S
        while not line.endswith(b"\n"):
            readable, _, _ = select.select([stdout], [], [], max(0.0, deadline - time.monotonic()))
            piece = os.read(stdout.fileno(), 4096) if readable else b""
            if not piece:
                break
            line += piece
        return line

    def _complaint(self) -> str:
        from daytona_tui.presentation.safe_text import safe

        self._said.seek(0)
        lines = self._said.read().decode("utf-8", "replace").strip().splitlines()
        return safe(lines[-1].removeprefix("daytona-tui emulator: ")) if lines else "it said nothing"

    def end(self) -> None:
        """Ask it to end, and make it end. What it said on stderr goes into the diagnostics. Idempotent."""
        import subprocess

        self._child.terminate()
        try:
            self._child.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                pipe.close()
        if not self._said.closed:
            self._said.seek(0)
            for line in self._said.read().decode("utf-8", "replace").splitlines():
                _log.warning("emulator: %s", line)
            self._said.close()


def _without_credentials(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if not name.startswith("DAYTONA_")}


def _now() -> datetime:
    return datetime.now(UTC)
