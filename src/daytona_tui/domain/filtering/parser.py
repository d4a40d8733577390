"""From text to a tree, by recursive descent.

    filter  = group { "or" group }
    group   = factor { ["and"] factor }
    factor  = ("!" | "not") factor | "(" filter ")" | term
    term    = word | flag | key operator value       (module ``terms``)

The grammar needs one token of foresight and no table, and every error is raised where it is met: that is why it is
written out by hand.
"""

from __future__ import annotations

from daytona_tui.domain.filtering.error import FilterError
from daytona_tui.domain.filtering.printing import AND, KEYWORDS, OR
from daytona_tui.domain.filtering.scanner import Kind, Token, scan
from daytona_tui.domain.filtering.terms import read_term
from daytona_tui.domain.filtering.tree import Node, Not, Some, every, some

MAX_DEPTH = 24
"""How deep parentheses and negations may stand within one another."""

TERMS = ("a word", "a key such as state: or age>", "(", "!")
"""What can begin a term."""


def tree_of(text: str) -> Node | None:
    """Return the tree of ``text``; None for blank text.

    Raises:
        FilterError: it is no filter.
    """
    tokens = scan(text)
    return _Parser(tokens, len(text)).whole() if tokens else None


class _Parser:
    def __init__(self, tokens: list[Token], length: int) -> None:
        self._tokens = tokens
        self._length = length
        self._at = 0

    def whole(self) -> Node:
        node = self._filter(0)
        token = self._here()
        if token is not None:
            raise FilterError("a parenthesis is closed that was never opened", token.start, ("a term", "the end"))
        return node

    def _here(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _takes(self, keywords: frozenset[str]) -> bool:
        token = self._here()
        found = token is not None and token.bare in keywords
        self._at += found
        return found

    def _filter(self, depth: int) -> Node:
        groups = [self._group(depth)]
        while self._takes(OR):
            groups.append(self._group(depth))
        return some(groups)

    def _group(self, depth: int) -> Node:
        factors = [self._factor(depth)]
        while (token := self._here()) is not None and token.kind is not Kind.CLOSE and token.bare not in OR:
            self._takes(AND)
            factors.append(self._factor(depth))
        return every(factors)

    def _factor(self, depth: int) -> Node:
        token = self._here()
        if token is None:
            raise FilterError("the filter ends too early", self._length, TERMS)
        if depth > MAX_DEPTH:
            raise FilterError(f"more than {MAX_DEPTH} parentheses and negations within one another", token.start)
        if token.kind is Kind.NOT or token.bare == "not":
            self._at += 1
            return Not(self._factor(depth + 1))
        if token.kind is Kind.OPEN:
            return self._parenthesis(token, depth)
        if token.kind is Kind.CLOSE or token.bare in KEYWORDS:
            what = ")" if token.kind is Kind.CLOSE else token.bare
            raise FilterError(f"{what} stands where a term is missing", token.start, TERMS)
        self._at += 1
        node = read_term(token)
        # Printed, these take a negation and parentheses of their own.
        if isinstance(node, Not | Some) and depth >= MAX_DEPTH - 1:
            raise FilterError(f"more than {MAX_DEPTH} parentheses and negations within one another", token.start)
        return node

    def _parenthesis(self, token: Token, depth: int) -> Node:
        self._at += 1
        node = self._filter(depth + 1)
        closing = self._here()
        if closing is None:
            raise FilterError("the parenthesis is never closed", token.start, (")",))
        self._at += 1
        return node
