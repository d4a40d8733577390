"""Reads what the list does not tell: the whole record, its forks, who made it, and what it uses. All of it peeks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

from daytona_tui.domain.sandbox import Relatives, Sandbox, SandboxId
from daytona_tui.errors import DaytonaTuiError, UnsupportedError
from daytona_tui.presentation.details import Known
from daytona_tui.presentation.making import NOTHING_LOGGED, Making
from daytona_tui.presentation.phrases import phrase
from daytona_tui.store.measurements import Measurements
from daytona_tui.ui.services import Services

MEASURE_S = 2.0
"""Seconds between two measurements."""
RETRY_S = 10.0
"""Seconds after which what failed is asked for again."""
RECORD_S = 5.0
"""Seconds that a record is shown at least, however often it changes."""


class DetailsReading:
    """What was read of the sandbox that is looked at.

    Attributes:
        unread: why the record could not be read, in words.
    """

    def __init__(self, services: Services, changed: Callable[[], None]) -> None:
        """Remember whom to tell of news."""
        self.unread = ""
        self._services = services
        self._changed = changed
        self._measurements = Measurements()
        self._unmeasured: dict[SandboxId, str] = {}
        self._record: Mapping[str, object] | None = None
        self._record_of: SandboxId | None = None
        self._relatives: Relatives | None = None
        self._unasked: dict[SandboxId, str] = {}

    def added_to(self, known: Known, sandbox: Sandbox) -> Known:
        """Return ``known`` with what was read."""
        is_its = self._record_of == sandbox.id
        return replace(
            known,
            measured=self._measurements.of(sandbox.id),
            unmeasured=self._unmeasured.get(sandbox.id, ""),
            record=self._record if is_its else None,
            relatives=self._relatives if is_its else None,
            unread=self.unread if is_its else "",
            making=self._making_of(sandbox),
        )

    def _making_of(self, sandbox: Sandbox) -> Making:
        who = self._services.who
        trail = who.trail_of(sandbox.id)
        untold = self._unasked.get(sandbox.id, "")
        if who.is_answered(sandbox.id):
            untold = who.refusal or NOTHING_LOGGED
        return Making(trail, "" if trail else untold, who.why_mine(sandbox))

    async def measure(self, sandbox_id: SandboxId) -> None:
        """Measure a sandbox again and again; end where it cannot be measured."""
        while True:
            pause = MEASURE_S
            try:
                self._measurements.add(sandbox_id, await self._services.gateway.metrics(sandbox_id))
                self._unmeasured.pop(sandbox_id, None)
            except UnsupportedError as error:
                self._unmeasured[sandbox_id] = phrase(error).detail
                self._changed()
                return
            except DaytonaTuiError as error:
                self._unmeasured[sandbox_id] = phrase(error).line
                pause = RETRY_S
            self._changed()
            await asyncio.sleep(pause)

    async def read_record(self, sandbox_id: SandboxId, current: Callable[[], Sandbox | None]) -> None:
        """Read a record, and again after the row changed."""
        seen: Sandbox | None = None
        while True:
            row = current()
            if row is not None and row.id == sandbox_id and row != seen:
                seen = row
                await self._read(sandbox_id)
                self._changed()
                await self._ask_who(sandbox_id)
            await asyncio.sleep(RETRY_S if self.unread else RECORD_S)
            if self.unread:
                seen = None

    async def _ask_who(self, sandbox_id: SandboxId) -> None:
        if self._services.who.is_answered(sandbox_id):
            return
        try:
            await self._services.who.ask(sandbox_id)
            self._unasked.pop(sandbox_id, None)
        except DaytonaTuiError as error:
            self._unasked[sandbox_id] = phrase(error).line
        self._changed()

    async def record_of(self, sandbox_id: SandboxId) -> Mapping[str, object] | None:
        """Return the record, read if need be; None where that failed."""
        if self._record_of != sandbox_id or self._record is None:
            await self._read(sandbox_id)
        return self._record if self._record_of == sandbox_id else None

    async def _read(self, sandbox_id: SandboxId) -> None:
        try:
            record = await self._services.gateway.record(sandbox_id)
        except DaytonaTuiError as error:
            self.unread = phrase(error).line
            if self._record_of != sandbox_id:
                self._record = None
        else:
            self._record, self.unread = record, ""
        self._relatives = await self._forks_of(sandbox_id) if _can_fork(self._record) else None
        self._record_of = sandbox_id

    async def _forks_of(self, sandbox_id: SandboxId) -> Relatives | None:
        try:
            return await self._services.gateway.relatives(sandbox_id)
        except DaytonaTuiError:  # an older server, or none any more: what else is known is shown without
            return None


def _can_fork(record: Mapping[str, object] | None) -> bool:
    return record is not None and record.get("sandboxClass") not in (None, "", "container")
