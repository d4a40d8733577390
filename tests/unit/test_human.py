"""Numbers read as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytona_tui.presentation.human import age, duration, rate, size


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "—"),
        (-5, "0s"),
        (0, "0s"),
        (12.9, "12s"),
        (59.9, "59s"),
        (60, "1m"),
        (3599, "59m"),
        (3600, "1h"),
        (86399, "23h"),
        (86400, "1d"),
        (364 * 86400, "364d"),
        (800 * 86400, "2y"),
    ],
)
def test_age(seconds: float | None, text: str) -> None:
    assert age(seconds) == text


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (0, "0"),
        (-1, "0"),
        (812, "812"),
        (1023, "1023"),
        (1024, "1.0K"),
        (2150, "2.1K"),
        (10188, "9.9K"),
        (10200, "10K"),
        (1_258_291, "1.2M"),
        (1023 * 1024, "1.0M"),
        (25_165_824, "24M"),
        (5 * 1024**4, "5.0T"),
    ],
)
def test_size(n: int, text: str) -> None:
    assert size(n) == text


@given(st.integers(0, 900 * 1024**5))
def test_a_size_never_takes_more_than_four_cells(n: int) -> None:
    assert len(size(n)) <= 4


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0s"),
        (0.31, "0.3s"),
        (59.9, "59.9s"),
        (59.96, "1m 00s"),
        (125, "2m 05s"),
        (3725, "1h 02m"),
        (-1, "0.0s"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_rate() -> None:
    assert rate(12.6 * 1024 * 1024) == "13M/s"
