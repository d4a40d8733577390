"""The user's own terminal: taken, drawn on by a program, and given back."""

from __future__ import annotations

import asyncio
import os
import select
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from daytona_tui.operations.own_terminal import OwnTerminal
from daytona_tui.presentation.raw_output import restored

PIECE = b"x" * 32_768
PIECES = 32
WAIT_S = 10.0


@dataclass
class Desk:
    """A terminal, from the side of whoever sits before it; nothing is drawn until that side ``looks``."""

    master: int
    slave: int
    drawn: bytearray = field(default_factory=bytearray)

    def looks(self) -> None:
        """Draw what comes from now on."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self.master, lambda: self.drawn.extend(os.read(self.master, 65_536)))

    async def until_restored(self, *, is_alternate: bool = False) -> None:
        """Wait until the terminal is as it was."""
        async with asyncio.timeout(WAIT_S):
            while not self.drawn.endswith(restored(is_alternate=is_alternate)):  # noqa: ASYNC110 - no event tells
                await asyncio.sleep(0.005)

    def own(self) -> OwnTerminal:
        return OwnTerminal(self.slave, self.slave, typed=lambda _data: None, resized=lambda _size: None)


@asynccontextmanager
async def desk() -> AsyncIterator[Desk]:
    master, slave = os.openpty()
    try:
        yield Desk(master, slave)
    finally:
        asyncio.get_running_loop().remove_reader(master)
        os.close(master)
        os.close(slave)


async def test_what_a_user_left_is_not_drawn_to_its_end() -> None:
    async with desk() as before:
        async with before.own() as own, asyncio.timeout(WAIT_S):
            for _ in range(PIECES):
                await own.write(PIECE)
            os.write(before.master, b"\x1c\x1c")
            await own.wants_out.wait()
            before.looks()

        await before.until_restored()
        assert len(before.drawn) < len(PIECE) * PIECES // 2


async def test_the_last_words_of_a_program_are_drawn() -> None:
    async with desk() as before:
        async with before.own() as own:
            await own.write(b"\x1b[?1049h")
            for _ in range(PIECES):
                await own.write(PIECE)
            before.looks()

        await before.until_restored(is_alternate=True)
        assert before.drawn.count(b"x") == len(PIECE) * PIECES


async def test_the_screen_that_was_drawn_is_left_and_no_other() -> None:
    async with desk() as before:
        async with before.own() as own, asyncio.timeout(WAIT_S):
            await own.write(b"\x1b[?1049h")
            await asyncio.to_thread(select.select, [before.master], [], [], WAIT_S)  # it is drawn, by a thread
            for _ in range(PIECES - 1):
                await own.write(PIECE)
            await own.write(b"\x1b[?1049l")  # this is never drawn
            os.write(before.master, b"\x1c\x1c")
            await own.wants_out.wait()
            before.looks()

        await before.until_restored(is_alternate=True)


async def test_who_goes_on_writing_to_what_was_given_back_is_not_held_up() -> None:
    async with desk() as before:
        before.looks()
        async with before.own() as own:
            await own.write(b"seen")

        async with asyncio.timeout(WAIT_S):
            for _ in range(200):
                await own.write(b"unseen")
        assert b"unseen" not in before.drawn
