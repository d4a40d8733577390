"""Input for a program or a terminal in a sandbox: a text that was said, or what comes on standard input."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import click


async def pieces(text: str | None, *, ends_line: bool = True) -> AsyncGenerator[str, None]:
    """Yield what is to be sent: ``text`` and the end of its line, or standard input as it comes until it ends.

    Letters that a read has cut come whole.

    Raises:
        click.UsageError: nothing was said, and nobody could read what is typed.
        TransferError: standard input cannot be read.
    """
    import codecs

    from daytona_tui.cli import stdin

    if text is not None:
        yield text + ("\n" if ends_line else "")
        return
    if not stdin.has_something(True):
        raise click.UsageError("there is nothing to send: give it with --text, or on standard input")
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    async for chunk in stdin.chunks():
        if piece := decoder.decode(chunk):
            yield piece
    if piece := decoder.decode(b"", True):
        yield piece
