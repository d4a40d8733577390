"""Text to tokens. Every character keeps its place, so that an error can point at it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from daytona_tui.domain.filtering.error import FilterError

MAX_LENGTH = 2000
"""Characters of a filter, as it was typed and as it is printed."""

_SINGLE = ":=<>~"
_DOUBLE = ("!=", "<=", ">=")
_ORDERING = "<>"
_QUOTES = ('"', "'")
_HAS_OPERATOR = re.compile(r"""[:=<>~"']""")
_ENDS_IN_ORDERING = re.compile(r"""[^:=<>~"']*[<>]=?$""")


class Glyph(NamedTuple):
    """One character of a word, without quotes and escapes."""

    char: str
    is_quoted: bool
    position: int


Glyphs = Sequence[Glyph]


class Kind(Enum):
    """What a token is."""

    WORD = auto()
    NOT = auto()
    OPEN = auto()
    CLOSE = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text.

    Attributes:
        start: where it begins in the text.
        end: where it ends.
        glyphs: of a word.
        open_quote: of a word: where the quote begins that is never closed; None if all are.
    """

    kind: Kind
    start: int
    end: int
    glyphs: tuple[Glyph, ...] = ()
    open_quote: int | None = None

    @property
    def bare(self) -> str:
        """The text of a word without quotes, in lower case; empty if any of it is quoted."""
        return "" if any(glyph.is_quoted for glyph in self.glyphs) else text_of(self.glyphs).casefold()


class Term(NamedTuple):
    """A word taken apart at its operator."""

    key: Glyphs
    operator: str
    """Empty: there is none, and everything is in ``key``."""
    operator_at: int
    value: Glyphs


def scan(text: str) -> list[Token]:
    """Return the tokens of ``text``.

    Raises:
        FilterError: it is too long, or has control characters, or invisible ones that are not in quotes.
    """
    if len(text) > MAX_LENGTH:
        raise FilterError(f"the filter is longer than {MAX_LENGTH} characters", MAX_LENGTH)
    return list(_tokens(text))


def text_of(glyphs: Glyphs) -> str:
    """Return the characters."""
    return "".join(glyph.char for glyph in glyphs)


def term_of(glyphs: Glyphs, operators: str = _SINGLE) -> Term:
    """Take a word apart at its first unquoted operator, one of the characters ``operators`` or ``!=``."""
    for index, glyph in enumerate(glyphs):
        pair = text_of(glyphs[index : index + 2]) if _is_bare(glyphs[index : index + 2]) else ""
        length = 2 if pair in _DOUBLE and pair[1] in operators else 1
        if not glyph.is_quoted and (length == 2 or glyph.char in operators):
            operator = text_of(glyphs[index : index + length])
            return Term(glyphs[:index], operator, glyph.position, glyphs[index + length :])
    return Term(glyphs, "", glyphs[-1].position + 1 if glyphs else 0, ())


def _is_bare(glyphs: Glyphs) -> bool:
    return not any(glyph.is_quoted for glyph in glyphs)


def is_invisible(char: str) -> bool:
    """Return whether nobody sees the character, such as a space without width: it counts in quotes only."""
    return not char.isascii() and unicodedata.category(char) == "Cf"


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        char = text[at]
        if char.isspace():
            at += 1
        elif char in "()":
            yield Token(Kind.OPEN if char == "(" else Kind.CLOSE, at, at + 1)
            at += 1
        elif char == "!" and text[at + 1 : at + 2] != "=":
            yield Token(Kind.NOT, at, at + 1)
            at += 1
        else:
            word = _word(text, at)
            yield word
            at = word.end


def _word(text: str, start: int) -> Token:
    glyphs: list[Glyph] = []
    at, open_quote = start, None
    while at < len(text):
        char = text[at]
        if char in _QUOTES:
            quoted, at, is_closed = _quoted(text, at)
            open_quote = None if is_closed else quoted[0].position
            glyphs += quoted[1:]
        elif char in "()":
            break
        elif char.isspace():
            after = len(text) - len(text[at:].lstrip())
            if not _goes_on(text[start:at], text[after : after + 1]):
                break
            at = after
        elif is_invisible(char):
            # Pasted with a word it would find nobody, and its opposite everybody.
            raise FilterError(f"there is an invisible character, U+{ord(char):04X}", at, ("the word without it",))
        else:
            glyphs.append(Glyph(_allowed(char, at), False, at))
            at += 1
    return Token(Kind.WORD, start, at, tuple(glyphs), open_quote)


def _goes_on(word: str, following: str) -> bool:
    """Return whether blanks do not end the word: ``cpu > 2`` is one term, for an ordering makes no sense alone."""
    if not following or _HAS_OPERATOR.search(word):
        return bool(following and _ENDS_IN_ORDERING.match(word))
    return following in (*_ORDERING,)


def _quoted(text: str, start: int) -> tuple[list[Glyph], int, bool]:
    """Return the glyphs from a quote on, itself included; where it ends; and whether it does."""
    quote = text[start]
    glyphs, at = [Glyph(quote, True, start)], start + 1
    while at < len(text):
        if text[at] == quote:
            return glyphs, at + 1, True
        at += text[at] == "\\" and text[at + 1 : at + 2] in ("\\", quote)
        glyphs.append(Glyph(_allowed(text[at], at), True, at))
        at += 1
    return glyphs, at, False


def _allowed(char: str, position: int) -> str:
    if char < " " or "\x7f" <= char < "\xa0":
        raise FilterError("the filter has a control character", position)
    return char
