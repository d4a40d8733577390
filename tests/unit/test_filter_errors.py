"""A mistake in a filter is shown where it is."""

from __future__ import annotations

import pytest

from daytona_tui.domain.filters import FilterError, parse
from daytona_tui.presentation.filter_errors import pointed, quoted, said
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import cell_width


def mistake(text: str) -> FilterError:
    with pytest.raises(FilterError) as caught:
        parse(text)
    return caught.value


def test_what_is_wrong_is_said_with_what_could_stand_there() -> None:
    assert said(mistake("state:strated")) == "there is no state strated: expected started, destroyed or stopped"
    assert said(mistake("a\x01")) == "the filter has a control character"
    assert said(FilterError("a\x1bb", 0, ("c\nd",))) == "a␛b: expected c␊d"


def test_a_mistake_has_words_like_every_other_error() -> None:
    shown = phrase(mistake("state:strated"))

    assert (shown.title, shown.detail) == ("This is no filter", "there is no state strated")


@pytest.mark.parametrize(
    ("text", "room", "first", "line"),
    [
        ("cpu>x", 60, 0, "    ▲ cpu cannot be x: expected a number such as 2"),
        ("cpu>x", 12, 0, "    ▲ cpu c…"),
        ("cpu>x", 60, 3, " ▲ cpu cannot be x: expected a number such as 2"),
        ("木木 (", 40, 0, "      ▲ the filter ends too early: expe…"),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaa (", 34, 0, "the filter ends too early: ex… ▲"),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa \x01", 44, 0, "       the filter has a control character ▲"),
        ("cpu>x", 1, 0, "▲"),
        ("cpu>x", 2, 0, " ▲"),
    ],
)
def test_the_mark_stands_under_the_mistake(text: str, room: int, first: int, line: str) -> None:
    shown = pointed(text, mistake(text), room, first=first)

    assert cell_width(shown) <= room
    assert shown == line


@pytest.mark.parametrize(
    ("text", "position", "lines"),
    [
        ("cpu>x", 4, ("cpu>x", "    ^")),
        ("cpu>", 4, ("cpu>", "    ^")),
        ("木 cpu>x", 6, ("木 cpu>x", "       ^")),
        ("a\tb\x1bc", 3, ("a␉b␛c", "   ^")),
        ("0123456789" * 4, 0, ("0123456789012345678…", "^")),
        ("0123456789" * 4, 20, ("0123456789012345678…", "          ^")),
        ("0123456789" * 4, 40, ("1234567890123456789", " " * 19 + "^")),
    ],
)
def test_a_filter_is_quoted_around_the_mistake(text: str, position: int, lines: tuple[str, str]) -> None:
    assert quoted(text, position, 20) == lines
