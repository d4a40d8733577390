"""Which sandboxes somebody means: a filter, from one line of text.

This is the door; the rooms are in ``domain.filtering``. One language serves screen, ``list``, saved views and rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from daytona_tui.domain.filtering.completion import Completions, Option, complete
from daytona_tui.domain.filtering.context import FilterContext
from daytona_tui.domain.filtering.error import FilterError
from daytona_tui.domain.filtering.matching import Test, surely
from daytona_tui.domain.filtering.parser import tree_of
from daytona_tui.domain.filtering.printing import printed
from daytona_tui.domain.filtering.reading import text as read
from daytona_tui.domain.filtering.scanner import MAX_LENGTH
from daytona_tui.domain.filtering.tree import All, Compare, Flag, Label, Leaf, Node, Not, Some, Special, Word
from daytona_tui.domain.filtering.vocabulary import FLAGS, KEYS, NumberKey
from daytona_tui.domain.sandbox import Sandbox

__all__ = [
    "EVERYTHING",
    "Completions",
    "Filter",
    "FilterContext",
    "FilterError",
    "Option",
    "complete",
    "parse",
    "prepare",
]


@dataclass(frozen=True)
class Filter:
    """A sentence about sandboxes. Equal filters select the same.

    Attributes:
        tree: what it says; None: nothing, so that every sandbox is meant.
    """

    tree: Node | None = None

    @cached_property
    def text(self) -> str:
        """The filter in its one proper spelling: ``parse`` makes the same filter of it."""
        return "" if self.tree is None else printed(self.tree)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The plain words that a sandbox is looked for by, for showing where they are."""
        return tuple(dict.fromkeys(_words(self.tree))) if self.tree is not None else ()

    @cached_property
    def is_timed(self) -> bool:
        """True if the same sandbox may match at one moment and not at another."""
        return self.tree is not None and any(map(_is_timed, _leaves(self.tree)))

    @cached_property
    def asks_for(self) -> frozenset[str]:
        """Names of the keys and flags that it asks for; an empty name stands for plain words."""
        return frozenset(map(_asked, _leaves(self.tree))) if self.tree is not None else frozenset()

    def matches(self, sandbox: Sandbox, context: FilterContext) -> bool:
        """Return whether the sandbox is surely one of those that are meant."""
        return all(test(sandbox, context) for test in self._tests)

    def select(self, sandboxes: Iterable[Sandbox], context: FilterContext) -> list[Sandbox]:
        """Return those that match, in the order in which they came; quicker than asking one by one."""
        # What has to hold together is asked one after the other, each of those that are left.
        kept = list(sandboxes)
        for test in self._tests:
            kept = [sandbox for sandbox in kept if test(sandbox, context)]
        return kept

    @cached_property
    def _tests(self) -> tuple[Test, ...]:
        parts = self.tree.nodes if isinstance(self.tree, All) else (self.tree,)
        return tuple(surely(part) for part in parts if part is not None)


EVERYTHING = Filter()
"""The filter of blank text: it selects every sandbox."""


def parse(text: str) -> Filter:
    """Return the filter that ``text`` says; ``EVERYTHING`` for blank text.

    Raises:
        FilterError: it says none. Whoever asked selects nothing then.
    """
    tree = tree_of(text)
    if tree is None:
        return EVERYTHING
    found = Filter(tree)
    if len(found.text) > MAX_LENGTH:
        raise FilterError(f"the filter is longer than {MAX_LENGTH} characters", len(text))
    return found


def prepare(sandboxes: Iterable[Sandbox]) -> None:
    """Read ``sandboxes`` ahead of the first filter that has words, owners or labels in it: some microseconds each."""
    for sandbox in sandboxes:
        read(sandbox)


def _words(node: Node) -> Iterator[str]:
    match node:
        case Word():
            yield from node.glob
        case All() | Some():
            for part in node.nodes:
                yield from _words(part)
        case Not(Not(inner)):
            yield from _words(inner)
        case _:
            return


def _leaves(node: Node) -> Iterator[Leaf]:
    match node:
        case All() | Some():
            for part in node.nodes:
                yield from _leaves(part)
        case Not():
            yield from _leaves(node.node)
        case _:
            yield node


def _asked(leaf: Leaf) -> str:
    match leaf:
        case Word():
            return ""
        case Label():
            return "label"
        case Flag():
            return leaf.name
        case _:
            return leaf.key


def _is_timed(leaf: Leaf) -> bool:
    if isinstance(leaf, Flag):
        return FLAGS[leaf.name].is_timed
    key = KEYS[leaf.key] if isinstance(leaf, Compare | Special) else None
    return isinstance(key, NumberKey) and key.is_timed
