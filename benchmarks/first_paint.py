"""How long until the screen stands, and until the fleet is in it, against the smallest Textual program.

Both are started in turn in a real pseudo-terminal, so that a ratio holds while the machine's speed drifts. *Painted* is
the moment after which half of the final non-blank cells are there; *filled* the moment after which every sandbox name
of the final screen is there. With the ``src`` of another checkout, that one is started in turn as well.
Usage: python benchmarks/first_paint.py [RUNS [SRC]]
"""

from __future__ import annotations

import os
import re
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from dataclasses import dataclass
from fcntl import ioctl
from pathlib import Path

import pyte

COLUMNS, ROWS = 160, 45
WATCHED_S = 3.0
"""How long a start is watched; what stands then is the final screen."""
ONE_STATIC = """
from textual.app import App
from textual.widgets import Static

class Smallest(App):
    def compose(self):
        yield Static("x" * 2000)

Smallest().run()
"""
FROM = """
import sys
sys.path.insert(0, sys.argv.pop(1))
from daytona_tui.cli.main import main
sys.exit(main())
"""
_UNKNOWN = re.compile(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p|\x1b\[[0-9;]*t")
_NAME = re.compile(r"^│[▌ ]?\s*✓?\s*([\w.-]{4,})\s+[●◐○▫✗◍◌]")


@dataclass(frozen=True)
class Run:
    painted_s: float
    filled_s: float


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    program = [str(Path(sys.executable).with_name("daytona-tui")), "--local"]
    smallest = [sys.executable, "-c", ONE_STATIC]
    other = [sys.executable, "-P", "-c", FROM, sys.argv[2], "--local"] if len(sys.argv) > 2 else []
    ours, floor, others = [], [], []
    for number in range(runs + 1):
        a, b, c = start(program), start(smallest), start(other) if other else None
        if number:  # the first round warms the caches
            ours.append(a)
            floor.append(b)
            others += [c] if c else []
    row("daytona-tui --local, first paint", [run.painted_s for run in ours])
    row("daytona-tui --local, fleet filled", [run.filled_s for run in ours])
    row("one Static, first paint", [run.painted_s for run in floor])
    row("ratio, first paint", [a.painted_s / b.painted_s for a, b in zip(ours, floor, strict=True)], "x")
    if others:
        row("the other checkout, first paint", [run.painted_s for run in others])
        row(
            "ratio, first paint to the other's",
            [a.painted_s / c.painted_s for a, c in zip(ours, others, strict=True)],
            "x",
        )
    row("ratio, filled to first paint", [a.filled_s / b.painted_s for a, b in zip(ours, floor, strict=True)], "x")


def row(name: str, values: list[float], unit: str = "s") -> None:
    ordered = sorted(values)
    p99 = ordered[min(len(ordered) - 1, round(0.99 * (len(ordered) - 1)))]
    figures = f"median {statistics.median(values):6.3f}{unit}   p99 {p99:6.3f}{unit}   min {ordered[0]:6.3f}{unit}"
    print(f"{name:36} {figures}   n={len(values)}")


def start(argv: list[str]) -> Run:
    """Watch the start of a program, then end it."""
    master, slave = os.openpty()
    ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    with tempfile.TemporaryDirectory() as home:
        env = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
        }
        began = time.perf_counter()
        process = subprocess.Popen(
            argv, stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True, cwd=home
        )
        chunks = collect(master, began)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    os.close(slave)
    os.close(master)
    return judge(chunks)


def collect(master: int, began: float) -> list[tuple[float, bytes]]:
    chunks: list[tuple[float, bytes]] = []
    while time.perf_counter() - began < WATCHED_S:
        if select.select([master], [], [], 0.05)[0]:
            data = os.read(master, 1 << 16)
            now = time.perf_counter()
            if b"\x1b[?2026$p" in data:  # answer as a terminal with synchronised output does
                os.write(master, b"\x1b[?2026;2$y")
            chunks.append((now - began, data))
    return chunks


def judge(chunks: list[tuple[float, bytes]]) -> Run:
    final = screen_after(chunks)
    cells = {(y, x) for y, line in enumerate(final) for x, char in enumerate(line) if char != " "}
    names = {match[1] for line in final if (match := _NAME.match(line))}
    painted = filled = 0.0
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    for at, data in chunks:
        stream.feed(_UNKNOWN.sub(b"", data))
        shown = screen.display
        if not painted and sum(shown[y][x] != " " for y, x in cells) >= len(cells) / 2:
            painted = at
        if not filled and names and all(any(name in line for line in shown) for name in names):
            filled = at
    return Run(painted, filled)


def screen_after(chunks: list[tuple[float, bytes]]) -> list[str]:
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    for _, data in chunks:
        stream.feed(_UNKNOWN.sub(b"", data))
    return list(screen.display)


if __name__ == "__main__":
    main()
