"""Style sheets that are parsed once.

Textual 8.2 remembers 64 parsed texts, and forgets all of them with every dialog that brings a style sheet of its own,
and with every theme. The program has more texts than that: reading them again was the better part of opening a dialog.
"""

from __future__ import annotations

from functools import lru_cache

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

_Parsed = dict[tuple[object, ...], list[RuleSet]]


@lru_cache(maxsize=8)
def _parsed_with(_variables: frozenset[tuple[str, str]]) -> _Parsed:
    """Return what was parsed so far with these colours, by text and place; rules hold nothing of who asked for them."""
    return {}


class ParsedOnce(Stylesheet):
    """As Textual's, but a text is parsed once with the same colours, for however many dialogs, themes and apps."""

    def __init__(self, *, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._parsed = _parsed_with(frozenset(variables.items()))

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take other colours."""
        super().set_variables(variables)
        self._parsed = _parsed_with(frozenset(variables.items()))

    def _parse_rules(
        self,
        css: str,
        read_from: tuple[str, str],
        is_default_rules: bool = False,
        tie_breaker: int = 0,
        scope: str = "",
    ) -> list[RuleSet]:
        """Return the rules of a text; private in Textual 8.2, as is what asks for them."""
        key = (css, read_from, is_default_rules, tie_breaker, scope)
        rules = self._parsed.get(key)
        if rules is None:
            rules = super()._parse_rules(css, read_from, is_default_rules, tie_breaker, scope)
            self._parsed[key] = rules
        return rules

    def reparse(self) -> None:
        """Take the rules of all texts with the colours as they are now; what is wrong leaves those of before."""
        self.parse()
