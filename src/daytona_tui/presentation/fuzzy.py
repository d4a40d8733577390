"""Finding by a few letters: which texts fit what was typed, and how well.

Ten thousand names are looked at after every key, so what can be said quickly is said first: most texts are dealt with
by one search for the word itself.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item")

_WHOLE, _BEGINNING, _WORD, _INSIDE, _SCATTERED = range(5)


class Needle:
    """What was typed: words that all have to be found, letter case aside.

    Attributes:
        words: without blanks, in lower case.
    """

    def __init__(self, text: str) -> None:
        self.words = tuple(text.casefold().split())
        self._scattered = tuple(re.compile(_letters_in_order(word)).match for word in self.words)

    def __bool__(self) -> bool:
        return bool(self.words)

    def rank(self, text: str) -> int | None:
        """Return how well ``text``, in lower case, fits: the smaller, the better. None: not at all.

        Scattered letters count in the first line only: an id, in the second, has them all by chance.
        """
        total = 0
        for word, is_scattered in zip(self.words, self._scattered, strict=True):
            at = text.find(word)
            if at < 0:
                if is_scattered(text) is None:
                    return None
                total += _SCATTERED
            elif at == 0:
                total += _WHOLE if len(text) == len(word) else _BEGINNING
            else:
                total += _INSIDE if text[at - 1].isalnum() else _WORD
        return total

    def spans(self, text: str) -> tuple[int, ...]:
        """Return which letters of ``text`` are those that were typed, for drawing."""
        folded, found = text.casefold(), set[int]()
        if len(folded) != len(text):  # a letter that folds into two: positions would not be its own
            return ()
        for word in self.words:
            at = folded.find(word)
            if at >= 0:
                found.update(range(at, at + len(word)))
                continue
            at = 0
            for letter in word:
                at = folded.find(letter, at) + 1
                if at == 0:
                    break
                found.add(at - 1)
        return tuple(sorted(found))


def _letters_in_order(word: str) -> str:
    """Return a pattern that needs one look at each letter of a text, whatever the text is."""
    return "".join(rf"[^\n{re.escape(letter)}]*{re.escape(letter)}" for letter in word)


def best(
    needle: Needle, items: Sequence[Item], texts: Iterable[str], *, most: int, key: Callable[[Item], str]
) -> tuple[list[Item], int]:
    """Return the items whose texts fit best, and how many fit at all.

    Args:
        needle: what was typed.
        items: what to choose from.
        texts: one for each item, in lower case.
        most: how many to return.
        key: orders items that fit equally well, shorter texts first.
    """
    fitting = [(rank, item) for item, text in zip(items, texts, strict=True) if (rank := needle.rank(text)) is not None]

    def order(pair: tuple[int, Item]) -> tuple[int, int, str]:
        text = key(pair[1])
        return pair[0], len(text), text

    return [item for _, item in heapq.nsmallest(most, fitting, key=order)], len(fitting)
