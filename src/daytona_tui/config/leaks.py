"""What the settings file says of leaks: ``[leaks]`` with ``[leaks.weights]``, and ``[[protect]]``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, Final

from daytona_tui.config import values
from daytona_tui.config.rule_filter import rule_filter
from daytona_tui.domain.leaks import LeakPolicy, Protect
from daytona_tui.domain.leaks.codes import WEIGHTS
from daytona_tui.domain.sandbox import SandboxState
from daytona_tui.errors import ConfigError

MOST_RULES: Final = 100
_LONGEST: Final = 200
_MOST: Final = 10**7
"""Minutes: nineteen years. What is longer is a slip, and too long for the arithmetic of dates sooner or later."""

_USUAL: Final = LeakPolicy()


def leak_policy(table: object, protect: object, origin: str) -> LeakPolicy:
    """Return by what leaks are judged.

    Args:
        table: what the file has under ``leaks``.
        protect: what it has under ``protect``.
        origin: names the file in an error.

    Raises:
        ConfigError: an entry is malformed, unknown or out of its bounds. Names file and key.
    """
    if not isinstance(table, dict):
        raise ConfigError(f"{origin}: leaks is not a table", hint="it begins with [leaks]")
    given: dict[str, Any] = {}
    for key, value in table.items():
        parser = _PARSERS.get(key)
        if parser is None:
            raise ConfigError(f"{origin}: there is no leaks.{key}", hint=f"under [leaks] can be {', '.join(_PARSERS)}")
        try:
            given[key] = parser(value)
        except ValueError as error:
            raise ConfigError(f"{origin}: leaks.{key} {error}") from error
    try:
        return LeakPolicy(**given, protects=_protects(protect, origin))
    except ValueError as error:
        raise ConfigError(f"{origin}: leaks.{error}") from error


def _protects(rules: object, origin: str) -> tuple[Protect, ...]:
    if not isinstance(rules, list) or not all(isinstance(each, dict) for each in rules):
        raise ConfigError(f"{origin}: protect is not a list of tables", hint="each rule begins with [[protect]]")
    if len(rules) > MOST_RULES:
        raise ConfigError(f"{origin}: protect has {len(rules)} rules; {MOST_RULES} are the most")
    return tuple(_protect(table, f"{origin}: protect, rule {number}") for number, table in enumerate(rules, 1))


def _protect(table: Mapping[str, object], origin: str) -> Protect:
    unknown = sorted(table.keys() - {"filter", "why"})
    if unknown:
        raise ConfigError(f"{origin}: there is no {unknown[0]!r}", hint="there can be filter, why")
    if "filter" not in table:
        raise ConfigError(f"{origin} has no filter", hint='such as filter = "label:team=core"')
    try:
        means = rule_filter(table["filter"])
    except ValueError as error:
        raise ConfigError(f"{origin}: filter {error}") from error
    try:
        return Protect(means, _why(table.get("why", "")))
    except ValueError as error:
        raise ConfigError(f"{origin}: why {error}") from error


def _why(value: object) -> str:
    why = values.text(value)
    if len(why) > _LONGEST or not (why.isprintable() or not why):
        raise ValueError(f"is not at most {_LONGEST} ordinary characters")
    return why


def _whole(value: object) -> int:
    if type(value) is not int or not 0 <= value <= _MOST:
        raise ValueError(f"is not a whole number from 0 to {_MOST}")
    return value


def _share(value: object) -> float:
    if type(value) not in {int, float} or not 0 < value <= 1:  # type: ignore[operator] # it is a number
        raise ValueError("is not a number above 0 and at most 1")
    return float(value)  # type: ignore[arg-type] # likewise


def _names(value: object) -> frozenset[str]:
    if not isinstance(value, list):
        raise ValueError('is not a list such as ["harbor"]')
    return frozenset(map(values.text, value))


def _codes(value: object) -> frozenset[str]:
    found = _names(value)
    for code in sorted(found - WEIGHTS.keys()):
        raise ValueError(f"has {code!r}, which is no reason; reasons are {', '.join(WEIGHTS)}")
    return found


def _weights(value: object) -> Mapping[str, int]:
    if not isinstance(value, dict):
        raise ValueError("is not a table")
    weights = dict(WEIGHTS)
    for code, weight in _flat(value):
        if code not in WEIGHTS:
            raise ValueError(f"has {code!r}, which is no reason; reasons are {', '.join(WEIGHTS)}")
        try:
            weights[code] = _whole(weight)
        except ValueError as error:
            raise ValueError(f"has {code}, which {error}") from None
    return MappingProxyType(weights)


def _flat(table: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Yield the codes of a table: TOML reads ``run.overdue = 50`` without quotes as a table in a table."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from ((f"{key}.{rest}", inner) for rest, inner in value.items())
        else:
            yield key, value


def _stuck(value: object) -> Mapping[SandboxState, int]:
    if not isinstance(value, dict):
        raise ValueError("is not a table of minutes by state, such as starting = 15")
    limits = dict(_USUAL.stuck_min)
    for word, minutes in value.items():
        state = SandboxState.parse(word)
        if state not in limits:
            raise ValueError(f"has {word!r}, which is no state that ends by itself; those are {', '.join(limits)}")
        try:
            limits[state] = _whole(minutes)
        except ValueError as error:
            raise ValueError(f"has {word}, which {error}") from None
    return MappingProxyType(limits)


_NUMBERS: Final = tuple(each.name for each in fields(LeakPolicy) if type(getattr(_USUAL, each.name)) is int)
_PARSERS: Final[Mapping[str, Callable[[object], Any]]] = {
    **dict.fromkeys(_NUMBERS, _whole),
    "quota_fraction": _share,
    "stuck_min": _stuck,
    "inside": _names,
    "off": _codes,
    "weights": _weights,
}
