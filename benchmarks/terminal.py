"""A program in a real pseudo-terminal: what it paints, and how long after which key. Used by the other benchmarks."""

from __future__ import annotations

import os
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fcntl import ioctl
from pathlib import Path

import pyte

COLUMNS, ROWS = 160, 45
END_OF_FRAME = b"\x1b[?2026l"
_UNKNOWN = re.compile(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p|\x1b\[[0-9;]*t")

Chunk = tuple[float, bytes]


@dataclass
class Terminal:
    """A program that runs in a terminal of its own. Times are seconds since it was started."""

    argv: Sequence[str]
    home: Path
    env: Mapping[str, str] = field(default_factory=dict)
    chunks: list[Chunk] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._master, slave = os.openpty()
        ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            **self.env,
        }
        self._began = time.perf_counter()
        self.process = subprocess.Popen(
            self.argv, stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True, cwd=self.home
        )
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.watch(1.0)
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self._master)

    @property
    def now(self) -> float:
        return time.perf_counter() - self._began

    def press(self, keys: bytes) -> float:
        at = self.now
        os.write(self._master, keys)
        return at

    def watch(self, seconds: float) -> None:
        """Read what it paints for some time."""
        until = self.now + seconds
        while (left := until - self.now) > 0:
            if not select.select([self._master], [], [], left)[0]:
                continue
            try:
                data = os.read(self._master, 1 << 16)
            except OSError:  # it has ended
                return
            at = self.now
            if b"\x1b[?2026$p" in data:  # answer as a terminal with synchronised output does
                os.write(self._master, b"\x1b[?2026;2$y")
            self.chunks.append((at, data))

    def press_all(self, keys: Sequence[bytes], every_s: float) -> list[float]:
        """Press one key after another; return when."""
        times = []
        for key in keys:
            times.append(self.press(key))
            self.watch(every_s)
        return times

    def memory_mib(self) -> float:
        text = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return next(int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("VmRSS:"))

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Replay:
    """The screens that a program painted, one after another."""

    def __init__(self) -> None:
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)

    def frames(self, chunks: Sequence[Chunk]) -> Iterator[tuple[float, list[str]]]:
        """Yield the time at which each frame was whole, and its lines."""
        for at, data in chunks:
            self._stream.feed(_UNKNOWN.sub(b"", data))
            if END_OF_FRAME in data:
                yield at, list(self._screen.display)


Probe = Callable[[list[str]], object]


def latencies(chunks: Sequence[Chunk], pressed: Sequence[float], probe: Probe) -> list[float]:
    """Return milliseconds from each key to the first frame after it that ``probe`` sees to be another one.

    A key that no frame answers before the next one is pressed counts until the frame that does.
    """
    seen = [(at, probe(lines)) for at, lines in Replay().frames(chunks)]
    answers = []
    for at in pressed:
        before = [value for when, value in seen if when <= at]
        value = before[-1] if before else None
        answer = next((when for when, other in seen if when > at and other != value), None)
        if answer is not None:
            answers.append((answer - at) * 1000)
    return answers
