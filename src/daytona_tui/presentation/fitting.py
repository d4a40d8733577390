"""How columns share the room that there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from daytona_tui.presentation.columns import Column

GAP = 2
"""Cells between two columns."""


def with_width(column: Column, width: int | None) -> Column:
    """Return ``column`` as wide as somebody chose, within its bounds; None: as it was."""
    if width is None:
        return column
    width = max(LEAST_WIDTH, min(width, GREATEST_WIDTH))
    return replace(column, width=width, ideal=width, most=width, is_chosen=True)


LEAST_WIDTH, GREATEST_WIDTH = 3, 80
"""Bounds of a width that somebody chooses."""


def fit(
    columns: Sequence[Column], room: int, natural: Mapping[str, int] | None = None
) -> tuple[tuple[Column, int], ...]:
    """Return the columns that fit into ``room`` cells, with their widths.

    Columns leave by priority until the least widths fit; of two with the same priority the right one leaves first.
    What is left over goes to those that stay, the important ones first: to each up to its ideal, then to each up to
    its most. ``natural`` bounds a column by what its texts really take, unless somebody chose its width.
    """
    bounds = {column.key: _bound(column, natural or {}) for column in columns}
    widths = {column.key: min(column.width, bounds[column.key]) for column in columns}
    staying = list(columns)
    while len(staying) > 1 and _total(staying, widths) > room:
        staying.remove(max(reversed(staying), key=lambda column: column.priority))
    spare = room - _total(staying, widths)
    ranked = sorted(staying, key=lambda column: column.priority)
    for column, reach in [(column, column.ideal) for column in ranked] + [(column, column.most) for column in ranked]:
        more = max(0, min(spare, min(reach, bounds[column.key]) - widths[column.key]))
        widths[column.key] += more
        spare -= more
    if spare < 0 and staying:
        widths[staying[0].key] = max(1, room)
    return tuple((column, widths[column.key]) for column in staying)


def _bound(column: Column, natural: Mapping[str, int]) -> int:
    return column.most if column.is_chosen else max(len(column.title) + 1, natural.get(column.key, column.most))


def _total(columns: Sequence[Column], widths: Mapping[str, int]) -> int:
    return sum(widths[column.key] for column in columns) + GAP * (len(columns) - 1)
