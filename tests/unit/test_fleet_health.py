"""The lamp and the status line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from daytona_tui.domain.fleet import Fleet
from daytona_tui.errors import RateLimitedError, RemoteError, UnreachableError
from daytona_tui.ui.panes.fleet_health import Health, lamp, status_parts

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EARLIER = NOW - timedelta(seconds=14)
SOON = NOW + timedelta(seconds=3)


@pytest.mark.parametrize(
    ("health", "text"),
    [
        (Health(), "◌ connecting"),
        (Health(is_feed_up=True, listed_at=EARLIER), "● live"),
        (Health(listed_at=EARLIER), "◐ polling 5s"),
        (Health(error=UnreachableError("x"), listed_at=EARLIER), "○ offline 14s"),
        (Health(error=UnreachableError("x"), failing_since=EARLIER), "○ offline 14s"),
        (Health(is_feed_up=True, error=RemoteError("x"), listed_at=EARLIER), "○ failing 14s"),
        (Health(saved_at=EARLIER), "◌ as of 14s ago"),
        (Health(saved_at=EARLIER, listed_at=EARLIER), "◐ polling 5s"),
        (Health(error=UnreachableError("x"), saved_at=EARLIER, failing_since=NOW), "○ offline 14s"),
        (Health(error=RateLimitedError("x"), listed_at=EARLIER, retry_at=SOON), "◐ asked to wait, next try in 3s"),
    ],
)
def test_the_lamp_says_how_fresh_the_news_is(health: Health, text: str) -> None:
    assert lamp(health, NOW).text == text


def test_rows_are_stale_after_three_missed_polls_and_not_before() -> None:
    error = UnreachableError("x")

    assert not Health(error=error, listed_at=NOW - timedelta(seconds=14)).is_stale(NOW)
    assert Health(error=error, listed_at=NOW - timedelta(seconds=16)).is_stale(NOW)
    assert not Health(listed_at=NOW - timedelta(seconds=60)).is_stale(NOW)


def test_trouble_stands_in_the_status_line_with_its_countdown() -> None:
    health = Health(error=UnreachableError("x"), listed_at=EARLIER, retry_at=SOON)

    text = " ".join(cell.text for part in status_parts("local", Fleet(), health, NOW) for cell in part.cells)

    assert "No answer from Daytona · next try in 3s" in text
