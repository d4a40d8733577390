"""Carrying out the plan of a sweep: the gentlest actions first, each sandbox looked at once more, the end verified."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from daytona_tui.domain.leaks import Action
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.errors import AuthError
from daytona_tui.operations.bulk import BulkRow, BulkRun, Rules, Tempo
from daytona_tui.operations.bulk.noting import entry_of
from daytona_tui.operations.bulk.plan import plan_of
from daytona_tui.operations.journal import Entry, Journal
from daytona_tui.operations.sweep.checks import Guard, differences, happened
from daytona_tui.operations.sweep.outcomes import Ended, Last, Outcome, outcome_of
from daytona_tui.operations.sweep.plan import ORDER, SweepPlan
from daytona_tui.operations.sweep.report import Report, begun
from daytona_tui.operations.sweep.rows import SweepRow, deed_of
from daytona_tui.operations.sweep.verifying import look_once_more

TEMPO = Tempo(timeout_s=60.0, patience_s=90.0)
"""A row may take a minute to settle; a server that is silent for longer than a minute and a half ends the sweep."""

_CHANGED = "changed since plan: "
_HAPPENED = "it has happened already"


class SweepRowRun:
    """One acting row while the sweep is carried out.

    Attributes:
        row: what was planned.
        bulk: how it stands.
        skipped: which outcome it has if it was left alone.
        last: what was seen of it at the end; None before that, and where nothing could be seen.
    """

    def __init__(self, row: SweepRow, bulk: BulkRow) -> None:
        self.row = row
        self.bulk = bulk
        self.skipped = Outcome.CHANGED
        self.last: Last | None = None

    @property
    def is_over(self) -> bool:
        """True when nothing more is done to it."""
        return self.bulk.is_over


OnChange = Callable[[SweepRowRun], None]


def unseen(_row: SweepRowRun) -> None:
    """Take no notice of a row."""


class SweepRun:
    """One sweep being carried out.

    Attributes:
        plan: what is carried out.
        rows: one for each acting row of the plan, in the order in which they are done.
        is_verifying: everything is done, and the fleet is looked at once more.
    """

    def __init__(
        self,
        plan: SweepPlan,
        gateway: Gateway,
        guard: Guard,
        *,
        on_change: OnChange = unseen,
        journal: Journal | None = None,
        tempo: Tempo = TEMPO,
    ) -> None:
        """Prepare; nothing is asked before ``run``.

        Args:
            plan: what to carry out.
            gateway: where.
            guard: asked for every row on the record of the moment.
            on_change: told each row that became different, often; it must be quick.
            journal: keeps what was done to each sandbox.
            tempo: how many at a time, and how long each may take.
        """
        self.plan = plan
        self.is_verifying = False
        self._gateway = gateway
        self._guard = guard
        self._on_change = on_change
        self._journal = journal
        self._began_at = datetime.now(UTC)
        self._trouble = ""
        self._is_cancelled = False
        self._runs = tuple(self._run_of(action, tempo) for action in ORDER if any(_rows(plan, action)))
        self.rows = tuple(
            SweepRowRun(row, bulk)
            for action, run in self._runs
            for row, bulk in zip(_rows(plan, action), run.rows, strict=True)
        )
        self._by_id: dict[SandboxId, SweepRowRun] = {each.row.sandbox.id: each for each in self.rows}

    @property
    def batches(self) -> tuple[BulkRun, ...]:
        """What is carried out, one batch for each action: what was done can be taken back batch by batch."""
        return tuple(run for _action, run in self._runs)

    @property
    def is_over(self) -> bool:
        """True when nothing more happens to any row."""
        return not self.is_verifying and all(row.is_over for row in self.rows)

    @property
    def is_cancelled(self) -> bool:
        """True when somebody wants the rest left alone."""
        return self._is_cancelled

    def cancel(self) -> None:
        """Begin nothing more; what is in flight is finished and verified."""
        self._is_cancelled = True
        for _action, run in self._runs:
            run.cancel()

    async def run(self) -> Report:
        """Carry out the plan and return the report; failures stand in it and are not raised. To be called once.

        Interrupted by cancellation, ``report`` tells how far it came.
        """
        self._began_at = datetime.now(UTC)
        try:
            if self._journal is not None:
                await self._journal.keep(begun(self.plan, self._began_at))
            await self._act()
        except BaseException:
            self.cancel()  # the actions that have not come to their turn
            raise
        self.is_verifying = True
        try:
            await self._verify()
        finally:
            self.is_verifying = False
        return self.report()

    def report(self) -> Report:
        """Return what has come of the rows so far; one that is not over counts as cancelled."""
        ended = sorted((self._ended(row) for row in self.rows), key=lambda each: each.outcome is not Outcome.FAILED)
        denied = next((_denial(run) for action, run in self._runs if action is Action.DELETE), "")
        return Report(self.plan, tuple(ended), self._began_at, datetime.now(UTC), denied, self._trouble)

    async def _act(self) -> None:
        for _action, run in self._runs:
            if self._is_cancelled:
                return
            await run.run()
            if _is_hopeless(run):
                self.cancel()

    # Before each row

    def _run_of(self, action: Action, tempo: Tempo) -> tuple[Action, BulkRun]:
        pairs = [(row.sandbox, deed) for row in _rows(self.plan, action) if (deed := deed_of(row)) is not None]
        plan = plan_of(pairs[0][1], pairs, self.plan.made_at)
        rules = Rules(self._recheck, self._note)
        run = BulkRun(plan, self._gateway, on_change=self._tell, journal=self._journal, tempo=tempo, rules=rules)
        return action, run

    def _recheck(self, bulk: BulkRow, found: Sandbox) -> str:
        each = self._by_id[bulk.sandbox.id]
        if bulk.is_doubtful and happened(each.row, found):
            return _HAPPENED  # our own request, whose answer was lost
        different = differences(each.row, found, self.plan.made_at)
        if different:
            return _CHANGED + ", ".join(different)
        if reason := self._guard(found, each.row.action):
            each.skipped = Outcome.GUARDED
            return reason
        return ""

    def _tell(self, bulk: BulkRow) -> None:
        each = self._by_id.get(bulk.sandbox.id)
        if each is not None:
            self._on_change(each)

    def _note(self, bulk: BulkRow) -> Entry:
        entry = entry_of(bulk)
        row = self._by_id[bulk.sandbox.id].row
        return dataclasses.replace(
            entry, parameters={**entry.parameters, "sweep": row.action.value, "reasons": list(row.codes)}
        )

    # Afterwards

    async def _verify(self) -> None:
        asked = [each for each in self.rows if _deserves_a_look(each)]
        if not asked:
            return
        seen = await look_once_more(self._gateway, [each.row.sandbox.id for each in asked])
        self._trouble = seen.trouble
        for each in asked:
            each.last = seen.of(each.row.sandbox.id)
            self._on_change(each)

    def _ended(self, each: SweepRowRun) -> Ended:
        outcome, detail = outcome_of(each.row, each.bulk, each.skipped, each.last)
        error = each.bulk.error
        exit_code = error.exit_code if error and outcome is Outcome.FAILED else 0
        was_gone = each.bulk.before is None and outcome in (Outcome.DELETED, Outcome.HIDDEN)
        return Ended(each.row, outcome, detail, exit_code, was_gone)


def _rows(plan: SweepPlan, action: Action) -> Iterator[SweepRow]:
    return (row for row in plan.acting if row.action is action)


def _deserves_a_look(each: SweepRowRun) -> bool:
    """True for what was asked for, and for what is on its way by somebody else's doing."""
    bulk = each.bulk
    if bulk.before is not None or bulk.is_gone:
        return True
    return bulk.after is not None and happened(each.row, bulk.after)


def _is_hopeless(run: BulkRun) -> bool:
    """True if no other action can succeed either: nobody answers, or the key is refused as such."""
    return run.is_unanswered or any(isinstance(row.error, AuthError) and row.error.status != 403 for row in run.rows)


def _denial(run: BulkRun) -> str:
    """Return why the key may not do this, in words; empty where it may, or is no key at all."""
    is_denied = any(isinstance(row.error, AuthError) and row.error.status == 403 for row in run.rows)
    return run.stopped_because if is_denied else ""
