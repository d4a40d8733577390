"""What is used and what may be used: of one sandbox now, of an organisation altogether."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from daytona_tui.domain.sandbox import Resources, SandboxId

NO_LIMIT = Resources()
"""As much as there is."""


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
        largest: what one sandbox may have; None where there is no limit, or the server does not tell.
    """

    region: str
    sandbox_class: str = ""
    cpu: Quota = Quota()
    memory_gib: Quota = Quota()
    disk_gib: Quota = Quota()
    gpu: Quota = Quota()
    largest: Resources = NO_LIMIT


@dataclass(frozen=True, slots=True)
class Quotas:
    """What an organisation uses and may use."""

    regions: Sequence[RegionQuotas] = ()
    snapshots: Quota = Quota()
    volumes: Quota = Quota()

    def largest(self, region: str) -> Resources:
        """Return what one container may have in a region, or in the most generous one where it is not named."""
        containers = [row for row in self.regions if row.sandbox_class in ("container", "")]
        rows = [row.largest for row in containers if row.region == region] or [row.largest for row in containers]

        def most(field: str) -> int | None:
            told = [getattr(row, field) for row in rows]
            return max(told) if told and None not in told else None

        return Resources(most("cpu"), most("memory_gib"), most("disk_gib"))


@dataclass(frozen=True, slots=True)
class Used:
    """What was used in a span of time, and what it cost.

    Attributes:
        cpu_s: seconds of one virtual processor.
        memory_gib_s: seconds of one GiB; likewise ``disk_gib_s``.
        gpu_s: seconds of one GPU.
        dollars: as the platform bills it.
        first: when the first of it began; None where the server does not tell. Likewise ``last``.
    """

    cpu_s: float = 0.0
    memory_gib_s: float = 0.0
    disk_gib_s: float = 0.0
    gpu_s: float = 0.0
    dollars: float = 0.0
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What the organisation used between two moments.

    Attributes:
        sandboxes: by id, the dearest first; those that used nothing may lack.
    """

    since: datetime
    until: datetime
    total: Used
    sandboxes: Sequence[tuple[SandboxId, Used]] = ()
