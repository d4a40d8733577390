"""Words for copying: what is asked for, what is planned, how far it is, what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ConflictPolicy(StrEnum):
    """What to do where the destination exists already and is not equal."""

    OVERWRITE = "overwrite"
    SKIP = "skip"
    FAIL = "fail"
    NEWER = "newer"
    """Overwrite what is older than the source, leave the rest."""
    RENAME = "rename"
    """Keep what is there; the new one gets a number: ``name (1).txt``."""


class Way(StrEnum):
    """How contents travel."""

    AUTO = "auto"
    """Whatever is quickest and whole."""
    BULK = "bulk"
    """Small files many to a request."""
    STREAM = "stream"
    """One request for each file."""
    TAR = "tar"
    """Archives made in the sandbox."""


class Equality(StrEnum):
    """What makes a file at the destination the same as the source, so that it is not copied again."""

    TIME = "time"
    """Size and time of modification."""
    CHECKSUM = "checksum"
    """Size and SHA-256."""
    NEVER = "never"
    """Nothing: what exists is a conflict."""


MAX_FILES = 200_000
"""More files than this are asked about."""
MAX_BYTES = 50 * 1024**3
"""More bytes than this are asked about."""


@dataclass(frozen=True, slots=True)
class TransferOptions:
    """How to copy.

    Attributes:
        ignore: patterns of what to leave out, as lines of a ``.gitignore``.
        ignore_usual: leave out what can be had again, too: ``transfer.ignoring.USUAL``.
        gitignore: leave out what the ``.gitignore`` files among the source leave out.
        equality: what is not copied again.
        checksums: compare SHA-256 at the end; the size is always compared.
        links: make links that stay within what is copied; else leave them out.
        resume: keep what has arrived when the transfer is interrupted, and go on from there the next time.
        max_files: more than this has to be confirmed; None: any number.
        max_bytes: likewise.
        patience_s: how long the network may be away before the transfer gives up.
    """

    conflict: ConflictPolicy = ConflictPolicy.FAIL
    way: Way = Way.AUTO
    ignore: tuple[str, ...] = ()
    ignore_usual: bool = True
    gitignore: bool = False
    equality: Equality = Equality.TIME
    checksums: bool = True
    links: bool = True
    resume: bool = True
    max_files: int | None = MAX_FILES
    max_bytes: int | None = MAX_BYTES
    patience_s: float = 120.0


@dataclass(frozen=True, slots=True)
class TransferProgress:
    """How far a transfer is. Totals are zero while the tree is still being listed."""

    files_done: int = 0
    files_total: int = 0
    bytes_done: int = 0
    bytes_total: int = 0
    current: str = ""
    """Path of the file that moved last: hostile text."""
    bytes_per_s: float = 0.0
    """Over the last seconds; 0 while nothing is known."""
    eta_s: float | None = None
    """Seconds that are left at this rate; None while nothing is known."""
    way: Way | None = None
    """How the last bytes came; None before any has."""
    waiting: str = ""
    """Why nothing moves: paused, or the network is away. Empty while it does."""

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
class PlanSummary:
    """What a transfer will do, in numbers. Paths and reasons are hostile text.

    Attributes:
        destination: where it goes.
        files: how many will be copied.
        size_bytes: how much they hold.
        directories: how many will be there in the end.
        links: how many links will be made.
        equal: how many files are there already and the same.
        resumed_files: how many of ``files`` have arrived already, before an interruption.
        resumed_bytes: what those hold.
        conflicts: files that exist and differ; the policy decides.
        left_out: what is not copied, and why.
        failed: what cannot be copied, and why.
        questions: what has to be confirmed before it runs, a sentence each.
        way: how the contents will travel.
        seconds: how long it may take; None where nobody can tell.
    """

    destination: str
    files: int = 0
    size_bytes: int = 0
    directories: int = 0
    links: int = 0
    equal: int = 0
    resumed_files: int = 0
    resumed_bytes: int = 0
    conflicts: tuple[TransferItem, ...] = ()
    left_out: tuple[TransferItem, ...] = ()
    failed: tuple[TransferItem, ...] = ()
    questions: tuple[str, ...] = ()
    way: Way = Way.AUTO
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class TransferReport:
    """What came of a transfer.

    Attributes:
        files: how many were copied, those of an interrupted transfer before it included.
        left_out: what was not meant to be copied, and why.
        failed: what could not be, and why.
        equal: files that were there already and the same.
        links: links that were made.
        resumed_files: how many of ``files`` had arrived before.
        ways: how the contents travelled, the one with the most files first.
        verified: what was compared, as ``size and SHA-256``; says why where it was the size only.
    """

    destination: str
    files: int = 0
    size_bytes: int = 0
    seconds: float = 0.0
    left_out: tuple[TransferItem, ...] = ()
    failed: tuple[TransferItem, ...] = ()
    equal: int = 0
    links: int = 0
    resumed_files: int = 0
    ways: tuple[Way, ...] = ()
    verified: str = ""
