"""Forms: what is asked for, and how values are written into entries and read from them. Knows no screen."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

Value = str | bool | tuple[str, ...]
Values = Mapping[str, Value]
"""What was said, by the keys of the fields: text, whether a switch is on, or several values. What is empty is left out.
"""


class Kind(StrEnum):
    """What a value is."""

    TEXT = "text"
    HIDDEN = "hidden"
    """Text that is not shown while it is typed."""
    COUNT = "count"
    """A whole number."""
    MINUTES = "minutes"
    """An interval such as ``15m``, ``2h`` or ``off``."""
    SWITCH = "switch"
    """Yes or no."""
    CHOICE = "choice"
    """One of some words."""
    WORDS = "words"
    """Several values; in an entry words as a shell has them."""
    LINES = "lines"
    """Several values, each a line of its own."""
    BLOCK = "block"
    """A text of many lines."""

    @property
    def is_many(self) -> bool:
        """True where several values can be said."""
        return self in (Kind.WORDS, Kind.LINES)


@dataclass(frozen=True, slots=True)
class FormField:
    """Something that a form asks for. Every text is safe for a terminal, save ``value`` and ``choices``.

    Attributes:
        key: names it among the values.
        label: a word or two before the entry.
        hint: beside it, and what holds where nothing is said.
        group: heading under which it stands, together with those beside it that have the same.
        value: what it begins with.
        choices: words that are proposed; for a CHOICE there are no others.
        locked: why nothing can be said, in words: ``this server has no …``; empty where it can.
    """

    key: str
    label: str
    kind: Kind = Kind.TEXT
    hint: str = ""
    group: str = ""
    value: Value = ""
    choices: tuple[str, ...] = ()
    locked: str = ""


Check = Callable[[Values], Mapping[str, str]]
"""Returns what is wrong with values, in words, by the key of the field. Quick: it is called for every letter."""


def nothing_wrong(_values: Values) -> Mapping[str, str]:
    """Find nothing wrong."""
    return {}


def nothing_to_add(_values: Values) -> Sequence[str]:
    """Add nothing."""
    return ()


@dataclass(frozen=True, slots=True)
class Form:
    """A dialog that asks for several things.

    Attributes:
        title: of the dialog.
        fields: in the order in which they are asked for.
        submit: what the button says, an imperative.
        check: tells what is wrong, for every letter that is typed.
        told: lines below the fields that depend on what is typed, such as what it comes to; for every letter, too.
        copied: what ctrl+y copies of what is typed; None: nothing.
        notes: lines above the fields.
        trouble: what the last try came to; stands above the fields, which hold what was tried.
        is_remembered: what was typed is there again when the form is opened again after it was left.
    """

    title: str
    fields: tuple[FormField, ...]
    submit: str = "Create"
    check: Check = nothing_wrong
    told: Callable[[Values], Sequence[str]] = nothing_to_add
    copied: Callable[[Values], str] | None = None
    notes: tuple[str, ...] = ()
    trouble: str = ""
    is_remembered: bool = True


def written(kind: Kind, value: Value) -> str:
    """Return a value as it stands in an entry; a switch has none."""
    if isinstance(value, tuple):
        return "\n".join(value) if kind is Kind.LINES else shlex.join(value)
    return value if isinstance(value, str) else ""


def read(kind: Kind, text: str) -> Value:
    """Return the value that an entry holds; empty where it holds none.

    Raises:
        ValueError: a quotation mark is missing.
    """
    if kind is Kind.LINES:
        return tuple(line.strip() for line in text.splitlines() if line.strip())
    if kind is Kind.WORDS:
        try:
            return tuple(shlex.split(text))
        except ValueError:
            raise ValueError("a quotation mark is missing") from None
    return text if kind in (Kind.BLOCK, Kind.HIDDEN) else text.strip()
