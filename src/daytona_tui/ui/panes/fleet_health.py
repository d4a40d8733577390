"""How fresh the fleet's news is, and what the status line says about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from daytona_tui.domain.fleet import Fleet
from daytona_tui.errors import DaytonaTuiError, RateLimitedError, UnreachableError
from daytona_tui.presentation.human import age
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui.widgets.status_line import StatusPart

STALE_AFTER_POLLS = 3
"""Missed polls after which the rows are dimmed."""


@dataclass(frozen=True)
class Health:
    """What is known of the ways on which news comes.

    Attributes:
        is_feed_up: changes arrive by themselves.
        error: why the last listing failed; None when it did not.
        failing_since: when listings began to fail.
        listed_at: when the last complete listing was asked for.
        retry_at: when the next listing is asked for.
        poll_s: seconds between listings while the feed is down.
        nameless: how many rows of the last complete listing had no id, so that they cannot be shown.
        is_partial: a listing broke off after some pages, and none was complete since.
        saved_at: when what an earlier run kept was true; None if it kept nothing.
    """

    is_feed_up: bool = False
    error: DaytonaTuiError | None = None
    failing_since: datetime | None = None
    listed_at: datetime | None = None
    retry_at: datetime | None = None
    poll_s: float = 5.0
    nameless: int = 0
    is_partial: bool = False
    saved_at: datetime | None = None

    @property
    def true_at(self) -> datetime | None:
        """When all rows were true for the last time, as far as that is known."""
        return self.listed_at or self.saved_at

    def is_stale(self, now: datetime) -> bool:
        """True when the rows may well be wrong by now."""
        if self.error is None or self.listed_at is None:
            return False
        return (now - self.listed_at).total_seconds() > STALE_AFTER_POLLS * self.poll_s


def lamp(health: Health, now: datetime) -> Cell:
    """Return the lamp: live, polling, offline, or what else is the matter."""
    if isinstance(health.error, RateLimitedError):
        return Cell(f"◐ asked to wait, {_next_try(health.retry_at, now)}", Tone.WARN)
    if health.error is not None:
        word = "offline" if isinstance(health.error, UnreachableError) else "failing"
        since = health.true_at or health.failing_since or now
        return Cell(f"○ {word} {age((now - since).total_seconds())}", Tone.BAD)
    if health.listed_at is None:
        if health.saved_at is not None:
            return Cell(f"◌ {as_of(health.saved_at, now)}", Tone.WARN)
        return Cell("◌ connecting", Tone.DIM)
    if health.is_feed_up:
        return Cell("● live", Tone.GOOD)
    return Cell(f"◐ polling {health.poll_s:g}s", Tone.BUSY)


def as_of(moment: datetime, now: datetime) -> str:
    """Return how old what is shown is: ``as of 3h ago``."""
    return f"as of {age((now - moment).total_seconds())} ago"


def status_parts(profile: str, fleet: Fleet, health: Health, now: datetime) -> tuple[StatusPart, ...]:
    """Return the parts of the status line."""
    running = fleet.running()
    many = "sandbox" if len(fleet) == 1 else "sandboxes"
    counts = (
        Cell(f"{len(fleet):,}", Tone.STRONG),
        Cell(f" {many}  ", Tone.DIM),
        Cell(f"{running:,}", Tone.STRONG),
        Cell(" running", Tone.DIM),
    )
    title = StatusPart((Cell("daytona-tui", Tone.ACCENT), Cell(f" {safe(profile)}", Tone.DIM)))
    parts = [title, StatusPart((lamp(health, now),))]
    if len(fleet) or health.listed_at:
        few = (Cell(f"{running:,}/{len(fleet):,}", Tone.STRONG), Cell(" running", Tone.DIM))
        parts.append(StatusPart(counts, 3, StatusPart(few, 2)))
    if health.error is not None:
        parts.append(StatusPart((Cell(_trouble(health, now), Tone.WARN),), 1))
    return tuple(parts)


def _trouble(health: Health, now: datetime) -> str:
    assert health.error is not None
    said = phrase(health.error)
    retry = "" if isinstance(health.error, RateLimitedError) else f" · {_next_try(health.retry_at, now)}"
    return f"{said.title}{retry}"


def _next_try(moment: datetime | None, now: datetime) -> str:
    seconds = (moment - now).total_seconds() if moment else 0.0
    return f"next try in {age(seconds + 0.999)}" if seconds > 0 else "asking again"
