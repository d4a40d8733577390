"""A question to the person at the terminal."""

from __future__ import annotations

import asyncio
import sys

from daytona_tui.cli import narration


def can_ask() -> bool:
    """True where somebody can read a question and answer it."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


async def agreed(question: str, word: str) -> bool:
    """Ask and return whether the answer is ``word``, in capitals or not; every other answer, and none, is a no.

    The loop waits for the line and no thread does, so that ctrl+c ends the question.
    """
    narration.say(f"{question} Type {word} to go on:")
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str] = loop.create_future()

    def read() -> None:
        if not answer.done():
            answer.set_result(sys.stdin.readline())

    loop.add_reader(sys.stdin.fileno(), read)
    try:
        return (await answer).strip().casefold() == word.strip().casefold()
    finally:
        loop.remove_reader(sys.stdin.fileno())
