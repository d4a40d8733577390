"""Draw what a terminal showed as one SVG that moves by itself: no script, no font, nothing to fetch.

Lines that were on the screen more than once are drawn once and used again, which keeps the file small.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

import pyte

CELL, LINE = 8.4, 18
PADDING, TITLE = 12, 30
GROUND, TEXT = "#16161e", "#c0caf5"

Look = tuple[str, str, bool, bool]
"""Colour of the letters, of the ground, bold, underlined."""
Run = tuple[int, str, Look]
"""Column, text, look."""
Line = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """What stood on the screen.

    Attributes:
        at: seconds from the beginning.
        lines: from top to bottom.
    """

    at: float
    lines: tuple[Line, ...]


def frame_of(screen: pyte.Screen, at: float) -> Frame:
    """Return what stands on ``screen`` now."""
    return Frame(at, tuple(_line(screen, row) for row in range(screen.lines)))


def _line(screen: pyte.Screen, row: int) -> Line:
    cells = [screen.buffer[row][column] for column in range(screen.columns)]
    looks = [
        (_color(cell.bg, GROUND) if cell.reverse else _color(cell.fg, TEXT),
         _color(cell.fg, TEXT) if cell.reverse else _color(cell.bg, GROUND), cell.bold, cell.underscore)
        for cell in cells
    ]  # fmt: skip
    runs = []
    for look, columns in groupby(range(screen.columns), key=lambda column: looks[column]):
        places = list(columns)
        text = "".join(cells[column].data for column in places)
        if text.strip() or look[1] != GROUND:
            runs.append((places[0], text, look))
    return tuple(runs)


def _color(color: str, usual: str) -> str:
    return f"#{color}" if len(color) == 6 and all(letter in "0123456789abcdefABCDEF" for letter in color) else usual


def animated(frames: Sequence[Frame], columns: int, rows: int, title: str) -> str:
    """Return an SVG that shows ``frames`` one after another, for ever."""
    frames = _different(frames)
    total = frames[-1].at + 3.0
    width, height = columns * CELL + 2 * PADDING, rows * LINE + 2 * PADDING + TITLE
    names: dict[Line, str] = {}
    for frame in frames:
        for line in frame.lines:
            if line:
                names.setdefault(line, f"l{len(names)}")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" font-size="14" '
        'font-family="Fira Code,DejaVu Sans Mono,Menlo,Consolas,monospace">',
        f"<title>{escape(title)}</title>",
        "<style>text{white-space:pre}.f{visibility:hidden}.b{font-weight:700}.u{text-decoration:underline}</style>",
        f'<rect width="{width:g}" height="{height:g}" rx="8" fill="{GROUND}"/>',
        *(f'<circle cx="{20 + 20 * at}" cy="18" r="6" fill="{color}"/>'
          for at, color in enumerate(("#ff5f56", "#ffbd2e", "#27c93f"))),
        f'<text x="{width / 2:g}" y="23" text-anchor="middle" fill="#7f88b5">{escape(title)}</text>',
        "<defs>",
        *(f'<g id="{name}">{"".join(map(_drawn, line))}</g>' for line, name in names.items()),
        "</defs>",
    ]  # fmt: skip
    for frame, after in zip(frames, [*(each.at for each in frames[1:]), total], strict=True):
        uses = "".join(
            f'<use href="#{names[line]}" x="{PADDING}" y="{TITLE + PADDING + row * LINE}"/>'
            for row, line in enumerate(frame.lines)
            if line
        )
        begin, end = frame.at / total, after / total
        times = f"0;{begin:.5f};{end:.5f}" if begin > 0 else f"0;{end:.5f}"
        values = "hidden;visible;hidden" if begin > 0 else "visible;hidden"
        parts.append(
            f'<g class="f"><animate attributeName="visibility" dur="{total:.2f}s" repeatCount="indefinite" '
            f'calcMode="discrete" keyTimes="{times}" values="{values}"/>{uses}</g>'
        )
    return "".join([*parts, "</svg>\n"])


def _different(frames: Iterable[Frame]) -> list[Frame]:
    """Leave out what looks like the frame before."""
    return [next(same) for _, same in groupby(frames, key=lambda frame: frame.lines)]


def _drawn(run: Run) -> str:
    column, text, (letters, ground, is_bold, is_underlined) = run
    x = f"{column * CELL:g}"
    parts = []
    if ground != GROUND:
        parts.append(f'<rect x="{x}" width="{len(text) * CELL:g}" height="{LINE}" fill="{ground}"/>')
    if text.strip():
        classes = " ".join(["b"] * is_bold + ["u"] * is_underlined)
        mark = f' class="{classes}"' if classes else ""
        blanks = len(text) - len(text.lstrip(" "))
        shown = text.strip(" ")
        x = f"{(column + blanks) * CELL:g}"
        size = f'textLength="{len(shown) * CELL:g}"'
        parts.append(f'<text x="{x}" y="{LINE - 4}" fill="{letters}" {size}{mark}>{escape(shown)}</text>')
    return "".join(parts)
