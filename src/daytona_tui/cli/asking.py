"""A question to the person at the terminal."""

from __future__ import annotations

import asyncio
import sys

from daytona_tui.cli import narration


def can_ask() -> bool:
    """True where somebody can read a question and answer it."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


async def agreed(question: str, word: str) -> bool:
    """Ask and return whether the answer is ``word``, in capitals or not; every other answer, and none, is a no."""
    return await answer(f"{question} Type {word} to go on:") == word.strip().casefold()


async def answer(question: str) -> str:
    """Ask and return the answer in small letters, empty where there is none.

    The loop waits for the line and no thread does, so that ctrl+c ends the question.
    """
    narration.say(question)
    loop = asyncio.get_running_loop()
    said: asyncio.Future[str] = loop.create_future()

    def read() -> None:
        if not said.done():
            said.set_result(sys.stdin.readline())

    loop.add_reader(sys.stdin.fileno(), read)
    try:
        return (await said).strip().casefold()
    finally:
        loop.remove_reader(sys.stdin.fileno())
