"""Text from a sandbox made harmless: it can neither move a cursor, nor change a colour, nor reverse its neighbours.

Nothing is dropped: what cannot be shown becomes a visible mark, so that two names that differ also look different.
"""

from __future__ import annotations

import re
import unicodedata

MARK = "\N{REPLACEMENT CHARACTER}"
"""Stands for a hostile character that has no picture of its own."""

# Controls (Cc), line and paragraph separators (Zl, Zp), lone surrogates (Cs) and the invisible format characters (Cf):
# zero-width ones, bidirectional overrides and isolates, tags. Format characters with a visible form stay.
_HOSTILE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
    "\U00013430-\U00013455\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)
_TAB_CELLS = 8


def safe(text: str, *, keep_newlines: bool = False) -> str:
    """Return ``text`` without any character that a terminal obeys.

    Args:
        text: any text, from anywhere.
        keep_newlines: keep line ends, of either kind, and lay tabs out as spaces; otherwise the result is one
            line and both are shown as marks.
    """
    if _HOSTILE.search(text) is None:
        return text
    if not keep_newlines:
        return _HOSTILE.sub(_picture, text)
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(_HOSTILE.sub(_picture, line.expandtabs(_TAB_CELLS)) for line in lines)


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)  # the block of control pictures follows the order of the controls
    return "\N{SYMBOL FOR DELETE}" if code == 0x7F else MARK


def cell_width(text: str) -> int:
    """Return how many terminal cells ``text`` takes: wide characters two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.east_asian_width(character) in ("W", "F"):
        return 2
    return 0 if unicodedata.category(character) in ("Mn", "Me") else 1


def clip(text: str, cells: int) -> str:
    """Return ``text`` cut to at most ``cells`` terminal cells; the last one is an ellipsis where something was cut."""
    if cells <= 0:
        return ""
    if cell_width(text) <= cells:
        return text
    kept: list[str] = []
    room = cells - 1
    for character in text:
        room -= _cells(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept) + "…"


_END_CELLS = 4
_LEAST_FOR_END = 10


def clip_name(text: str, cells: int) -> str:
    """Return a name cut to at most ``cells`` terminal cells in its middle, so that its end stays.

    Names that programs give differ in their last characters; where there is hardly room, the beginning tells more.
    """
    if cells < _LEAST_FOR_END or cell_width(text) <= cells:
        return clip(text, cells)
    end: list[str] = []
    room = _END_CELLS
    for character in reversed(text):
        room -= _cells(character)
        if room < 0:
            break
        end.append(character)
    # A mark that combines with what was cut off would change the ellipsis.
    kept = "".join(reversed(end)).lstrip("".join(each for each in end if _cells(each) == 0))
    return clip(text, cells - cell_width(kept)) + kept


def clip_path(text: str, cells: int) -> str:
    """Return a path cut to at most ``cells`` terminal cells in its first half: its end says which it is."""
    if cell_width(text) <= cells:
        return text
    head = clip(text, max(1, cells // 4))
    room = cells - cell_width(head)
    at = len(text)
    while at > 0 and _cells(text[at - 1]) <= room:
        at -= 1
        room -= _cells(text[at])
    return head + text[at:]


def wrapped(text: str, cells: int, most: int) -> list[str]:
    """Return ``text`` in lines of at most ``cells`` terminal cells, broken between words; no more lines than ``most``.

    What has no room ends the last line in an ellipsis, as does a word that is longer than a line.
    """
    lines: list[str] = []
    words = text.split()
    while words and len(lines) < most - 1:
        line = words.pop(0)
        while words and cell_width(line) + 1 + cell_width(words[0]) <= cells:
            line += " " + words.pop(0)
        lines.append(clip(line, cells))
    return [*lines, clip(" ".join(words), cells)] if words else lines
