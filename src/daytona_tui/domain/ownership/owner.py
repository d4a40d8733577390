"""What is said of the maker of a sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Confidence(StrEnum):
    """How far an owner can be believed."""

    CERTAIN = "certain"
    """A mark that one framework alone sets."""
    USER = "user"
    """A rule of the settings file."""
    LIKELY = "likely"
    """A mark that others could set too: a name, a snapshot, a person in a label."""
    GUESS = "guess"
    """Only the shape fits: intervals, a name, what is missing."""
    UNKNOWN = "unknown"
    """Nothing tells."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The maker of a sandbox.

    Attributes:
        name: the framework or person; empty when nothing tells, also where a guess says no more than which way the
            sandbox was made.
        run: the run, task or session within it; empty when not said. Sandboxes of one run are grouped by it.
        why: the mark that told, in words.
        confidence: how far the mark can be believed.
    """

    name: str = ""
    run: str = ""
    why: str = "no mark that tells"
    confidence: Confidence = Confidence.UNKNOWN
