"""A terminal that stalls and then vanishes, as a broken connection does."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.terminal.driver import _CONTROLLING_TTY
from tests.terminal.test_program import PROGRAM, descendants, wait_dead

pytestmark = pytest.mark.terminal


def _read_until(master: int, needle: bytes, deadline_s: float = 20) -> None:
    seen = b""
    end = time.monotonic() + deadline_s
    while needle not in seen:
        assert time.monotonic() < end, seen[-2000:]
        if select.select([master], [], [], 0.1)[0]:
            seen += os.read(master, 65536)


def test_a_terminal_that_vanishes_while_it_is_behind_ends_the_program(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    program = subprocess.Popen(
        [sys.executable, "-c", _CONTROLLING_TTY, PROGRAM, "--local", "--seed", "fleet:450"],
        stdin=slave, stdout=slave, stderr=slave, env=env, cwd=tmp_path, start_new_session=True,
    )  # fmt: skip
    try:
        os.close(slave)
        _read_until(master, b"450")
        # Nobody reads from here on: each key makes a frame, until the program waits for room.
        for _ in range(200):
            os.write(master, b"\x1b[6~\x1b[5~")
            select.select([], [], [], 0.005)
        below = descendants(program.pid)
        os.close(master)

        program.wait(timeout=20)
        assert wait_dead(below) == set()
    finally:
        if program.poll() is None:
            program.kill()
            program.wait()
