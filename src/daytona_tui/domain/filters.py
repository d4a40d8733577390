"""Which sandboxes somebody means: a filter, from one line of text.

This is the door; the rooms are in ``domain.filtering``. One language serves the screen, ``list``, saved views and rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from daytona_tui.domain.filtering.context import FilterContext
from daytona_tui.domain.filtering.error import FilterError
from daytona_tui.domain.owners import owner_of
from daytona_tui.domain.sandbox import Sandbox

__all__ = ["EVERYTHING", "Filter", "FilterContext", "FilterError", "parse"]


@dataclass(frozen=True)
class Filter:
    """A sentence about sandboxes. Equal filters select the same."""

    words: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The filter as text: ``parse`` makes the same filter of it."""
        return " ".join(self.words)

    def matches(self, sandbox: Sandbox, context: FilterContext) -> bool:
        """Return whether the sandbox is one of those that are meant, surely."""
        text = _text(sandbox)
        return all(word.casefold() in text for word in self.words)

    def select(self, sandboxes: Iterable[Sandbox], context: FilterContext) -> list[Sandbox]:
        """Return those that match, in the order in which they came. Faster than asking one by one."""
        return [sandbox for sandbox in sandboxes if self.matches(sandbox, context)]


EVERYTHING = Filter()
"""The filter of blank text: it selects every sandbox."""


def parse(text: str) -> Filter:
    """Return the filter that ``text`` says; ``EVERYTHING`` for blank text.

    Raises:
        FilterError: it says none.
    """
    return Filter(tuple(text.split()))


def _text(sandbox: Sandbox) -> str:
    owner = owner_of(sandbox)
    labels = (f"{key}={value}" for key, value in sandbox.labels.items())
    state = (sandbox.state_word or sandbox.state.value).replace("_", " ")
    texts = (sandbox.name, sandbox.id, *labels, owner.name, owner.run, state, sandbox.snapshot)
    return "\n".join(texts).casefold()
