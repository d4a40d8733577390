"""What a sandbox uses, beside what it may use."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.fleet.records import SandboxRecord

_GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Sample:
    """What a sandbox used at one moment; sizes in bytes.

    Attributes:
        cpu_count: processors it may use, as its record says.
        cpu_used_pct: processor use since the sample before, in percent of ``cpu_count``; 0 for the first.
        mem_total: memory it may use.
        mem_used: memory its processes use; what they share is counted for each.
        disk_total: disk it may use.
        disk_used: disk its directory takes.
        at: the moment, by the machine's clock.
    """

    cpu_count: int
    cpu_used_pct: float
    mem_total: int
    mem_used: int
    disk_total: int
    disk_used: int
    at: datetime

    @property
    def disk_free(self) -> int:
        """Disk that is left."""
        return max(0, self.disk_total - self.disk_used)

    def wire(self) -> dict[str, object]:
        """Return the shape that the toolbox answers; the page cache is the host's, so none is a sandbox's."""
        return {
            "cpuCount": self.cpu_count,
            "cpuUsedPct": self.cpu_used_pct,
            "memTotal": self.mem_total,
            "memUsed": self.mem_used,
            "memCache": 0,
            "diskTotal": self.disk_total,
            "diskUsed": self.disk_used,
            "diskFree": self.disk_free,
            "timestamp": self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "timestampUnix": int(self.at.timestamp()),
        }


async def sample(box: Box | None, record: SandboxRecord, load: float = 0.0) -> Sample:
    """Return what a sandbox uses now.

    Args:
        box: its body, open or not; None for one that has none yet.
        record: what it may use.
        load: processor use to be added, in percent of what it may use.
    """
    cores, memory, disk = (0.0, 0, 0) if box is None else await asyncio.to_thread(box.meter.read, box)
    return Sample(
        cpu_count=record.cpu,
        cpu_used_pct=round(100 * cores / max(1, record.cpu) + load, 2),
        mem_total=record.memory * _GIB,
        mem_used=memory,
        disk_total=record.disk * _GIB,
        disk_used=disk,
        at=datetime.now(UTC),
    )
