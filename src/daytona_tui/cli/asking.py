"""A question to the person at the terminal."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterator

from daytona_tui.cli import grammar, narration


def can_ask() -> bool:
    """True where somebody can read a question and answer it."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


async def agreed(question: str, word: str) -> bool:
    """Ask and return whether the answer is ``word``, in capitals or not; every other answer, and none, is a no."""
    return await answer(f"{question} Type {word} to go on:") == word.strip().casefold()


async def answer(question: str) -> str:
    """Ask and return the answer in small letters, empty where there is none."""
    return (await line(question)).casefold()


async def line(question: str, *, is_secret: bool = False) -> str:
    """Ask and return the answer without the spaces around it; what is secret is not shown while it is typed.

    The loop waits for the line and no thread does, so that ctrl+c ends the question.
    """
    loop = asyncio.get_running_loop()
    said: asyncio.Future[str] = loop.create_future()

    def read() -> None:
        if not said.done():
            said.set_result(sys.stdin.readline())

    with _standing_still(), _unseen() if is_secret else contextlib.nullcontext():
        narration.say(question)
        loop.add_reader(sys.stdin.fileno(), read)
        try:
            return (await said).strip()
        finally:
            loop.remove_reader(sys.stdin.fileno())


def _standing_still() -> contextlib.AbstractContextManager[None]:
    """Return what stops the time that is given to a subcommand: whoever is asked may think."""
    import click

    context = click.get_current_context(silent=True)
    return contextlib.nullcontext() if context is None else grammar.common().clock.paused()


@contextlib.contextmanager
def _unseen() -> Iterator[None]:
    """Let the terminal not show what is typed; afterwards it is as it was."""
    import termios

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    quiet = [*before[:3], before[3] & ~termios.ECHO | termios.ECHONL, *before[4:]]
    termios.tcsetattr(terminal, termios.TCSAFLUSH, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
