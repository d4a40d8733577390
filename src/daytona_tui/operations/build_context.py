"""The files that a Dockerfile copies: found here, told, and sent before anything is asked for."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from daytona_tui.domain.build_context import BuildContext, suspect_words
from daytona_tui.domain.dockerfiles import local_files
from daytona_tui.domain.ports.creation import ContextSender
from daytona_tui.errors import MisuseError
from daytona_tui.presentation.human import size
from daytona_tui.presentation.safe_text import safe
from daytona_tui.transfer.context_archive import ContextArchive
from daytona_tui.transfer.context_survey import survey

_TELL_EVERY_S = 1.0
_FEW_BYTES = 1000


@dataclass(frozen=True, slots=True)
class ContextWish:
    """What a Dockerfile is built with.

    Attributes:
        text: the Dockerfile.
        origin: where it was read; empty where it is no file.
        directory: of the context; empty: that of the Dockerfile.
        sends_secrets: files that look like secrets may be sent.
    """

    text: str
    origin: str = ""
    directory: str = ""
    sends_secrets: bool = False

    @property
    def is_wanted(self) -> bool:
        """Whether the Dockerfile copies anything from this machine."""
        return bool(local_files(self.text))


async def find_context(wish: ContextWish) -> BuildContext | None:
    """Return what would be sent; None where the Dockerfile copies nothing from this machine.

    Raises:
        MisuseError: something of it is missing or outside, it is too much, or it looks like a secret and nobody said
            that it may be sent.
    """
    if not wish.is_wanted:
        return None
    stop = threading.Event()
    try:
        context = await asyncio.to_thread(_find, wish, stop)
    finally:
        stop.set()
    if context.suspects and not wish.sends_secrets:
        raise MisuseError(
            f"the context has what looks like secrets: {safe(suspect_words(context.suspects))}",
            hint="name it in .dockerignore, or say --context-secrets to send it",
        )
    return context


def _find(wish: ContextWish, stop: threading.Event) -> BuildContext:
    origin = Path(wish.origin).expanduser() if wish.origin else None
    if wish.directory:
        root = Path(wish.directory).expanduser()
    elif origin is not None:
        root = origin.parent
    else:
        line = local_files(wish.text)[0].line
        raise MisuseError(f"line {line} copies files of this machine: name the directory they are in (--context)")
    return survey(wish.text, root, dockerfile=origin, stop=stop)


def context_words(context: BuildContext) -> str:
    """Return how much is sent and from where: safe text."""
    files = "1 file" if context.files == 1 else f"{context.files:,} files"
    ignored = f", {context.ignored:,} left out by .dockerignore" if context.ignored else ""
    return f"{files}, {_amount(context.size)}, of {safe(context.root)}{ignored}"


def _amount(count: int) -> str:
    return f"{count} bytes" if count < _FEW_BYTES else size(count)


def context_remarks(context: BuildContext) -> tuple[str, ...]:
    """Return what else there is to say before it is sent, a line each: safe text."""
    found = []
    if context.suspects:
        found.append(f"what looks like secrets is sent with it: {safe(suspect_words(context.suspects))}")
    if context.left_out:
        more = f" and {len(context.left_out) - 1} more" if len(context.left_out) > 1 else ""
        found.append(f"stays here: {safe(context.left_out[0])}{more}")
    return tuple(found)


async def send_context(
    sender: ContextSender, context: BuildContext, on_text: Callable[[str], object]
) -> tuple[str, ...]:
    """Send a context and return the hashes that its build names.

    Args:
        sender: to the server.
        context: what is sent.
        on_text: told lines for the log of the build: safe text.

    Raises:
        UnsupportedError: the server has no object storage.
        TransferError: a file cannot be read, or changed meanwhile.
        DaytonaTuiError: it could not be sent.
    """
    on_text(f"context: {context_words(context)}\n")
    for words in context_remarks(context):
        on_text(f"context: {words}\n")
    archive = ContextArchive(context)
    digest = await archive.digest()
    whole, told = _amount(context.size), time.monotonic()

    def heard(sent: int) -> None:
        nonlocal told
        if sent < context.size and time.monotonic() - told >= _TELL_EVERY_S:
            told = time.monotonic()
            on_text(f"context: {_amount(sent)} of {whole} sent\n")

    is_new = await sender.send_context(digest, archive.pieces, heard)
    on_text("context: sent\n" if is_new else "context: the server has it already\n")
    return (digest,)
