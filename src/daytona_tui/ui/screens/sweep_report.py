"""What came of a sweep: failures first, with the ways on; to be kept as JSON."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from daytona_tui.config.kept_file import write_private
from daytona_tui.domain.leaks import Action
from daytona_tui.operations.sweep import Report
from daytona_tui.operations.sweep.report import as_json
from daytona_tui.presentation.phrases import os_reason
from daytona_tui.presentation.safe_text import safe
from daytona_tui.ui import workers
from daytona_tui.ui.panes.sweep_task import SweepOrder, SweepTask
from daytona_tui.ui.screens.asking import AskingScreen
from daytona_tui.ui.screens.sweep_words import REPORT_COLUMNS, report_cells, report_sum
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.cell_table import CellTable
from daytona_tui.ui.widgets.rows_view import Placeholder, RowsView


class SweepReportScreen(workers.FailureFunnel, AskingScreen[SweepOrder]):
    """Shows the report of one sweep; its result is what is to be planned next, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Leave", show=False),
        Binding("s,w", "ask_file", show=False),
        Binding("R", "retry", show=False),
        Binding("x", "fall_back('stop')", show=False),
        Binding("t", "fall_back('ttl')", show=False),
    ]
    AUTO_FOCUS = "#report"
    CSS_PATH = "../styles/sweep.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012 - Textual declares it

    def __init__(self, services: Services, task: SweepTask, report: Report) -> None:
        super().__init__()
        self._services = services
        self._swept = task
        self.report = report

    def compose(self) -> ComposeResult:
        """Make the sum, the rows, and the keys."""
        report = self.report
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(self._swept.title).markup
            yield Static(Content("\n".join(report_sum(report, self._services.prices))), id="sum")
            yield CellTable(REPORT_COLUMNS, id="report", placeholder=Placeholder("Nothing was to be done"))
            yield Static("", id="about")
            yield from self.compose_entry()
            yield Static(Content(self._keys()), id="keys", classes="quiet")

    def on_mount(self) -> None:
        """Show the rows."""
        self.query_one(CellTable).show([report_cells(each) for each in self.report.ended])
        self._tell_of_row()

    def _keys(self) -> str:
        ways = ["s saves it as JSON"]
        if self._swept.can_retry:
            ways.append("R plans what is not done again")
        if self.report.denied:
            ways.append("what may not be deleted: x stops, t gives an end")
        return " · ".join([*ways, "esc closes"])

    @on(RowsView.CursorMoved)
    def _tell_of_row(self) -> None:
        at, ended = self.query_one(CellTable).cursor, self.report.ended
        text = f"{safe(ended[at].row.sandbox.id)}\n{safe(ended[at].detail)}" if at < len(ended) else ""
        self.query_one("#about", Static).update(Content(text))

    def _refuse(self, title: str, reason: str) -> None:
        self.app.notify(safe(reason), title=f"{title}: not now", severity="warning", markup=False)

    # The ways on

    def action_retry(self) -> None:
        """Plan again what failed, was not confirmed, or was given up."""
        if not self._swept.can_retry:
            self._refuse("Again", "nothing of it failed")
            return
        plan = self.report.plan
        left = tuple(row.sandbox.id for row in plan.rows if row.sandbox.id in self._swept.unfinished)
        self.dismiss(SweepOrder(plan.only(left), self._swept.order.guard))

    def action_fall_back(self, action: str) -> None:
        """Plan something gentler for what the key may not delete."""
        if not self.report.denied:
            self._refuse(action.capitalize(), "the key was not refused to delete anything")
            return
        plan = self.report.fallback(Action(action), self._services.now())
        self.dismiss(SweepOrder(plan, self._swept.order.guard))

    # Keeping it

    def action_ask_file(self) -> None:
        """Ask for the file to save the report in."""
        self.ask("Save the report as:", f"sweep-report-{self.report.ended_at:%Y%m%d-%H%M%S}.json", self._save)

    def _save(self, text: str) -> None:
        if not text:
            self._refuse("Save", "type the name of a file")
        else:
            path = Path(text).expanduser()
            workers.start(self, partial(self._saved, path), name="save the report", group=workers.DIALOG)

    async def _saved(self, path: Path) -> None:
        if await asyncio.to_thread(path.exists):
            self._refuse("Save", f"{path} is there already")
            return
        told = json.dumps(as_json(self.report, self._services.prices), indent=1) + "\n"
        try:
            await asyncio.to_thread(write_private, path, told)
        except OSError as error:
            self._refuse("Save", f"{path} cannot be written: {os_reason(error)}")
            return
        self.app.notify(safe(str(path)), title="The report is saved", markup=False)
