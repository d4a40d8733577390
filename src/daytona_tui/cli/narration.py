"""The only writer to stderr: what happens, what went wrong, how far it is."""

from __future__ import annotations

import contextlib
import shutil
import sys
import time
from typing import TYPE_CHECKING

from daytona_tui.presentation.phrases import Phrase
from daytona_tui.presentation.safe_text import cell_width, clip, safe

if TYPE_CHECKING:
    from daytona_tui.cli.trouble import Refusal

_NAME = "daytona-tui"
_LINE_CELLS = 78


def say(text: str) -> None:
    """Write one line."""
    _write(f"{_NAME}: {safe(text)}\n")


def complain(phrase: Phrase) -> None:
    """Write what went wrong and, on a line of its own, what to do next."""
    say(f"{phrase.title}: {phrase.detail}")
    if phrase.hint:
        add(phrase.hint)


def refuse(refusal: Refusal) -> None:
    """Write why something is not done, and on lines of their own what there is to see of it and what to do next."""
    say(refusal.message)
    for line in refusal.below:
        add(line)
    if refusal.hint:
        add(refusal.hint)


def room() -> int:
    """Return the cells of a line below what was said."""
    return shutil.get_terminal_size().columns - len(_NAME) - 2


def add(text: str) -> None:
    """Write one more line below what was said."""
    _write(f"{' ' * len(_NAME)}  {safe(text)}\n")


def raw(text: str) -> None:
    """Write what a remote program wrote to its stderr, exactly and at once."""
    _put(text.encode("utf-8", "replace"))


class LiveLine:
    """A line that is written over and over, where a person watches; nothing anywhere else."""

    def __init__(self) -> None:
        self._cells = 0
        self._is_seen = sys.stderr is not None and sys.stderr.isatty()

    def show(self, text: str) -> None:
        """Replace the line."""
        if self._is_seen:
            # A line that is broken by the end of the terminal could not be written over.
            shown = clip(safe(text), min(_LINE_CELLS, shutil.get_terminal_size().columns - 1))
            _write(f"\r{shown}{' ' * (self._cells - cell_width(shown))}")
            self._cells = cell_width(shown)

    def end(self) -> None:
        """Take the line away."""
        if self._is_seen and self._cells:
            _write(f"\r{' ' * self._cells}\r")
            self._cells = 0


class Progress:
    """How far something is: a line that is written over where a person watches, elsewhere a line now and then."""

    _PERIOD_S = 1.0

    def __init__(self) -> None:
        self._live = LiveLine()
        self._is_seen = sys.stderr is not None and sys.stderr.isatty()
        self._said_at = time.monotonic()  # what is over within the first second needs no line
        self._said = ""

    def show(self, text: str) -> None:
        """Show how far it is; elsewhere than at a terminal at most once a second, and nothing twice."""
        if self._is_seen:
            self._live.show(text)
        elif text != self._said and time.monotonic() - self._said_at >= self._PERIOD_S:
            self._said_at, self._said = time.monotonic(), text
            say(clip(text, _LINE_CELLS))

    def end(self) -> None:
        """Take the line away."""
        self._live.end()


def _write(text: str) -> None:
    _put(text.encode("utf-8", "backslashreplace"))


def _put(data: bytes) -> None:
    if sys.stderr is not None:
        with contextlib.suppress(OSError):  # there is nowhere left to say that nothing can be said
            sys.stderr.buffer.write(data)
            sys.stderr.buffer.flush()
