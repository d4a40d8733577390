"""Filters in rules of the settings file: such a rule works unseen, so it must not mean more than its writer thinks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from daytona_tui.config import values
from daytona_tui.domain.filters import Filter, FilterContext, FilterError, parse
from daytona_tui.domain.sandbox import Lifetimes, Resources, Sandbox, SandboxId, SandboxState

_NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
_CONTEXT: Final = FilterContext(_NOW, lambda _: 1.0)
_OLD, _NEW = _NOW - timedelta(days=36500), _NOW - timedelta(milliseconds=1)

_BLANK: Final = Sandbox(SandboxId(""), "", SandboxState.UNKNOWN)
_OPPOSITES: Final = (
    Sandbox(
        SandboxId("a"), "a", SandboxState.STARTED, "started", "started", "a", "a", "a", "a", {"a": "a"},
        Resources(1, 1, 1, 1, "a"), Lifetimes(1, 1, 1, 1, _NOW + timedelta(milliseconds=1)), _NEW, _NEW, _NEW, "a",
        backup_state="a", sandbox_class="a",
    ),
    Sandbox(
        SandboxId("z"), "z", SandboxState.ARCHIVED, "archived", "archived", "z", "z", "z", "z", {"z": "z"},
        Resources(9**9, 9**9, 9**9, 9**9, "z"), Lifetimes(9**6, 9**6, 9**6, 9**6, _NOW + timedelta(days=36500)),
        _OLD, _OLD, _OLD, "z", backup_state="z", sandbox_class="z",
    ),
)  # fmt: skip
"""Two sandboxes that have next to nothing in common."""


def rule_filter(value: object, *, not_for: frozenset[str] = frozenset()) -> Filter:
    """Return the filter of a rule.

    Args:
        value: what the file says.
        not_for: keys that the rule must not ask for; an empty name stands for plain words.

    Raises:
        ValueError: it is no filter, or means (nearly) every sandbox; ends a sentence that begins with the key.
    """
    text = values.text(value)
    try:
        found = parse(text)
    except FilterError as error:
        raise ValueError(f"{text!r} is no filter: {error}") from None
    if found.tree is None:
        raise ValueError("is empty: it would mean every sandbox")
    if unfit := sorted(found.asks_for & not_for):
        words = ", ".join(key or "plain words" for key in unfit)
        raise ValueError(f"{text!r} cannot ask for {words} here")
    if found.matches(_BLANK, _CONTEXT):
        raise ValueError(f"{text!r} would mean a sandbox of which nothing is known; say also what it has to be")
    if all(found.matches(each, _CONTEXT) for each in _OPPOSITES):
        raise ValueError(f"{text!r} would mean nearly every sandbox")
    return found
