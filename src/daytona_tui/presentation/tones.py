"""Tones: what a text means, not what colour it has."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from daytona_tui.presentation.safe_text import cell_width, clip, clip_name


class Tone(StrEnum):
    """Meaning of a piece of text. The theme gives it a colour; a glyph or a word says it as well."""

    NEUTRAL = "neutral"
    STRONG = "strong"
    ACCENT = "accent"
    GOOD = "good"
    BUSY = "busy"
    WARN = "warn"
    BAD = "bad"
    DIM = "dim"
    """Of second rank: still meant to be read."""
    FAINT = "faint"
    """Of third rank: there, and easy to overlook."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A short text and what it means.

    Attributes:
        text: safe for a terminal, without a line break.
        tone: what it means.
        short: what to show where ``text`` does not fit; empty: as much of ``text`` as fits.
        is_name: it is a name, which is told by its end as well.
    """

    text: str
    tone: Tone = Tone.NEUTRAL
    short: str = ""
    is_name: bool = False

    def within(self, cells: int) -> str:
        """Return what there is room for in so many terminal cells."""
        text = self.text if not self.short or cell_width(self.text) <= cells else self.short
        return clip_name(text, cells) if self.is_name else clip(text, cells)
