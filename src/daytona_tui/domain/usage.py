"""What is used and what may be used: of one sandbox now, of an organisation altogether."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Metrics:
    """What a running sandbox uses at one moment, and its limits. None where the server did not say.

    Attributes:
        at: when it was measured, by the sandbox's clock.
        cpu_percent: processor use, 100 for all of its processors.
        cpu_count: processors it may use.
        memory_cache: page cache, which the kernel gives back on demand.
    """

    at: datetime | None = None
    cpu_percent: float | None = None
    cpu_count: int | None = None
    memory_bytes: int | None = None
    memory_limit_bytes: int | None = None
    memory_cache_bytes: int | None = None
    disk_bytes: int | None = None
    disk_limit_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """How much of something is used, and how much may be."""

    used: float = 0.0
    limit: float = 0.0

    @property
    def fraction(self) -> float:
        """Used share: 0 to 1, more where somebody was let past the limit; 1 where nothing is allowed but used."""
        if self.limit > 0:
            return self.used / self.limit
        return 1.0 if self.used > 0 else 0.0


@dataclass(frozen=True, slots=True)
class RegionQuotas:
    """The quotas of a region for one class of sandboxes.

    Attributes:
        region: id of the region.
        sandbox_class: ``container``, ``linux-vm``, ``windows``; empty where the server does not tell classes apart.
        cpu: virtual processors.
    """

    region: str
    sandbox_class: str = ""
    cpu: Quota = Quota()
    memory_gib: Quota = Quota()
    disk_gib: Quota = Quota()
    gpu: Quota = Quota()


@dataclass(frozen=True, slots=True)
class Quotas:
    """What an organisation uses and may use."""

    regions: Sequence[RegionQuotas] = ()
    snapshots: Quota = Quota()
    volumes: Quota = Quota()
