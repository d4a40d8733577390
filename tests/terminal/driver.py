"""The program in a real pseudo-terminal, its screen kept by pyte."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyte
from tests.support.programs import ALL_INSTALLED, OnTerminal

DEADLINE_S = 20.0

# Private sequences that pyte would print as text: keyboard protocols, mode queries, pixel reports.
_UNKNOWN = re.compile(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p|\x1bP.*?\x1b\\|\x1b\[[0-9;]*t", re.DOTALL)

KEYS = {
    "enter": b"\r",
    "escape": b"\x1b",
    "tab": b"\t",
    "up": b"\x1b[A",
    "down": b"\x1b[B",
    "right": b"\x1b[C",
    "left": b"\x1b[D",
    "space": b" ",
    "ctrl+c": b"\x03",
    "ctrl+q": b"\x11",
    "end": b"\x1b[F",
}


class Terminal:
    """A program in a terminal of fixed size. Use as a context manager.

    The command is forked from a process that has loaded it; with ``is_installed`` it is started as a shell starts it.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        columns: int,
        rows: int,
        env: Mapping[str, str],
        cwd: Path,
        is_installed: bool = False,
    ) -> None:
        self._argv = list(argv)
        self._is_installed = is_installed or bool(os.environ.get(ALL_INSTALLED))
        self._env = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **env}
        self._cwd = cwd
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._shown: str | None = None  # joining all cells takes longer than most waits for a change of them
        self._lock = threading.Lock()
        self.output = bytearray()
        """Everything that the program wrote, in order."""

    def __enter__(self) -> Terminal:
        self._master, self._slave = os.openpty()
        self._set_size(self._screen.columns, self._screen.lines)
        self.modes_before = termios.tcgetattr(self._slave)
        self.process = self._started()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def _started(self) -> OnTerminal | subprocess.Popen[bytes]:
        if not self._is_installed:
            return OnTerminal(self._argv, self._slave, self._cwd, self._env)
        return subprocess.Popen(
            [sys.executable, "-c", _CONTROLLING_TTY, *self._argv],
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            env=self._env,
            cwd=self._cwd,
            start_new_session=True,
        )

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self._slave)
        self._reader.join(timeout=5)
        os.close(self._master)

    @property
    def text(self) -> str:
        """The screen as it stands, trailing blanks removed."""
        with self._lock:
            if self._shown is None:
                self._shown = "\n".join(line.rstrip() for line in self._screen.display)
            return self._shown

    def wait_for(self, *texts: str, deadline_s: float = DEADLINE_S) -> str:
        """Return the screen once it shows all of ``texts``."""
        end = time.monotonic() + deadline_s
        while time.monotonic() < end:
            shown = self.text
            if all(text in shown for text in texts):
                return shown
            select.select([], [], [], 0.02)
        raise AssertionError(f"{texts} not on the screen within {deadline_s} s:\n{self.text}")

    def wait_gone(self, text: str, deadline_s: float = DEADLINE_S) -> str:
        """Return the screen once it does not show ``text``."""
        end = time.monotonic() + deadline_s
        while time.monotonic() < end:
            shown = self.text
            if text not in shown:
                return shown
            select.select([], [], [], 0.02)
        raise AssertionError(f"{text!r} still on the screen after {deadline_s} s:\n{self.text}")

    def press(self, *keys: str) -> None:
        """Send keys by name, anything else as it is typed."""
        for key in keys:
            os.write(self._master, KEYS.get(key, key.encode()))

    def burst(self, *keys: str) -> None:
        """Send keys in one piece, as a slow line delivers them."""
        os.write(self._master, b"".join(KEYS.get(key, key.encode()) for key in keys))

    def pause(self, seconds: float = 0.5) -> None:
        """Do nothing for as long as a person would."""
        select.select([], [], [], seconds)

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the terminal, as dragging its corner would."""
        with self._lock:
            self._screen.resize(rows, columns)
            self._shown = None
        self._set_size(columns, rows)
        os.killpg(self.process.pid, signal.SIGWINCH)

    def wait_exit(self, deadline_s: float = DEADLINE_S) -> int:
        """Return the exit code once the program has ended and its output is drained."""
        code = self.process.wait(timeout=deadline_s)
        end = time.monotonic() + 1
        while time.monotonic() < end and select.select([self._master], [], [], 0.05)[0]:
            select.select([], [], [], 0.02)
        return code

    @property
    def modes_now(self) -> list[object]:
        """Terminal modes, to compare with ``modes_before``."""
        return list(termios.tcgetattr(self._slave))

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65536)
            except OSError:
                return
            if not data:
                return
            with self._lock:
                self.output += data
                self._stream.feed(_UNKNOWN.sub(b"", data))
                self._shown = None


# The program gets the terminal as its controlling one, as a shell would give it.
_CONTROLLING_TTY = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])"
)
