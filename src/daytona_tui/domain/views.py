"""How somebody wants to see the fleet: which columns, in what order, grouped by what; and such wishes with a name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sort:
    """One key to sort by.

    Attributes:
        column: key of a column, such as ``idle`` or ``label:team``.
        is_reversed: the greatest first. What is unknown comes last either way.
    """

    column: str
    is_reversed: bool = False


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """One column that is shown.

    Attributes:
        key: key of a column.
        width: cells it takes; None: as many as there is room and need for.
    """

    key: str
    width: int | None = None


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How the rows are laid out.

    Attributes:
        columns: from left to right; empty: the usual ones.
        sorts: the first counts most; ties go by name.
        group: key of the column whose equal values stand together under a heading; empty: no groups.
    """

    columns: tuple[ColumnChoice, ...] = ()
    sorts: tuple[Sort, ...] = (Sort("age"),)
    group: str = ""


USUAL = Arrangement()
"""How the rows are laid out for whoever has not chosen anything."""


@dataclass(frozen=True, slots=True)
class NamedView:
    """A filter and an arrangement under a name.

    Attributes:
        name: what its owner calls it.
        filter: text of a filter. It may not parse: then the view shows nothing and says why.
    """

    name: str
    filter: str = ""
    arrangement: Arrangement = USUAL


MAX_VIEWS = 50
"""Saved views that are kept; the first nine have a number key."""
