"""From a tree back to text, in the one spelling that each filter has."""

from __future__ import annotations

import re

from daytona_tui.domain.filtering.scanner import is_invisible
from daytona_tui.domain.filtering.tree import (
    All,
    Compare,
    Flag,
    Glob,
    Label,
    Leaf,
    Match,
    Node,
    Not,
    Some,
    Special,
    Word,
)
from daytona_tui.domain.filtering.vocabulary import FLAGS, KEYS, UNKNOWN, NumberKey, TextKey, Unit

AND = frozenset({"and", "&", "&&"})
OR = frozenset({"or", "|", "||"})
KEYWORDS = AND | OR | {"not"}
NONE = "none"
"""Another word for ``unknown`` behind a key with text."""

_MEANS_MORE = {"word": KEYWORDS | FLAGS.keys(), "value": {UNKNOWN, NONE}}

_UNITS = ((7 * 86400, "w"), (86400, "d"), (3600, "h"), (60, "m"), (1, "s"))
_NEEDS_QUOTES = {
    "word": re.compile(r"""[\s"'()*:=<>~,|&]|^!"""),
    "value": re.compile(r"""[\s"'()*,<>?\[\]{}|&]|^!"""),
    "label": re.compile(r"""[\s"'()*,<>?\[\]{}|&]|^!"""),
    "name": re.compile(r"""[\s"'()*,<>?\[\]{}|&=~!]"""),
}


def printed(node: Node) -> str:
    """Return the text of which the parser makes ``node``."""
    match node:
        case All():
            return " ".join(f"({printed(part)})" if isinstance(part, Some) else printed(part) for part in node.nodes)
        case Some():
            return " or ".join(printed(part) for part in node.nodes)
        case Not():
            inner = printed(node.node)
            return f"!({inner})" if isinstance(node.node, All | Some) else f"!{inner}"
        case _:
            return _term(node)


def duration(seconds: float) -> str:
    """Return a duration as the language spells it: ``1d12h``."""
    left, parts = int(seconds), []
    for length, unit in _UNITS[1:]:
        count, left = divmod(left, length)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0m"


def quoted(text: str, place: str = "value") -> str:
    """Return ``text`` as it has to be written to stand for itself.

    Args:
        text: anything without control characters.
        place: ``word`` alone, ``value`` behind a key, ``name`` of a label, value of a ``label``.
    """
    means_more = text.casefold() in _MEANS_MORE.get(place, ())
    return _in_quotes(text) if means_more or not text or _needs_quotes(text, place) else text


def _term(node: Leaf) -> str:
    match node:
        case Word():
            return _glob(node.glob, "word")
        case Match():
            return f"{node.key}{'~' if node.contains else ':'}{_globs(node.globs, 'value')}"
        case Label():
            sign = "" if not node.globs else "~" if node.contains else "="
            return f"label:{_glob(node.name, 'name')}{sign}{_globs(node.globs, 'label')}"
        case Compare():
            return f"{node.key}{node.relation}{_number(node)}"
        case Special():
            return f"{node.key}{':' if isinstance(KEYS[node.key], TextKey) else '='}{node.word}"
        case Flag():
            return node.name


def _globs(globs: tuple[Glob, ...], place: str) -> str:
    return ",".join(_glob(glob, place) for glob in globs)


def _glob(glob: Glob, place: str) -> str:
    if len(glob) == 1:
        return quoted(glob[0], place)
    return "*".join(_in_quotes(part) if _needs_quotes(part, place) else part for part in glob)


def _needs_quotes(text: str, place: str) -> bool:
    return bool(_NEEDS_QUOTES[place].search(text)) or any(map(is_invisible, text))


def _in_quotes(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _number(node: Compare) -> str:
    key = KEYS[node.key]
    assert isinstance(key, NumberKey)
    if key.unit is Unit.SECONDS:
        return duration(node.number)
    return f"{node.number:.4f}".rstrip("0").rstrip(".")
