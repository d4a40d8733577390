"""Where a text has the words that somebody looks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def spans(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Return the parts of ``text`` that are any of ``words``, whatever the case: beginnings and ends, in order.

    Parts that overlap or touch are one.
    """
    folded = text.casefold()
    origins = range(len(text)) if len(folded) == len(text) else _origins(text)
    merged: list[tuple[int, int]] = []
    for start, end in sorted(_found(folded, words)):
        first, last = origins[start], origins[end - 1] + 1
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def _found(folded: str, words: Iterable[str]) -> Iterator[tuple[int, int]]:
    for word in {word.casefold() for word in words if word}:
        start = folded.find(word)
        while start >= 0:
            yield start, start + len(word)
            start = folded.find(word, start + 1)


def _origins(text: str) -> list[int]:
    """Return which character of ``text`` each one of the folded text comes from: some fold into two."""
    return [index for index, char in enumerate(text) for _ in char.casefold()]
