"""Carries plans out: the rows of the sandboxes say so at once, the tasks show all of it, the journal keeps it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from daytona_tui.domain.deeds import Verb
from daytona_tui.operations.bulk import BulkRow, BulkRun, Plan, RowStatus, Tempo
from daytona_tui.operations.journal import FILE_NAME, Journal
from daytona_tui.operations.undo import Undo, undo_of
from daytona_tui.presentation.deeds import WORDS
from daytona_tui.store.fleet import FleetStore
from daytona_tui.ui.panes.bulk_task import BulkTask
from daytona_tui.ui.services import Services

KEPT = 50
"""Acts that can be taken back; older ones are forgotten."""

QUEUED = "queued"
"""What the row of a sandbox says whose turn has not come."""

_BESIDE = frozenset({Verb.EXECUTE, Verb.PULL})
"""Verbs that change nothing that the row of the sandbox shows."""


class FleetDeeds:
    """Begins plans; each sandbox has at most one act under way that its row shows.

    Attributes:
        journal: every act of this connection.
        finished: what was carried out in this run of the program and was not taken back, the newest last.
    """

    def __init__(self, services: Services, store: FleetStore, changed: Callable[[], None]) -> None:
        self._services = services
        self._store = store
        self._changed = changed
        self.journal = Journal(services.state_dir / FILE_NAME, profile=services.profile)
        self.finished: list[BulkRun] = []

    def begin(self, plan: Plan, again: Callable[[Plan], None], *, title: str = "", note: str = "") -> BulkTask:
        """Return the task of carrying a plan out, which ``carry_out`` does; the rows of the sandboxes say so at once.

        Args:
            plan: what to do.
            again: begins another plan: what failed of this one.
            title: how the task is called; empty: after its verb.
            note: what it frees or takes, in words.
        """
        now = self._services.now()
        for row in plan.acting if plan.deed.verb not in _BESIDE else ():
            self._store.begin_act(row.sandbox.id, row.deed.verb, QUEUED, now)
        self._changed()
        return BulkTask(plan, self._run, again, title=title, note=note)

    def _run(self, task: BulkTask, plan: Plan) -> BulkRun:
        tempo = Tempo(timeout_s=self._services.settings.lifecycle_timeout_s)
        return BulkRun(
            plan, self._services.gateway, on_change=partial(self._follow, task), journal=self.journal, tempo=tempo
        )

    async def carry_out(self, task: BulkTask, undone: BulkRun | None = None) -> None:
        """Do it; what failed stands in the rows of the run and is not raised.

        Args:
            task: what ``begin`` has returned.
            undone: the run that is taken back by it. Taking back is not itself taken back.
        """
        try:
            await task.run.run()
        finally:
            if undone is None:
                self.remember(task.run)

    def remember(self, run: BulkRun) -> None:
        """Note that a run was carried out and may be taken back."""
        self.finished = [*self.finished, run][-KEPT:]

    def last_undo(self) -> tuple[BulkRun, Undo] | None:
        """Return the last act of which something can be taken back, and how; None where there is none."""
        for run in reversed(self.finished):
            undo = undo_of(run, self._services.now())
            if undo.plan.acting:
                return run, undo
        return None

    def forget(self, run: BulkRun) -> None:
        """Note that an act is being taken back."""
        if run in self.finished:
            self.finished.remove(run)

    def _follow(self, task: BulkTask, row: BulkRow) -> None:
        """Hand on what became of a sandbox, to the store and to the task."""
        if row.deed.verb not in _BESIDE:
            self.note(row)
        elif row.is_gone:
            self._store.forget(row.sandbox.id)
        self._changed()
        task.follow(row)

    def note(self, row: BulkRow) -> None:
        """Hand on to the store what became of a sandbox."""
        key, store = row.sandbox.id, self._store
        if row.status is RowStatus.RUNNING:
            step = row.step or WORDS[row.deed.verb].doing
            act = store.pending.get(key)
            if act is not None and act.step == QUEUED:  # its own time begins now
                store.fail(key)
                store.begin_act(key, row.deed.verb, step, self._services.now())
            else:
                store.note_step(key, step)
        elif row.is_gone or row.after is not None:
            store.settle(key, None if row.is_gone else row.after)
        else:
            store.fail(key)
