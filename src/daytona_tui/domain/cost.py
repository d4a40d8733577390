"""What sandboxes cost by the hour, estimated from a list of prices: wherever it is shown, it is called an estimate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from daytona_tui.domain.sandbox import Sandbox, SandboxState

HOURS_PER_DAY = 24

_FREE = frozenset(
    {
        SandboxState.ARCHIVING,
        SandboxState.ARCHIVED,
        SandboxState.ERROR,
        SandboxState.BUILD_FAILED,
        SandboxState.DESTROYING,
        SandboxState.DESTROYED,
    }
)
"""States that cost nothing: the period is closed when they begin."""
_DISK_ONLY = frozenset({SandboxState.STOPPED, SandboxState.PAUSED})
_AS_WANTED = frozenset({SandboxState.RESIZING, SandboxState.SNAPSHOTTING})
"""States that cost what the one costs that the sandbox goes back to."""

GPU_PRICES: Mapping[str, float] = MappingProxyType({"H100": 3.95, "RTX-PRO-6000": 3.03})


@dataclass(frozen=True, slots=True)
class PriceBook:
    """Dollars for an hour of each resource.

    The defaults are those of the public price list for Linux sandboxes; they change, so the settings may replace each.

    Attributes:
        cpu: for a vCPU.
        memory: for a GiB of memory.
        disk: for a GiB of disk.
        free_disk_gib: GiB of disk that cost nothing, once for the whole organisation and not for each sandbox.
        gpu: for a GPU, by type.
        as_of: the day on which the prices were read.
        source: where they come from, in words.
    """

    cpu: float = 0.0504
    memory: float = 0.0162
    disk: float = 0.000108
    free_disk_gib: float = 5.0
    gpu: Mapping[str, float] = field(default_factory=lambda: GPU_PRICES)
    as_of: date | None = date(2026, 7, 2)
    source: str = "the price list of daytona.io"

    @property
    def words(self) -> str:
        """Whose prices these are and how old, for whoever wonders about an estimate."""
        return f"{self.source}, {self.as_of.isoformat()}" if self.as_of else f"{self.source}, no date given"


@dataclass(frozen=True, slots=True)
class Burn:
    """What a fleet costs an hour.

    Attributes:
        hourly: dollars, of the sandboxes whose cost is known.
        unknown: how many sandboxes cost something that cannot be told.
    """

    hourly: float = 0.0
    unknown: int = 0


def hourly(sandbox: Sandbox, book: PriceBook) -> float | None:
    """Return what a sandbox costs now, in dollars an hour.

    Whoever runs, or is about to, pays for cpu, memory, disk and GPUs; whoever rests, for its disk; an archived, failed
    or destroyed one, nothing. The free disk is the organisation's and not taken off here.

    Returns:
        The price; None where the state, a resource or the price of a GPU is unknown.
    """
    state, uses = _charged_as(sandbox), sandbox.resources
    if state in _FREE:
        return 0.0
    if state is SandboxState.UNKNOWN or uses.disk_gib is None:
        return None
    disk = uses.disk_gib * book.disk
    if state in _DISK_ONLY:
        return disk
    gpu = _gpus(uses.gpu, uses.gpu_type, book)
    if uses.cpu is None or uses.memory_gib is None or gpu is None:
        return None
    return uses.cpu * book.cpu + uses.memory_gib * book.memory + disk + gpu


def _charged_as(sandbox: Sandbox) -> SandboxState:
    if sandbox.state not in _AS_WANTED:
        return sandbox.state
    wanted = SandboxState.parse(sandbox.desired_state)
    return SandboxState.STARTED if wanted is SandboxState.UNKNOWN else wanted


def _gpus(many: int | None, kind: str, book: PriceBook) -> float | None:
    if not many:
        return 0.0
    price = book.gpu.get(kind)
    return None if price is None else many * price


def burn(sandboxes: Iterable[Sandbox], book: PriceBook, *, is_whole_fleet: bool = False) -> Burn:
    """Return what sandboxes cost an hour together.

    Args:
        sandboxes: whom to count.
        book: the prices.
        is_whole_fleet: nobody else uses disk, so that what is free of it is taken off.
    """
    total, unknown, disk_gib = 0.0, 0, 0
    for sandbox in sandboxes:
        each = hourly(sandbox, book)
        if each is None:
            unknown += 1
        elif each:
            total += each
            disk_gib += sandbox.resources.disk_gib or 0
    free = min(disk_gib, book.free_disk_gib) * book.disk if is_whole_fleet else 0.0
    return Burn(max(0.0, total - free), unknown)


def per_day(dollars_per_hour: float) -> float:
    """Return dollars a day for dollars an hour."""
    return dollars_per_hour * HOURS_PER_DAY
