"""By what the columns of the sandbox table are sorted.

A key is None where the sandbox does not say; such rows come last in either direction. No key depends on the time of
day: what grows older keeps its place, so that a second that passes sorts nothing again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from daytona_tui.domain.deadlines import next_event
from daytona_tui.domain.grouping import Hourly
from daytona_tui.domain.owners import owner_of
from daytona_tui.domain.sandbox import Sandbox, SandboxState

SortKey = Callable[[Sandbox, Hourly], Any]
"""Gives what compares with the keys of the same column; None where that is not known."""

_RANKS: Mapping[SandboxState, float] = {
    state: float(rank)
    for rank, state in enumerate(
        (
            SandboxState.ERROR,
            SandboxState.BUILD_FAILED,
            SandboxState.UNKNOWN,
            SandboxState.STARTED,
            SandboxState.PAUSED,
            SandboxState.STOPPED,
            SandboxState.ARCHIVED,
            SandboxState.DESTROYED,
        )
    )
}
_TRANSITIONAL_RANK = 2.5
"""Between what needs attention and what runs."""


def by_text(text_of: Callable[[Sandbox], str]) -> SortKey:
    """Return the key of a text, in which capitals count like small letters; an empty text is not known."""
    return lambda sandbox, _hourly: text_of(sandbox).casefold() or None


def by_number(number_of: Callable[[Sandbox], float | None]) -> SortKey:
    """Return the key of a number."""
    return lambda sandbox, _hourly: number_of(sandbox)


def by_moment(moment_of: Callable[[Sandbox], datetime | None]) -> SortKey:
    """Return the key of a moment, the earliest first."""

    def key(sandbox: Sandbox, _hourly: Hourly) -> float | None:
        moment = moment_of(sandbox)
        return None if moment is None else moment.timestamp()

    return key


def by_time_since(moment_of: Callable[[Sandbox], datetime | None]) -> SortKey:
    """Return the key of how long something is ago: the shortest first, which is the latest moment."""

    def key(sandbox: Sandbox, _hourly: Hourly) -> float | None:
        moment = moment_of(sandbox)
        return None if moment is None else -moment.timestamp()

    return key


def by_interval(minutes_of: Callable[[Sandbox], int | None]) -> SortKey:
    """Return the key of an interval of which a negative one stands for never: longer than all others."""

    def key(sandbox: Sandbox, _hourly: Hourly) -> float | None:
        minutes = minutes_of(sandbox)
        return float("inf") if minutes is not None and minutes < 0 else minutes

    return key


def off_is_zero(minutes_of: Callable[[Sandbox], int | None]) -> SortKey:
    """Return the key of an interval of which 0 stands for never: longer than all others."""
    return by_interval(lambda sandbox: -1 if (minutes := minutes_of(sandbox)) == 0 else minutes)


def by_state(sandbox: Sandbox, _hourly: Hourly) -> float:
    """Return the rank of the state: what needs attention first, what rests last."""
    return _RANKS.get(sandbox.state, _TRANSITIONAL_RANK)


def by_run(sandbox: Sandbox, _hourly: Hourly) -> tuple[str, str] | None:
    """Return owner and run, where the run is known: two owners may call their runs alike."""
    owner = owner_of(sandbox)
    return (owner.name.casefold(), owner.run) if owner.run else None


def by_owner(sandbox: Sandbox, _hourly: Hourly) -> tuple[str, str] | None:
    """Return owner and run."""
    owner = owner_of(sandbox)
    return (owner.name.casefold(), owner.run) if owner.name else None


def by_next(sandbox: Sandbox, _hourly: Hourly) -> float | None:
    """Return when the platform acts by itself next."""
    event = next_event(sandbox)
    return None if event is None else event.at.timestamp()


def by_cost(sandbox: Sandbox, hourly: Hourly) -> float | None:
    """Return what it costs."""
    return hourly(sandbox)
