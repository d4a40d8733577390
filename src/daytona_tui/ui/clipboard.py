"""The way to the clipboard of whoever sits at the terminal, also over SSH and inside of tmux or screen.

The terminal is asked by OSC 52. Where a multiplexer stands between, it keeps such a request to itself as a rule; so it
is asked in its own way as well: tmux by its command, which hands on to the terminal, screen by wrapping what is for it.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import Iterator, Mapping

MOST_BYTES = 750_000
"""Longer requests are ignored by some terminals, and hold others up."""

_PIECE = 700
"""What screen hands on at once; it takes 768."""
_PATIENCE_S = 3.0


def requests(text: str, environ: Mapping[str, str]) -> Iterator[str]:
    """Yield what to write to the terminal so that ``text`` gets to the clipboard.

    Args:
        text: half a character, as a hostile name may have, becomes a mark: no terminal can be told.
        environ: variables of the process; they tell of a multiplexer.
    """
    encoded = base64.b64encode(text.encode("utf-8", "replace")[:MOST_BYTES]).decode("ascii")
    request = f"\x1b]52;c;{encoded}\x07"
    if environ.get("STY") and not environ.get("TMUX"):  # of screen
        for at in range(0, len(request), _PIECE):
            yield f"\x1bP{request[at : at + _PIECE]}\x1b\\"
        return
    yield request
    if environ.get("TMUX"):  # for one that hands on what is wrapped, and does not do so by itself
        wrapped = request.replace("\x1b", "\x1b\x1b")
        yield f"\x1bPtmux;{wrapped}\x1b\\"


async def tell_tmux(text: str) -> bool:
    """Give ``text`` to tmux, for itself and for its terminal; False where there is none, or one that is too old."""
    try:
        program = await asyncio.create_subprocess_exec(
            "tmux", "load-buffer", "-w", "-", stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
    except OSError:
        return False
    try:
        await asyncio.wait_for(program.communicate(text.encode("utf-8", "replace")[:MOST_BYTES]), _PATIENCE_S)
    except (TimeoutError, OSError):
        return False
    finally:
        if program.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                program.kill()
    return program.returncode == 0
