"""Where a sandbox is being taken, and what got stuck on the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.domain.transitions import STUCK_AFTER, is_buried, stuck_since, transition_since, wanted_state

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def sandbox(state: SandboxState, wanted: str = "", minutes: float = 0) -> Sandbox:
    return Sandbox(
        SandboxId("a"),
        "a",
        state,
        desired_state=wanted,
        updated_at=NOW - timedelta(minutes=minutes) if minutes else None,
    )


@pytest.mark.parametrize(
    ("state", "desired", "wanted"),
    [
        (SandboxState.STARTED, "stopped", "stopped"),
        (SandboxState.STARTED, "started", ""),
        (SandboxState.STARTED, "", ""),
        (SandboxState.STARTED, "resized", ""),
        (SandboxState.STOPPING, "stopped", ""),
        (SandboxState.STOPPED, "destroyed", "destroyed"),
        (SandboxState.ERROR, "started", ""),
        (SandboxState.ERROR, "destroyed", "destroyed"),
        (SandboxState.UNKNOWN, "started", ""),
    ],
)
def test_the_wanted_state_is_said_only_where_it_is_news(state: SandboxState, desired: str, wanted: str) -> None:
    assert wanted_state(sandbox(state, desired)) == wanted


def test_only_what_failed_and_was_deleted_is_buried() -> None:
    assert is_buried(sandbox(SandboxState.ERROR, "destroyed"))
    assert is_buried(sandbox(SandboxState.BUILD_FAILED, "destroyed"))
    assert not is_buried(sandbox(SandboxState.ERROR, "started"))
    assert not is_buried(sandbox(SandboxState.DESTROYING, "destroyed"))


@pytest.mark.parametrize("state", [state for state in SandboxState if state.is_transitional])
def test_every_transition_gets_stuck_at_its_limit_and_not_before(state: SandboxState) -> None:
    limit = STUCK_AFTER[state].total_seconds() / 60

    assert stuck_since(sandbox(state, minutes=limit - 1), NOW) is None
    assert stuck_since(sandbox(state, minutes=limit + 1), NOW) == NOW - timedelta(minutes=limit + 1)


def test_what_is_wanted_elsewhere_and_not_taken_there_is_stuck_too() -> None:
    assert stuck_since(sandbox(SandboxState.STARTED, "stopped", 5), NOW) is None
    assert stuck_since(sandbox(SandboxState.STARTED, "stopped", 20), NOW) is not None
    assert stuck_since(sandbox(SandboxState.STARTED, "started", 20), NOW) is None
    assert stuck_since(sandbox(SandboxState.ERROR, "destroyed", 20), NOW) is None


def test_without_a_time_nothing_is_said() -> None:
    assert transition_since(sandbox(SandboxState.STARTING)) is None
    assert stuck_since(sandbox(SandboxState.STARTING), NOW) is None
