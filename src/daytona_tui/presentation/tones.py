"""Tones: what a text means, not what colour it has."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """Meaning of a piece of text. The theme gives it a colour; a glyph or a word says it as well."""

    NEUTRAL = "neutral"
    STRONG = "strong"
    ACCENT = "accent"
    GOOD = "good"
    BUSY = "busy"
    WARN = "warn"
    BAD = "bad"
    FAINT = "faint"


@dataclass(frozen=True, slots=True)
class Cell:
    """A short text and what it means. ``text`` is safe for a terminal and has no line break."""

    text: str
    tone: Tone = Tone.NEUTRAL
