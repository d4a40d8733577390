"""How the changes of sandboxes are made, once they are let pass: step by step, in tasks of their own.

A change that is under way goes on when the client that asked for it hangs up. What fails on the way is said in the
sandbox's record.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from typing import Any

from daytona_tui.emulator.body.bodies import Bodies
from daytona_tui.emulator.clock import Tempo
from daytona_tui.emulator.fleet.records import Fleet, SandboxRecord
from daytona_tui.emulator.life.transitions import BuildFailedError, Step, Way
from daytona_tui.emulator.tasks import Tasks

_log = logging.getLogger(__name__)

_FORK_SECONDS = 1.4
_BACKUP_SECONDS = 1.2
_LONGEST_REASON = 500


class Journeys:
    """The changes that are under way.

    Args:
        fleet: the sandboxes.
        bodies: their files and processes.
        tempo: how long they take.
    """

    def __init__(self, fleet: Fleet, bodies: Bodies, tempo: Tempo) -> None:
        self._fleet = fleet
        self._bodies = bodies
        self._tempo = tempo
        self._tasks = Tasks()

    async def travel(
        self,
        record: SandboxRecord,
        way: Way,
        *,
        delay: float = 0.0,
        then: Mapping[str, Any] | None = None,
        undo: Mapping[str, Any] | None = None,
        is_awaited: bool = True,
    ) -> None:
        """Take a sandbox a way.

        Args:
            record: the sandbox.
            way: the states that it goes through, and what happens in each.
            delay: seconds at the natural pace before the first.
            then: fields that are set at its end.
            undo: fields that are set if an act fails; an error by default.
            is_awaited: whether it has arrived on return at the instant pace.
        """
        journey = self._go(record, way, delay, then or {}, undo or {"state": "error"})
        await self._set_out(journey, record.id, is_awaited=is_awaited)

    async def fork(self, record: SandboxRecord, fork: SandboxRecord) -> None:
        """Give a fork its files and bring it up, while its parent is ``forking``."""
        await self._set_out(self._go_fork(record, fork), record.id, fork.id)

    async def back_up(self, record: SandboxRecord) -> None:
        """Copy a sandbox's files to a safe place; other changes may be made meanwhile."""
        await self._set_out(self._go_back_up(record), f"backup of {record.id}")

    def give_up(self, record: SandboxRecord) -> None:
        """Leave a sandbox where it is on its way, if it is on one."""
        self._tasks.cancel(record.id)

    async def close(self) -> None:
        """Abandon every change. Idempotent."""
        await self._tasks.close()

    async def _set_out(self, journey: Coroutine[Any, Any, None], *keys: str, is_awaited: bool = True) -> None:
        task = self._tasks.start(journey, *keys, name=f"change {keys[0]}")
        if self._tempo.is_instant and is_awaited:
            # The change goes on when the client that asked for it hangs up.
            await asyncio.shield(task)

    async def _go(
        self, record: SandboxRecord, way: Way, delay: float, then: Mapping[str, Any], undo: Mapping[str, Any]
    ) -> None:
        try:
            await self._tempo.last(delay)
            for step in way[:-1]:
                self._enter(record, step)
                await self._act(record, step)
            self._fleet.change(record, state=way[-1].state, pending=False, **then)
        except BuildFailedError as error:
            self._fleet.change(record, state="build_failed", pending=False, error_reason=_reason(error))
        except Exception as error:
            _log.exception("sandbox %s failed in state %s", record.name, record.state)
            why = {"error_reason": _reason(error)} if undo["state"] == "error" else {}
            self._fleet.change(record, **undo, **why, pending=False)

    async def _go_fork(self, record: SandboxRecord, fork: SandboxRecord) -> None:
        outcome: dict[str, Any] = {"state": "started"}
        try:
            await asyncio.gather(self._bodies.fork(record, fork), self._tempo.last(_FORK_SECONDS))
        except Exception as error:
            _log.exception("sandbox %s could not be forked", record.name)
            outcome = {"state": "error", "error_reason": _reason(error)}
        self._fleet.change(record, state="started", pending=False)
        self._fleet.change(fork, **outcome, pending=False)

    async def _go_back_up(self, record: SandboxRecord) -> None:
        await self._tempo.last(_BACKUP_SECONDS / 2)
        self._fleet.change(record, backup_state="InProgress")
        try:
            await asyncio.gather(self._bodies.back_up(record), self._tempo.last(_BACKUP_SECONDS))
        except Exception:
            _log.exception("sandbox %s could not be backed up", record.name)
            self._fleet.change(record, backup_state="Error")
        else:
            self._fleet.change(record, backup_state="Completed", backup_created_at=self._fleet.clock.now())

    def _enter(self, record: SandboxRecord, step: Step) -> None:
        fields: dict[str, object] = {"state": step.state}
        if step.backup is not None:
            fields["backup_state"] = step.backup
        if step.backup == "Completed":
            fields["backup_created_at"] = self._fleet.clock.now()
        self._fleet.change(record, **fields)

    async def _act(self, record: SandboxRecord, step: Step) -> None:
        if step.act is None:
            await self._tempo.last(step.seconds)
        else:
            await asyncio.gather(step.act(self._bodies, record), self._tempo.last(step.seconds))


def _reason(error: Exception) -> str:
    return str(error)[:_LONGEST_REASON] or repr(error)
