"""What happens to sandboxes when nobody does anything: they stop, pause, are archived, deleted, and forgotten at last.

Which sandboxes a timer chooses is as on the last open server: every idle timer compares the last activity with its
interval, so a shorter interval can act at once; automatic deletion looks at stopped sandboxes only, so that it never
happens where archiving comes first; sandboxes of a runner that is not ready, and those of warm pools, are left alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.fleet.activity import Activity
from daytona_tui.emulator.fleet.records import FAILED, RESTING_RUNNER, Fleet, SandboxRecord
from daytona_tui.emulator.life.lifecycle import Lifecycle
from daytona_tui.emulator.life.transitions import VIRTUAL_MACHINES
from daytona_tui.emulator.tasks import Tasks

_log = logging.getLogger(__name__)

CHECK_S = 10.0
"""Seconds between two looks at the fleet."""

DESTROYED_KEPT = timedelta(hours=24)
"""How long a destroyed sandbox, and a deleted one whose image was never built, can still be found."""
FAILED_KEPT = timedelta(days=7)
"""How long a deleted sandbox with an error can still be found, and one whose image could not be built be seen."""

_AT_ONCE = 100
_SLICE = 1000  # rows that are looked at between two turns of the event loop


@dataclass(frozen=True)
class IdleTimer:
    """A change that comes after a time without activity.

    Attributes:
        change: ``stop``, ``pause``, ``archive`` or ``delete``.
        state: in which a sandbox must rest.
        minutes: the sandbox's interval.
        least: the shortest interval that is one; anything below turns the timer off.
        applies: whether sandboxes like this have it at all.
    """

    change: str
    state: str
    minutes: Callable[[SandboxRecord], int]
    least: int = 1
    applies: Callable[[SandboxRecord], bool] = lambda _: True


IDLE_TIMERS = (
    IdleTimer("stop", "started", lambda record: record.auto_stop),
    IdleTimer(
        "pause",
        "started",
        lambda record: record.auto_pause,
        applies=lambda record: record.sandbox_class in VIRTUAL_MACHINES,
    ),
    IdleTimer(
        "archive",
        "stopped",
        lambda record: record.auto_archive,
        applies=lambda record: record.sandbox_class == "container" and not record.is_ephemeral,
    ),
    IdleTimer("delete", "stopped", lambda record: record.auto_delete, least=0),
)
"""In the order in which they win where two are due after the same time."""

_RESTING = frozenset(timer.state for timer in IDLE_TIMERS)


def due_change(record: SandboxRecord, now: datetime) -> str | None:
    """Return what has to happen to a sandbox now: ``stop``, ``pause``, ``archive``, ``delete``, ``purge``, or None."""
    if record.auto_destroy_at is not None and record.auto_destroy_at <= now and not record.pending:
        return "delete"
    if record.warm_pool_id is not None or record.runner_id == RESTING_RUNNER:
        return None
    if record.state in FAILED:
        return "purge" if is_spent(record, now) else None
    if record.state not in _RESTING or record.pending or record.state != record.desired_state:
        return None
    idle = (now - record.last_activity_at).total_seconds() / 60
    due = [
        timer
        for timer in IDLE_TIMERS
        if timer.state == record.state and timer.least <= timer.minutes(record) <= idle and timer.applies(record)
    ]
    return min(due, key=lambda timer: timer.minutes(record)).change if due else None


def is_spent(record: SandboxRecord, now: datetime) -> bool:
    """Whether a sandbox that is destroyed or failed is to be forgotten for good."""
    is_deleted = record.desired_state == "destroyed"
    if record.state == "destroyed" or (record.state == "build_failed" and is_deleted):
        return now - record.updated_at > DESTROYED_KEPT
    if record.state == "build_failed" or (record.state == "error" and is_deleted):
        return now - record.updated_at > FAILED_KEPT
    return False


def set_aside(records: Iterable[SandboxRecord], now: datetime) -> None:
    """Give sandboxes that should have been stopped or removed long ago to a runner that is not ready.

    A fleet that is planted for show has such sandboxes on purpose, and keeps them.
    """
    for record in records:
        if due_change(record, now) is not None:
            record.runner_id = RESTING_RUNNER


Note = Callable[[str, SandboxRecord], None]
_WORDS = {"stop": "auto_stop", "pause": "pause", "archive": "auto_archive", "delete": "auto_delete"}


def _word(record: SandboxRecord, change: str, now: datetime) -> str | None:
    """Return the audit log's word for an automatic change."""
    is_over = record.auto_destroy_at is not None and record.auto_destroy_at <= now
    return "ttl_expire" if change == "delete" and is_over else _WORDS.get(change)


class Timers:
    """Looks at the fleet every ten seconds of its clock, and at once whenever that is advanced.

    Args:
        fleet: the sandboxes.
        lifecycle: makes the changes.
        activity: knows which sandboxes are in use just now.
        note: told the audit log's word for a change that has been made, and the sandbox.
    """

    def __init__(self, fleet: Fleet, lifecycle: Lifecycle, activity: Activity, note: Note | None = None) -> None:
        self._note = note
        self._fleet = fleet
        self._activity = activity
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._tasks = Tasks()
        self._changes: dict[str, Callable[[SandboxRecord], Coroutine[Any, Any, None]]] = {
            "stop": lifecycle.stop,
            "pause": lifecycle.pause,
            "archive": lifecycle.archive,
            "delete": lifecycle.destroy,
            "purge": lifecycle.purge,
        }

    def start(self) -> None:
        """Begin to look."""
        self._tasks.start(self._look_again_and_again(), name="timers")

    async def close(self) -> None:
        """Look no more. Idempotent."""
        await self._tasks.close()

    async def _look_again_and_again(self) -> None:
        clock = self._fleet.clock
        while True:
            ahead = clock.ahead_s
            try:
                await self._look()
            except Exception:
                _log.exception("the timers could not look at the fleet")
            if clock.ahead_s == ahead:
                await clock.tick(CHECK_S)

    async def _look(self) -> None:
        self._activity.stamp()
        now = self._fleet.clock.now()
        for number, record in enumerate(list(self._fleet.records.values()), 1):
            change = due_change(record, now)
            if change is not None and record.id not in self._tasks:
                self._tasks.start(self._make(record, change), record.id, name=f"automatic {change} of {record.name}")
            if number % _SLICE == 0:
                await asyncio.sleep(0)
        for record in list(self._fleet.hidden.values()):
            if is_spent(record, now):
                self._fleet.purge(record)

    async def _make(self, record: SandboxRecord, change: str) -> None:
        async with self._room:
            if due_change(record, self._fleet.clock.now()) != change:
                return  # somebody was quicker
            word = _word(record, change, self._fleet.clock.now())
            try:
                await self._changes[change](record)
                if word is not None and self._note is not None:
                    self._note(word, record)
            except ApiError as error:
                _log.debug("no automatic %s of %s: %s", change, record.name, error.message)
            except Exception:
                _log.exception("automatic %s of %s failed", change, record.name)
