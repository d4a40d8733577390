"""Words are shown where they stand."""

from __future__ import annotations

import pytest

from daytona_tui.presentation.highlights import spans


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("api-agent", [], []),
        ("api-agent", ["x"], []),
        ("api-agent", [""], []),
        ("", ["a"], []),
        ("API-agent", ["api"], [(0, 3)]),
        ("api-agent", ["A"], [(0, 1), (4, 5)]),
        ("api-agent", ["api", "pi-a"], [(0, 5)]),
        ("api-agent", ["agent", "api"], [(0, 3), (4, 9)]),
        ("aaaa", ["aa"], [(0, 4)]),
        ("xßy", ["SS"], [(1, 2)]),
        ("xßy", ["sy"], [(1, 3)]),
        ("İabc", ["abc"], [(1, 4)]),
        ("木木x", ["X"], [(2, 3)]),
    ],
)
def test_words_are_found_in_any_case(text: str, words: list[str], found: list[tuple[int, int]]) -> None:
    assert spans(text, words) == found
