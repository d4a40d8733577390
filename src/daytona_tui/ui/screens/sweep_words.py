"""The plan of a sweep and its report in words and cells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from daytona_tui.domain.cost import PriceBook, per_day
from daytona_tui.domain.effects import Amount
from daytona_tui.domain.leaks import Action
from daytona_tui.operations.sweep import Confirmation, Ended, Kind, Outcome, Report, SweepPlan, SweepRow, consequence
from daytona_tui.presentation.cells import short_id
from daytona_tui.presentation.human import age, dollars, interval
from daytona_tui.presentation.questions import NAMED, Question
from daytona_tui.presentation.safe_text import cell_width, clip, safe
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui.widgets.cell_table import heading

PLAN_COLUMNS = (
    heading("chosen", "", (1, 1, 1), 0),
    heading("action", "ACTION", (8, 13, 13), 0),
    heading("name", "NAME", (12, 20, 36), 0),
    heading("owner", "OWNER", (8, 12, 24), 6),
    heading("idle", "IDLE", (4, 5, 5), 5, right=True),
    heading("disk", "GIB", (3, 4, 5), 7, right=True),
    heading("cost", "$/DAY", (6, 6, 8), 2, right=True),
    heading("why", "WHY", (18, 34, 80), 1),
    heading("note", "AGAINST IT", (14, 26, 60), 3),
)
REPORT_COLUMNS = (
    heading("outcome", "OUTCOME", (10, 16, 24), 0),
    heading("name", "NAME", (12, 20, 36), 0),
    heading("action", "ACTION", (8, 13, 13), 2),
    heading("owner", "OWNER", (8, 12, 24), 4),
    heading("detail", "WHAT CAME OF IT", (16, 40, 120), 1),
)

_TONES = {
    Outcome.NOT_CONFIRMED: Tone.WARN,
    Outcome.CHANGED: Tone.WARN,
    Outcome.GUARDED: Tone.ACCENT,
    Outcome.FAILED: Tone.BAD,
    Outcome.CANCELLED: Tone.DIM,
}
_NAMES = {
    Outcome.NOT_CONFIRMED: "not confirmed",
    Outcome.HIDDEN: "deleted, hidden",
    Outcome.CHANGED: "skipped: changed",
    Outcome.GUARDED: "skipped: guarded",
}


def action_words(row: SweepRow) -> str:
    """Return what is to be done to a row: ``ttl 1d``, ``stop = delete``."""
    if row.action is Action.TTL:
        return f"ttl {interval(row.ttl_min)}"
    return "stop = delete" if row.destroys and row.action is Action.STOP else row.action.value


def plan_cells(row: SweepRow, now: datetime) -> tuple[Cell, ...]:
    """Return a row of the plan."""
    base = Tone.NEUTRAL if row.is_acting else Tone.FAINT if row.skip else Tone.DIM
    at = row.sandbox.last_activity_at
    disk = row.sandbox.resources.disk_gib
    note = row.skip or (row.guards[0].words if row.guards else "" if row.is_mine else "not known to be yours")
    return (
        Cell("–" if row.skip else "✓" if row.is_chosen else "·", Tone.ACCENT if row.is_acting else Tone.FAINT),
        Cell(action_words(row), (Tone.BAD if row.destroys else Tone.STRONG) if row.is_acting else base),
        Cell(safe(row.sandbox.name) or safe(row.sandbox.id), base, short=short_id(row.sandbox), is_name=True),
        Cell(safe(" ".join(filter(None, (row.owner, row.run)))) or "—", base, short=safe(row.owner)),
        Cell(age(None if at is None else (now - at).total_seconds()), base),
        Cell("—" if disk is None else str(disk), base),
        Cell("—" if row.per_day is None else dollars(row.per_day), base),
        Cell(safe(row.reasons[0].words) if row.reasons else "nothing speaks for a leak", base),
        Cell(safe(note), Tone.WARN if row.skip else Tone.DIM),
    )


def plan_sum(plan: SweepPlan, book: PriceBook) -> str:
    """Return what the plan comes to, in a line or two."""
    acting = plan.acting
    if not acting:
        return f"nothing is chosen of {len(plan.rows):,}"
    parts = [f"{len(acting):,} of {len(plan.rows):,} chosen"]
    if destroyed := sum(row.destroys for row in acting):
        parts.append(f"{destroyed:,} deleted for good")
    if words := freed_words(plan.frees(book).frees):
        parts.append(f"frees {words} now")
    if later := sum(row.per_day or 0.0 for row in acting if row.action is Action.TTL):
        parts.append(f"≈ ${dollars(later)}/day once their time is over")
    return " · ".join(parts)


def freed_words(amount: Amount) -> str:
    """Return resources and money a day: ``≈ $11.40/day, 180 GiB disk, 24 vCPU``; empty for nothing."""
    parts = []
    if amount.hourly > 0:
        parts.append(f"≈ ${dollars(per_day(amount.hourly))}/day")
    for number, unit in ((amount.disk_gib, "GiB disk"), (amount.cpu, "vCPU"), (amount.memory_gib, "GiB RAM")):
        if number:
            parts.append(f"{number:,} {unit}")
    return ", ".join(parts)


def row_lines(row: SweepRow, now: datetime) -> tuple[str, ...]:
    """Return everything that is to be known of a row: what will come of it, why, and what speaks against it."""
    whose = "yours" if row.is_mine else "not known to be yours"
    owner = safe(" ".join(filter(None, (row.owner, row.run)))) or "no owner known"
    reasons = "; ".join(safe(note.words) for note in row.reasons) or "nothing speaks for a leak"
    guards = "; ".join(safe(note.words) for note in row.guards)
    lines = [
        f"{safe(row.sandbox.name)} · {owner} · {whose} · {row.score} {row.band}",
        f"{action_words(row)}: {safe(consequence(row, now))}",  # in a small terminal the last lines have no room
        *([f"against it: {guards}"] if guards else []),
        f"because: {reasons}",
    ]
    return tuple(lines)


def sweep_question(plan: SweepPlan, danger: Confirmation, book: PriceBook) -> Question:
    """Return what is asked before a plan is carried out; it has one acting row at least."""
    acting = plan.acting
    many = "1 sandbox" if len(acting) == 1 else f"{len(acting):,} sandboxes"
    by_danger = sorted(acting, key=lambda row: not row.destroys)
    lines = [_line(row) for row in by_danger[:NAMED]]
    if len(acting) > NAMED:
        lines.append(f"… and {len(acting) - NAMED:,} more")
    destroys = any(row.destroys for row in acting)
    freed = freed_words(plan.frees(book).frees)
    return Question(
        title=f"Sweep {many}?",
        lines=tuple(lines),
        warning=_sentence("; ".join(map(safe, danger.why))),
        yes=f"Sweep {len(acting):,}",
        typed="" if danger.kind is Kind.YES else danger.word,
        effect=f"Frees {freed}." if freed else "",
        left_out=(f"{len(plan.rows) - len(acting):,} others are left alone",) if len(plan.rows) > len(acting) else (),
        is_danger=destroys or danger.kind is Kind.NAME,
    )


def _line(row: SweepRow) -> str:
    name = clip(short_id(row.sandbox) or safe(row.sandbox.name), 28)
    owner = safe(row.owner) or "no owner known"
    return f"{name}{' ' * (28 - cell_width(name))}  {action_words(row)} · {owner}"


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}." if words else ""


def outcome_words(outcome: Outcome) -> str:
    """Return what came of a row, in a word or two."""
    return _NAMES.get(outcome, outcome.value)


def report_cells(ended: Ended) -> tuple[Cell, ...]:
    """Return a row of the report."""
    tone = _TONES.get(ended.outcome, Tone.GOOD)
    row = ended.row
    return (
        Cell(outcome_words(ended.outcome), tone),
        Cell(safe(row.sandbox.name), short=short_id(row.sandbox), is_name=True),
        Cell(action_words(row), Tone.DIM),
        Cell(safe(row.owner) or "—", Tone.DIM),
        Cell(_came_of(ended), Tone.BAD if ended.outcome is Outcome.FAILED else Tone.DIM),
    )


def _came_of(ended: Ended) -> str:
    row = ended.row
    if not ended.detail and ended.outcome is Outcome.REPAIRED and row.action is Action.TTL:
        return f"is deleted in {interval(row.ttl_min)} unless somebody takes that back"
    return safe(ended.detail)


def report_sum(report: Report, book: PriceBook) -> Sequence[str]:
    """Return what came of a sweep as a whole: the numbers, what it freed, what stood in the way."""
    counts = ", ".join(f"{many:,} {outcome_words(outcome)}" for outcome, many in report.counts.items())
    freed = freed_words(report.freed(book))
    lines = [
        (counts or "nothing was done") + report.gone_words,
        f"freed {freed}, an estimate" if freed else "nothing is freed by now",
    ]
    limited = [each.row for each in report.ended if each.row.action is Action.TTL and each.outcome.is_success]
    if later := sum(row.per_day or 0.0 for row in limited):
        lines[-1] += f"; ≈ ${dollars(later)}/day once their time is over"
    if report.denied:
        lines.append(f"the key may not delete: {safe(report.denied)}")
    if report.trouble:
        lines.append(safe(report.trouble))
    return lines
