"""What sandboxes can go through: which change is allowed when, through which states, and at what pace."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from daytona_tui.emulator.bodies import Bodies
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.quotas import Quotas
from daytona_tui.emulator.records import FAILED, Fleet, SandboxRecord, utcnow

_log = logging.getLogger(__name__)


class Act(Enum):
    """What happens to a sandbox's body during a step."""

    NONE = auto()
    OPEN = auto()
    CLOSE = auto()
    DESTROY = auto()


@dataclass(frozen=True)
class Step:
    """One state on the way, and how long it lasts at the natural pace (longer, when the act takes longer)."""

    state: str
    seconds: float = 0.0
    act: Act = Act.NONE
    backup: str | None = None


CREATE = (Step("creating", 0.9, Act.OPEN), Step("started"))
START = (Step("starting", 0.8, Act.OPEN), Step("started"))
RESUME = (Step("resuming", 0.5, Act.OPEN), Step("started"))
RESTORE = (Step("restoring", 1.6, Act.OPEN), Step("started"))
STOP = (Step("stopping", 1.2, Act.CLOSE), Step("stopped"))
ARCHIVE = (
    Step("archiving", 0.8, backup="Pending"),
    Step("archiving", 2.4, backup="InProgress"),
    Step("archiving", 0.4, backup="Completed"),
    Step("archived"),
)
DESTROY = (Step("destroying", 1.0, Act.DESTROY), Step("destroyed"))

_WAYS_TO_START = {"stopped": START, "paused": RESUME, "archived": RESTORE, "archiving": RESTORE}
_ACCEPTED_SECONDS = 0.12  # a change is accepted first, and begun a moment later


class Lifecycle:
    """Takes sandboxes through their changes, one at a time each.

    Args:
        fleet: the sandboxes.
        bodies: their files and processes.
        speed: factor on every duration; 0 makes a change complete before its request is answered.
        quotas: what the sandboxes may use; plenty by default.
    """

    def __init__(self, fleet: Fleet, bodies: Bodies, speed: float, quotas: Quotas | None = None) -> None:
        self._quotas = quotas or Quotas(fleet)
        self._fleet = fleet
        self._bodies = bodies
        self._speed = speed
        self._journeys: dict[str, asyncio.Task[None]] = {}

    async def create(self, record: SandboxRecord) -> None:
        """Take in a new sandbox and bring it up.

        Raises:
            ApiError: 400 past a quota.
        """
        self._quotas.admit(record)
        record.state, record.desired_state, record.pending = CREATE[0].state, "started", True
        self._fleet.add(record)
        await self._travel(record, CREATE, delay=0.0)

    async def start(self, record: SandboxRecord) -> None:
        """Bring a sandbox up; nothing happens to one that is up.

        Raises:
            ApiError: 400 in a state that cannot be started or past a quota, 409 during another change.
        """
        if record.state == record.desired_state == "started":
            return
        _refuse_failed(record)
        is_archiving = record.desired_state == "archived" and record.state in {"stopped", "archiving"}
        if record.state != record.desired_state and not is_archiving:
            raise _busy()
        if record.state not in _WAYS_TO_START:
            raise ApiError(400, "Sandbox is not in valid state")
        _refuse_pending(record)
        self._quotas.admit(record)
        way = _WAYS_TO_START[record.state]
        await self._begin(record, way, desired_state="started")

    async def stop(self, record: SandboxRecord, *, force: bool = False) -> None:
        """Stop a sandbox: its processes end, its files stay. An ephemeral one is destroyed.

        Raises:
            ApiError: 400 in a state that cannot be stopped, 409 during another change.
        """
        _refuse_failed(record)
        if record.state != record.desired_state:
            raise _busy()
        if record.state not in {"started", "paused"}:
            raise ApiError(400, "Sandbox is not in a stoppable state")
        _refuse_pending(record)
        if record.is_ephemeral:
            await self.destroy(record)
        else:
            await self._begin(record, STOP, desired_state="stopped", force=force)

    async def archive(self, record: SandboxRecord) -> None:
        """Move a stopped sandbox to cold storage.

        Raises:
            ApiError: 400 when it is not stopped or is ephemeral, 409 during another change.
        """
        _refuse_failed(record)
        if record.state != record.desired_state:
            raise _busy()
        if record.state != "stopped":
            raise ApiError(400, "Sandbox is not stopped")
        _refuse_pending(record)
        if record.is_ephemeral:
            raise ApiError(400, "Ephemeral sandboxes cannot be archived")
        self._fleet.change(record, state="archiving", desired_state="archived")
        await self._travel(record, ARCHIVE, delay=0.0)

    async def destroy(self, record: SandboxRecord) -> None:
        """Destroy a sandbox; its name is free at once.

        Raises:
            ApiError: 409 during another change, an earlier destruction too.
        """
        _refuse_pending(record)
        was_failed = record.state in FAILED
        stamp = int(utcnow().timestamp() * 1000)
        name = f"DESTROYED_{record.name}_{stamp}"
        if was_failed:
            # A failed sandbox keeps its state and vanishes from sight, as on a real server.
            self._fleet.change(record, name=name, desired_state="destroyed")
            await self._bodies.destroy(record)
        else:
            await self._begin(record, DESTROY, desired_state="destroyed", name=name)

    async def close(self) -> None:
        """Abandon every change that is under way."""
        journeys = list(self._journeys.values())
        for journey in journeys:
            journey.cancel()
        if journeys:
            await asyncio.wait(journeys)

    async def _begin(
        self,
        record: SandboxRecord,
        steps: Sequence[Step],
        *,
        desired_state: str,
        name: str | None = None,
        force: bool = False,
    ) -> None:
        fields = {"desired_state": desired_state, "pending": True, "name": name or record.name}
        interrupted = self._journeys.get(record.id)
        if interrupted is not None:
            interrupted.cancel()
        self._fleet.change(record, **fields)
        await self._travel(record, steps, delay=_ACCEPTED_SECONDS, force=force)

    async def _travel(self, record: SandboxRecord, steps: Sequence[Step], *, delay: float, force: bool = False) -> None:
        journey = asyncio.create_task(self._go(record, steps, delay, force), name=f"{steps[0].state} {record.name}")
        self._journeys[record.id] = journey
        journey.add_done_callback(lambda task: self._arrived(record.id, task))
        if self._speed == 0:
            # The change goes on when the client that asked for it hangs up.
            await asyncio.shield(journey)

    def _arrived(self, record_id: str, task: asyncio.Task[None]) -> None:
        if self._journeys.get(record_id) is task:
            del self._journeys[record_id]

    async def _go(self, record: SandboxRecord, steps: Sequence[Step], delay: float, force: bool) -> None:
        try:
            await asyncio.sleep(delay * self._speed)
            for step in steps[:-1]:
                self._enter(record, step)
                await asyncio.gather(self._act(record, step.act, force), asyncio.sleep(step.seconds * self._speed))
            self._enter(record, steps[-1], is_last=True)
        except Exception as error:
            _log.exception("sandbox %s failed in state %s", record.name, record.state)
            self._fleet.change(record, state="error", pending=False, error_reason=str(error)[:500] or repr(error))

    def _enter(self, record: SandboxRecord, step: Step, *, is_last: bool = False) -> None:
        fields: dict[str, object] = {"state": step.state}
        if step.backup is not None:
            fields["backup_state"] = step.backup
        if step.backup == "Completed":
            fields["backup_created_at"] = utcnow()
        if is_last:
            fields["pending"] = False
        self._fleet.change(record, **fields)

    async def _act(self, record: SandboxRecord, act: Act, force: bool) -> None:
        if act is Act.OPEN:
            await self._bodies.open(record)
        elif act is Act.CLOSE:
            await self._bodies.close(record, force=force)
        elif act is Act.DESTROY:
            await self._bodies.destroy(record)


def _busy() -> ApiError:
    return ApiError(409, "Sandbox state change in progress")


def _refuse_pending(record: SandboxRecord) -> None:
    if record.pending:
        raise _busy()


def _refuse_failed(record: SandboxRecord) -> None:
    if record.state in FAILED:
        raise ApiError(400, "Sandbox is in an errored state")
