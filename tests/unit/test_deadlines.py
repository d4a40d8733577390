"""What the platform does to a sandbox next: the same as the emulator's timers do, at the same moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from daytona_tui.domain.deadlines import next_event
from daytona_tui.domain.sandbox import Lifetimes, Sandbox, SandboxId, SandboxState
from daytona_tui.emulator.fleet.records import SandboxRecord
from daytona_tui.emulator.life.timers import due_change

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
