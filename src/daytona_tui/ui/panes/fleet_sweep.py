"""Sweeping: the plan is asked for in a dialog, carried out in the background, and reported."""

from __future__ import annotations

import asyncio

from textual.message import Message

from daytona_tui.operations.bulk import Tempo
from daytona_tui.operations.sweep import TEMPO, SweepRowRun, SweepRun, Wish
from daytona_tui.operations.sweep.report import summary
from daytona_tui.operations.sweep.rows import verb_of
from daytona_tui.presentation.safe_text import safe
from daytona_tui.ui import workers
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.commands.leaks import SWEEP
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.fleet_acts import FleetActs
from daytona_tui.ui.panes.fleet_deeds import QUEUED
from daytona_tui.ui.panes.sweep_task import SweepOrder, SweepTask

_SHOWN_S = 8


class FleetSweep(FleetActs):
    """Opens the plan of a sweep, and does what it ends with."""

    class Swept(Message):
        """A sweep is over: the screen shows the report."""

        def __init__(self, task: SweepTask) -> None:
            super().__init__()
            self.swept = task

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        if command != SWEEP:
            return super().refusal(command)
        return "the filter cannot be read" if self.view.filter_error is not None else ""

    def title_of(self, command: Command) -> str:
        """Return the title, with the number of marked sandboxes."""
        many = len(self.chosen) if command == SWEEP else 0
        return f"{command.title} {many:,}" if many else super().title_of(command)

    def do_sweep(self) -> None:
        """Plan a sweep of the marked; without marks, of what is a leak and ours among those the filter lets through."""
        self.dialogs.plan_sweep(self.sweep_wish(), self.begin_sweep)

    def sweep_wish(self) -> Wish:
        """Return what a sweep would be about."""
        if self.chosen:
            return Wish(marked=[sandbox.id for sandbox in self.targets])
        text = self.view.filter_text
        if not text:
            return Wish()
        passed = frozenset(sandbox.id for sandbox in self.view.matching)
        return Wish(among=passed, filter_text=text)

    def begin_sweep(self, order: SweepOrder) -> None:
        """Carry a plan out in the background; the rows of its sandboxes say so at once."""
        if is_leaving(self):
            return
        if self.services.read_only:
            self.app.notify(self.services.read_only, title="Sweep: not now", severity="warning", markup=False)
            return
        now = self.services.now()
        tempo = Tempo(timeout_s=self.services.settings.lifecycle_timeout_s, patience_s=TEMPO.patience_s)
        run = SweepRun(
            order.plan, self.services.gateway, order.guard, on_change=lambda each: self._follow(task, each),
            journal=self.deeds.journal, tempo=tempo,
        )  # fmt: skip
        task = SweepTask(order, run, self.begin_sweep)
        for each in run.rows:
            verb = verb_of(each.row.action)
            if verb is not None:
                self.store.begin_act(each.row.sandbox.id, verb, QUEUED, now)
        self.view.marks -= {each.row.sandbox.id for each in run.rows}
        self.table.end_range()
        self.view_changed()
        self.run_worker(self._sweep(task), name=task.title, group=workers.LIFECYCLE, exit_on_error=False)
        self.post_message(self.Begun(task))

    def _follow(self, task: SweepTask, each: SweepRowRun) -> None:
        self.deeds.note(each.bulk)
        self.changed()
        task.on_change()

    async def _sweep(self, task: SweepTask) -> None:
        run = task.run
        try:
            task.finish(await run.run())
        except asyncio.CancelledError:
            self.deeds.journal.keep_now(summary(run.report(), self.services.prices))
            raise
        finally:
            if task.report is None:
                task.finish(run.report())
            for batch in run.batches:
                self.deeds.remember(batch)
            for each in run.rows:
                self.store.fail(each.row.sandbox.id)  # of those whose turn did not come
            self.changed()
            self.watch_news.wake()
        assert task.report is not None
        await self.deeds.journal.keep(summary(task.report, self.services.prices))
        if trouble := self.deeds.journal.take_trouble():
            self.app.notify(trouble, severity="warning", markup=False)
        self._tell_of_sweep(task)

    def _tell_of_sweep(self, task: SweepTask) -> None:
        report = task.report
        assert report is not None
        lines = [report.words, f"stopped asking: {safe(report.denied)}" if report.denied else ""]
        self.app.notify(
            "\n".join(filter(None, lines)), title=task.title, timeout=_SHOWN_S, markup=False,
            severity="warning" if report.failed else "information",
        )  # fmt: skip
        self.post_message(self.Swept(task))
