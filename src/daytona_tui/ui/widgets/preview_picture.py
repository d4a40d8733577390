"""A picture in cells: of half blocks anywhere, of real pixels where the terminal has kitty's graphics protocol.

Pixels go the way of that protocol's Unicode placeholders: the terminal is handed the picture once, and what is drawn
are cells like others, which scroll, are covered and clipped as text is. Source: kitty's "Terminal graphics protocol",
section "Unicode placeholders", and its list of row and column diacritics.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from daytona_tui.presentation.previews.pictures import Colour, Picture

CELL_POINTS = (10, 20)
"""Points of a cell, across and down, for which a picture is made that the terminal draws."""
_PLACEHOLDER = "\U0010eeee"
_CHUNK = 4096
_MARKS = (
    "305 30d-30e 310 312 33d-33f 346 34a-34c 350-352 357 35b 363-36f 483-487 592-595 597-599 59c-5a1 5a8-5a9 "
    "5ab-5ac 5af 5c4 610-617 657-65b 65d-65e 6d6-6dc 6df-6e2 6e4 6e7-6e8 6eb-6ec 730 732-733 735-736 73a 73d "
    "73f-741 743 745 747 749-74a 7eb-7f1 7f3 816-819 81b-823 825-827 829-82d 951 953-954 f82-f83 f86-f87 135d-135f "
    "17dd 193a 1a17 1a75-1a7c 1b6b 1b6d-1b73 1cd0-1cd2 1cda-1cdb 1ce0 1dc0-1dc1 1dc3-1dc9 1dcb-1dcc 1dd1-1de6 1dfe "
    "20d0-20d1 20d4-20d7 20db-20dc 20e1 20e7 20e9 20f0 "
)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture as it is shown.

    Attributes:
        image_id: under which the terminal has it; 0: it is drawn of blocks.
    """

    picture: Picture
    image_id: int = 0

    @property
    def width(self) -> int:
        """Cells across."""
        return _cells(self.picture)[0] if self.image_id else self.picture.columns

    @property
    def height(self) -> int:
        """Cells down."""
        return _cells(self.picture)[1] if self.image_id else -(-self.picture.rows // 2)

    def row(self, index: int, width: int, *, has_colours: bool) -> list[Segment]:
        """Return a row in the middle of ``width`` cells."""
        margin = Segment(" " * max(1, (width - self.width) // 2))
        if self.image_id:
            return [margin, _placeholders(self.image_id, index, self.width)]
        if not has_colours:
            return [margin, Segment(self.picture.shades(index))]
        return [margin, *(Segment(block.text, _style(block.front, block.back)) for block in self.picture.blocks(index))]


def can_take_pictures(environ: Mapping[str, str]) -> bool:
    """Return whether the terminal is one that is known to draw pictures in place of such cells.

    By its name and not by asking: the answer would come among the keys, and some claim what they cannot do.
    """
    if environ.get("TMUX") or environ.get("STY"):
        return False
    term = environ.get("TERM", "")
    return term in ("xterm-kitty", "xterm-ghostty") or bool(
        environ.get("KITTY_WINDOW_ID") or environ.get("TERM_PROGRAM") == "ghostty"
    )


def new_image_id() -> int:
    """Return an id that no other picture in the terminal is likely to have; it fits into a colour."""
    return random.randrange(1 << 20, 1 << 24)


def sent(image_id: int, picture: Picture) -> str:
    """Return what hands a PNG to the terminal and has it drawn where its placeholders are."""
    columns, rows = _cells(picture)
    return "".join((*_pieces(image_id, picture.data), f"\x1b_Ga=p,U=1,i={image_id},c={columns},r={rows},q=2\x1b\\"))


def removed(image_id: int) -> str:
    """Return what has the terminal forget a picture."""
    return f"\x1b_Ga=d,d=I,i={image_id},q=2\x1b\\"


def _pieces(image_id: int, data: bytes) -> Iterator[str]:
    text = base64.b64encode(data).decode("ascii")
    for start in range(0, len(text), _CHUNK):
        more = int(start + _CHUNK < len(text))
        first = f"a=t,f=100,i={image_id},q=2," if start == 0 else ""
        yield f"\x1b_G{first}m={more};{text[start : start + _CHUNK]}\x1b\\"


def _cells(picture: Picture) -> tuple[int, int]:
    most = len(_marks())
    return min(most, -(-picture.columns // CELL_POINTS[0])), min(most, -(-picture.rows // CELL_POINTS[1]))


def _placeholders(image_id: int, row: int, columns: int) -> Segment:
    marks = _marks()
    text = "".join(f"{_PLACEHOLDER}{marks[row]}{marks[column]}" for column in range(columns))
    return Segment(text, Style(color=Color.from_rgb(image_id >> 16 & 255, image_id >> 8 & 255, image_id & 255)))


@cache
def _marks() -> str:
    found: list[str] = []
    for span in _MARKS.split():
        first, _, last = span.partition("-")
        found += map(chr, range(int(first, 16), int(last or first, 16) + 1))
    return "".join(found)


@lru_cache(maxsize=4096)
def _colour(colour: Colour) -> Color:
    return Color.from_rgb(*colour)


def _style(front: Colour | None, back: Colour | None) -> Style:
    return Style(color=_colour(front) if front else None, bgcolor=_colour(back) if back else None)
