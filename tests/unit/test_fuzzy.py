"""Finding by a few letters: what fits, what fits better, and which letters did it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytona_tui.presentation.fuzzy import Needle, best


def ranked(typed: str, *texts: str) -> list[str]:
    found, _ = best(Needle(typed), texts, [text.casefold() for text in texts], most=10, key=str)
    return found


def test_what_fits_better_comes_first() -> None:
    texts = ("grape-apis", "xapi", "api", "my-api-2", "a-p-i", "api-1", "other")

    assert ranked("API", *texts) == ["api", "api-1", "my-api-2", "grape-apis", "xapi", "a-p-i"]


def test_all_words_have_to_fit_in_any_order() -> None:
    assert ranked("two one", "one two", "one three", "two") == ["one two"]


def test_scattered_letters_count_in_the_first_line_only() -> None:
    assert Needle("ace").rank("abcde\n1234") is not None
    assert Needle("ace").rank("name\nabcde") is None
    assert Needle("abc").rank("name\nabcde") is not None


def test_more_fit_than_are_shown_and_it_says_how_many() -> None:
    texts = [f"box-{number}" for number in range(500)]

    found, fitting = best(Needle("box"), texts, texts, most=3, key=str)

    assert (found, fitting) == (["box-0", "box-1", "box-2"], 500)


@pytest.mark.parametrize("typed", ["^", "]", "[a-z]", "\\", ".*", "-", "(", "\\d"])
def test_letters_with_a_meaning_elsewhere_mean_themselves(typed: str) -> None:
    assert ranked(typed, f"x{typed}y", "plain", "a1") == [f"x{typed}y"]


@given(st.text(max_size=20), st.text(max_size=40))
def test_what_fits_has_every_letter_and_the_letters_are_shown(typed: str, text: str) -> None:
    needle = Needle(typed)
    folded = text.casefold()

    rank = needle.rank(folded)
    spans = needle.spans(text)

    assert all(0 <= at < len(text) for at in spans)
    if rank is not None:
        assert all(letter in folded for word in needle.words for letter in word)


@given(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20))
def test_a_text_fits_itself_best(text: str) -> None:
    assert Needle(text).rank(text.casefold()) == 0
