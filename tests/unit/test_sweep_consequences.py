"""What is said of an action before it is done: the loss first, and with the numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.sweep_fleet import NOW

from daytona_tui.domain.leaks import Action
from daytona_tui.domain.sandbox import Lifetimes, Resources, Sandbox, SandboxId, SandboxState
from daytona_tui.operations.sweep import SweepRow, consequence
from daytona_tui.operations.sweep.plan import with_action

RUNNING = Sandbox(
    SandboxId("a"),
    "a",
    SandboxState.STARTED,
    desired_state="started",
    resources=Resources(1, 1, 3),
    lifetimes=Lifetimes(0, 0, 10_080, -1),
    created_at=NOW - timedelta(days=3),
    last_activity_at=NOW - timedelta(days=2),
    sandbox_class="container",
)
EPHEMERAL = replace(RUNNING, lifetimes=Lifetimes(0, 0, 10_080, 0))
STOPPED = replace(RUNNING, state=SandboxState.STOPPED, desired_state="stopped")

UNTIL_THEN = "Nothing changes now; it is deleted in 1d whatever happens, unless somebody takes that back."
DELETED_BY_STOP = "Stopping deletes it, with all its files: auto-delete is on stop. Nothing brings it back."


def _told(sandbox: Sandbox, action: Action, ttl_min: int = 1440) -> str:
    row = with_action(SweepRow(sandbox, action, is_chosen=True), action, ttl_min, NOW)
    return consequence(row, NOW)


@pytest.mark.parametrize(
    ("sandbox", "action", "told"),
    [
        (RUNNING, Action.TTL, UNTIL_THEN),
        (RUNNING, Action.STOP, "It stops now. It is archived in 7d and then stays archived."),
        (EPHEMERAL, Action.STOP, DELETED_BY_STOP),
        (RUNNING, Action.DELETE, "It is deleted, with all its files. Nothing brings it back."),
        (STOPPED, Action.ARCHIVE, "It is archived now. It costs nothing then and stays until somebody deletes it."),
        (EPHEMERAL, Action.ARCHIVE, "Nothing is done: stopping would delete it (auto-delete is 0)."),
        (STOPPED, Action.STOP, "Nothing is done: it is stopped already."),
        (STOPPED, Action.RECOVER, "Nothing is done: it is stopped: there is nothing to recover."),
        (RUNNING, Action.WAIT, "Nothing is done: there is nothing to do but wait."),
        (
            replace(RUNNING, lifetimes=Lifetimes(0, 0, 0, -1, NOW + timedelta(hours=2))),
            Action.TTL,
            "Nothing is done: its time to live ends sooner than that already.",
        ),
        (
            replace(RUNNING, lifetimes=Lifetimes(0, 0, 0, -1, NOW + timedelta(days=9))),
            Action.TTL,
            UNTIL_THEN,
        ),
        (
            replace(RUNNING, state=SandboxState.ERROR, desired_state="started"),
            Action.DELETE,
            "It is deleted, and may stay hidden for some days until Daytona purges it. Nothing brings it back.",
        ),
        (
            replace(RUNNING, state=SandboxState.ERROR, recoverable=True),
            Action.RECOVER,
            "It runs again. It runs on for ever.",
        ),
        (replace(RUNNING, warm_pool_id="w"), Action.DELETE, "Nothing is done: it belongs to a warm pool."),
        (
            replace(RUNNING, state=SandboxState.UNKNOWN, state_word="dreaming"),
            Action.DELETE,
            "Nothing is done: nobody knows what its state means.",
        ),
        (
            replace(RUNNING, state=SandboxState.DESTROYING),
            Action.TTL,
            "Nothing is done: it is being deleted.",
        ),
    ],
)  # fmt: skip
def test_what_comes_of_it(sandbox: Sandbox, action: Action, told: str) -> None:
    assert _told(sandbox, action) == told


def test_a_timer_that_fires_anyhow_is_told() -> None:
    overdue = replace(RUNNING, lifetimes=Lifetimes(15, 0, 10_080, -1))

    assert _told(overdue, Action.TTL).startswith("Nothing changes by this at once. It stops at once")


@pytest.mark.parametrize("ttl_min", [-1, 0, 1])
def test_a_time_to_live_that_would_destroy_at_once_is_refused(ttl_min: int) -> None:
    assert _told(RUNNING, Action.TTL, ttl_min).startswith("Nothing is done: ")


def test_stopping_one_that_is_deleted_soon_after_says_when() -> None:
    soon = replace(RUNNING, lifetimes=Lifetimes(0, 0, 10_080, 60))

    assert _told(soon, Action.STOP) == "It stops now. It is deleted in 1h."
