"""What the details say of one sandbox: sections of fields, from what the list tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from daytona_tui.domain.owners import Confidence, owner_of
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.presentation.columns import CellContext, state_cell
from daytona_tui.presentation.human import age
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Cell, Tone


@dataclass(frozen=True, slots=True)
class Field:
    """One line of the details.

    Attributes:
        label: what it is; with the section's title it tells the field from all others.
        cell: its value, or why there is none; safe for a terminal.
        note: said of the value, of second rank.
        raw: the value as it is, to copy; empty where there is none.
    """

    label: str
    cell: Cell
    note: str = ""
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Fields under one title."""

    title: str
    fields: tuple[Field, ...]


def sections(sandbox: Sandbox, now: datetime) -> tuple[Section, ...]:
    """Return everything that is known of ``sandbox``."""
    return (_identity(sandbox, now), _state(sandbox, now), _labels(sandbox))


def _identity(sandbox: Sandbox, now: datetime) -> Section:
    owner = owner_of(sandbox)
    certainty = f"{owner.confidence.value}: " if owner.confidence is not Confidence.UNKNOWN else ""
    return Section(
        "Identity",
        (
            text("name", sandbox.name),
            text("id", sandbox.id),
            Field("owner", _value(owner.name), f"{certainty}{safe(owner.why)}", owner.name),
            *([text("run", owner.run)] if owner.run else []),
            text("snapshot", sandbox.snapshot),
            text("region", sandbox.region),
            text("class", sandbox.sandbox_class),
            text("user", sandbox.user),
            text("organization", sandbox.organization_id),
            moment("created", sandbox.created_at, now),
            moment("changed", sandbox.updated_at, now),
            moment("last activity", sandbox.last_activity_at, now),
        ),
    )


def _state(sandbox: Sandbox, now: datetime) -> Section:
    cell = state_cell(sandbox, CellContext(now))
    fields = [Field("state", cell, raw=sandbox.state_word or sandbox.state.value)]
    if sandbox.desired_state and sandbox.desired_state != sandbox.state.value:
        fields.append(text("wanted", sandbox.desired_state))
    return Section("State", tuple(fields))


def _labels(sandbox: Sandbox) -> Section:
    labels = tuple(text(safe(key), value) for key, value in sorted(sandbox.labels.items()))
    return Section("Labels", labels or (Field("none", Cell("L adds some", Tone.FAINT)),))


def text(label: str, value: str) -> Field:
    """Return the field of a text; an empty one is what the server did not say."""
    return Field(label, _value(value), raw=value)


def moment(label: str, at: datetime | None, now: datetime) -> Field:
    """Return the field of a moment, with how long ago that was."""
    if at is None:
        return Field(label, _value(""))
    return Field(label, Cell(f"{at:%Y-%m-%d %H:%M:%S}"), f"{age((now - at).total_seconds())} ago", at.isoformat())


def _value(value: str) -> Cell:
    return Cell(safe(value)) if value else Cell("—", Tone.FAINT)
