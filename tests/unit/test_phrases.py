"""Every error has words of its own, and none leaks what it holds."""

from __future__ import annotations

import errno
from collections.abc import Iterator

import pytest

from daytona_tui import errors
from daytona_tui.client.errors import refused
from daytona_tui.errors import AuthError, DaytonaTuiError, NotFoundError, RateLimitedError, UnreachableError
from daytona_tui.presentation.phrases import Phrase, os_reason, phrase


def _below(kind: type[DaytonaTuiError]) -> Iterator[type[DaytonaTuiError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


# Private classes of other rooms are shown as what they are made of.
KINDS = sorted((kind for kind in set(_below(DaytonaTuiError)) if kind.__module__ == errors.__name__), key=str)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_class_has_a_title_of_its_own(kind: type[DaytonaTuiError]) -> None:
    titles = {other: phrase(other("it broke")).title for other in KINDS}

    assert phrase(kind("it broke")).detail == "it broke"
    assert list(titles.values()).count(titles[kind]) == 1
    assert kind.__name__ in (errors.__doc__ or ""), "the drawing of the tree is complete"


def test_the_hint_of_an_error_wins_over_the_usual_one() -> None:
    assert phrase(NotFoundError("gone", hint="look elsewhere")).hint == "look elsewhere"
    assert phrase(NotFoundError("gone")).hint


@pytest.mark.parametrize("kind", [AuthError, UnreachableError])
def test_no_hint_names_a_variable_where_the_connection_may_be_a_profile_s(kind: type[DaytonaTuiError]) -> None:
    assert "DAYTONA_" not in phrase(kind("refused")).hint
    assert "DAYTONA_" not in (refused(401, {}, "", source="api").hint or "")


def test_a_closed_limiter_says_when_to_come_back() -> None:
    assert phrase(RateLimitedError("too often", retry_after_s=90)).hint == "try again in 1m 30s"


def test_a_deed_makes_the_title() -> None:
    assert phrase(UnreachableError("no answer"), "stop api-1").title == "Could not stop api-1"


def test_a_bug_tells_nothing_but_its_class() -> None:
    said = phrase(KeyError("dtn_secret"))

    assert "dtn_secret" not in said.line
    assert "KeyError" in said.detail


def test_hostile_text_is_harmless_in_every_part() -> None:
    said = phrase(NotFoundError("a\x1b[2Jb", hint="c\nd"), "pull \x9b1m")

    assert said == Phrase("Could not pull �1m", "a␛[2Jb", "c␊d")


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "no space left"), (errno.EACCES, "no permission"), (errno.EXDEV, "cross-device")],
)
def test_the_disk_refuses_in_words(number: int, words: str) -> None:
    import os

    assert words in os_reason(OSError(number, os.strerror(number))).lower()
