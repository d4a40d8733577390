"""What came of one deed on many sandboxes: in words, as data, and as an exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daytona_tui.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from daytona_tui.domain.cost import PriceBook
    from daytona_tui.domain.deeds import Deed
    from daytona_tui.domain.effects import Amount, Effect
    from daytona_tui.domain.sandbox import Sandbox
    from daytona_tui.operations.bulk import BulkRow, BulkRun, PlannedRow


def conclude(run: BulkRun, done: str, *, waits: bool, is_named: bool) -> None:
    """Say how many were done, and of whom nothing was done, why."""
    from collections import Counter

    from daytona_tui.cli import narration
    from daytona_tui.operations.bulk import RowStatus

    def word(row: BulkRow) -> str:
        if row.status is RowStatus.DONE:
            return done if waits else "asked for"
        return f"not {done}" if is_named and _is_refused(row) else row.status.value

    counts = Counter(map(word, run.rows))
    order = (done, "asked for", "failed", f"not {done}", "skipped", "cancelled")
    narration.say(", ".join(f"{counts[each]:,} {each}" for each in order if counts[each]))
    if run.stopped_because:
        narration.add(f"the rest was not asked for: {run.stopped_because}")
    for row in run.rows:
        if row.status in (RowStatus.FAILED, RowStatus.SKIPPED):
            narration.add(f"{row.sandbox.name}: {word(row)}: {row.detail}")
        elif row.status is RowStatus.CANCELLED and row.before is not None:
            narration.add(f"{row.sandbox.name}: {row.detail}")


def _is_refused(row: BulkRow) -> bool:
    """Return whether nothing was done to a sandbox that is not what the deed would have made of it."""
    from daytona_tui.operations.bulk import RowStatus

    return row.status is RowStatus.SKIPPED and not _is_as_wanted(row)


def _is_as_wanted(row: BulkRow) -> bool:
    from daytona_tui.operations.bulk import RowStatus
    from daytona_tui.operations.lifecycle import is_as_wanted

    if row.status is RowStatus.DONE or row.status is not RowStatus.SKIPPED:
        return row.status is RowStatus.DONE
    size = row.deed.size
    return size.is_met_by(row.latest.resources) if size else not row.is_gone and is_as_wanted(row.deed.verb, row.latest)


def code_of(run: BulkRun, *, is_named: bool) -> int:
    """Return what all failures have in common, or that there were some; who was named and is refused is one."""
    from daytona_tui.operations.bulk import RowStatus

    failed = [row for row in run.rows if row.status is RowStatus.FAILED or (is_named and _is_refused(row))]
    if not failed:
        return ExitCode.OK
    codes = {row.error.exit_code if row.error else int(ExitCode.FAILED) for row in failed}
    return codes.pop() if len(codes) == 1 else ExitCode.FAILED


def planned_object(row: PlannedRow, prices: PriceBook) -> dict[str, object]:
    """Return what ``--dry-run --json`` shows of a sandbox. The keys are a promise: more may come, none goes."""
    status, detail = ("skipped", row.skip) if row.skip else ("planned", row.warning)
    effect = effect_on(row.deed, [] if row.skip else [row.sandbox], prices)
    named = _named(row.sandbox.id, row.sandbox.name, row.deed.verb.value)
    amounts = {"frees": _amount(effect.frees), "takes": _amount(effect.takes)}
    return {**named, "status": status, "detail": detail, **amounts}


def _amount(amount: Amount) -> dict[str, object]:
    """Return resources under the names that ``list`` gives them, and dollars an hour, an estimate."""
    return {
        "cpu": amount.cpu,
        "memory_gib": amount.memory_gib,
        "disk_gib": amount.disk_gib,
        "gpu": amount.gpu,
        "hourly_usd": round(amount.hourly, 6),
    }


def done_object(row: BulkRow) -> dict[str, object]:
    """Return what ``--json`` shows of a sandbox. The keys are a promise: more may come, none goes or changes."""
    named = _named(row.sandbox.id, row.sandbox.name, row.deed.verb.value)
    state = row.after.state.value if row.after else "destroyed" if row.is_gone else None
    told = {"status": row.status.value, "detail": row.detail, "state": state}
    return {**named, **told, "is_as_wanted": _is_as_wanted(row)}


def _named(sandbox_id: str, name: str, verb: str) -> dict[str, object]:
    return {"id": sandbox_id, "name": name, "verb": verb}


def effect_on(deed: Deed, sandboxes: list[Sandbox], prices: PriceBook) -> Effect:
    """Return what a deed frees and takes."""
    from daytona_tui.domain.effects import effect_of, resize_effect

    return resize_effect(sandboxes, deed.size, prices) if deed.size else effect_of(deed.verb, sandboxes, prices)
