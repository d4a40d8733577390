"""Records as JSON and back: the one place that knows how a dataclass of the control plane is kept."""

from __future__ import annotations

import dataclasses
import functools
import json
import types
import typing
from collections.abc import Hashable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

T = TypeVar("T")

_PLAIN = (str, bool, int, dict, type(None))


def spell(record: object) -> str:
    """Return a dataclass, or a mapping of JSON values, as text.

    Raises:
        TypeError: it holds something that has no spelling.
    """
    return json.dumps(_fields_of(record), ensure_ascii=False, separators=(",", ":"), default=_unusual)


def read(kind: type[T], values: Mapping[str, Any]) -> T:
    """Return the dataclass ``kind`` with ``values``, as :func:`spell` wrote them.

    Fields that are missing take their defaults and unknown ones are left out, so that a record outlives small changes
    of its class.

    Raises:
        ValueError: a value cannot be what its field holds, or a field without a default is missing.
    """
    fields = _fields(typing.cast("Hashable", kind))
    try:
        return kind(
            **{
                name: value if type(value) in field.plain else _value(field.hint, value)
                for name, value in values.items()
                if (field := fields.get(name)) is not None
            }
        )
    except (TypeError, AttributeError) as error:
        raise ValueError(str(error)) from error


@dataclasses.dataclass(frozen=True)
class _Field:
    """A field's type, and the types of JSON values that are right for it as they are."""

    hint: Any
    plain: frozenset[type]


@functools.cache
def _fields(kind: Any) -> dict[str, _Field]:
    hints = typing.get_type_hints(kind)
    names = [each.name for each in dataclasses.fields(kind) if each.init]
    return {name: _Field(hints[name], frozenset(_plain(hints[name]))) for name in names}


def _plain(hint: Any) -> Iterator[type]:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        for each in inner:
            yield from _plain(each)
    elif hint in _PLAIN:
        yield hint
    elif origin is dict:
        yield dict


def _fields_of(record: object) -> object:
    if dataclasses.is_dataclass(record) and not isinstance(record, type):
        # Not asdict: it copies everything deeply, and a fleet has tens of thousands of records.
        return {each.name: getattr(record, each.name) for each in dataclasses.fields(record) if each.init}
    return record


def _unusual(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    if dataclasses.is_dataclass(value):
        return _fields_of(value)
    raise TypeError(f"{type(value).__name__} cannot be kept")


def _value(hint: Any, value: Any) -> Any:
    if hint is datetime:
        return _moment(value)
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        return None if value is None else _value(next(each for each in inner if each is not type(None)), value)
    if origin in {list, set, frozenset}:
        return origin(_value(inner[0], each) for each in _sequence(value))
    if origin is tuple:
        return tuple(_value(inner[0], each) for each in _sequence(value))
    if origin is not None:
        return value
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return read(hint, value)
    if hint in {str, bool, int} and not isinstance(value, hint):
        raise ValueError(f"{value!r} is no {hint.__name__}")
    return value


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(f"{value} has no time zone")
    return moment


def _sequence(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is no list")
    return value
