"""What details are made of: fields in sections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from daytona_tui.presentation.human import age
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Cell, Tone


@dataclass(frozen=True, slots=True)
class Field:
    """One line of the details.

    Attributes:
        label: what it is; safe for a terminal.
        cell: its value, or why there is none.
        note: said of the value, of second rank; safe for a terminal.
        raw: the value as it is, to copy; empty where there is none.
        is_wide: the value takes the whole line.
    """

    label: str
    cell: Cell
    note: str = ""
    raw: str = ""
    is_wide: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Fields under one title."""

    title: str
    fields: tuple[Field, ...]


def text(label: str, words: str) -> Field:
    """Return the field of a text; an empty one is what the server did not say."""
    return Field(label, value(words), raw=words)


def untold(label: str) -> Field:
    """Return the field of something that an older server does not say."""
    return Field(label, value(""), "this server does not tell")


def moment(label: str, at: datetime | None, now: datetime) -> Field:
    """Return the field of a moment, with how long ago that was."""
    if at is None:
        return Field(label, value(""))
    return Field(label, Cell(f"{at:%Y-%m-%d %H:%M:%S}"), f"{age((now - at).total_seconds())} ago", at.isoformat())


def value(words: str) -> Cell:
    """Return a text made safe; a dash for none."""
    return Cell(safe(words)) if words else Cell("—", Tone.FAINT)
