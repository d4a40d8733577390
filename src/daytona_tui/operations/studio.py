"""Hands hostile contents to a process of its own and takes the result back, or nothing when it takes too long."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from daytona_tui.presentation.previews import studio
from daytona_tui.presentation.previews.pictures import Picture, picture_of
from daytona_tui.presentation.safe_text import safe

PATIENCE_S = 10.0
_MOST_RESULT = 16 * 1024 * 1024


class Coloured(NamedTuple):
    """A program in colours.

    Attributes:
        language: its name; empty where it is not known.
        lines: for each line what ``previews.text.TextBody.colours`` takes; none where the language is not known, or it
            took too long.
    """

    language: str
    lines: list[str]


async def colours(name: str, text: str) -> Coloured:
    """Return the language of a program and the tones of its lines.

    Args:
        name: of the file, from which the language is told.
        text: its lines as they are shown.
    """
    told = await _ask(("colours", name), text.encode("utf-8", "replace"))
    return await asyncio.to_thread(_coloured, told)


async def picture(data: bytes, columns: int, rows: int, *, as_png: bool = False) -> Picture | None:
    """Return a picture made small enough for so many cells; None where it cannot be read."""
    told = await _ask(("png" if as_png else "points", str(columns), str(rows)), data)
    return picture_of(told)


def _coloured(told: bytes) -> Coloured:
    try:
        language, lines = json.loads(told)
    except (ValueError, TypeError):
        return Coloured("", [])
    return Coloured(safe(str(language)), [str(line) for line in lines])


async def _ask(words: Sequence[str], data: bytes) -> bytes:
    """Run the studio; return its output, nothing when it failed, took too long or said too much."""
    # Isolated, and with an environment that holds nothing: neither keys nor ways to load other code.
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(Path(studio.__file__)),
        *words,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            told = await _exchange(process, data)
            return told if await process.wait() == 0 else b""
    except TimeoutError:
        return b""
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await asyncio.shield(process.wait())


async def _exchange(process: asyncio.subprocess.Process, data: bytes) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(data)
        await process.stdin.drain()
    process.stdin.close()
    told = bytearray()
    while chunk := await process.stdout.read(256 * 1024):
        told += chunk
        if len(told) > _MOST_RESULT:
            return b""
    return bytes(told)
