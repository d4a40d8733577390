"""Counts what has arrived and tells it, not too often."""

from __future__ import annotations

import time
from collections.abc import Callable

from daytona_tui.domain.transfers import TransferProgress

_PERIOD_S = 0.1


class Meter:
    """The counters of one transfer. Bytes may be taken back when a file has to be read again."""

    def __init__(self, tell: Callable[[TransferProgress], None]) -> None:
        self._tell = tell
        self._told_at = 0.0
        self.files_total = 0
        self.bytes_total = 0
        self.files_done = 0
        self.bytes_done = 0
        self.current = ""

    def expect(self, files: int, size_bytes: int) -> None:
        """Set the totals and tell them."""
        self.files_total, self.bytes_total = files, size_bytes
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

    def _tell_sometimes(self) -> None:
        if time.monotonic() - self._told_at >= _PERIOD_S:
            self.tell_now()

    def tell_now(self) -> None:
        """Tell how far it is, however recently it was told."""
        self._told_at = time.monotonic()
        self._tell(TransferProgress(self.files_done, self.files_total, self.bytes_done, self.bytes_total, self.current))
