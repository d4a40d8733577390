"""Starts the guardian of a sandbox, and tells it what it has to know; see ``client.guardian``."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import select
import subprocess
import sys
import time

from daytona_tui.client.loading import proxy_for
from daytona_tui.client.room import Part
from daytona_tui.config.connection import Connection
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import ConfigError

_READY_S = 20.0
_END_S = 3.0


class GuardPart(Part):
    """Implements ``Guards``."""

    async def guardian(self, name: str) -> Guardian:
        """Return the guardian of a sandbox that is to be made under ``name``; it has not begun."""
        return Guardian((await self._link.sdk()).connection, name)


class Guardian:
    """The process that deletes a sandbox if this one cannot. Nothing but ``done`` keeps it from that."""

    def __init__(self, connection: Connection, name: str) -> None:
        """Remember whom to watch over; ``begin`` starts it."""
        self._connection = connection
        self._name = name
        self._process: subprocess.Popen[bytes] | None = None

    async def begin(self) -> None:
        """Start it and give it its order.

        Raises:
            ConfigError: it does not start, so that nothing may be made.
        """
        try:
            is_ready = await asyncio.to_thread(self._start)
        except OSError as error:
            raise ConfigError(f"nothing was made: its guardian cannot be started: {error.strerror}") from None
        if not is_ready:
            raise ConfigError("nothing was made: its guardian did not start", hint="--keep goes without one")

    def asked(self) -> None:
        """The sandbox is asked for now: from here on it may come to be."""
        self._say("asked")

    def made(self, sandbox_id: SandboxId) -> None:
        """The sandbox is there."""
        self._say(f"made {sandbox_id}")

    def done(self) -> None:
        """It is gone, or was never made."""
        self._say("done")

    async def end(self) -> None:
        """Let go of it: it ends at once if there is nothing to do, else when it has done that. Idempotent."""
        process, self._process = self._process, None
        if process is None or process.stdin is None:
            return
        with contextlib.suppress(OSError):
            process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(process.wait, _END_S)
        process.returncode = process.returncode or 0  # one that goes on is no business of this interpreter's end

    def _start(self) -> bool:
        # -P: a file called json.py in the user's directory is none of ours.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "daytona_tui.client.guardian"],
            env={name: value for name, value in os.environ.items() if not name.startswith("DAYTONA_")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
        order = {
            "api_url": self._connection.api_url,
            "headers": _headers(self._connection),
            "name": self._name,
            "proxy": proxy_for(self._connection.api_url) or "",
        }
        self._say(json.dumps(order))
        return self._is_ready()

    def _is_ready(self) -> bool:
        assert self._process is not None
        said, deadline = self._process.stdout, time.monotonic() + _READY_S
        assert said is not None
        line = b""
        with said:
            while not line.endswith(b"\n"):
                readable, _, _ = select.select([said], [], [], max(0.0, deadline - time.monotonic()))
                piece = os.read(said.fileno(), 64) if readable else b""
                if not piece:
                    return False
                line += piece
        return line == b"ready\n"

    def _say(self, line: str) -> None:
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(OSError):  # somebody has killed it: what is left then is the sandbox's own timers
                self._process.stdin.write(f"{line}\n".encode())
                self._process.stdin.flush()


def _headers(connection: Connection) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {connection.bearer.reveal()}"}
    if not connection.api_key:
        headers["X-Daytona-Organization-ID"] = connection.organization_id
    return headers
