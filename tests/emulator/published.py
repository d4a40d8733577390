"""Requests drawn from the schemas of Daytona's published documents, when somebody has them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from daytona_tui.emulator.api.published import nameless

PREFIXES = {"api": "/api", "toolbox": "/toolbox/{}", "analytics": "/analytics"}
DEEPEST = 3
_METHODS = ("get", "post", "put", "patch", "delete")

Query = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Document:
    """What one published request takes."""

    query: st.SearchStrategy[Query]
    body: st.SearchStrategy[bytes]


def documents(directory: Path) -> dict[str, Document]:
    """Return what each published request takes, by ``METHOD path`` without the names of its parameters."""
    found = {}
    for name, prefix in PREFIXES.items():
        whole = json.loads((directory / f"{name}.json").read_text(encoding="utf-8"))
        for path, operations in whole["paths"].items():
            for method in _METHODS:
                if method in operations:
                    key = nameless(f"{method.upper()} {prefix}{path}")
                    found[key] = _document(whole, operations[method])
    return found


def _document(whole: Mapping[str, Any], operation: Mapping[str, Any]) -> Document:
    fields: dict[str, st.SearchStrategy[Any]] = {}
    body: st.SearchStrategy[bytes] = st.just(b"")
    for parameter in operation.get("parameters", ()):
        schema = parameter.get("schema", parameter)
        if parameter["in"] == "query":
            fields[parameter["name"]] = drawn(whole, schema)
        elif parameter["in"] == "body":
            body = _json(drawn(whole, schema))
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is not None:
        body = _json(drawn(whole, content["schema"]))
    return Document(st.fixed_dictionaries({}, optional=fields).map(_query), body)


def _json(value: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    return value.map(lambda it: json.dumps(it).encode())


def _query(fields: Mapping[str, Any]) -> Query:
    pairs: list[tuple[str, str]] = []
    for name, value in fields.items():
        for each in value if isinstance(value, list) else [value]:
            pairs.append((name, each if isinstance(each, str) else json.dumps(each)))
    return tuple(pairs)


def drawn(whole: Mapping[str, Any], schema: Mapping[str, Any], depth: int = 0) -> st.SearchStrategy[Any]:
    """Return values of a schema, and now and then one that is none."""
    return st.one_of(_of(whole, schema, depth), _of(whole, schema, depth), st.none() | st.just("odd") | st.integers())


def _of(whole: Mapping[str, Any], schema: Mapping[str, Any], depth: int) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        target: Any = whole
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return _of(whole, target, depth + 1) if depth < DEEPEST else st.none()
    for several in ("allOf", "anyOf", "oneOf"):
        if several in schema:
            return st.one_of([_of(whole, each, depth) for each in schema[several]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    return _plain(whole, schema, depth)


def _plain(whole: Mapping[str, Any], schema: Mapping[str, Any], depth: int) -> st.SearchStrategy[Any]:
    match schema.get("type"):
        case "integer":
            return st.integers(schema.get("minimum"), schema.get("maximum"))
        case "number":
            return st.floats(allow_nan=False, allow_infinity=False) | st.integers()
        case "boolean":
            return st.booleans()
        case "string":
            return st.text(max_size=20)
        case "array":
            return st.lists(drawn(whole, schema.get("items", {}), depth + 1), max_size=3)
        case _:
            inner = schema.get("properties", {})
            if depth >= DEEPEST or not inner:
                return st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2)
            return st.fixed_dictionaries({}, optional={k: drawn(whole, v, depth + 1) for k, v in inner.items()})
