"""The columns of the sandbox table, for the screen and for ``list`` alike, so that they cannot disagree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from daytona_tui.domain.deadlines import Act, NextEvent, next_event
from daytona_tui.domain.owners import owner_of
from daytona_tui.domain.sandbox import Sandbox, SandboxState
from daytona_tui.presentation.human import age
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Cell, Tone

GAP = 2
"""Cells between two columns."""


class Align(StrEnum):
    """On which side the text of a column stands."""

    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Doing:
    """An act of ours that has not settled.

    Attributes:
        step: what happens, as a participle: ``stopping``.
        since: when the act began.
    """

    step: str
    since: datetime


@dataclass(frozen=True, slots=True)
class CellContext:
    """What a cell needs beyond the sandbox itself."""

    now: datetime
    doing: Doing | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        key: stable name; sorting goes by it.
        title: heading.
        cell: what stands in it.
        width: cells it takes at least.
        ideal: cells with which nearly everything fits.
        most: cells beyond which more room is of no use.
        priority: the smaller, the longer it stays when room gets scarce.
    """

    key: str
    title: str
    cell: Callable[[Sandbox, CellContext], Cell]
    width: int
    ideal: int
    most: int
    priority: int
    align: Align = Align.LEFT


_LOOKS: Mapping[SandboxState, tuple[str, Tone]] = {
    SandboxState.STARTED: ("●", Tone.GOOD),
    SandboxState.STOPPED: ("○", Tone.DIM),
    SandboxState.PAUSED: ("◇", Tone.DIM),
    SandboxState.ARCHIVED: ("▫", Tone.FAINT),
    SandboxState.ERROR: ("✗", Tone.BAD),
    SandboxState.BUILD_FAILED: ("✗", Tone.BAD),
    SandboxState.DESTROYED: ("✗", Tone.FAINT),
    SandboxState.UNKNOWN: ("?", Tone.WARN),
}
_BUSY = ("◐", Tone.BUSY)

_VERBS = {Act.STOP: "stop", Act.PAUSE: "pause", Act.ARCHIVE: "archive", Act.DELETE: "delete"}
_SOON = timedelta(minutes=5)


def state_word(sandbox: Sandbox) -> str:
    """Return the state as a person says it; an unknown one as the server spelt it."""
    if sandbox.state is SandboxState.UNKNOWN:
        return safe(sandbox.state_word) or "unknown"
    return sandbox.state.value.replace("_", " ")


def state_cell(sandbox: Sandbox, context: CellContext) -> Cell:
    """Return glyph and word of the state; of an act of ours, what it was, what it becomes, and for how long."""
    word = state_word(sandbox)
    doing = context.doing
    if doing is not None:
        seconds = f"{max(0, int((context.now - doing.since).total_seconds()))}s"
        glyph, tone = _BUSY
        short = f"{glyph} {doing.step} {seconds}"
        # Once the server itself says "stopping", saying it twice helps nobody.
        return Cell(short if word == doing.step else f"{glyph} {word} → {doing.step} {seconds}", tone, short)
    glyph, tone = _LOOKS.get(sandbox.state, _BUSY)
    return Cell(f"{glyph} {word}", tone)


def _name_cell(sandbox: Sandbox, context: CellContext) -> Cell:
    name = safe(sandbox.name) or safe(sandbox.id) or "—"
    # Nobody gave it a name: the beginning of the id is enough to tell it by, and leaves the eye to the names.
    return Cell(name, short=f"{name[:8]}…" if sandbox.name == sandbox.id else "")


def _owner_cell(sandbox: Sandbox, context: CellContext) -> Cell:
    return Cell(safe(owner_of(sandbox).name) or "—", Tone.NEUTRAL if owner_of(sandbox).name else Tone.FAINT)


def _run_cell(sandbox: Sandbox, context: CellContext) -> Cell:
    return Cell(safe(owner_of(sandbox).run), Tone.DIM)


def _age_cell(sandbox: Sandbox, context: CellContext) -> Cell:
    return _since(sandbox.created_at, context.now)


def _idle_cell(sandbox: Sandbox, context: CellContext) -> Cell:
    return _since(sandbox.last_activity_at, context.now)


def _since(moment: datetime | None, now: datetime) -> Cell:
    if moment is None:
        return Cell("—", Tone.FAINT)
    return Cell(age((now - moment).total_seconds()))


def next_cell(sandbox: Sandbox, context: CellContext) -> Cell:
    """Return what the platform will do by itself and when; where it will not, why that matters or why it failed."""
    event = next_event(sandbox)
    if event is not None:
        return _event_cell(sandbox, event, context.now)
    if sandbox.error_reason and sandbox.state in (SandboxState.ERROR, SandboxState.BUILD_FAILED):
        return Cell(safe(sandbox.error_reason), Tone.DIM)
    if sandbox.state is SandboxState.STARTED and sandbox.lifetimes.auto_stop_min == 0:
        return Cell("never · auto-stop off", Tone.WARN, "never")
    if sandbox.state is SandboxState.STOPPED or sandbox.state is SandboxState.ARCHIVED:
        return Cell("never", Tone.DIM)
    return Cell("—", Tone.FAINT)


def _event_cell(sandbox: Sandbox, event: NextEvent, now: datetime) -> Cell:
    remaining = event.at - now
    time_is_up = event.act is Act.DELETE and event.at == sandbox.lifetimes.destroy_at
    subject = "TTL" if time_is_up else _VERBS[event.act]
    text = f"{subject} in {age(remaining.total_seconds())}" if remaining > timedelta() else f"{subject} due"
    tone = Tone.WARN if event.act is Act.DELETE and remaining < 12 * _SOON else Tone.DIM
    return Cell(text, tone)


COLUMNS = (
    Column("name", "NAME", _name_cell, 12, 22, 44, 0),
    Column("state", "STATE", state_cell, 14, 15, 24, 1),
    Column("owner", "OWNER", _owner_cell, 10, 12, 20, 4),
    Column("run", "RUN", _run_cell, 10, 12, 24, 5),
    Column("age", "AGE", _age_cell, 4, 4, 4, 3, Align.RIGHT),
    Column("idle", "IDLE", _idle_cell, 4, 5, 5, 2, Align.RIGHT),
    Column("next", "NEXT", next_cell, 14, 21, 40, 3),
)
"""All columns, from left to right."""


def fit(
    columns: Sequence[Column], room: int, natural: Mapping[str, int] | None = None
) -> tuple[tuple[Column, int], ...]:
    """Return the columns that fit into ``room`` cells, with their widths.

    Columns leave by priority until the least widths fit. What is left over goes to those that stay, the important
    ones first: to each up to its ideal, then to each up to its most. ``natural`` bounds a column by what its texts
    really take.
    """
    bounds = {
        column.key: max(len(column.title) + 1, (natural or {}).get(column.key, column.most)) for column in columns
    }
    widths = {column.key: min(column.width, bounds[column.key]) for column in columns}
    staying = list(columns)
    while len(staying) > 1 and _total(staying, widths) > room:
        staying.remove(max(staying, key=lambda column: column.priority))
    spare = room - _total(staying, widths)
    ranked = sorted(staying, key=lambda column: column.priority)
    for column, reach in [(column, column.ideal) for column in ranked] + [(column, column.most) for column in ranked]:
        more = max(0, min(spare, min(reach, bounds[column.key]) - widths[column.key]))
        widths[column.key] += more
        spare -= more
    if spare < 0:
        widths[staying[0].key] = max(1, room)
    return tuple((column, widths[column.key]) for column in staying)


def _total(columns: Sequence[Column], widths: Mapping[str, int]) -> int:
    return sum(widths[column.key] for column in columns) + GAP * (len(columns) - 1)
