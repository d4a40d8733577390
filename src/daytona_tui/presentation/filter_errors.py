"""What is wrong with a filter, as a line that points at the place."""

from __future__ import annotations

from daytona_tui.domain.filters import FilterError
from daytona_tui.presentation.safe_text import cell_width, clip, safe


def said(error: FilterError) -> str:
    """Return in one safe line what is wrong and what could stand there."""
    if not error.expected:
        return safe(error.message)
    *others, last = error.expected
    expected = f"{', '.join(others)} or {last}" if others else last
    return safe(f"{error.message}: expected {expected}")


def pointed(text: str, error: FilterError, room: int, *, first: int = 0, mark: str = "▲") -> str:
    """Return the line to be shown under ``text``: the mark stands under the mistake, the words beside it.

    Args:
        text: the filter as it was typed.
        error: what parsing it raised.
        room: cells of the line.
        first: cells of ``text`` that have left the line on the left.
        mark: one cell that points up.
    """
    column = max(0, min(cell_width(safe(text[: error.position])) - first, room - 1))
    words, right = said(error), room - column - 2
    if cell_width(words) <= right or right >= column - 1:
        return f"{' ' * column}{mark} {clip(words, right)}".rstrip()
    words = clip(words, column - 1)
    return f"{' ' * (column - 1 - cell_width(words))}{words} {mark}"


def quoted(text: str, position: int, room: int) -> tuple[str, str]:
    """Return the part of ``text`` around ``position`` as one safe line, and the line below it with a mark there.

    Args:
        text: the filter as it was typed.
        position: index into it.
        room: cells of the lines.
    """
    before, after = safe(text[:position]), safe(text[position:])
    while before and cell_width(before) > room // 2 and cell_width(before) + cell_width(after) >= room:
        before = before[1:]
    return clip(before + after, room), f"{' ' * cell_width(before)}^"
