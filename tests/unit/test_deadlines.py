"""What the platform does to a sandbox next: the same as the emulator's timers do, at the same moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from daytona_tui.domain.deadlines import next_event, purge_at
from daytona_tui.domain.sandbox import Lifetimes, Sandbox, SandboxId, SandboxState
from daytona_tui.emulator.fleet.records import SandboxRecord
from daytona_tui.emulator.life.timers import due_change, is_spent

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MOMENT = timedelta(seconds=1)


@pytest.mark.parametrize("auto_stop", [0, 15])
@pytest.mark.parametrize("auto_archive", [10, 60])
@pytest.mark.parametrize("auto_delete", [-1, 0, 30, 90])
@pytest.mark.parametrize("ttl", [None, 5, 500])
@pytest.mark.parametrize("state", ["started", "stopped", "archived"])
@pytest.mark.parametrize("sandbox_class", ["container", "linux-vm"])
def test_it_is_what_the_emulator_does(
    sandbox_class: str, state: str, auto_stop: int, auto_archive: int, auto_delete: int, ttl: int | None
) -> None:
    end = None if ttl is None else NOW + timedelta(minutes=ttl)
    record = SandboxRecord("id", "one", state=state, desired_state=state, last_activity_at=NOW, auto_destroy_at=end)
    record.sandbox_class = sandbox_class
    record.auto_stop, record.auto_archive, record.auto_delete = auto_stop, auto_archive, auto_delete
    lifetimes = Lifetimes(auto_stop, 0, auto_archive, auto_delete, end)
    seen = Sandbox(SandboxId("id"), "one", SandboxState(state), lifetimes=lifetimes, last_activity_at=NOW)
    sandbox = replace(seen, sandbox_class=sandbox_class)

    event = next_event(sandbox)

    if event is None:
        assert due_change(record, NOW + timedelta(days=300)) is None
        return
    due = due_change(record, event.at)
    assert due_change(record, event.at - MOMENT) is None
    assert due == event.act or (due == "stop" and record.is_ephemeral and event.act == "delete")


@pytest.mark.parametrize("state", ["error", "build_failed", "started", "stopped"])
@pytest.mark.parametrize("desired", ["started", "destroyed"])
def test_what_failed_is_forgotten_when_the_emulator_forgets_it(state: str, desired: str) -> None:
    record = SandboxRecord("id", "one", state=state, desired_state=desired, updated_at=NOW)

    at = purge_at(Sandbox(SandboxId("id"), "one", SandboxState(state), desired_state=desired, updated_at=NOW))

    if at is None:
        assert not is_spent(record, NOW + timedelta(days=300))
    else:
        assert is_spent(record, at + MOMENT)
        assert not is_spent(record, at - MOMENT)


def test_only_virtual_machines_are_paused() -> None:
    paused = Lifetimes(0, 30, 0, -1)
    machine = Sandbox(SandboxId("id"), "one", SandboxState.STARTED, lifetimes=paused, last_activity_at=NOW)

    assert next_event(replace(machine, sandbox_class="container")) is None
    event = next_event(replace(machine, sandbox_class="linux-vm"))
    assert event is not None
    assert event.act == "pause"


def test_an_interval_beyond_the_calendar_never_ends() -> None:
    for_ever = Lifetimes(10**12, 0, 10_080, -1)

    assert (
        next_event(Sandbox(SandboxId("id"), "one", SandboxState.STARTED, lifetimes=for_ever, last_activity_at=NOW))
        is None
    )
