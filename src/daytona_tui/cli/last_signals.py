"""Signals to a program that has something to clear up before it ends."""

from __future__ import annotations

import asyncio
import os
import signal

from daytona_tui.cli import narration

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class LastSignals:
    """Ends a task by the first signal, which then clears up; the second one ends this program at once.

    Attributes:
        code: with which this program ends then; None as long as no signal came.
    """

    def __init__(self, now: str, words: str) -> None:
        """Remember what to say.

        Args:
            now: after the first signal.
            words: after the second one.
        """
        self.code: int | None = None
        self._now = now
        self._words = words
        self._task = asyncio.current_task()
        self._is_ending = False

    def watch(self) -> None:
        """Take the signals from now on; to be called again when somebody else had them for a while."""
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:  # by nohup
                asyncio.get_running_loop().add_signal_handler(number, self._take, number)

    def clear_up(self) -> None:
        """The task has come to its end: the next signal need not cancel anything."""
        self._is_ending = True

    def swallow(self) -> bool:
        """Return whether the task was cancelled by a signal; then that is over."""
        return self.code is not None and self._task is not None and not self._task.uncancel()

    def _take(self, number: signal.Signals) -> None:
        if self.code is not None:
            narration.say(self._words)
            os._exit(128 + number)  # whoever waits for the clearing up would not end before it
        self.code = 128 + number
        narration.say(self._now)
        if self._task is not None and not self._is_ending:
            self._task.cancel()
