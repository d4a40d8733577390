"""Words of the server that this program knows, and the one for those that it does not."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class WireWord(StrEnum):
    """A word of the wire. Each kind has a member ``UNKNOWN = "unknown"``, which is whatever is not known here."""

    @classmethod
    def parse(cls, word: object) -> Self:
        """Return the member for a wire ``word`` of any type; ``UNKNOWN`` for what is not one."""
        try:
            return cls(str(word).lower())
        except ValueError:
            return cls("unknown")
