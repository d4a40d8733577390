"""The first moments of the command: a signal that comes before anything was made ends it quietly.

It imports the standard library only, and little of it, so that those moments begin at once.
"""

from __future__ import annotations

import os
import signal

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that end the emulator with exit code 0."""


def end_quietly_until_ready() -> None:
    """End the process with 0 at a signal, until the emulator takes the signals over; ignored ones stay ignored."""
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def _end(_number: int, _frame: object) -> None:
    # Without ceremony: the interpreter may be in the middle of an import, and there is nothing to tidy up.
    os._exit(0)
