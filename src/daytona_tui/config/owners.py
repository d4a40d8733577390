"""What the settings file says of owners: ``[[owners]]``, rules of the user's own, and ``[mine]``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from daytona_tui.config import values
from daytona_tui.config.rule_filter import rule_filter
from daytona_tui.domain.filtering.vocabulary import FLAGS, KEYS, NumberKey
from daytona_tui.domain.filters import Filter, FilterContext
from daytona_tui.domain.mine import MineRules
from daytona_tui.domain.owners import UserRule
from daytona_tui.domain.ownership.run_names import RunInName
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.errors import ConfigError

MOST_RULES: Final = 100
_LONGEST: Final = 60

# An owner is worked out once for each record, so that nothing in it may depend on the moment or on prices.
_CHANGING: Final = frozenset(
    {"$", *(key.name for key in KEYS.values() if isinstance(key, NumberKey) and key.is_timed)}
    | {flag.name for flag in FLAGS.values() if flag.is_timed}
)
_CIRCULAR: Final = frozenset({"", "owner", "run"})
_ANY_TIME: Final = FilterContext(datetime(2026, 1, 1, tzinfo=UTC), lambda _: None)

_Parser = Callable[[object], Any]


def owner_rules(value: object, origin: str) -> tuple[UserRule, ...]:
    """Return the rules of the ``[[owners]]`` tables, in their order.

    Raises:
        ConfigError: one is malformed or would name an owner for (nearly) every sandbox. Names file, rule and key.
    """
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise ConfigError(f"{origin}: owners is not a list of tables", hint="each rule begins with [[owners]]")
    if len(value) > MOST_RULES:
        raise ConfigError(f"{origin}: owners has {len(value)} rules; {MOST_RULES} are the most")
    return tuple(_owner_rule(table, f"{origin}: owners, rule {number}") for number, table in enumerate(value, 1))


def _owner_rule(table: Mapping[str, object], origin: str) -> UserRule:
    given = _parsed(table, _OF_OWNERS, origin)
    for key in ("owner", "filter"):
        if key not in given:
            raise ConfigError(f"{origin} has no {key}", hint='such as owner = "our-ci" and filter = "name:ci-*"')
    means: Filter = given["filter"]
    return UserRule(
        given["owner"],
        means.text,
        _matches(means),
        given.get("run_label", ""),
        given.get("run_in_name"),
    )


def mine_rules(table: object, origin: str) -> MineRules:
    """Return what a ``[mine]`` table says is ours.

    Raises:
        ConfigError: an entry is malformed, or would make (nearly) every sandbox ours. Names file and key.
    """
    if not isinstance(table, dict):
        raise ConfigError(f"{origin}: mine is not a table", hint="it begins with [mine]")
    given = _parsed(table, _OF_MINE, f"{origin}: mine")
    means: Filter | None = given.get("filter")
    return MineRules(
        frozenset(name.casefold() for name in given.get("owners", ())),
        given.get("labels", ()),
        _matches(means) if means is not None else None,
        means.text if means is not None else "",
    )


def _matches(means: Filter) -> Callable[[Sandbox], bool]:
    return lambda sandbox: means.matches(sandbox, _ANY_TIME)


def _parsed(table: Mapping[str, object], parsers: Mapping[str, _Parser], origin: str) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for key, value in table.items():
        parser = parsers.get(key)
        if parser is None:
            raise ConfigError(f"{origin}: there is no {key!r}", hint=f"there can be {', '.join(parsers)}")
        try:
            given[key] = parser(value)
        except ValueError as error:
            raise ConfigError(f"{origin}: {key} {error}") from error
    return given


def _name(value: object) -> str:
    name = values.text(value)
    if not name or len(name) > _LONGEST or not name.isprintable():
        raise ValueError(f"is not a name of 1 to {_LONGEST} ordinary characters")
    return name


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError('is not a list such as ["harbor", "ana@example.org"]')
    return tuple(map(_name, value))


def _label(value: object) -> tuple[str, str]:
    key, equals, wanted = _name(value).partition("=")
    if not key.strip() or (equals and not wanted.strip()):
        raise ValueError("has a label without a name or a value")
    return key.strip(), wanted.strip()


def _labels(value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list):
        raise ValueError('is not a list such as ["team=ml"]')
    found = tuple(map(_label, value))
    if any(key == "code-toolbox-language" for key, _wanted in found):
        raise ValueError("names a label that the SDKs set on every sandbox")
    return found


def _run_in_name(value: object) -> RunInName:
    return RunInName.parse(values.text(value))


_OF_OWNERS: Final[Mapping[str, _Parser]] = {
    "owner": _name,
    "filter": lambda value: rule_filter(value, not_for=_CHANGING | _CIRCULAR),
    "run_label": _name,
    "run_in_name": _run_in_name,
}
_OF_MINE: Final[Mapping[str, _Parser]] = {
    "owners": _names,
    "labels": _labels,
    "filter": lambda value: rule_filter(value, not_for=_CHANGING),
}
