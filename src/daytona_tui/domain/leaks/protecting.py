"""Which sandboxes the user's own rules protect.

A filter selects only what it surely means; one that protects also covers what it may mean: with no price known, a rule
for what costs more than a dollar covers the sandbox. A text that is not there is no doubt, though: a rule for one owner
does not cover all that have none.
"""

from __future__ import annotations

from collections.abc import Sequence

from daytona_tui.domain.filtering.matching import Test, both, either, surely
from daytona_tui.domain.filtering.tree import All, Match, Node, Not, Some
from daytona_tui.domain.leaks.policy import Protect

Protector = tuple[Test, Protect]
"""A rule with the test of sandboxes that it covers."""


def protectors(rules: Sequence[Protect]) -> tuple[Protector, ...]:
    """Return the rules with their tests."""
    return tuple((possibly(rule.filter.tree), rule) for rule in rules if rule.filter.tree is not None)


def possibly(node: Node) -> Test:
    """Return the test of sandboxes for which ``node`` holds or may hold."""
    match node:
        case Match():
            return surely(node)
        case Not(inner):
            is_so = surely(inner)
            return lambda sandbox, context: not is_so(sandbox, context)
        case All():
            return both(tuple(map(possibly, node.nodes)))
        case Some():
            return either(tuple(map(possibly, node.nodes)))
        case _:
            is_not = surely(node, False)
            return lambda sandbox, context: not is_not(sandbox, context)
