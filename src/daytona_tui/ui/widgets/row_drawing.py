"""Draws one row of the table of sandboxes from its look: everything the drawing depends on, as one value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style

from daytona_tui.domain.grouping import LABEL_PREFIX, Heading
from daytona_tui.presentation.columns import Align, Column
from daytona_tui.presentation.fitting import GAP
from daytona_tui.presentation.headings import FOLDED, UNFOLDED, heading_title
from daytona_tui.presentation.highlights import spans
from daytona_tui.presentation.safe_text import cell_width, clip
from daytona_tui.presentation.tones import Cell, Tone

GUTTER = 4
"""Cells before the first column: cursor bar, mark, and a blank beside each."""

Layout = tuple[tuple[Column, int], ...]
"""Columns and their widths."""
Styles = Callable[[Tone], Style]

_SEARCHED = frozenset({"name", "id", "labels", "owner", "run", "snapshot"})
"""Columns that show what the plain words of a filter are looked for in."""
_STRONG = Style(bold=True)
_MATCH = Style(underline=True, bold=True)


@dataclass(frozen=True, slots=True)
class Look:
    """What the drawing of a row depends on; equal looks are drawn alike.

    Attributes:
        key: id of the row.
        cells: one for each column of the layout; of a heading its subtotals.
        layout: columns and widths; of a heading empty.
        heading: the heading, if the row is one.
        is_current: the cursor is on it.
        is_marked: it is marked.
        is_in_range: it is between the anchor of a range and the cursor.
        is_faint: it is not known whether it is still so.
        words: what to make stand out.
    """

    key: str
    cells: tuple[Cell, ...]
    layout: Layout = ()
    heading: Heading | None = None
    is_current: bool = False
    is_marked: bool = False
    is_in_range: bool = False
    is_faint: bool = False
    words: tuple[str, ...] = ()


def draw(look: Look, styles: Styles, rooms: Sequence[int], width: int) -> list[Segment]:
    """Return the drawing of a row.

    Args:
        look: what to draw.
        styles: gives the style of a tone.
        rooms: cells for each subtotal of a heading.
        width: cells that there are.
    """
    shade = (lambda tone: styles(Tone.FAINT)) if look.is_faint else styles
    accent = styles(Tone.ACCENT)
    mark = "✓" if look.is_marked else "│" if look.is_in_range else " "
    segments = [Segment("▌" if look.is_current else " ", accent), Segment(mark, accent)]
    if look.heading is not None:
        return segments + _heading(look.heading, look.cells, shade, rooms, width - GUTTER)
    segments.append(Segment("  "))
    for (column, room), cell in zip(look.layout, look.cells, strict=True):
        style = shade(cell.tone) + _STRONG if look.is_current and column.key == "name" else shade(cell.tone)
        text = _laid_out(cell, column, room) + " " * GAP
        is_searched = column.key in _SEARCHED or column.key.startswith(LABEL_PREFIX)
        segments += _highlighted(text, style, look.words if is_searched else ())
    return segments


def _heading(heading: Heading, cells: Sequence[Cell], styles: Styles, rooms: Sequence[int], room: int) -> list[Segment]:
    shown = [(cell, wide) for cell, wide in zip(cells, rooms, strict=True) if wide]
    while len(shown) > 1 and sum(wide + GAP for _cell, wide in shown) > room - 16:
        shown.pop()
    title = heading_title(heading)
    left = room - sum(wide + GAP for _cell, wide in shown)
    count = f"  {heading.subtotal.count:,}"
    text = clip(title.text, left - len(count))
    segments = [
        Segment(f"{FOLDED if heading.is_folded else UNFOLDED} ", styles(Tone.DIM)),
        Segment(text, styles(title.tone)),
        Segment(count, styles(Tone.ACCENT)),
        Segment(" " * max(0, left - cell_width(text) - len(count))),
    ]
    for cell, wide in shown:
        segments.append(Segment(" " * (GAP + wide - cell_width(cell.text)) + cell.text, styles(cell.tone)))
    return segments


def _highlighted(text: str, style: Style, words: Sequence[str]) -> list[Segment]:
    segments, done = [], 0
    for start, end in spans(text, words) if words else ():
        segments += [Segment(text[done:start], style), Segment(text[start:end], style + _MATCH)]
        done = end
    segments.append(Segment(text[done:], style))
    return segments


def _laid_out(cell: Cell, column: Column, room: int) -> str:
    text = cell.within(room)
    blank = " " * (room - cell_width(text))
    return blank + text if column.align is Align.RIGHT else text + blank


def room_for(cell: Cell, column: Column) -> int:
    """Return the cells that a text takes; where it cannot be shown whole, those of its short form."""
    width = cell_width(cell.text)
    return cell_width(cell.short) if width > column.most and cell.short else width
