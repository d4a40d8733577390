"""The plan of a bulk act: what happens to which sandboxes, and which are left out and why. Nothing is asked yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from daytona_tui.domain.deeds import Deed, LifetimeEdit, Verb
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.domain.sizes import size_problem, size_refusal
from daytona_tui.operations.lifecycle import refusal
from daytona_tui.operations.waking import waking_refusal

STOPPING = frozenset({Verb.STOP, Verb.FORCE_STOP})
"""Verbs that delete a sandbox whose auto-delete is 0."""

_CONTAINER = "container"
_DELETES = "stopping deletes it (auto-delete is 0)"


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One sandbox of a plan.

    Attributes:
        sandbox: as it was known when the plan was made; if it has changed since, it is left alone.
        deed: what is to happen to it.
        skip: why nothing will be done to it; empty where something will.
        warning: what the deed destroys that its name does not tell; empty for nothing.
    """

    sandbox: Sandbox
    deed: Deed
    skip: str = ""
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to happen to which sandboxes.

    Attributes:
        deed: what was asked for; each row has its own, which may differ where something is taken back.
        made_at: when the sandboxes were looked at.
    """

    deed: Deed
    rows: tuple[PlannedRow, ...]
    made_at: datetime

    @property
    def acting(self) -> tuple[PlannedRow, ...]:
        """Rows to which something will be done."""
        return tuple(row for row in self.rows if not row.skip)

    @property
    def skipped(self) -> tuple[PlannedRow, ...]:
        """Rows to which nothing will be done, with the reason."""
        return tuple(row for row in self.rows if row.skip)

    @property
    def dangerous(self) -> tuple[PlannedRow, ...]:
        """Rows that would lose more than the deed's name tells: to be asked about."""
        return tuple(row for row in self.rows if row.warning and not row.skip)


def make_plan(deed: Deed, sandboxes: Iterable[Sandbox], now: datetime) -> Plan:
    """Return the plan of doing ``deed`` to each of ``sandboxes``; one that is given twice has one row."""
    return plan_of(deed, ((sandbox, deed) for sandbox in sandboxes), now)


def plan_of(deed: Deed, pairs: Iterable[tuple[Sandbox, Deed]], now: datetime) -> Plan:
    """Return a plan in which each sandbox has a deed of its own; ``deed`` is what it is called by."""
    unique: dict[SandboxId, tuple[Sandbox, Deed]] = {}
    for sandbox, own in pairs:
        unique.setdefault(sandbox.id, (sandbox, own))
    return Plan(deed, tuple(_row(sandbox, own) for sandbox, own in unique.values()), now)


def refusal_of(deed: Deed, sandbox: Sandbox) -> str:
    """Return why ``deed`` is not possible for a sandbox as it is now; empty when it is."""
    if deed.verb is Verb.PULL and deed.wakes:
        return waking_refusal(sandbox)
    if deed.verb is Verb.RESIZE and deed.size is not None:
        return refusal(deed.verb, sandbox) or size_refusal(deed.size, sandbox)
    return refusal(deed.verb, sandbox)


def problem(deed: Deed) -> str:
    """Return why ``deed`` makes no sense for any sandbox, in words; empty where it does."""
    match deed.verb:
        case Verb.LABELS:
            if not deed.labels:
                return "no label is to be changed"
            return "a label has no name" if any(not key.strip() for key in deed.labels.set) else ""
        case Verb.LIFETIMES:
            return _problem_of(deed.lifetimes) if deed.lifetimes else "no interval is to be changed"
        case Verb.RESIZE:
            return size_problem(deed.size) if deed.size is not None else "no resource is to be changed"
        case Verb.EXECUTE:
            return "" if deed.command.strip() else "there is no command to run"
        case Verb.PULL:
            return "" if deed.destination is not None else "there is no directory to pull to"
    return ""


def _problem_of(edit: LifetimeEdit) -> str:
    if edit.auto_stop_min and edit.auto_pause_min:
        return "auto-stop and auto-pause exclude one another: one of them has to be off"
    for name, minutes in edit.minutes.items():
        if minutes < 0 and name != "auto_delete_min":
            return f"{name.removesuffix('_min').replace('_', '-')} cannot be negative"
    return ""


def _row(sandbox: Sandbox, deed: Deed) -> PlannedRow:
    skip = problem(deed) or refusal_of(deed, sandbox) or _refusal_of_edit(deed.lifetimes, sandbox)
    warning = _DELETES if deed.verb in STOPPING and sandbox.lifetimes.auto_delete_min == 0 else ""
    return PlannedRow(sandbox, deed, skip, "" if skip else warning)


def _refusal_of_edit(edit: LifetimeEdit | None, sandbox: Sandbox) -> str:
    if edit is not None and edit.auto_pause_min and sandbox.sandbox_class == _CONTAINER:
        return "it is a container: only virtual machines are paused"
    return ""
