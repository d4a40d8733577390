"""Twins in ASCII of everything that is drawn, for terminals and fonts that have nothing else.

Every twin is as wide as what it stands for, so that nothing moves. What has none, such as the letters of other scripts,
becomes question marks; letters with marks lose those.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from daytona_tui.presentation.safe_text import cell_width

_PAIRS: tuple[tuple[str, str], ...] = (
    # Lines and boxes
    ("─━┄┅┈┉╌╍═╴╶╸╺⎯", "-"),
    ("│┃┆┇┊┋╎╏║╵╷▏▕╽╿", "|"),
    ("┌┐└┘├┤┬┴┼╭╮╯╰╔╗╚╝╠╣╦╩╬┏┓┗┛┣┫┳┻╋", "+"),
    ("╱", "/"),
    ("╲", "\\"),
    ("╳", "X"),
    # States and marks; those that look alike have twins that do not
    ("●•∎■◉", "*"),
    ("○◯□", "o"),
    ("◐◓◑◒", "@"),
    ("◌", "0"),
    ("◆", "#"),
    ("◇", "%"),
    ("✓✔", "v"),
    ("☑", "x"),
    ("✗✘✕×☒", "x"),
    ("⊘", "/"),
    ("▲", "^"),
    ("▼", "v"),
    ("▫☐", "_"),
    ("✦", "*"),
    # Arrows
    ("→➜❯›▸▶▹»⇢", ">"),
    ("←‹◂◀«↪↩⇠", "<"),
    ("↑⇡⇧", "^"),
    ("↓⇣⇩▾", "v"),
    ("▴", "^"),
    ("⇄↔", "="),
    ("↻↺⟳", "@"),
    ("⏎↵", "$"),
    ("␊␤", "$"),
    # Charts, gauges, shades
    ("▁", "_"),
    ("▂", "."),
    ("▃", "-"),
    ("▄", ":"),
    ("▅", "="),
    ("▆", "+"),
    ("▇", "*"),
    ("█▉▊▋", "#"),
    ("▌", ">"),
    ("▐▍▎▖▗▘▝", "|"),
    ("▀▔", '"'),
    ("░", "."),
    ("▒", ":"),
    ("▓", "%"),
    # Punctuation
    ("·⋅∙", "."),
    ("…", "~"),
    ("⋯", "~"),
    ("–—‐‑‒−―", "-"),
    ("“”„‟″", '"'),
    ("‘’‚‛′", "'"),
    ("≈", "~"),
    ("≥", ">"),
    ("≤", "<"),
    ("≡", "="),
    ("≠", "!"),
    ("≪", "<"),
    ("\u00a0\u2007\u202f", " "),
    ("¢", "c"),
    ("€", "E"),
    ("£", "L"),
    ("°", "o"),
    ("±", "+"),
    ("µμ", "u"),
)
_BRAILLE = range(0x2800, 0x2900)
"""Spinners of programs are made of such dots."""

TWINS: Mapping[str, str] = MappingProxyType({letter: twin for letters, twin in _PAIRS for letter in letters})
"""What stands for each letter that is drawn here."""


def as_ascii(text: str) -> str:
    """Return ``text`` in ASCII, as wide in a terminal as before."""
    return text if text.isascii() else "".join(map(_twin, text))


@lru_cache(4096)
def _twin(letter: str) -> str:
    if letter.isascii():
        return letter
    if letter in TWINS:
        return TWINS[letter]
    width = cell_width(letter)
    if width == 1 and ord(letter) in _BRAILLE:
        return "*" if ord(letter) > _BRAILLE.start else " "
    plain = unicodedata.normalize("NFKD", letter)[:1]
    return plain if width == 1 and plain.isascii() and plain.isprintable() else "?" * width
