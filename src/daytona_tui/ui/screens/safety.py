"""Is a sandbox safe to delete? Looks, shows a light with everything that explains it, and offers the ways on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from daytona_tui.domain.safety import Findings, SafetyReport
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.rescue import Tell, look_into
from daytona_tui.operations.safety import inspect
from daytona_tui.operations.waking import waking_refusal
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import cell_width, clip, safe
from daytona_tui.presentation.safety import SafetyRow, headline, kept_refusal, rows, waking_note
from daytona_tui.ui import workers
from daytona_tui.ui.panes.dialogs import AfterCheck, Checked
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.rows_view import Placeholder, RowsView
from daytona_tui.ui.widgets.tone_styles import VARIABLES


class SafetyList(RowsView):
    """What was found, one row each; what belongs to a finding stands below it."""

    def __init__(self) -> None:
        super().__init__(id="findings")
        self.rows: Sequence[SafetyRow] = ()
        self.placeholder = Placeholder("Looking …", "This does not count as activity: it does not keep it awake.")

    def show(self, shown: Sequence[SafetyRow]) -> None:
        """Show other rows."""
        self.rows = shown
        self.placeholder = Placeholder("Nothing was found that would be lost")
        self.rows_changed()

    def row_count(self) -> int:
        """Return how many there are."""
        return len(self.rows)

    def row_segments(self, index: int, width: int) -> list[Segment]:
        """Return one row: its light, and what it is."""
        row = self.rows[index]
        indent = "     " if row.is_item else f" {row.mark.text} "
        return [
            Segment(indent, self.tone_style(row.mark.tone)),
            Segment(clip(row.text.text, max(1, width - cell_width(indent) - 1)), self.tone_style(row.text.tone)),
        ]


class SafetyScreen(workers.FailureFunnel, ModalScreen[Checked]):
    """Looks into one sandbox as soon as it is open; its result is what to do then, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Close", show=False),
        Binding("r", "rescue", show=False),
        Binding("R", "rescue_and_delete", show=False),
        Binding("D,delete", "delete", show=False),
        Binding("s", "wake", show=False),
        Binding("l", "look", show=False),
    ]
    AUTO_FOCUS = "#findings"
    CSS_PATH = "../styles/safety.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012 - Textual declares it

    def __init__(self, services: Services, sandbox: Sandbox) -> None:
        super().__init__()
        self._services = services
        self._sandbox = sandbox
        self.report: SafetyReport | None = None
        self._is_waking = False

    def compose(self) -> ComposeResult:
        """Make headline, list and the ways on."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(f"Delete {safe(self._sandbox.name)}?").markup
            yield Static("", id="light")
            yield SafetyList()
            yield Static("", id="note", classes="caution")
            yield Static("", id="ways", classes="quiet")

    def on_mount(self) -> None:
        """Look."""
        self.action_look()

    @property
    def _list(self) -> SafetyList:
        return self.query_one(SafetyList)

    # Looking

    def action_look(self) -> None:
        """Look once more."""
        if self._is_waking:
            self._refuse("Look", "it is being looked into")
            return
        self._say_that_it_looks("Looking …", "This does not count as activity: it does not keep it awake.")
        self.run_worker(self._look(), name="look", group=workers.DIALOG, exclusive=True, exit_on_error=False)

    def action_wake(self) -> None:
        """Start one that does not run, look into it, and put it back."""
        if self._is_waking:
            self._refuse("Start and look", "it is being looked into")
        elif self._sandbox.is_running:
            self._refuse("Start and look", "it runs already: l looks once more")
        elif reason := self._services.read_only or waking_refusal(self._sandbox):
            self._refuse("Start and look", reason)
        else:
            self._is_waking = True
            self._say_that_it_looks("Starting it …", "It is put back afterwards, also if you close this.")
            self.run_worker(
                self._wake(), name=f"look into {safe(self._sandbox.name)}", group=workers.LIFECYCLE, exit_on_error=False
            )

    async def _look(self) -> None:
        services = self._services
        try:
            report = await inspect(services.gateway, self._sandbox, services.now)
            self._show(await self._with_keeper(report))
        except DaytonaTuiError as error:
            self._fail(error)

    async def _wake(self) -> None:
        services = self._services
        try:
            outcome = await look_into(
                services.gateway,
                self._sandbox,
                services.now,
                tell=Tell(self._say_step),
                timeout_s=services.settings.lifecycle_timeout_s,
            )
            self._show(await self._with_keeper(outcome.report), after=outcome.after)
        except DaytonaTuiError as error:
            self._fail(error)
        finally:
            self._is_waking = False

    async def _with_keeper(self, report: SafetyReport) -> SafetyReport:
        kept = await self._services.keeper.why(report.sandbox)
        return replace(report, findings=replace(report.findings, kept=kept))

    def _say_step(self, step: str) -> None:
        if self.is_attached:
            self.query_one("#light", Static).update(Content(f"{step} …"))

    def _say_that_it_looks(self, title: str, hint: str) -> None:
        self.report = None
        self._list.show(())
        self._list.placeholder = Placeholder(title, hint)
        for line in ("light", "note", "ways"):
            self.query_one(f"#{line}", Static).update("")

    def _fail(self, error: DaytonaTuiError) -> None:
        said = phrase(error)
        findings = Findings(unseen=(" · ".join(filter(None, (said.detail, said.hint))),), is_looked_into=False)
        self._show(SafetyReport(self._sandbox, self._services.now(), findings))

    def _show(self, report: SafetyReport, after: Sandbox | None = None) -> None:
        if not self.is_attached:
            return
        self.report = report
        self._sandbox = after or report.sandbox
        light = headline(report)
        self.query_one("#light", Static).update(Content(light.text).stylize(f"bold ${VARIABLES[light.tone]}"))
        self._list.show(rows(report))
        if report.findings.is_looked_into:
            where = Content(f"looked below {clip(safe(report.work_dir), 60)}")
            self.query_one(".dialog").border_subtitle = where.markup
        refusal = waking_refusal(self._sandbox)
        note = "" if self._sandbox.is_running else waking_note(self._sandbox.state)
        note = f"It cannot be started to be looked into: {safe(refusal)}." if refusal else note
        self.query_one("#note", Static).update(Content(note))
        again = "l looks again" if self._sandbox.is_running else "s starts it and looks"
        both = () if report.findings.kept else ("R rescues and deletes",)
        is_worth = report.has_something_to_rescue or not report.findings.is_looked_into
        rescuing = ("r rescues", *both) if is_worth else ()
        copying = () if refusal else (*rescuing, again)
        self.query_one("#ways", Static).update(Content(" · ".join((*copying, "D asks and deletes", "esc closes"))))

    # The ways on

    def _refuse(self, title: str, reason: str) -> None:
        self.app.notify(reason, title=f"{title}: not now", severity="warning", markup=False)

    def _rescue_refusal(self, *, delete: bool) -> str:
        report = self.report
        if report is None:
            return "it is being looked into"
        if delete and report.findings.kept:
            return kept_refusal(report.findings.kept)
        if self._services.read_only and (delete or not self._sandbox.is_running):
            return self._services.read_only
        if report.findings.is_looked_into and not report.has_something_to_rescue:
            return "there is nothing to rescue" + (": D deletes it" if delete else "")
        return waking_refusal(self._sandbox)

    def _choose(self, title: str, reason: str, answer: AfterCheck) -> None:
        if reason:
            self._refuse(title, reason)
        else:
            running = self.report.running if self.report is not None else ()
            self.dismiss(Checked(answer, tuple(safe(line.text) for line in running)))

    def action_rescue(self) -> None:
        """Copy what would be lost."""
        self._choose("Rescue", self._rescue_refusal(delete=False), AfterCheck.RESCUE)

    def action_rescue_and_delete(self) -> None:
        """Copy what would be lost, prove it, and delete the sandbox."""
        self._choose("Rescue and delete", self._rescue_refusal(delete=True), AfterCheck.RESCUE_AND_DELETE)

    def action_delete(self) -> None:
        """Go on to the question whether to delete it."""
        reason = "it is being looked into" if self._is_waking else self._services.read_only
        self._choose("Delete", reason, AfterCheck.DELETE)

    def action_close(self) -> None:
        """Close; one that was started is put back."""
        self.dismiss(None)
