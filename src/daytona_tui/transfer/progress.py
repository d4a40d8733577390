"""Counts what has arrived and tells it, not too often."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from daytona_tui.domain.transfers import TransferProgress, Way

_PERIOD_S = 0.1
_WINDOW_S = 5.0
"""The rate is that of the last seconds, so that it follows the line."""


class Meter:
    """The counters of one transfer. Bytes may be taken back when a file has to be read again."""

    def __init__(self, tell: Callable[[TransferProgress], None]) -> None:
        self._tell = tell
        self._told_at = 0.0
        self._points: deque[tuple[float, int]] = deque()
        self._waiting = ""
        self.files_total = 0
        self.bytes_total = 0
        self.files_done = 0
        self.bytes_done = 0
        self.current = ""
        self.way: Way | None = None

    def expect(self, files: int, size_bytes: int) -> None:
        """Set the totals and tell them."""
        self.files_total, self.bytes_total = files, size_bytes
        self.tell_now()

    def has(self, files: int, size_bytes: int) -> None:
        """Count what was here before anything moved; it says nothing of the rate."""
        self.files_done += files
        self.bytes_done += size_bytes
        self._points.clear()
        self.tell_now()

    def moved(self, path: str, size_bytes: int) -> None:
        """Count bytes of ``path`` (negative: taken back)."""
        self.bytes_done += size_bytes
        self.current = path
        self._tell_sometimes()

    def finished(self, path: str) -> None:
        """Count one whole file."""
        self.files_done += 1
        self.current = path
        self._tell_sometimes()

    def waits(self, why: str) -> None:
        """Note why nothing moves; empty when it does again."""
        if why != self._waiting:
            self._waiting = why
            self._points.clear()
            self.tell_now()

    def _tell_sometimes(self) -> None:
        if time.monotonic() - self._told_at >= _PERIOD_S:
            self.tell_now()

    def tell_now(self) -> None:
        """Tell how far it is, however recently it was told."""
        self._told_at = time.monotonic()
        rate = self._rate(self._told_at)
        left = self.bytes_total - self.bytes_done
        self._tell(
            TransferProgress(
                self.files_done,
                self.files_total,
                self.bytes_done,
                self.bytes_total,
                self.current,
                rate,
                max(0.0, left / rate) if rate else None,
                self.way,
                self._waiting,
            )
        )

    def _rate(self, now: float) -> float:
        """Return bytes per second over the last seconds; 0 where nothing is known."""
        self._points.append((now, self.bytes_done))
        while len(self._points) > 2 and now - self._points[1][0] > _WINDOW_S:
            self._points.popleft()
        then, before = self._points[0]
        return max(0.0, (self.bytes_done - before) / (now - then)) if now - then > 0.2 else 0.0
