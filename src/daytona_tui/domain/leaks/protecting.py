"""Which sandboxes the user's own rules protect.

A filter selects only what it surely means; one that protects also covers what it may mean: with no price known, a rule
for what costs more than a dollar covers the sandbox. A text that is not there is no doubt, though: a rule for one owner
does not cover all that have none.
"""

from __future__ import annotations

from collections.abc import Sequence

from daytona_tui.domain.filtering.context import FilterContext
from daytona_tui.domain.filtering.matching import Test, surely
from daytona_tui.domain.filtering.tree import All, Match, Node, Not, Some
from daytona_tui.domain.leaks.policy import Protect
from daytona_tui.domain.sandbox import Sandbox, SandboxId


def protected_by(
    rules: Sequence[Protect], sandboxes: Sequence[Sandbox], context: FilterContext
) -> dict[SandboxId, Protect]:
    """Return, by id, the first rule that covers a sandbox."""
    found: dict[SandboxId, Protect] = {}
    for rule in reversed(rules):
        if rule.filter.tree is not None:
            test = possibly(rule.filter.tree)
            found.update((sandbox.id, rule) for sandbox in sandboxes if test(sandbox, context))
    return found


def possibly(node: Node) -> Test:
    """Return the test of sandboxes for which ``node`` holds or may hold."""
    match node:
        case Match():
            return surely(node)
        case Not(inner):
            is_so = surely(inner)
            return lambda sandbox, context: not is_so(sandbox, context)
        case All():
            tests = tuple(map(possibly, node.nodes))
            return lambda sandbox, context: all(test(sandbox, context) for test in tests)
        case Some():
            tests = tuple(map(possibly, node.nodes))
            return lambda sandbox, context: any(test(sandbox, context) for test in tests)
        case _:
            is_not = surely(node, False)
            return lambda sandbox, context: not is_not(sandbox, context)
