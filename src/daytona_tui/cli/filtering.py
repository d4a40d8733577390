"""Filters on the command line: the screen's own grammar, and where a filter goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.filters import Filter, FilterContext


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


def filter_context(settings: Settings) -> FilterContext:
    """Return what filters are asked with: this moment, and the prices of the settings."""
    from datetime import UTC, datetime

    from daytona_tui.domain.cost import hourly
    from daytona_tui.domain.filters import FilterContext

    return FilterContext(datetime.now(UTC), lambda sandbox: hourly(sandbox, settings.prices))
