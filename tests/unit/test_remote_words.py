"""What is said on the command line about a program that is to run in a sandbox."""

from __future__ import annotations

import click
import pytest

from daytona_tui.cli.grammar import Duration
from daytona_tui.cli.remote_words import variable_of


@pytest.mark.parametrize(("text", "seconds"), [("1", 1), ("30s", 30), ("5m", 300), ("2h", 7200), ("1d", 86400)])
def test_a_time(text: str, seconds: int) -> None:
    assert Duration().convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["0", "0h", "-1", "", "x", "1.5", "٣", "1w", "99999999"])
def test_no_time(text: str) -> None:
    with pytest.raises(click.BadParameter, match="at least 1 second"):
        Duration().convert(text, None, None)


def test_a_variable_with_its_value_or_the_one_that_it_has_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERE", "is it")

    assert variable_of("A_1=b=c\n") == ("A_1", "b=c\n")
    assert variable_of("A=") == ("A", "")
    assert variable_of("HERE") == ("HERE", "is it")


@pytest.mark.parametrize("text", ["", "=x", "1A=x", "A B=x", "$(id)=x", "NOT_SET_HERE"])
def test_no_variable(text: str) -> None:
    with pytest.raises(click.BadParameter):
        variable_of(text)
