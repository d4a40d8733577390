"""A picture as rows of half blocks: two points to a cell, one above the other."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

Colour = tuple[int, int, int]

_CLEAR = 64
"""A point with less than this of 255 is not drawn."""
_NUMBERS = ("width", "height", "frames", "columns", "rows")
_SHADES = " ░▒▓█"


class Block(NamedTuple):
    """A run of cells of one look. None: whatever is behind."""

    text: str
    front: Colour | None
    back: Colour | None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture made small.

    Attributes:
        width: of the picture itself, in points.
        is_cut: its end is missing.
        columns: of the small one, in points; two rows of them make a row of cells.
        data: four bytes to a point, or a PNG.
    """

    width: int
    height: int
    frames: int
    columns: int
    rows: int
    data: bytes
    is_cut: bool = False

    @property
    def words(self) -> str:
        """What is said of it."""
        moving = f", {self.frames} frames" if self.frames > 1 else ""
        cut = ", its end is missing" if self.is_cut else ""
        return f"{self.width:,} × {self.height:,}{moving}{cut}"

    def blocks(self, row: int) -> list[Block]:
        """Return the cells of a row."""
        upper, lower = self._points(2 * row), self._points(2 * row + 1)
        pairs = itertools.zip_longest(upper, lower)
        return [_block(top, bottom, sum(1 for _ in run)) for (top, bottom), run in itertools.groupby(pairs)]

    def shades(self, row: int) -> str:
        """Return a row without colours: by how bright it is."""
        return "".join(_shade(point) for point in self._points(2 * row))

    def _points(self, row: int) -> Iterator[Colour | None]:
        stride = 4 * self.columns
        line = self.data[row * stride : (row + 1) * stride]
        for red, green, blue, cover in zip(*[iter(line)] * 4, strict=False):
            yield (red, green, blue) if cover >= _CLEAR else None


def picture_of(result: bytes) -> Picture | None:
    """Return the picture that the studio made; None where it made none."""
    head, _, data = result.partition(b"\n")
    try:
        told = json.loads(head)
        width, height, frames, columns, rows = (int(told[key]) for key in _NUMBERS)
    except (ValueError, KeyError, TypeError):
        return None
    return Picture(width, height, frames, columns, rows, data, is_cut=bool(told.get("is_cut")))


def _block(top: Colour | None, bottom: Colour | None, cells: int) -> Block:
    if top == bottom:
        return Block(" " * cells, None, top) if top is None else Block("█" * cells, top, None)
    if top is None:
        return Block("▄" * cells, bottom, None)
    return Block("▀" * cells, top, bottom)


def _shade(point: Colour | None) -> str:
    if point is None:
        return " "
    bright = (299 * point[0] + 587 * point[1] + 114 * point[2]) // 1000
    return _SHADES[min(len(_SHADES) - 1, bright * len(_SHADES) // 256)]
