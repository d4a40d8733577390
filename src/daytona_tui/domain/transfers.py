"""Words for copying: what is planned, how far it is, what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ConflictPolicy(StrEnum):
    """What to do where the destination exists already."""

    OVERWRITE = "overwrite"
    SKIP = "skip"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class TransferProgress:
    """How far a transfer is. Totals are zero while the tree is still being listed."""

    files_done: int = 0
    files_total: int = 0
    bytes_done: int = 0
    bytes_total: int = 0
    current: str = ""
    """Path of the file that moved last: hostile text."""

    @property
    def fraction(self) -> float | None:
        """Between 0 and 1 by bytes (by files where all are empty); None while totals are unknown."""
        if self.bytes_total:
            return min(1.0, self.bytes_done / self.bytes_total)
        return self.files_done / self.files_total if self.files_total else None


@dataclass(frozen=True, slots=True)
class TransferItem:
    """One file that was left out or failed, with the reason in words."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class TransferReport:
    """What came of a transfer."""

    destination: str
    files: int = 0
    size_bytes: int = 0
    seconds: float = 0.0
    left_out: tuple[TransferItem, ...] = ()
    failed: tuple[TransferItem, ...] = ()
