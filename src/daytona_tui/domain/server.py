"""What a server says of itself, and how its clock and distance are measured."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER = re.compile(r"v?(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?")


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """A server, as one answer of its shows it.

    Attributes:
        version: of its interface, in its own words; empty where it does not tell.
        skew_s: seconds by which its clock is ahead of ours, as exact as a second; None where it does not tell.
        answers_ms: milliseconds until it answered, the shortest of a few.
    """

    version: str = ""
    skew_s: float | None = None
    answers_ms: float = 0.0


def version_of(text: str) -> tuple[int, int, int] | None:
    """Return a version as numbers that can be compared; None for what is none, such as ``main``."""
    found = _NUMBER.match(text.strip())
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None
