"""From a tree to a test of sandboxes.

Whoever acts on what a filter selects must be sure, so there are three answers: yes, no and nobody knows; only a yes
selects. What the server did not tell satisfies neither a term nor its opposite: with no processors told, ``cpu>2`` and
``!cpu>2`` both stay empty. Each node therefore becomes one of two tests, "surely so" and "surely not so", and ``!``
chooses the other one; no sandbox passes both.

What counts as not told: a number that is None, an empty text, a state or an owner that cannot be made out. Labels and
flags are complete unless the record had oddities: then what is missing in it may only not have been understood.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence

from daytona_tui.domain.filtering.context import FilterContext
from daytona_tui.domain.filtering.reading import labels, text
from daytona_tui.domain.filtering.tree import (
    All,
    Compare,
    Flag,
    Glob,
    Label,
    Match,
    Node,
    Not,
    Relation,
    Some,
    Special,
    Word,
)
from daytona_tui.domain.filtering.vocabulary import FLAGS, KEYS, UNKNOWN, NumberKey, TextKey
from daytona_tui.domain.sandbox import Sandbox

Test = Callable[[Sandbox, FilterContext], bool]
_TextTest = Callable[[str], bool]

_RELATIONS: dict[Relation, Callable[[float, float], bool]] = {
    Relation.LESS: operator.lt,
    Relation.AT_MOST: operator.le,
    Relation.EQUAL: operator.eq,
    Relation.AT_LEAST: operator.ge,
    Relation.MORE: operator.gt,
}


def surely(node: Node, is_so: bool = True) -> Test:
    """Return the test of sandboxes for which ``node`` surely holds, or surely does not."""
    match node:
        case Word():
            return _word(node, is_so)
        case Match():
            return _match(node, is_so)
        case Label():
            return _label(node, is_so)
        case Compare():
            return _compare(node, is_so)
        case Special():
            return _special(node, is_so)
        case Flag():
            read = FLAGS[node.name].read
            return lambda sandbox, context: read(sandbox, context) is is_so
        case Not():
            return surely(node.node, not is_so)
        case All() | Some():
            tests = tuple(surely(part, is_so) for part in node.nodes)
            return both(tests) if isinstance(node, All) is is_so else either(tests)


def both(tests: Sequence[Test]) -> Test:
    """Return the test that holds where all ``tests`` do."""
    if len(tests) == 2:
        first, second = tests
        return lambda sandbox, context: first(sandbox, context) and second(sandbox, context)
    return lambda sandbox, context: all(test(sandbox, context) for test in tests)


def either(tests: Sequence[Test]) -> Test:
    """Return the test that holds where one of ``tests`` does."""
    if len(tests) == 2:
        first, second = tests
        return lambda sandbox, context: first(sandbox, context) or second(sandbox, context)
    return lambda sandbox, context: any(test(sandbox, context) for test in tests)


def _word(node: Word, is_so: bool) -> Test:
    has = _containing(node.glob)
    if is_so:
        return lambda sandbox, _context: has(text(sandbox))
    return lambda sandbox, _context: not sandbox.oddities and not has(text(sandbox))


def _match(node: Match, is_so: bool) -> Test:
    key = KEYS[node.key]
    assert isinstance(key, TextKey)
    read, fits = key.read, text_test(node.globs, node.contains)

    def test(sandbox: Sandbox, _context: FilterContext) -> bool:
        found = read(sandbox)
        return bool(found) and fits(found.casefold()) is is_so

    return test


def _label(node: Label, is_so: bool) -> Test:
    is_named, fits = _fitting(node.name), text_test(node.globs, node.contains) if node.globs else None
    traces = _traces(node)

    def has(sandbox: Sandbox) -> bool:
        found = labels(sandbox)
        for trace in traces:  # asked of every sandbox: ``all`` would take twice as long
            if trace not in found:
                return False
        return any(
            is_named(name.casefold()) and (fits is None or fits(value.casefold()))
            for name, value in sandbox.labels.items()
        )

    if is_so:
        return lambda sandbox, _context: has(sandbox)
    return lambda sandbox, _context: not sandbox.oddities and not has(sandbox)


def _traces(node: Label) -> list[str]:
    """Return what such a label leaves in the labels of a sandbox, where ``name=value`` stands: most have none of it."""
    if len(node.name) == 1 and len(node.globs) == 1 and not node.contains:
        return [f"{node.name[0]}={node.globs[0][0]}".casefold()]
    return [part.casefold() for part in node.name]


def _compare(node: Compare, is_so: bool) -> Test:
    key, holds, number = KEYS[node.key], _RELATIONS[node.relation], node.number
    assert isinstance(key, NumberKey)
    read = key.read

    def test(sandbox: Sandbox, context: FilterContext) -> bool:
        found = read(sandbox, context)
        return found is not None and holds(found, number) is is_so

    return test


def _special(node: Special, is_so: bool) -> Test:
    key = KEYS[node.key]
    if isinstance(key, TextKey):
        read_text = key.read
        return lambda sandbox, _context: (not read_text(sandbox)) is is_so
    assert isinstance(key, NumberKey)
    read = key.read
    if node.word == UNKNOWN:
        return lambda sandbox, context: (read(sandbox, context) is None) is is_so
    means = key.words[node.word]

    def test(sandbox: Sandbox, context: FilterContext) -> bool:
        found = read(sandbox, context)
        return found is not None and means(found) is is_so

    return test


def text_test(globs: Sequence[Glob], contains: bool) -> _TextTest:
    """Return the test of a text in lower case that is, or contains, one of the patterns."""
    tests = [_containing(glob) if contains else _fitting(glob) for glob in globs]
    return tests[0] if len(tests) == 1 else lambda found: any(test(found) for test in tests)


def _fitting(glob: Glob) -> _TextTest:
    """Return the test of a text in lower case that is the pattern as a whole. Its time grows with the text's length."""
    first, *rest = (part.casefold() for part in glob)
    if not rest:
        return first.__eq__
    *middle, last = rest
    if not middle and not last:
        return lambda found: found.startswith(first)

    def test(found: str) -> bool:
        end = len(found) - len(last)
        if end < len(first) or not (found.startswith(first) and found.endswith(last)):
            return False
        return _in_order(found, middle, len(first), end)

    return test


def _containing(glob: Glob) -> _TextTest:
    """Return the test of a text in lower case that has the pattern somewhere, within one line."""
    parts = [part.casefold() for part in glob if part]
    if len(parts) == 1:
        only = parts[0]
        return lambda found: only in found
    return lambda found: _in_some_line(found, parts)


def _in_some_line(found: str, parts: Sequence[str]) -> bool:
    first, *rest = parts
    start = found.find(first)
    while start >= 0:
        end = found.find("\n", start)
        end = len(found) if end < 0 else end
        if _in_order(found, rest, start + len(first), end):
            return True
        start = found.find(first, end)
    return False


def _in_order(found: str, parts: Sequence[str], start: int, end: int) -> bool:
    for part in parts:
        start = found.find(part, start, end)
        if start < 0:
            return False
        start += len(part)
    return True
