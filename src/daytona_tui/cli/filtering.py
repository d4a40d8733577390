"""Filters on the command line: the screen's own grammar, and where a filter goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.filters import Filter
    from daytona_tui.domain.sandbox import Sandbox


def filters_of(texts: list[str]) -> list[Filter]:
    """Return the filters.

    Raises:
        Refusal: one of them is none.
    """
    from daytona_tui.cli.trouble import Refusal
    from daytona_tui.domain.filters import FilterError, parse
    from daytona_tui.presentation.filter_errors import quoted, said

    filters = []
    for text in texts:
        try:
            filters.append(parse(text))
        except FilterError as error:
            below = quoted(text, error.position, 66)
            raise Refusal("filter", f"the filter: {said(error)}", below=below) from None
    return filters


def meaning(filters: Sequence[Filter], settings: Settings) -> Callable[[Sandbox], bool]:
    """Return what tells whether all filters mean a sandbox, now and at the prices of the settings."""
    from datetime import UTC, datetime

    from daytona_tui.domain.cost import hourly
    from daytona_tui.domain.filters import FilterContext

    context = FilterContext(datetime.now(UTC), lambda sandbox: hourly(sandbox, settings.prices))
    return lambda sandbox: all(one.matches(sandbox, context) for one in filters)


def chosen(sandboxes: Iterable[Sandbox], filters: Sequence[Filter], settings: Settings) -> list[Sandbox]:
    """Return the sandboxes that all filters mean, by name."""
    return by_name(filter(meaning(filters, settings), sandboxes))


def by_name(sandboxes: Iterable[Sandbox]) -> list[Sandbox]:
    """Return the sandboxes in the order of their names."""
    return sorted(sandboxes, key=lambda each: (each.name.casefold(), each.id))
