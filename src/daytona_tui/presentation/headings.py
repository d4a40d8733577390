"""What stands in the heading of a group."""

from __future__ import annotations

from daytona_tui.domain import cost
from daytona_tui.domain.grouping import LABEL_PREFIX, Heading
from daytona_tui.presentation.human import dollars
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Cell, Tone

FOLDED, UNFOLDED = "▸", "▾"


def grouping_title(by: str) -> str:
    """Return what is grouped by, in words: ``owner``, ``label team``."""
    return f"label {safe(by.removeprefix(LABEL_PREFIX))}" if by.startswith(LABEL_PREFIX) else by


def heading_title(heading: Heading) -> Cell:
    """Return what the sandboxes under a heading have in common."""
    if not heading.value:
        return Cell(f"no {grouping_title(heading.by)}", Tone.DIM)
    text = heading.value.replace("_", " ") if heading.by == "state" else heading.value
    return Cell(safe(text), Tone.STRONG)


def subtotal_cells(heading: Heading, marked: int = 0) -> tuple[Cell, ...]:
    """Return what a group comes to beside its size, the most important first; empty where there is nothing to say.

    Processors and memory are those of the sandboxes that run, as quotas count them. The cost is an estimate.

    Args:
        heading: of the group.
        marked: how many of its sandboxes are marked.
    """
    total = heading.subtotal
    return (
        Cell(f"{marked:,} marked" if marked else "", Tone.ACCENT),
        Cell(f"{total.running:,} running", Tone.GOOD if total.running else Tone.FAINT),
        Cell(_per_day(total.hourly), Tone.DIM if total.hourly else Tone.FAINT),
        Cell(f"{total.cpu:,} vCPU", Tone.DIM if total.cpu else Tone.FAINT),
        Cell(f"{total.memory_gib:,} GiB", Tone.DIM if total.memory_gib else Tone.FAINT),
    )


def _per_day(hourly: float | None) -> str:
    return "" if hourly is None else f"≈ ${dollars(cost.per_day(hourly))}/day"
