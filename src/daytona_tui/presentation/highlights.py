"""Where a text has the words that somebody looks for."""

from __future__ import annotations

from collections.abc import Sequence


def spans(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Return the parts of ``text`` that are any of ``words``, whatever the case: beginnings and ends, in order.

    Parts that overlap or touch are one. Where small letters take other room than capitals nothing is found, rather
    than something beside it.
    """
    small = text.casefold()
    if not words or len(small) != len(text):
        return []
    found: list[tuple[int, int]] = []
    for word in {word.casefold() for word in words if word}:
        start = small.find(word)
        while start >= 0:
            found.append((start, start + len(word)))
            start = small.find(word, start + len(word))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
