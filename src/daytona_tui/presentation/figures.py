"""What a fleet uses and costs, as short pieces of a line. An estimate is marked with ≈, a sum of the rows as such."""

from __future__ import annotations

from daytona_tui.domain.cost import Burn
from daytona_tui.domain.effects import Amount
from daytona_tui.domain.usage import Quota, Quotas, RegionQuotas
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.presentation.tones import Cell, Tone

_NEARLY_FULL = 0.9
_GETTING_FULL = 0.75


def dollars(amount: float) -> str:
    """Return an amount of money: ``$0.004``, ``$6.41``, ``$1,234``. Small ones keep two digits that count."""
    if amount >= 1000:
        return f"${amount:,.0f}"
    if amount >= 0.01 or amount == 0:
        return f"${amount:.2f}"
    return f"${amount:.4f}" if amount >= 0.0001 else "<$0.0001"


def burn_cells(burn: Burn) -> tuple[Cell, ...]:
    """Return what the fleet costs an hour, as an estimate."""
    cells = (Cell(f"≈ {dollars(burn.hourly)}", Tone.NEUTRAL), Cell("/h", Tone.DIM))
    return (*cells, Cell(f" + {burn.unknown:,} unknown", Tone.DIM)) if burn.unknown else cells


def spent_cells(spent: float) -> tuple[Cell, ...]:
    """Return what today has really cost so far."""
    return (Cell(dollars(spent), Tone.NEUTRAL), Cell(" today", Tone.DIM))


def quotas_of(quotas: Quotas, region: str, sandbox_class: str) -> RegionQuotas | None:
    """Return the quotas that a sandbox in this region and class counts against; None where none can be told.

    Without a region, the only one there is.
    """
    here = [each for each in quotas.regions if each.region == region] if region else list(quotas.regions)
    fitting = [each for each in here if each.sandbox_class == sandbox_class]
    return next(iter(fitting or (here if region or len(here) == 1 else [])), None)


def meters(quotas: RegionQuotas) -> tuple[tuple[Cell, ...], ...]:
    """Return what is used of each quota, the most often scarce first; what is neither used nor allowed is left out."""
    region = clip(safe(quotas.region), 12)
    named = (("vCPU", quotas.cpu), ("RAM", quotas.memory_gib), ("disk", quotas.disk_gib), ("GPU", quotas.gpu))
    shown = [(name, quota) for name, quota in named if quota.used or quota.limit]
    return tuple(
        (*((Cell(f"{region} ", Tone.FAINT),) if not at else ()), Cell(f"{name} ", Tone.DIM), _meter(quota))
        for at, (name, quota) in enumerate(shown)
    )


def _meter(quota: Quota) -> Cell:
    tone = Tone.NEUTRAL
    if quota.fraction >= _GETTING_FULL:
        tone = Tone.BAD if quota.fraction >= _NEARLY_FULL else Tone.WARN
    # A word for those who see no colours.
    full = " full" if quota.limit and quota.fraction >= 1 else ""
    return Cell(f"{short(quota.used)}/{short(quota.limit)}{full}", tone)


def short(number: float) -> str:
    """Return a number in five characters or less, rounded down: ``9,999``, ``12k``, ``3M``."""
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if number >= max(size, 10_000):
            return f"{int(number // size)}{unit}"
    return f"{int(number):,}"


def sums(held: Amount, region: str) -> tuple[tuple[Cell, ...], ...]:
    """Return what the sandboxes of a region hold, added up from the rows: no quota is known."""
    named = (("vCPU", held.cpu), ("RAM", held.memory_gib), ("disk", held.disk_gib), ("GPU", held.gpu))
    shown = [(name, used) for name, used in named if used]
    place = clip(safe(region), 12)
    return tuple(
        (
            *((Cell(f"{place} ", Tone.FAINT),) if place and not at else ()),
            Cell(f"{name} ", Tone.DIM),
            Cell(short(used), Tone.NEUTRAL),
            Cell(" (sum)", Tone.FAINT),
        )
        for at, (name, used) in enumerate(shown)
    )
