"""The price book of the settings file: ``[prices]``, each entry in place of a default."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from daytona_tui.config import values
from daytona_tui.domain.cost import PriceBook
from daytona_tui.errors import ConfigError

_PARSERS: Mapping[str, Callable[[object], Any]] = {
    "cpu": values.amount,
    "memory": values.amount,
    "disk": values.amount,
    "free_disk_gib": values.amount,
    "as_of": values.day,
    "source": values.text,
}


def price_book(table: object, origin: str) -> PriceBook:
    """Return the prices of a ``[prices]`` table.

    Where a price is given, the date and the source of the defaults do not hold for it: without ``as_of`` and
    ``source`` of its own the book says that its prices are the user's.

    Args:
        table: what the file has under ``prices``.
        origin: names the file in an error.

    Raises:
        ConfigError: an entry is malformed or unknown.
    """
    if not isinstance(table, dict):
        raise ConfigError(f"{origin}: prices is not a table")
    given: dict[str, Any] = {}
    for key, value in table.items():
        try:
            if key == "gpu":
                given[key] = _by_type(value)
            elif key in _PARSERS:
                given[key] = _PARSERS[key](value)
            else:
                known = ", ".join((*_PARSERS, "gpu"))
                raise ConfigError(f"{origin}: there is no price {key!r}", hint=f"under [prices] can be {known}")
        except ValueError as error:
            raise ConfigError(f"{origin}: prices.{key} {error}") from error
    if given:
        given = {"as_of": None, "source": "the settings file", **given}
    return dataclasses.replace(PriceBook(), **given)


def _by_type(value: object) -> Mapping[str, float]:
    if not isinstance(value, dict):
        raise ValueError("is not a table of prices by type, such as H100 = 3.95")
    prices = dict(PriceBook().gpu)
    for kind, price in value.items():
        try:
            prices[kind] = values.amount(price)
        except ValueError as error:
            raise ValueError(f"{kind} {error}") from None
    return MappingProxyType(prices)
