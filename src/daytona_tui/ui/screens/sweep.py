"""The plan of a sweep: looked for, shown, changed row by row, kept in a file, and agreed to."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from daytona_tui.domain.leaks import Action, Band
from daytona_tui.domain.lifetimes import Timer
from daytona_tui.errors import ConfigError, DaytonaTuiError
from daytona_tui.operations.sweep import (
    Guard,
    Kind,
    SweepPlan,
    SweepRow,
    Wish,
    danger_of,
    guard_of,
)
from daytona_tui.operations.sweep.planfile import write_plan
from daytona_tui.operations.sweep.planning import planned
from daytona_tui.presentation.human import interval
from daytona_tui.presentation.lifetimes import IntervalError, parse_interval
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Tone
from daytona_tui.ui import workers
from daytona_tui.ui.panes.sweep_task import SweepOrder
from daytona_tui.ui.screens.asking import AskingScreen
from daytona_tui.ui.screens.confirm import ConfirmScreen
from daytona_tui.ui.screens.sweep_words import PLAN_COLUMNS, plan_cells, plan_sum, row_lines, sweep_question
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.cell_table import CellTable
from daytona_tui.ui.widgets.rows_view import Placeholder, RowsView

_LOOKING = Placeholder("Looking at the whole fleet …", "Nothing is planned from a part of it. Looking wakes nobody.")
_KEYS = (
    "space chooses · t ttl  x stop  a archive  D delete  R recover: this row · A all as this row · T time to live · "
    "w writes a file · r looks again · enter goes on · esc leaves"
)


class SweepScreen(workers.FailureFunnel, AskingScreen[SweepOrder]):
    """Makes a plan as soon as it is open; its result is what is to be carried out, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Leave", show=False),
        Binding("space", "choose", show=False),
        Binding("ctrl+a", "choose_all", show=False),
        Binding("t", "give('ttl')", show=False),
        Binding("x", "give('stop')", show=False),
        Binding("a", "give('archive')", show=False),
        Binding("D,delete", "give('delete')", show=False),
        Binding("R", "give('recover')", show=False),
        Binding("A", "give_all", show=False),
        Binding("T", "ask_time", show=False),
        Binding("w", "ask_file", show=False),
        Binding("r", "look", show=False),
    ]
    AUTO_FOCUS = "#plan"
    CSS_PATH = "../styles/sweep.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012 - Textual declares it

    def __init__(self, services: Services, wish: Wish, ready: SweepOrder | None = None) -> None:
        """Prepare.

        Args:
            services: the connection.
            wish: what the plan is to be made of.
            ready: a plan that is made already; then nobody looks.
        """
        super().__init__()
        self._services = services
        self._wish = wish
        self._guard: Guard | None = ready.guard if ready else None
        self.plan: SweepPlan | None = ready.plan if ready else None

    def compose(self) -> ComposeResult:
        """Make the sum, the table, what is known of a row, and the keys."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Sweep"
            yield Static("", id="sum")
            yield CellTable(PLAN_COLUMNS, id="plan", placeholder=_LOOKING)
            yield Static("", id="about")
            yield Static("", id="notes", classes="caution")
            yield from self.compose_entry()
            yield Static(Content(_KEYS), id="keys", classes="quiet")

    def on_mount(self) -> None:
        """Look, or show what is planned already."""
        if self.plan is None:
            self.action_look()
        else:
            self._draw()

    @property
    def table(self) -> CellTable:
        """The rows."""
        return self.query_one("#plan", CellTable)

    @property
    def current(self) -> SweepRow | None:
        """The row under the cursor."""
        rows = self.plan.rows if self.plan else ()
        return rows[self.table.cursor] if self.table.cursor < len(rows) else None

    # Looking

    def action_look(self) -> None:
        """Look at the whole fleet, and plan anew."""
        self.plan = None
        self.table.placeholder = _LOOKING
        self._say("notes", "")
        self._draw()
        self.run_worker(self._look(), name="look for leaks", group=workers.DIALOG, exclusive=True, exit_on_error=False)

    async def _look(self) -> None:
        services, wish = self._services, self._wish
        try:
            band = Band.SUSPECT if wish.marked is None else Band.UNTIDY
            look = await services.scanner.look(band, wish.concerns)
            plan, look = await planned(services.scanner, look, wish, services.profile_id, services.profile)
        except (DaytonaTuiError, ConfigError) as error:
            said = phrase(error)
            detail = "\n".join(filter(None, (said.detail, said.hint, "r looks again")))
            self.table.placeholder = Placeholder(said.title, detail, Tone.BAD)
            return
        self._guard = guard_of(services.settings.leak_policy, look.evidence, services.now)
        self.plan = plan
        hint = "Mark sandboxes to plan for them whatever they look like."
        self.table.placeholder = Placeholder("Nothing looks like a leak", hint, Tone.GOOD)
        self._say("notes", " · ".join(map(safe, look.notes)))
        self._draw()

    # Drawing

    def _draw(self) -> None:
        plan, now = self.plan, self._services.now()
        self.table.show([plan_cells(row, now) for row in plan.rows] if plan else ())
        self._say("sum", plan_sum(plan, self._services.prices) if plan and plan.rows else "")
        self._tell_of_row()

    @on(RowsView.CursorMoved)
    def _tell_of_row(self) -> None:
        row = self.current
        self._say("about", "\n".join(row_lines(row, self._services.now())) if row else "")

    def _say(self, where: str, text: str) -> None:
        self.query_one(f"#{where}", Static).update(Content(text))

    def _refuse(self, title: str, reason: str) -> None:
        self.app.notify(safe(reason), title=f"{title}: not now", severity="warning", markup=False)

    def _become(self, plan: SweepPlan) -> None:
        self.plan = plan
        self._draw()

    # Changing the plan

    def action_choose(self) -> None:
        """Choose the row, or leave it out, and go on to the next."""
        row, plan = self.current, self.plan
        if row is None or plan is None:
            self._refuse("Choose", "there is no row under the cursor")
        elif row.skip:
            self._refuse("Choose", f"nothing is done to it: {row.skip}")
        else:
            self._become(plan.toggled(row.sandbox.id))
            self.table.action_move(1)

    def action_choose_all(self) -> None:
        """Choose every row for which something can be done; if all are, none."""
        plan = self.plan
        if plan is None or not plan.rows:
            self._refuse("Choose", "there are no rows")
            return
        chooses = any(not row.is_chosen and not row.skip for row in plan.rows)
        self._become(replace(plan, rows=tuple(replace(row, is_chosen=chooses and not row.skip) for row in plan.rows)))

    def action_give(self, action: str) -> None:
        """Give the row another action, and choose it where that is possible."""
        row, plan = self.current, self.plan
        if row is None or plan is None:
            self._refuse(action.capitalize(), "there is no row under the cursor")
            return
        self._give(plan, row, Action(action))

    def _give(self, plan: SweepPlan, row: SweepRow, action: Action, ttl_min: int | None = None) -> None:
        changed = plan.with_action(row.sandbox.id, action, ttl_min)
        after = changed.row(row.sandbox.id)
        assert after is not None  # it is the row of before
        if after.skip:
            self._refuse(action.value.capitalize(), f"nothing is done to it: {after.skip}")
        else:
            self._become(changed if after.is_chosen else changed.toggled(row.sandbox.id))

    def action_give_all(self) -> None:
        """Give the action of this row to all that are chosen."""
        row, plan = self.current, self.plan
        if row is None or plan is None:
            self._refuse("All", "there is no row under the cursor")
            return
        chosen = plan.acting
        for each in chosen:
            plan = plan.with_action(each.sandbox.id, row.action, row.ttl_min)
        self._become(plan)
        skipped = len(chosen) - len(plan.acting)
        left = f"; {skipped:,} are skipped, each says why" if skipped else ""
        self.app.notify(f"{row.action.value} for all that were chosen{left}", title="All", markup=False, timeout=4)

    def action_ask_time(self) -> None:
        """Ask for the time to live of the row."""
        row = self.current
        if row is None:
            self._refuse("Time to live", "there is no row under the cursor")
        else:
            question = "Time to live from the moment it is set (90m, 24h, 7d):"
            self.ask(question, interval(row.ttl_min), self._take_time)

    def _take_time(self, text: str) -> None:
        row, plan = self.current, self.plan
        try:
            minutes = parse_interval(Timer.TTL, text)
        except IntervalError as error:
            self._refuse("Time to live", str(error))
            return
        if row is not None and plan is not None:
            self._give(plan, row, Action.TTL, minutes)

    # Keeping it

    def action_ask_file(self) -> None:
        """Ask for the file to write the plan to."""
        if self.plan is None or not self.plan.rows:
            self._refuse("Write", "there is no plan")
            return
        name = f"sweep-{self.plan.made_at:%Y%m%d-%H%M%S}.json"
        self.ask("Write the plan to (daytona-tui reap --apply FILE carries it out):", name, self._write)

    def _write(self, text: str) -> None:
        path = Path(text).expanduser()
        if not text:
            self._refuse("Write", "type the name of a file")
        elif self.plan is not None:
            workers.start(self, partial(self._written, path, self.plan), name="write the plan", group=workers.DIALOG)

    async def _written(self, path: Path, plan: SweepPlan) -> None:
        if await asyncio.to_thread(path.exists):
            self._refuse("Write", f"{path} is there already")
            return
        try:
            await asyncio.to_thread(write_plan, path, plan)
        except (OSError, DaytonaTuiError) as error:
            reason = phrase(error).line if isinstance(error, DaytonaTuiError) else error.strerror or "it failed"
            self._refuse("Write", f"{path} cannot be written: {reason}")
            return
        self.app.notify(safe(str(path)), title="The plan is written", markup=False)

    # Carrying it out

    @on(RowsView.Chosen)
    def _go_on(self, event: RowsView.Chosen) -> None:
        event.stop()
        plan, guard = self.plan, self._guard
        if plan is None or guard is None:
            return
        if self._services.read_only:
            self._refuse("Sweep", self._services.read_only)
            return
        danger = danger_of(plan, self._services.now())
        if danger.kind is Kind.NOTHING:
            self._refuse("Sweep", "nothing is chosen: space chooses a row")
            return
        question = sweep_question(plan, danger, self._services.prices)
        order = SweepOrder(plan, guard)

        def answered(yes: bool | None) -> None:
            if yes:
                self.dismiss(order)

        self.app.push_screen(ConfirmScreen(question), answered)
