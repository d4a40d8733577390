"""The question before a deed, asked at a real terminal."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.cli.conftest import DEADLINE_S, start

from daytona_tui.emulator.server import Emulator

pytestmark = pytest.mark.parametrize("emulator", ["fleet:30"], indirect=True)


class Terminal:
    """A program on a terminal of its own, and everything that it has written there."""

    def __init__(self, master: int, process: asyncio.subprocess.Process) -> None:
        self.text = ""
        self.process = process
        self._master = master
        self._news = asyncio.Event()
        asyncio.get_running_loop().add_reader(master, self._read)

    async def until(self, words: str) -> None:
        """Wait until ``words`` were written."""
        async with asyncio.timeout(DEADLINE_S):
            while words not in self.text:
                self._news.clear()
                await self._news.wait()

    def type(self, text: str) -> None:
        """Type ``text``."""
        os.write(self._master, text.encode())

    async def code(self) -> int:
        """Wait for the end of the program and return its exit code."""
        return await asyncio.wait_for(self.process.wait(), DEADLINE_S)

    def _read(self) -> None:
        try:
            data = os.read(self._master, 4096)
        except OSError:  # the program was the last one to hold the other end
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._master)
        self.text += data.decode()
        self._news.set()


@asynccontextmanager
async def terminal(*words: str, cwd: Path, env: dict[str, str], shows_output: bool = False) -> AsyncIterator[Terminal]:
    """Run the command with a terminal for its input and its messages, and for its output too if that is asked for."""
    master, slave = os.openpty()
    output = slave if shows_output else asyncio.subprocess.DEVNULL
    process = await start(*words, cwd=cwd, env=env, stdin=slave, stdout=output, stderr=slave)
    os.close(slave)
    shown = Terminal(master, process)
    try:
        yield shown
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        asyncio.get_running_loop().remove_reader(master)
        os.close(master)


def _running(emulator: Emulator) -> int:
    return sum(each.state == "started" for each in emulator.fleet.records.values())


@pytest.mark.parametrize("answer", ["\n", "y\n", "no\n", "\x04"])
async def test_anything_but_yes_is_a_no(emulator: Emulator, env: dict[str, str], tmp_path: Path, answer: str) -> None:
    before = _running(emulator)
    async with terminal("delete", "state:started", "--held", cwd=tmp_path, env=env) as shown:
        await shown.until("Type yes to go on:")
        shown.type(answer)
        await shown.until("nothing was done")
        assert await shown.code() == 1

    assert f"Delete {before} sandboxes?" in shown.text
    assert _running(emulator) == before


async def test_yes_is_a_yes_and_the_deletions_were_named(
    emulator: Emulator, env: dict[str, str], tmp_path: Path
) -> None:
    async with terminal("stop", "state:started", cwd=tmp_path, env=env) as shown:
        await shown.until("Type yes to go on:")
        shown.type("yes\n")
        assert await shown.code() == 0

    assert "stopping deletes it (auto-delete is 0)" in shown.text
    assert _running(emulator) == 0


async def test_the_question_can_be_interrupted(emulator: Emulator, env: dict[str, str], tmp_path: Path) -> None:
    before = _running(emulator)
    async with terminal("stop", "state:started", cwd=tmp_path, env=env) as shown:
        await shown.until("Type yes to go on:")
        shown.process.send_signal(signal.SIGINT)
        assert await shown.code() == 130

    assert _running(emulator) == before
