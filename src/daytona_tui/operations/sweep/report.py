"""The report of a sweep: what came of every row, what it freed, and what is left to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from daytona_tui.domain.cost import PriceBook, per_day
from daytona_tui.domain.effects import Amount
from daytona_tui.domain.leaks import Action
from daytona_tui.domain.masking import masked
from daytona_tui.operations.journal import BEGUN, Entry
from daytona_tui.operations.sweep.outcomes import Ended, Outcome
from daytona_tui.operations.sweep.plan import SweepPlan, freed_by, with_action

FORMAT = "daytona-tui sweep report"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a sweep. Every row that was to be acted on is in it, whatever happened.

    Attributes:
        plan: what was carried out.
        ended: one for each acting row of the plan, failures first.
        began_at: when it began.
        ended_at: when the last row was over.
        denied: why the key may not delete, in words; empty where it may, or did not have to.
        trouble: why the end could not be verified, in words; empty where it could.
    """

    plan: SweepPlan
    ended: tuple[Ended, ...]
    began_at: datetime
    ended_at: datetime
    denied: str = ""
    trouble: str = ""

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """How many rows came to what, in the order of the outcomes; what nothing came to is left out."""
        many = Counter(each.outcome for each in self.ended)
        return {outcome: many[outcome] for outcome in Outcome if many[outcome]}

    @property
    def failed(self) -> tuple[Ended, ...]:
        """Rows that failed or were not confirmed."""
        return tuple(each for each in self.ended if each.outcome in (Outcome.FAILED, Outcome.NOT_CONFIRMED))

    @property
    def words(self) -> str:
        """How many rows came to what: ``12 deleted, 1 failed (3 were gone already)``."""
        told = ", ".join(f"{many:,} {outcome.words}" for outcome, many in self.counts.items()) or "nothing was done"
        return told + self.gone_words

    @property
    def gone_words(self) -> str:
        """How many were deleted before anything was asked, to be put after the numbers; empty for none."""
        many = sum(each.was_gone for each in self.ended)
        return f" ({many:,} {'was' if many == 1 else 'were'} gone already)" if many else ""

    @property
    def rest(self) -> SweepPlan:
        """The plan of trying once more what failed, was not confirmed or not done.

        Its rows have the records that were decided on: what has changed since is still left alone.
        """
        again = (Outcome.FAILED, Outcome.NOT_CONFIRMED, Outcome.CANCELLED)
        return self.plan.only({each.row.sandbox.id for each in self.ended if each.outcome in again})

    def freed(self, book: PriceBook) -> Amount:
        """Return what the rows that succeeded freed together, as an estimate; what was gone already frees nothing."""
        return freed_by([each.row for each in self.ended if each.outcome.is_success and not each.was_gone], book).frees

    def fallback(self, action: Action, now: datetime, ttl_min: int | None = None) -> SweepPlan:
        """Return the plan of doing ``action`` to what the key may not delete; what cannot be done is skipped.

        Stopping those that are deleted by it would get round the refusal, and is left out.
        """
        left = [each.row for each in self.ended if each.row.action is Action.DELETE and not each.outcome.is_success]
        rows = [with_action(replace(row, is_chosen=True), action, ttl_min, now) for row in left]
        round_about = "stopping deletes it, which the key may not"
        return replace(
            self.plan,
            rows=tuple(replace(row, skip=round_about, is_chosen=False) if row.destroys else row for row in rows),
        )


def as_json(report: Report, book: PriceBook) -> dict[str, Any]:
    """Return a report as JSON values, without secrets."""
    freed = report.freed(book)
    return {
        "format": FORMAT,
        "version": VERSION,
        "connection": report.plan.label,
        "filter": report.plan.filter_text,
        "planned_at": report.plan.made_at.isoformat(),
        "began_at": report.began_at.isoformat(),
        "ended_at": report.ended_at.isoformat(),
        "counts": {outcome.value: many for outcome, many in report.counts.items()},
        "freed": {
            "cpu": freed.cpu,
            "memory_gib": freed.memory_gib,
            "disk_gib": freed.disk_gib,
            "gpu": freed.gpu,
            "daily_usd": round(per_day(freed.hourly), 4),
        },
        "denied": report.denied,
        "trouble": report.trouble,
        "rows": [_row_as_json(each) for each in report.ended],
    }


def _row_as_json(ended: Ended) -> dict[str, Any]:
    row = ended.row
    return {
        "id": row.sandbox.id,
        "name": row.sandbox.name,
        "action": row.action.value,
        "outcome": ended.outcome.value,
        "detail": masked(ended.detail),
        "owner": row.owner,
        "reasons": list(row.codes),
        "score": row.score,
        "daily_usd": row.per_day,
    }


def begun(plan: SweepPlan, at: datetime) -> Entry:
    """Return the line of the journal that tells of a sweep before anything is done: it may never come to its end."""
    actions = Counter(row.action.value for row in plan.acting)
    return Entry(
        at=at,
        verb="sweep",
        sandbox_id="",
        name=f"{len(plan.acting):,} sandboxes",
        parameters={"filter": plan.filter_text, "actions": dict(actions)},
        outcome=BEGUN,
        detail=f"begun: {', '.join(f'{many:,} {action}' for action, many in actions.items())}",
    )


def summary(report: Report, book: PriceBook) -> Entry:
    """Return the line of the journal that tells of the sweep as a whole."""
    freed = report.freed(book)
    return Entry(
        at=report.ended_at,
        verb="sweep",
        sandbox_id="",
        name=f"{len(report.ended):,} sandboxes",
        parameters={
            "filter": report.plan.filter_text,
            "counts": {outcome.value: many for outcome, many in report.counts.items()},
            "freed_daily_usd": round(per_day(freed.hourly), 4),
            "freed_disk_gib": freed.disk_gib,
        },
        outcome="cancelled" if Outcome.CANCELLED in report.counts else "failed" if report.failed else "done",
        detail="; ".join(filter(None, (report.words, masked(report.denied), masked(report.trouble)))),
    )
