"""What is foretold of an edit comes true: set through the gateway, with the emulator's timers really firing.

The emulator's clock is advanced, so nothing here waits for the time of day.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.domain.deadlines import Act
from daytona_tui.domain.deeds import LifetimeEdit
from daytona_tui.domain.lifetimes import edited, forecast, in_safe_order, is_deleted_at_once
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.emulator.fleet.records import SandboxRecord, new_id
from daytona_tui.emulator.server import Emulator
from daytona_tui.errors import NotFoundError

HOUR, DAY = 60, 24 * 60
LOOK = timedelta(seconds=10)
"""The platform looks so often."""

_BECOMES = {Act.STOP: "stopped", Act.PAUSE: "paused", Act.ARCHIVE: "archived", Act.DELETE: ""}


def _plant(emulator: Emulator, state: str, idle_min: float, **fields: Any) -> SandboxRecord:
    now = emulator.fleet.clock.now()
    made = now - timedelta(minutes=idle_min)
    times = {"created_at": made, "updated_at": made, "last_activity_at": made}
    record = SandboxRecord(new_id(), f"idle-{state}", state=state, desired_state=state, **{**times, **fields})
    emulator.fleet.add(record)
    return record


async def _apply(gateway: DaytonaGateway, sandbox: Sandbox, edit: LifetimeEdit) -> None:
    setters = {
        "auto_stop_min": gateway.set_auto_stop,
        "auto_pause_min": gateway.set_auto_pause,
        "auto_archive_min": gateway.set_auto_archive,
        "auto_delete_min": gateway.set_auto_delete,
        "ttl_min": gateway.set_ttl,
    }
    for name, minutes in in_safe_order(sandbox, edit):
        await setters[name](sandbox.id, minutes)


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - the timers tell nobody
            await asyncio.sleep(0.01)


def _state(emulator: Emulator, sandbox_id: str) -> str:
    record = emulator.fleet.records.get(sandbox_id)
    return "" if record is None or record.state == "destroyed" else record.state


CASES = [
    pytest.param("started", 9 * HOUR, {"auto_stop": 0}, LifetimeEdit(30), id="auto-stop on a long idle one"),
    pytest.param("started", 9 * HOUR, {"auto_stop": 0, "auto_delete": 0}, LifetimeEdit(30), id="deleted on stop"),
    pytest.param("started", 9 * HOUR, {"auto_stop": 0, "auto_delete": 0}, LifetimeEdit(ttl_min=60), id="TTL"),
    pytest.param("started", 9 * HOUR, {"auto_stop": 0, "auto_delete": 0}, LifetimeEdit(600, None, None, -1), id="safe"),
    pytest.param("started", 5, {}, LifetimeEdit(60, None, 120, 60), id="stop, then delete"),
    pytest.param("started", 5, {}, LifetimeEdit(60, None, 60, 120), id="stop, then archive for good"),
    pytest.param("started", 5, {"auto_delete": 0}, LifetimeEdit(0), id="never dies"),
    pytest.param("started", 5, {"sandbox_class": "linux-vm"}, LifetimeEdit(auto_pause_min=30), id="pause"),
    pytest.param("stopped", 6 * DAY, {}, LifetimeEdit(auto_delete_min=DAY), id="auto-delete on a long stopped one"),
    pytest.param("stopped", 6 * DAY, {}, LifetimeEdit(auto_archive_min=60), id="auto-archive on a long stopped one"),
    pytest.param("stopped", 5, {}, LifetimeEdit(auto_archive_min=60, auto_delete_min=7 * DAY), id="never deleted"),
    pytest.param("archived", DAY, {}, LifetimeEdit(auto_delete_min=60), id="archived stays"),
    pytest.param("archived", DAY, {}, LifetimeEdit(ttl_min=30), id="TTL of an archived one"),
]


@pytest.mark.parametrize(("state", "idle_min", "fields", "edit"), CASES)
async def test_it_comes_true(
    emulator: Emulator, gateway: DaytonaGateway, state: str, idle_min: int, fields: dict[str, Any], edit: LifetimeEdit
) -> None:
    record = _plant(emulator, state, idle_min, **fields)
    before = await gateway.get(record.id)
    foreseen = forecast(edited(before, edit, emulator.fleet.clock.now()), emulator.fleet.clock.now())

    await _apply(gateway, before, edit)

    clock = emulator.fleet.clock
    for number, step in enumerate(foreseen.steps, 1):
        ahead = step.at - clock.now()
        if ahead > 3 * LOOK:
            clock.advance((ahead - 2 * LOOK).total_seconds())
            await gateway.quotas()  # an answer comes after the timers looked
            assert _state(emulator, record.id) == state, "not before its time"
        clock.advance(number * 4 * LOOK.total_seconds())  # each step came a little late, and the next counts from it
        state = _BECOMES[step.act]
        await _until(lambda state=state: _state(emulator, record.id) == state)  # type: ignore[misc]
    clock.advance(400 * DAY * 60)
    await gateway.quotas()
    assert _state(emulator, record.id) == (foreseen.rests or "")


async def test_what_is_destroyed_at_once_is_gone_for_the_gateway(emulator: Emulator, gateway: DaytonaGateway) -> None:
    record = _plant(emulator, "started", 9 * HOUR, auto_stop=0, auto_delete=0)
    sandbox = await gateway.get(record.id)
    edit = LifetimeEdit(auto_stop_min=30)
    assert is_deleted_at_once(forecast(edited(sandbox, edit, emulator.fleet.clock.now()), emulator.fleet.clock.now()),
                              emulator.fleet.clock.now())  # fmt: skip

    await _apply(gateway, sandbox, edit)
    emulator.fleet.clock.advance(LOOK.total_seconds())
    await _until(lambda: not _state(emulator, record.id))

    with pytest.raises(NotFoundError):
        await gateway.get(SandboxId(record.id))
