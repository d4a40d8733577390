"""How a layout of the fleet is said in words."""

from __future__ import annotations

from collections.abc import Iterable

from daytona_tui.domain.views import Arrangement, NamedView, Sort
from daytona_tui.presentation.columns import column_named
from daytona_tui.presentation.headings import grouping_title
from daytona_tui.presentation.safe_text import safe


def column_title(key: str) -> str:
    """Return how a column is called in a sentence: ``idle``, ``label team``, ``$/day``."""
    column = column_named(key)
    return grouping_title(key) if key.startswith("label:") or column is None else column.title.lower()


def sorts_words(sorts: Iterable[Sort]) -> str:
    """Return what rows are sorted by: ``by state ↑, then age ↓``."""
    parts = [f"{column_title(sort.column)} {'↓' if sort.is_reversed else '↑'}" for sort in sorts]
    return f"by {', then '.join(parts)}" if parts else "by name ↑"


def arrangement_words(arrangement: Arrangement) -> str:
    """Return an arrangement in a few words."""
    parts = [sorts_words(arrangement.sorts)]
    if arrangement.group:
        parts.append(f"grouped by {grouping_title(arrangement.group)}")
    if arrangement.columns:
        count = len(arrangement.columns)
        parts.append("1 column" if count == 1 else f"{count} columns")
    return " · ".join(parts)


def view_words(view: NamedView) -> str:
    """Return what a view shows, in a few words."""
    return f"{safe(view.filter) or 'everything'} · {arrangement_words(view.arrangement)}"
