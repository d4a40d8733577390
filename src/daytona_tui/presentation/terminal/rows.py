"""Cells of an emulator as rows: what is beside each other with one look is one piece, and all of it is safe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from daytona_tui.domain.ansi import PLAIN, Look, spans
from daytona_tui.presentation.safe_text import MARK, cell_width, safe
from daytona_tui.presentation.terminal.screen import Row, Run

CELLS_MOST = 4096
"""How many cells of one line are kept; a row of a screen has never more than a quarter of that."""

_TAB_CELLS = 8

Cell = tuple[Any, str]
"""A style of the emulator and a glyph; the second cell of a wide glyph has an empty one."""

_style, _glyph = itemgetter(0), itemgetter(1)


def row_of_cells(cells: Sequence[Cell], wraps: bool = False) -> Row:
    """Return a row of the emulator's grid."""
    end = _end(cells)
    # Styles are told apart by identity: to compare them takes longer than all the rest. Equal ones are joined after.
    styles = list(map(_style, cells[:end]))
    runs: list[Run] = []
    start = 0
    for _, group in groupby(map(id, styles)):
        stop = start + len(list(group))
        _add_run(runs, list(map(_glyph, cells[start:stop])), styles[start])
        start = stop
    return Row(tuple(runs), wraps)


def row_of_text(line: bytes) -> Row:
    """Return a row for a line of output that no emulator has drawn: its colours are kept, nothing else acts."""
    text = line[: 4 * CELLS_MOST].decode("utf-8", "replace").rstrip("\r")
    if "\r" in text:  # what was overwritten was seen by nobody
        text = text.rpartition("\r")[2]
    runs: list[Run] = []
    left = CELLS_MOST
    for piece, look in spans(text.expandtabs(_TAB_CELLS) if "\t" in text else text):
        shown = safe(piece.replace("\x07", "").replace("\x08", ""))[:left]
        if shown.isascii():
            left -= len(shown)
            runs.append(Run(shown, look, len(shown)))
        else:
            found = list(_runs_of_glyphs(list(_cells_of(shown)), look))
            left -= sum(run.cells for run in found)
            runs.extend(found)
        if left <= 0:
            break
    return Row(tuple(run for run in runs if run.text))


def within(row: Row, columns: int) -> Row:
    """Return a row without half of a wide glyph at its end, which the emulator keeps in a screen that got narrower."""
    if not row.runs or row.runs[-1].cells != 2 or sum(run.cells for run in row.runs) <= columns:
        return row
    return Row((*row.runs[:-1], Run(" ", row.runs[-1].look, 1)), row.wraps)


def text_of(row: Row) -> str:
    """Return what a row says, without blanks at its end."""
    return "".join(run.text for run in row.runs).rstrip()


def _end(cells: Sequence[Cell]) -> int:
    """Return after how many cells there are only blank ones."""
    text = "".join(map(_glyph, cells))
    is_narrow = len(text) == len(cells)  # only then is it known in which cell a character is
    end = len(text.rstrip(" ")) if is_narrow else 0
    rest = tuple(cells[end:])
    if not rest or (is_narrow and rest == (rest[-1],) * len(rest) and _is_blank(_style(rest[-1]))):
        return end  # mostly the blank cells are one and the same
    backwards = range(len(cells) - 1, end - 1, -1)
    return next((at + 1 for at in backwards if _glyph(cells[at]) != " " or not _is_blank(_style(cells[at]))), end)


@lru_cache(maxsize=1024)
def _is_blank(style: Any) -> bool:
    """Whether a space of this style shows nothing."""
    return style.bg is None and not (style.reverse or style.underline or style.strike)


def _add_run(runs: list[Run], glyphs: list[str], style: Any) -> None:
    text, look, cells = "".join(glyphs), _look(style), len(glyphs)
    if style.conceal:
        text = " " * cells
    elif not text.isascii() or len(text) != cells:
        runs.extend(_runs_of_glyphs(glyphs, look))
        return
    else:
        text = safe(text)
    if runs and runs[-1].look == look and runs[-1].text.isascii():
        text, cells = runs[-1].text + text, runs[-1].cells + cells
        runs.pop()
    runs.append(Run(text, look, cells))


def _runs_of_glyphs(glyphs: Sequence[str], look: Look) -> Iterator[Run]:
    narrow: list[str] = []
    for glyph, after in zip(glyphs, [*glyphs[1:], " "], strict=True):
        if len(glyph) == 1 and after:
            narrow.append(glyph)
            continue
        if not glyph:
            continue
        if narrow:
            yield Run(safe("".join(narrow)), look, len(narrow))
            narrow = []
        yield Run(_shown(glyph), look, 1 if after else 2)
    if narrow:
        yield Run(safe("".join(narrow)), look, len(narrow))


def _shown(glyph: str) -> str:
    """Return a glyph of several code points; one with a hostile part loses all but its base."""
    text = safe(glyph)
    return text if text == glyph else safe(glyph[0])


def _cells_of(text: str) -> Iterator[str]:
    """Yield the cells that a text takes: marks go to the glyph before them, wide glyphs take another, empty one."""
    glyph = ""
    for character in text:
        if glyph and not cell_width(character):
            glyph += character
            continue
        yield from _cell(glyph)
        glyph = character
    yield from _cell(glyph)


def _cell(glyph: str) -> Iterator[str]:
    if not glyph:
        return
    width = cell_width(glyph[0])
    yield glyph if width else MARK
    if width == 2:
        yield ""


@lru_cache(maxsize=4096)
def _look(style: Any) -> Look:
    look = Look(
        colour=_colour(style.fg),
        background=_colour(style.bg),
        bold=bool(style.bold),
        faint=bool(style.dim),
        italic=bool(style.italic),
        underline=bool(style.underline),
        reverse=bool(style.reverse),
        strike=bool(style.strike),
    )
    return PLAIN if look == PLAIN else look


def _colour(colour: Any) -> int | tuple[int, int, int] | None:
    return None if colour is None else colour.value
