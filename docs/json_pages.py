"""What subcommands write as JSON, told from the tests' golden files: ``docs/schema.json`` and ``docs/json.md``."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests" / "cli" / "golden"

Schema = dict[str, Any]

_ALWAYS = frozenset({"id", "name", "path", "type", "verb", "status", "code", "message", "exit_code", "source", "kind"})
"""Scalars that are never null; of every other one null means that it is not known, or that there is none."""

_MAPS = frozenset({"labels", "env", "environment"})
"""Objects whose keys are the user's own."""

_NUMBERS = re.compile(r"(cpu|gpu|_gib|_usd|seconds|dollars|_hours|_ms|_s)$")
"""Keys of numbers that may have a fraction, whether or not those of the golden files do."""

_WORDS = (
    (re.compile(r"(_at|^at)$"), "a moment, ISO 8601 with its zone"),
    (re.compile(r"_min$"), "minutes"),
    (re.compile(r"_bytes$"), "bytes"),
    (re.compile(r"_gib$"), "GiB"),
    (re.compile(r"_usd$"), "US dollars, an estimate"),
    (re.compile(r"(seconds|_s)$"), "seconds"),
    (re.compile(r"_ms$"), "milliseconds"),
    (re.compile(r"^is_|^has_"), "whether it is so"),
)


def schema() -> Schema:
    """Return the JSON schema of everything that subcommands write; ``x-runs`` tells which command wrote what."""
    kinds: dict[str, Schema] = {}
    runs: dict[str, str] = {}
    for file in sorted(GOLDEN.glob("*.json")):
        for run in json.loads(file.read_text(encoding="utf-8")):
            value, words = run["value"], shlex.split(run["run"])[1:]
            if isinstance(value, dict) and set(value) == {"error"}:
                kinds["error"] = _merged(kinds.get("error", {}), _inferred(value, ""))
                continue
            found = _inferred(value, "")
            kind = _kind(words, found, kinds)
            kinds[kind] = _merged(kinds.get(kind, {}), found)
            runs[run["run"]] = kind
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What daytona-tui writes with --json",
        "description": "With --jsonl each row of an array is a line of its own.",
        "$defs": {kind: _open(each) for kind, each in kinds.items()},
        "x-runs": runs,
    }


def _kind(words: list[str], found: Schema, kinds: dict[str, Schema]) -> str:
    """Return the name of what a command wrote: one shape of a subcommand has one name, and an empty list has any."""
    verb = words[1:2] if (GOLDEN / f"{words[0]}.help").read_text(encoding="utf-8").count("Usage:") > 1 else []
    plain = " ".join([words[0], *verb])
    same = [kind for kind in kinds if kind == plain or kind.startswith(f"{plain} --")]
    for kind in same:
        if _keys(kinds[kind]) == _keys(found) or not _keys(found) or not _keys(kinds[kind]):
            return kind
    flags = [word for word in words[: words.index("--") if "--" in words else None] if word.startswith("--")]
    flags = [flag for flag in flags if flag not in ("--json", "--yes")]
    return " ".join([plain, *flags]) if same else plain


def _keys(found: Schema) -> frozenset[str]:
    return frozenset(found.get("items", found).get("properties", ()))


def _inferred(value: Any, key: str) -> Schema:
    if isinstance(value, dict):
        if key in _MAPS:
            return {"type": "object", "additionalProperties": {"type": "string"}}
        properties = {name: _inferred(each, name) for name, each in value.items()}
        return {"type": "object", "properties": properties, "required": list(value)}
    if isinstance(value, list):
        items: Schema = {}
        for each in value:
            items = _merged(items, _inferred(each, key))
        return {"type": "array", "items": items}
    if value is None:
        return {"type": "null"}
    kind = "boolean" if isinstance(value, bool) else "string" if isinstance(value, str) else _number(value, key)
    return {"type": kind if key in _ALWAYS or kind == "boolean" or not key else [kind, "null"]}


def _open(found: Schema) -> Schema:
    """Return a schema that allows anything where nothing but null was seen."""
    if found.get("type") == "null":
        return {}
    parts: Schema = {}
    if "items" in found:
        parts["items"] = _open(found["items"])
    if "properties" in found:
        parts["properties"] = {name: _open(each) for name, each in found["properties"].items()}
    return {**found, **parts}


def _number(value: float, key: str) -> str:
    return "integer" if isinstance(value, int) and not _NUMBERS.search(key) else "number"


def _merged(one: Schema, other: Schema) -> Schema:
    """Return what holds of both; an empty schema says nothing."""
    if not one or not other or one == other:
        return one or other
    if one.get("type") == other.get("type") == "object" and "properties" in one and "properties" in other:
        names = [*one["properties"], *(name for name in other["properties"] if name not in one["properties"])]
        properties = {
            name: _merged(one["properties"].get(name, {}), other["properties"].get(name, {})) for name in names
        }
        required = [name for name in one["required"] if name in other["required"]]
        return {"type": "object", "properties": properties, "required": required}
    if one.get("type") == other.get("type") == "array":
        return {"type": "array", "items": _merged(one["items"], other["items"])}
    kinds = sorted({kind for each in (one, other) for kind in _kinds(each)})
    if "number" in kinds and "integer" in kinds:
        kinds.remove("integer")
    both = {name: part for each in (one, other) for name, part in each.items() if name != "type"}
    return {**both, "type": kinds if len(kinds) > 1 else kinds[0]}


def _kinds(found: Schema) -> list[str]:
    kinds = found.get("type", "null")
    return kinds if isinstance(kinds, list) else [kinds]


def schema_text(_before: str = "") -> str:
    """Return ``docs/schema.json``."""
    return json.dumps(schema(), indent=1, ensure_ascii=True) + "\n"


def tables() -> str:
    """Return a table of keys for everything that subcommands write."""
    whole = schema()
    runs: dict[str, str] = {}
    for run, kind in whole["x-runs"].items():
        runs.setdefault(kind, run)
    lines: list[str] = []
    for kind, shape in sorted(whole["$defs"].items()):
        if kind == "error":
            continue
        is_list = shape.get("type") == "array"
        row = shape["items"] if is_list else shape
        lines += [
            "",
            f"### {kind}",
            "",
            f"`{runs[kind]}` writes {'an array; of each row:' if is_list else 'an object:'}",
        ]
        lines += ["", "| key | is | |", "| --- | --- | --- |", *_rows(row, "")]
        if not row.get("properties"):
            lines[-3:] = ["(nothing to show was there)"]
    return "\n".join(lines[1:])


def _rows(shape: Schema, above: str) -> list[str]:
    rows = []
    for name, each in shape.get("properties", {}).items():
        meaning = next((words for pattern, words in _WORDS if pattern.search(name)), "")
        rows.append(f"| `{above}{name}` | {_type_words(each)} | {meaning} |")
        inner = each.get("items", each)
        if inner.get("properties"):
            rows += _rows(inner, f"{above}{name}{'[]' if 'items' in each else ''}.")
    return rows


def _type_words(shape: Schema) -> str:
    if not shape:
        return "null, or a value"
    if "items" in shape:
        inner = _type_words(shape["items"]) if shape["items"] else "values"
        return f"array of {inner}"
    return " or ".join(sorted(_kinds(shape), key=lambda kind: kind == "null"))
