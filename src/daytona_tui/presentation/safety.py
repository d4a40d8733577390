"""What was found about the deleting of a sandbox, as headline and rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from daytona_tui.domain.safety import Light, SafetyReport
from daytona_tui.domain.sandbox import SandboxState
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Cell, Tone

ITEMS = 50
"""Items that are listed of one finding; of more, the number is told."""

_LIGHTS = {
    Light.SAFE: Cell("●", Tone.GOOD),
    Light.CAREFUL: Cell("▲", Tone.WARN),
    Light.WOULD_LOSE: Cell("✗", Tone.BAD),
}
_HEADLINES = {
    Light.SAFE: "safe to delete: nothing was found that would be lost",
    Light.CAREFUL: "careful: look at this before it is deleted",
    Light.WOULD_LOSE: "work would be lost",
}


@dataclass(frozen=True, slots=True)
class SafetyRow:
    """One line.

    Attributes:
        mark: glyph of its light; a space for an item.
        text: safe for a terminal.
        is_item: belongs to the line above it.
    """

    mark: Cell
    text: Cell
    is_item: bool = False


def headline(report: SafetyReport) -> Cell:
    """Return the light in words."""
    mark = _LIGHTS[report.light]
    if not report.findings.is_looked_into and report.light is not Light.WOULD_LOSE:
        return Cell(f"{mark.text} nobody can tell yet: it was not looked into", mark.tone)
    return Cell(f"{mark.text} {_HEADLINES[report.light]}", mark.tone)


def rows(report: SafetyReport) -> tuple[SafetyRow, ...]:
    """Return a row for each finding and for what belongs to it, the worst first."""
    return tuple(_rows(report))


def _rows(report: SafetyReport) -> Iterator[SafetyRow]:
    for line in report.lines:
        yield SafetyRow(_LIGHTS[line.light], Cell(safe(line.text), Tone.NEUTRAL))
        for item in line.items[:ITEMS]:
            yield SafetyRow(Cell(" "), Cell(safe(item), Tone.DIM), is_item=True)
        more = len(line.items) - ITEMS
        if more > 0:
            yield SafetyRow(Cell(" "), Cell(f"… and {more:,} more", Tone.FAINT), is_item=True)


def kept_refusal(why: str) -> str:
    """Return why a rescue must not delete a sandbox that is to be kept, and what can be done; safe for a terminal."""
    return f"it is to be kept ({safe(why)}): r copies it and keeps it, D asks once more"


def waking_note(state: SandboxState) -> str:
    """Return what it means to start a sandbox in ``state`` so that it can be looked into."""
    word = state.value
    slow = " Restoring it may take minutes." if state is SandboxState.ARCHIVED else ""
    return (
        f"To be looked into or rescued it is started, and {word} again afterwards: meanwhile it costs money, its own "
        f"programs may begin, and its idle clock begins anew.{slow}"
    )
