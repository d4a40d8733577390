"""Record a minute with the program: `make recording` writes an asciicast and an animated picture beside this file.

It is the real program in a real terminal, on its local Daytona; the keys below are typed as a person would. The
asciicast (`demo.cast`) is what the program wrote, with its times; `demo.svg` is the same, drawn by ``animated``.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pyte
from animated import Frame, animated, frame_of

HERE = Path(__file__).resolve().parent
COLUMNS, ROWS = 120, 36
DEADLINE_S = 30.0
LONGEST_S = 1.5
"""Longer silences are cut to this."""
FRAME_S = 0.2

# What is waited for, what is typed then, and how long somebody looks at what comes of it.
SCENES: tuple[tuple[str, str, float], ...] = (
    ("live", "", 2.0),
    ("live", "jjj", 1.5),
    ("Filter", "/", 0.5),
    ("", "state:started idle>1h", 2.0),
    ("", "\r", 1.5),
    ("", "\x1b", 1.0),
    ("", "/scratch\r", 1.5),
    ("1 of 25", "2", 1.5),
    ("merge-lab", "jj\r", 1.5),
    ("", "3", 0.5),
    ("", "cd merge-lab && git status -sb\r", 2.5),
    ("", "python3 --version\r", 2.0),
    ("", "\x1b1", 0.5),
    ("", "l", 3.0),
    ("", "\t", 0.7),
    ("", "\x1b", 1.0),
    ("", "!", 3.0),
    ("leaks", "", 0.5),
    ("", " jj ", 1.0),
    ("", "D", 3.0),
    ("Cancel", "\x1b", 1.0),
    ("", "?", 2.5),
    ("", "\x1b", 1.0),
)


class Recording:
    """The program in a terminal, and everything it wrote with its time."""

    def __init__(self, home: Path) -> None:
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self.screen)
        self.events: list[tuple[float, str]] = []
        self.frames: list[Frame] = []
        self._skipped = 0.0
        self._last = 0.0
        self._began: float | None = None
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        env = {"PATH": os.environ["PATH"], "HOME": str(home), "TERM": "xterm-256color", "COLORTERM": "truecolor",
               "LANG": "C.UTF-8", "TEXTUAL_FPS": "12"}  # fmt: skip
        command = [sys.executable, "-m", "daytona_tui", "--local", "--seed", "demo"]
        self._program = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=env, cwd=home,
                                         start_new_session=True)  # fmt: skip
        os.close(slave)

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(self.screen.display)

    def show(self, seconds: float) -> None:
        """Let the program draw for so long, and keep what it draws."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self._master], [], [], min(left, FRAME_S))[0]:
                continue
            data = os.read(self._master, 1 << 16)
            now = time.monotonic()
            if self._began is None:
                self._began = now
            at = now - self._began - self._skipped
            if at - self._last > LONGEST_S:
                self._skipped += at - self._last - LONGEST_S
                at = self._last + LONGEST_S
            self.events.append((at, data.decode("utf-8", "replace")))
            self._stream.feed(data)
            if not self.frames or at - self.frames[-1].at >= FRAME_S:
                self.frames.append(frame_of(self.screen, at))
            else:
                self.frames[-1] = frame_of(self.screen, self.frames[-1].at)
            self._last = at

    def wait_for(self, text: str) -> None:
        """Wait until ``text`` is on the screen."""
        end = time.monotonic() + DEADLINE_S
        while text not in self.text:
            if time.monotonic() > end:
                raise TimeoutError(f"{text!r} does not show:\n{self.text}")
            self.show(0.1)

    def type(self, keys: str) -> None:
        """Type, one key after another."""
        for key in keys:
            os.write(self._master, key.encode())
            self.show(0.06 if key.isalnum() else 0.15)

    def end(self) -> None:
        """Leave the program."""
        self._program.terminate()
        self._program.wait(timeout=10)
        os.close(self._master)


def record() -> tuple[list[tuple[float, str]], list[Frame]]:
    """Play all scenes; return what was written, and what stood on the screen."""
    with TemporaryDirectory() as home:
        recording = Recording(Path(home))
        try:
            for awaited, keys, seconds in SCENES:
                recording.wait_for(awaited)
                recording.type(keys)
                recording.show(seconds)
        finally:
            recording.end()
    return recording.events, recording.frames


def main() -> None:
    """Write the recording and its picture."""
    events, frames = record()
    header = {"version": 2, "width": COLUMNS, "height": ROWS, "title": "daytona-tui",
              "env": {"TERM": "xterm-256color", "SHELL": "/bin/sh"}}  # fmt: skip
    lines = [json.dumps(header), *(json.dumps([round(at, 3), "o", data], ensure_ascii=False) for at, data in events)]
    (HERE / "demo.cast").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (HERE / "demo.svg").write_text(animated(frames, COLUMNS, ROWS, "daytona-tui"), encoding="utf-8")


if __name__ == "__main__":
    main()
