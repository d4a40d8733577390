"""What ``reap`` shows: the plan, how far it is, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from daytona_tui.cli import narration, output
from daytona_tui.cli.exit_codes import ExitCode
from daytona_tui.cli.sweeping import action_word, cost_word, idle_word, name_word, owner_word
from daytona_tui.domain.cost import PriceBook
from daytona_tui.operations.sweep import Outcome, Report, SweepPlan, SweepRow, SweepRowRun, consequence
from daytona_tui.presentation.deeds import amount_words
from daytona_tui.presentation.safe_text import safe

if TYPE_CHECKING:
    from datetime import datetime

_HEAD = ("ACTION", "NAME", "OWNER", "IDLE", "GIB", "$/DAY", "WHY", "WHAT COMES OF IT")
_RIGHT = (False, False, False, True, True, True, False, False)

_NAMED = frozenset({Outcome.NOT_CONFIRMED, Outcome.CHANGED, Outcome.GUARDED, Outcome.FAILED, Outcome.HIDDEN})


_ASIDE_CELLS = 64
"""What a line of the plan takes at the least where it stands beside JSON, on stderr."""


def show_plan(plan: SweepPlan, *, is_aside: bool = False) -> None:
    """Write the plan as a table: what is done first, then what is only listed, then what is left out and why.

    Where a person reads, what comes of it stands once below the table for all rows of which it is true, and so does
    what speaks against it.

    Args:
        plan: what is shown.
        is_aside: stdout is for JSON, the plan goes to stderr.
    """
    rows = sorted(plan.rows, key=lambda row: (not row.is_acting, bool(row.skip)))
    room = max(_ASIDE_CELLS, narration.room()) if is_aside else output.room_of_terminal()
    cells = [_cells(row, plan.made_at, room) for row in rows]
    if room is None:
        output.table(_HEAD, cells, right=_RIGHT)
        return
    brief = [_brief(each, row) for each, row in zip(cells, rows, strict=True)]
    if is_aside:
        for line in output.table_lines(_HEAD[:-1], brief, right=_RIGHT[:-1], room=room):
            narration.add(line)
    else:
        output.table(_HEAD[:-1], brief, right=_RIGHT[:-1], room=room)
    acting = [(each, row) for each, row in zip(cells, rows, strict=True) if row.is_acting]
    for words in dict.fromkeys(f"{each[0]}: {each[-1]}" for each, _row in acting):
        narration.add(words)
    for _each, row in acting:
        if row.guards:
            narration.add(f"{row.sandbox.name}: {_against(row)}")


def _against(row: SweepRow) -> str:
    return "; ".join(note.words for note in row.guards)


def _brief(cells: list[str], row: SweepRow) -> list[str]:
    """Return the cells without what comes of it; of a skipped row, why it is."""
    *most, why, _comes = cells
    return [*most, safe(row.skip) or why]


def _cells(row: SweepRow, now: datetime, room: int | None) -> list[str]:
    size = row.sandbox.resources.disk_gib
    words = [
        action_word(row) if row.is_acting else f"({'skipped' if row.skip else 'not chosen'})",
        name_word(row.sandbox, room),
        owner_word(row.owner, row.run, room),
        idle_word(row.sandbox, now),
        "—" if size is None else str(size),
        cost_word(row.per_day),
        row.reasons[0].words if row.reasons else "",
        _comes(row, now, room),
    ]
    return [safe(word) for word in words]


def _comes(row: SweepRow, now: datetime, room: int | None) -> str:
    if not row.is_acting and not row.skip:
        return f"left alone: {row.band}{'' if row.is_mine else ', not known to be yours'}"
    notes = _against(row)
    return consequence(row, now) + (f" ({notes})" if notes and not row.skip and room is None else "")


def tell_sum(plan: SweepPlan, book: PriceBook) -> None:
    """Say how many are acted on and what that frees."""
    many, skipped = len(plan.acting), len(plan.skipped)
    others = len(plan.rows) - many - skipped
    parts = [f"{many:,} to be done"]
    parts += [f"{skipped:,} protected or impossible"] if skipped else []
    parts += [f"{others:,} not chosen"] if others else []
    narration.say(", ".join(parts))
    if frees := amount_words(plan.frees(book).frees):
        narration.add(f"frees {frees}")


def watcher(live: narration.LiveLine, many: int) -> Callable[[SweepRowRun], None]:
    """Return what shows on ``live`` how far a sweep is."""
    over: set[str] = set()

    def show(each: SweepRowRun) -> None:
        if each.is_over:
            over.add(each.row.sandbox.id)
        live.show(f"{len(over):,} of {many:,}, {each.row.sandbox.name} {each.bulk.step}")

    return show


def conclude(report: Report, book: PriceBook) -> None:
    """Say what came of a sweep: the counts, what was freed, and whatever did not go as planned, by name."""
    narration.say(report.words)
    if freed := amount_words(report.freed(book)):
        narration.add(f"freed {freed}")
    for each in report.ended:
        if each.outcome in _NAMED:
            words = "skipped" if each.outcome in (Outcome.CHANGED, Outcome.GUARDED) else each.outcome.words
            narration.add(f"{each.row.sandbox.name}: {words}{f': {each.detail}' if each.detail else ''}")
    if report.trouble:
        narration.add(report.trouble)
    if report.denied:
        narration.add(f"deleting was given up: {report.denied}; --action stop or --action ttl may still be done")


def code_of(report: Report) -> int:
    """Return what all failures have in common, or that there were some."""
    failed = {each.exit_code or int(ExitCode.FAILED) for each in report.ended if each.outcome is Outcome.FAILED}
    if failed:
        return failed.pop() if len(failed) == 1 else ExitCode.FAILED
    return ExitCode.TIMED_OUT if Outcome.NOT_CONFIRMED in report.counts else ExitCode.OK
