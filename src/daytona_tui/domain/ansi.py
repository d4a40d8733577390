"""Escape sequences in output: colours become values, everything else that a terminal would obey is taken out.

Only *Select Graphic Rendition* (ECMA-48, 8.3.117) is understood, and it ends with its line. Cursor movements, titles,
links, modes and queries are removed; a sequence that is cut or malformed stays as text, for the caller to make visible.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Look:
    """Colours and weight of a piece of text.

    Colours are an index into the terminal's palette (0–255), a red-green-blue triple, or None for the ordinary one.
    """

    colour: int | tuple[int, int, int] | None = None
    background: int | tuple[int, int, int] | None = None
    bold: bool = False
    faint: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False
    strike: bool = False


PLAIN = Look()


class Span(NamedTuple):
    """A piece of a line with one look. The text can still hold control characters that belong to no sequence."""

    text: str
    look: Look


_SEQUENCE = re.compile(
    "(?:\x1b\\[|\x9b)(?P<params>[0-?]*)[ -/]*(?P<final>[@-~])"  # control sequences
    "|(?:\x1b[\\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\\\|\x9c)"  # strings: titles, links, queries
    "|\x1b[ -/]*[0-NQ-WYZ\\\\`-~]"  # everything of two or three characters
)

_SWITCHES: dict[int, tuple[tuple[str, bool], ...]] = {
    1: (("bold", True),),
    2: (("faint", True),),
    3: (("italic", True),),
    4: (("underline", True),),
    7: (("reverse", True),),
    9: (("strike", True),),
    21: (("underline", True),),
    22: (("bold", False), ("faint", False)),
    23: (("italic", False),),
    24: (("underline", False),),
    27: (("reverse", False),),
    29: (("strike", False),),
}


def spans(line: str) -> tuple[Span, ...]:
    """Return ``line`` as pieces with their looks, without its escape sequences."""
    if "\x1b" not in line and not any("\x90" <= char <= "\x9f" for char in line):
        return (Span(line, PLAIN),) if line else ()
    found: list[Span] = []
    look, position = PLAIN, 0
    for match in _SEQUENCE.finditer(line):
        if match.start() > position:
            found.append(Span(line[position : match.start()], look))
        position = match.end()
        if match["final"] == "m":
            look = restyled(look, match["params"])
    if position < len(line):
        found.append(Span(line[position:], look))
    return tuple(found)


def stripped(line: str) -> str:
    """Return ``line`` without its escape sequences."""
    return "".join(span.text for span in spans(line))


def restyled(look: Look, params: str) -> Look:
    """Return ``look`` after the parameters of one rendition sequence; what is not understood changes nothing."""
    if params[:1] in ("<", "=", ">", "?"):
        return look
    codes = iter([int(part) if part.isascii() and part.isdigit() else 0 for part in re.split("[;:]", params[:200])])
    for code in codes:
        if code == 0:
            look = PLAIN
        elif code in _SWITCHES:
            look = replace(look, **dict(_SWITCHES[code]))
        else:
            look = _coloured(look, code, codes)
    return look


def _coloured(look: Look, code: int, rest: Iterator[int]) -> Look:
    if code in (38, 48):
        colour = _extended(rest)
        return replace(look, colour=colour) if code == 38 else replace(look, background=colour)
    for first, base in ((30, 0), (90, 8)):
        if first <= code < first + 8:
            return replace(look, colour=code - first + base)
        if first + 10 <= code < first + 18:
            return replace(look, background=code - first - 10 + base)
    if code == 39:
        return replace(look, colour=None)
    return replace(look, background=None) if code == 49 else look


def _extended(rest: Iterator[int]) -> int | tuple[int, int, int] | None:
    kind = next(rest, 0)
    if kind == 5:
        return min(next(rest, 0), 255)
    if kind == 2:
        red, green, blue = (min(next(rest, 0), 255) for _ in range(3))
        return red, green, blue
    return None
