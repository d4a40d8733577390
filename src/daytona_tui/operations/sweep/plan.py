"""The plan of a sweep: an explicit list of sandboxes, each with what is to happen to it and why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from daytona_tui.domain.cost import PriceBook
from daytona_tui.domain.effects import Amount, Effect, effect_of
from daytona_tui.domain.leaks import Action
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.operations.sweep.rows import SweepRow, held_by_forks, obstacle, verb_of

MOST_ROWS = 50
"""How many sandboxes one sweep acts on unless somebody says otherwise."""

ORDER = (Action.RECOVER, Action.TTL, Action.STOP, Action.ARCHIVE, Action.DELETE)
"""The actions as they are carried out: the least destructive first."""


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """What is to happen to which sandboxes, and which are left out and why. Every edit gives another plan.

    Attributes:
        rows: one for each sandbox.
        made_at: when the sandboxes were looked at.
        connection: id of the connection that they were seen through; the plan is of no use through another.
        label: the same for people.
        filter_text: by which filter they were chosen; empty for none.
    """

    rows: tuple[SweepRow, ...]
    made_at: datetime
    connection: str
    label: str = ""
    filter_text: str = ""

    @property
    def acting(self) -> tuple[SweepRow, ...]:
        """Rows to which something will be done."""
        return tuple(row for row in self.rows if row.is_acting)

    @property
    def skipped(self) -> tuple[SweepRow, ...]:
        """Rows to which nothing can be done, with the reason."""
        return tuple(row for row in self.rows if row.skip)

    def row(self, sandbox_id: SandboxId) -> SweepRow | None:
        """Return the row of a sandbox; None where there is none."""
        return next((row for row in self.rows if row.sandbox.id == sandbox_id), None)

    def toggled(self, sandbox_id: SandboxId) -> SweepPlan:
        """Return the plan with a row chosen or not; a row that is skipped stays as it is."""
        return self._edited(sandbox_id, lambda row: replace(row, is_chosen=not row.is_chosen and not row.skip))

    def with_action(self, sandbox_id: SandboxId, action: Action, ttl_min: int | None = None) -> SweepPlan:
        """Return the plan with another action for a row; ``skip`` says so where that one must not be done.

        Args:
            sandbox_id: whose row.
            action: what is to be done.
            ttl_min: minutes to live; the row's own where it is None.
        """
        return self._edited(sandbox_id, lambda row: with_action(row, action, ttl_min, self.made_at))

    def with_action_for_all(self, action: Action, ttl_min: int | None = None) -> SweepPlan:
        """Return the plan with one action for every row; rows for which it must not be done are skipped."""
        return replace(self, rows=tuple(with_action(row, action, ttl_min, self.made_at) for row in self.rows))

    def only(self, sandbox_ids: Collection[SandboxId]) -> SweepPlan:
        """Return the plan of these sandboxes alone; ids that are not in it are left out."""
        return replace(self, rows=tuple(row for row in self.rows if row.sandbox.id in sandbox_ids))

    def with_mine(self, is_mine: Callable[[Sandbox], bool]) -> SweepPlan:
        """Return the plan for somebody else: what is not surely theirs as well is not theirs."""
        return replace(
            self, rows=tuple(replace(row, is_mine=row.is_mine and is_mine(row.sandbox)) for row in self.rows)
        )

    def frees(self, book: PriceBook) -> Effect:
        """Return what the acting rows free together, as an estimate."""
        return freed_by(self.acting, book)

    def _edited(self, sandbox_id: SandboxId, edit: Callable[[SweepRow], SweepRow]) -> SweepPlan:
        return replace(self, rows=tuple(edit(row) if row.sandbox.id == sandbox_id else row for row in self.rows))


def with_action(row: SweepRow, action: Action, ttl_min: int | None, now: datetime) -> SweepRow:
    """Return a row with another action, chosen as it was unless the action must not be done."""
    minutes = row.ttl_min if ttl_min is None else ttl_min
    veto = "" if action in row.permits else row.veto
    skip = veto or obstacle(row.sandbox, action, minutes, now) or held_by_forks(row.sandbox, action, row.ties)
    return replace(row, action=action, ttl_min=minutes, skip=skip, is_chosen=row.is_chosen and not skip)


def freed_by(rows: Iterable[SweepRow], book: PriceBook) -> Effect:
    """Return what carrying out ``rows`` frees together."""
    frees, takes, keeps_gib, unknown = Amount(), Amount(), 0, 0
    for row in rows:
        verb = verb_of(row.action)
        if verb is None:
            continue
        each = effect_of(verb, (row.sandbox,), book)
        frees, takes = frees + each.frees, takes + each.takes
        keeps_gib, unknown = keeps_gib + each.keeps_gib, unknown + each.unknown
    return Effect(frees, takes, keeps_gib, unknown)
