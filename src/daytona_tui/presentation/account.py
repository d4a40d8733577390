"""Regions, quotas, usage and the audit log as cells: one row each, for the screen and for the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from daytona_tui.domain.audit import AuditEntry
from daytona_tui.domain.regions import Region
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.usage import Quota, Quotas, Used
from daytona_tui.presentation.figures import dollars
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Cell, Tone

NEARLY_FULL = 0.9
GETTING_FULL = 0.75
_HOUR_S = 3600.0
_NO = Cell("—", Tone.FAINT)


@dataclass(frozen=True, slots=True)
class QuotaRow:
    """One quota of many.

    Attributes:
        region: empty for those of the whole organisation.
        what: ``cpu``, ``memory_gib``, ``disk_gib``, ``gpu``, ``snapshots``, ``volumes``.
    """

    region: str
    sandbox_class: str
    what: str
    quota: Quota


WHAT = {
    "cpu": "vCPU",
    "memory_gib": "memory GiB",
    "disk_gib": "disk GiB",
    "gpu": "GPU",
    "snapshots": "snapshots",
    "volumes": "volumes",
}
"""Resources as people call them."""


def quota_rows(quotas: Quotas) -> tuple[QuotaRow, ...]:
    """Return the quotas one by one; what is neither used nor allowed is left out."""

    def rows() -> Iterator[QuotaRow]:
        for each in quotas.regions:
            for what in ("cpu", "memory_gib", "disk_gib", "gpu"):
                yield QuotaRow(each.region, each.sandbox_class, what, getattr(each, what))
        yield QuotaRow("", "", "snapshots", quotas.snapshots)
        yield QuotaRow("", "", "volumes", quotas.volumes)

    return tuple(row for row in rows() if row.quota.used or row.quota.limit)


def region_cells(region: Region) -> tuple[Cell, ...]:
    """Return id, name, kind and whose it is."""
    whose = Cell("the organisation's", Tone.DIM) if region.organization else Cell("Daytona's", Tone.FAINT)
    return (
        Cell(safe(region.id), Tone.STRONG),
        Cell(safe(region.name)) if region.name != region.id else _NO,
        Cell(safe(region.kind), Tone.DIM) if region.kind else _NO,
        whose,
    )


def quota_cells(row: QuotaRow) -> tuple[Cell, ...]:
    """Return region, class, resource, what is used, what may be, and how full that is."""
    quota = row.quota
    tone = Tone.NEUTRAL
    if quota.fraction >= GETTING_FULL:
        tone = Tone.BAD if quota.fraction >= NEARLY_FULL else Tone.WARN
    return (
        Cell(safe(row.region), Tone.STRONG) if row.region else Cell("everywhere", Tone.DIM),
        Cell(safe(row.sandbox_class), Tone.DIM) if row.sandbox_class else _NO,
        Cell(WHAT[row.what]),
        Cell(amount(quota.used), tone),
        Cell(amount(quota.limit), Tone.DIM),
        Cell(full_words(quota), tone),
    )


def full_words(quota: Quota) -> str:
    """Return how full a quota is: a share, and a word where nothing is left."""
    if quota.limit <= 0:
        return "none allowed"
    share = f"{quota.fraction:.0%}"
    return f"{share} full" if quota.fraction >= 1 else share


def usage_cells(name: str, used: Used) -> tuple[Cell, ...]:
    """Return whose it is, dollars, and hours of processor, memory, disk and GPU."""
    return (
        Cell(safe(name), Tone.STRONG),
        Cell(dollars(used.dollars)),
        Cell(hours(used.cpu_s), Tone.DIM),
        Cell(hours(used.memory_gib_s), Tone.DIM),
        Cell(hours(used.disk_gib_s), Tone.DIM),
        Cell(hours(used.gpu_s), Tone.DIM) if used.gpu_s else _NO,
    )


def names_of(names: Mapping[SandboxId, str]) -> Callable[[SandboxId], str]:
    """Return what calls a sandbox by its name, and one that is gone by its id."""
    return lambda sandbox_id: names.get(sandbox_id) or f"{sandbox_id} (gone)"


def audit_cells(entry: AuditEntry, target: str = "") -> tuple[Cell, ...]:
    """Return when, who, what, to what, and how it ended; ``target`` is the name of what it was done to."""
    bad = Cell(f"{entry.status} {safe(entry.trouble)}".strip(), Tone.BAD)
    ended = bad if entry.is_bad else Cell("ok", Tone.GOOD) if entry.status else Cell("under way", Tone.DIM)
    what = " ".join(part for part in (entry.target_type, target or entry.target_id) if part)
    return (
        Cell(stamp(entry.at), Tone.DIM),
        Cell(safe(entry.actor or entry.actor_id)) if entry.actor or entry.actor_id else Cell("Daytona", Tone.DIM),
        Cell(safe(entry.action), Tone.STRONG),
        Cell(safe(what)),
        ended,
    )


def audit_lines(entry: AuditEntry) -> tuple[str, ...]:
    """Return all that the log tells of an act, a line each."""
    key = f"{entry.key_prefix}…{entry.key_suffix}" if entry.key_prefix or entry.key_suffix else ""
    told = (
        ("at", f"{entry.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if entry.at else ""),
        ("action", entry.action),
        ("target", f"{entry.target_type} {entry.target_id}".strip()),
        ("actor", entry.actor),
        ("actor id", entry.actor_id),
        ("key", key),
        ("from", entry.ip),
        ("source", entry.source),
        ("program", entry.user_agent),
        ("status", str(entry.status or "")),
        ("trouble", entry.trouble),
        ("id", entry.id),
    )
    return tuple(f"{label:<9}{safe(words)}" for label, words in told if words)


def audit_about(entry: AuditEntry) -> tuple[str, ...]:
    """Return what the log tells of an act beside its row, in four lines of which none is long."""
    key = f"key {entry.key_prefix}…{entry.key_suffix}" if entry.key_prefix or entry.key_suffix else ""
    at = f"{entry.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if entry.at else ""
    lines = (
        (entry.action, entry.target_type, entry.target_id),
        (entry.actor, entry.actor_id, key),
        (entry.source, entry.user_agent, entry.ip),
        (at, str(entry.status or ""), entry.trouble),
    )
    told = (" · ".join(safe(part) for part in line if part) for line in lines)
    return tuple(line for line in told if line)


def stamp(at: datetime | None) -> str:
    """Return a moment by this machine's clock; ``—`` where it is not told."""
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}" if at else "—"


def hours(seconds: float) -> str:
    """Return seconds as hours: ``0.3h``, ``12h``, ``1,240h``."""
    value = seconds / _HOUR_S
    return f"{value:.1f}h" if value < 9.95 else f"{value:,.0f}h"


def amount(number: float) -> str:
    """Return a number as short as it is exact: ``4``, ``2.5``, ``40,000``."""
    return f"{number:,.0f}" if number == int(number) else f"{number:,.1f}"
