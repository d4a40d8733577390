"""The embedded emulator as a process of its own."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from daytona_tui.config.connection import Connection, Secret
from daytona_tui.errors import UnreachableError

if TYPE_CHECKING:
    import subprocess

_log = logging.getLogger(__name__)

_READY_S = 30.0
_END_S = 8.0


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
