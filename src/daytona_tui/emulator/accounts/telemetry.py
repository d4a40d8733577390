"""What started sandboxes used lately: a sample of each a minute, of those whose body is open; the newest are kept.

Measuring makes no body: in a sandbox that nobody has touched yet nothing runs but what its seed says.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from daytona_tui.emulator.body.bodies import Bodies
from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.body.metrics import Sample, sample
from daytona_tui.emulator.fleet.records import Fleet, SandboxRecord
from daytona_tui.emulator.tasks import Tasks

_log = logging.getLogger(__name__)

EVERY_S = 60.0
"""Seconds of the emulator's clock between two samples."""
KEPT = 180
"""How many samples of a sandbox are kept."""
_PATIENCE_S = 5.0

METRICS = (
    "daytona.sandbox.cpu.utilization",
    "daytona.sandbox.cpu.limit",
    "daytona.sandbox.memory.utilization",
    "daytona.sandbox.memory.usage",
    "daytona.sandbox.memory.limit",
    "daytona.sandbox.filesystem.utilization",
    "daytona.sandbox.filesystem.usage",
    "daytona.sandbox.filesystem.available",
    "daytona.sandbox.filesystem.total",
)
"""Names of what is measured: percent, processors and bytes."""

Point = tuple[datetime, dict[str, float]]
"""A moment of the emulator's clock, and each metric's value at it."""


class Telemetry:
    """The samples of every sandbox that has an open body.

    Args:
        fleet: the sandboxes, and the emulator's time.
        bodies: their bodies.
    """

    def __init__(self, fleet: Fleet, bodies: Bodies) -> None:
        self._fleet = fleet
        self._bodies = bodies
        self._points: dict[str, deque[Point]] = {}
        self._loads: dict[str, float] = {}
        self._tasks = Tasks()
        fleet.subscribe(self._changed)

    def start(self) -> None:
        """Begin to sample."""
        self._tasks.start(self._sample_on(), name="telemetry")

    async def close(self) -> None:
        """Sample no more. Idempotent."""
        await self._tasks.close()

    def load(self, record: SandboxRecord, cpu_percent: float) -> None:
        """Let programs that nobody sees use a sandbox's processors by so many percent until it stops."""
        self._loads[record.id] = cpu_percent

    def has_body(self, record: SandboxRecord) -> bool:
        """Whether there is something to measure in a sandbox."""
        return self._bodies.is_made(record.id)

    async def measure(self, box: Box | None, record: SandboxRecord) -> Sample:
        """Return what a sandbox uses now; ``box`` is its body, None where it has none."""
        return await sample(box, record, self._loads.get(record.id, 0.0))

    async def points(self, record: SandboxRecord, begin: datetime, end: datetime) -> list[Point]:
        """Return what was measured between two moments; a sandbox that runs is measured now as well."""
        if begin <= self._fleet.clock.now() <= end:
            await self._take(record)
        return [point for point in self._points.get(record.id, ()) if begin <= point[0] <= end]

    async def _sample_on(self) -> None:
        while True:
            await self._fleet.clock.wait(EVERY_S)
            for record in list(self._running()):
                try:
                    await self._take(record)
                except Exception:  # one sandbox must not end the measuring of the others
                    _log.exception("could not measure sandbox %s", record.name)

    def _running(self) -> Iterator[SandboxRecord]:
        for sandbox_id in self._bodies.opened():
            record = self._fleet.records.get(sandbox_id)
            if record is not None:
                yield record

    async def _take(self, record: SandboxRecord) -> None:
        box = self._bodies.opened().get(record.id)
        if record.state != "started" or (box is None and self.has_body(record)):
            return
        try:
            async with asyncio.timeout(_PATIENCE_S):
                taken = await self.measure(box, record)
        except (OSError, TimeoutError):
            _log.debug("could not measure sandbox %s", record.name, exc_info=True)
            return
        own = self._points.setdefault(record.id, deque(maxlen=KEPT))
        own.append((self._fleet.clock.now(), _values(taken)))

    def _changed(self, _event: str, record: SandboxRecord, _extra: Mapping[str, object]) -> None:
        if record.state != "started":
            self._loads.pop(record.id, None)
        if record.state == "destroyed":
            self._points.pop(record.id, None)


def series(points: Iterable[Point], names: Iterable[str] = ()) -> dict[str, list[tuple[datetime, float]]]:
    """Return points by metric, those that are named or all of them."""
    wanted = set(names) or set(METRICS)
    found: dict[str, list[tuple[datetime, float]]] = {}
    for moment, values in points:
        for name in METRICS:
            if name in wanted:
                found.setdefault(name, []).append((moment, values[name]))
    return found


def _values(taken: Sample) -> dict[str, float]:
    figures = (
        taken.cpu_used_pct,
        taken.cpu_count,
        _percent(taken.mem_used, taken.mem_total),
        taken.mem_used,
        taken.mem_total,
        _percent(taken.disk_used, taken.disk_total),
        taken.disk_used,
        taken.disk_free,
        taken.disk_total,
    )
    return dict(zip(METRICS, figures, strict=True))


def _percent(used: float, total: float) -> float:
    return round(100 * used / total, 2) if total else 0.0
