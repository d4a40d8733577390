"""What the dialog about holding is told, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Way(StrEnum):
    """A way to hold, or to let go."""

    PIN = "pin"
    SHARE = "share"
    UNPIN = "unpin"
    UNSHARE = "unshare"


@dataclass(frozen=True, slots=True)
class Hold:
    """What somebody chose.

    Attributes:
        until: last day on which it is kept, for ``share``; None: for good.
    """

    way: Way
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """How sandboxes are held now.

    Attributes:
        title: what the dialog is about, safe for a terminal.
        many: sandboxes.
        pinned: how many of them are held on this machine.
        shared: how many of them are held for everybody.
        read_only: why labels cannot be changed, in words; empty where they can.
    """

    title: str
    many: int
    pinned: int
    shared: int
    read_only: str = ""
