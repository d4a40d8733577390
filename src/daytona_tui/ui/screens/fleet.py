"""The main screen: passes the selection on from pane to pane, says which keys help now, and asks before dangers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual import on
from textual.screen import ModalScreen
from textual.widgets import Input

from daytona_tui.domain.audit import AuditTrail
from daytona_tui.domain.files import FileEntry, file_name
from daytona_tui.domain.owners import learn
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.operations.sweep import Wish
from daytona_tui.presentation.cells import Doing
from daytona_tui.presentation.details import Known
from daytona_tui.ui import workers
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.files import FilesPane
from daytona_tui.ui.panes.fleet import FleetPane
from daytona_tui.ui.panes.git import GitPane
from daytona_tui.ui.panes.leads import FileRequested, LogRequested
from daytona_tui.ui.panes.pane import Pane
from daytona_tui.ui.panes.spots import Spot
from daytona_tui.ui.panes.sweep_task import SweepOrder, SweepTask
from daytona_tui.ui.panes.tasks import TasksPane
from daytona_tui.ui.screens.arranging import ArrangingDialogs
from daytona_tui.ui.screens.console_dialogs import ConsoleScreens
from daytona_tui.ui.screens.file_dialogs import FileScreens
from daytona_tui.ui.screens.finding_dialogs import FindingScreens
from daytona_tui.ui.screens.fleet_dialogs import FleetDialogs
from daytona_tui.ui.screens.fleet_transfers import FleetTransfers
from daytona_tui.ui.screens.git_dialogs import GitScreens
from daytona_tui.ui.screens.port_dialogs import PortScreens
from daytona_tui.ui.screens.shelf_door import ShelfDoor
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.key_bar import KeyBar


class FleetScreen(ShelfDoor, FleetTransfers):
    """The panes together: the sandbox under the cursor of the one is what the others speak about."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._dialogs = FleetDialogs(
            self, services, self.do_focus_console, self._show_logs, self.files_pane.ask_pull_from
        )
        self.fleet_pane.dialogs = self._dialogs
        self.fleet_pane.layout_dialogs = ArrangingDialogs(self.fleet_pane)
        self.files_pane.dialogs = FileScreens(self, services)
        self.logs_pane.dialogs = self.files_pane.dialogs
        self.console_pane.dialogs = ConsoleScreens(self, services)
        self.files_pane.newest = self._newest
        self.files_pane.finder = FindingScreens(self)
        self.files_pane.journal = self.fleet_pane.deeds.journal
        self.git_pane.dialogs = GitScreens(self, services)
        self.git_pane.journal = self.fleet_pane.deeds.journal
        self.details_pane.known = self._known_of
        self.details_pane.run_of_fleet = self.fleet_pane.action_run_command
        self.ports_pane.dialogs = PortScreens(self, is_ascii=services.settings.ascii)
        self.ports_pane.journal = self.fleet_pane.deeds.journal
        self.tape_pane.seen_states = self.fleet_pane.store.history.of
        services.who.on_told = self._learn_owners
        services.who.on_refused = self._tell_no_audit
        services.abilities.listen(lambda: self.post_message(Pane.KeysChanged()))

    def on_mount(self) -> None:
        """Show the first state of the lines at top and bottom."""
        self.arrange_panes()
        self.refresh_status()
        self.refresh_keys()
        who = self.services.who
        self.call_after_refresh(workers.start, self, who.load, name="read kept owners", group=workers.FLEET_CACHE)

    def _show_logs(self, sandboxes: Sequence[Sandbox]) -> None:
        """Go to the logs; of several sandboxes, read those of all of them as one."""
        self.go_to(self.logs_pane)
        if sandboxes:
            self.logs_pane.read_newest_of(sandboxes)

    def _newest(self, sandbox_id: SandboxId) -> Sandbox | None:
        return self.fleet_pane.store.fleet.get(sandbox_id)  # each listing is another fleet

    def _learn_owners(self, trails: Mapping[SandboxId, AuditTrail]) -> None:
        """Say with the rows who made them, where only the audit log tells; drawn with the next news or second."""
        learn(trails)
        self.fleet_pane.store.retell(trails)

    def _tell_no_audit(self, reason: str) -> None:
        if not is_leaving(self):
            text = f"{reason}: who made a sandbox is told by its marks alone"
            self.notify(text, title="Audit log", timeout=8, markup=False)

    def _known_of(self, sandbox: Sandbox) -> Known:
        """What the fleet knows of a sandbox beyond its row."""
        store = self.fleet_pane.store
        act = store.pending.get(sandbox.id)
        doing = Doing(act.step, act.since) if act else None
        services, seen = self.services, store.history.of(sandbox)
        verdict = self.fleet_pane.verdict_of(sandbox) if self.details_pane.is_seen else None
        return Known(services.now(), doing, seen, verdict=verdict, prices=services.prices, keymap=services.keymap)

    # News

    @on(FleetPane.Selected)
    def _hand_on(self, event: FleetPane.Selected) -> None:
        self.show_sandbox(event.sandbox)
        self.refresh_keys()

    @on(LogRequested)
    def _show_log(self, event: LogRequested) -> None:
        self.go_to(self.logs_pane)
        self.logs_pane.show_log(event.source)

    @on(FileRequested)
    def _show_file(self, event: FileRequested) -> None:
        sandbox = self.files_pane.sandbox
        if sandbox is not None and sandbox.id == event.sandbox_id:
            self.go_to(self.files_pane)
            self.files_pane.go_to_spot(Spot(event.path, ""))
            self.files_pane.start_preview(FileEntry(file_name(event.path), event.path, False))
        else:
            self.notify("another sandbox is shown by now", title="Not there", severity="warning", markup=False)

    @on(TasksPane.Progressed)
    def _show_progress(self, event: TasksPane.Progressed) -> None:
        if not is_leaving(self):
            self.query_one(KeyBar).show_progress(event.text)

    @on(FleetPane.Swept)
    def _report_sweep(self, event: FleetPane.Swept) -> None:
        # Not over a text that is being typed: its letters would be keys of the report.
        if not is_leaving(self) and not isinstance(self.focused, Input):
            self._show_report(event.swept)

    def _show_report(self, task: SweepTask) -> None:
        if task.report is None or isinstance(self.app.screen, ModalScreen):
            return

        from daytona_tui.ui.screens.sweep_report import SweepReportScreen

        def go_on(order: SweepOrder | None) -> None:
            if order is not None:
                self._dialogs.plan_sweep(Wish(), self.fleet_pane.begin_sweep, ready=order)

        self.app.push_screen(SweepReportScreen(self.services, task, task.report), go_on)

    @on(TasksPane.ResultsRequested)
    def _show_results(self, event: TasksPane.ResultsRequested) -> None:
        if isinstance(event.task_shown, SweepTask) and event.task_shown.is_over:
            self._show_report(event.task_shown)
        elif not isinstance(self.app.screen, ModalScreen):
            from daytona_tui.ui.screens.results import ResultsScreen

            self.app.push_screen(ResultsScreen(self.services, event.task_shown, event.part))

    @on(GitPane.FilesChanged)
    def _read_files_again(self, event: GitPane.FilesChanged) -> None:
        sandbox = self.files_pane.sandbox
        if sandbox is not None and sandbox.id == event.sandbox.id and not is_leaving(self):
            self.files_pane.read_again()

    @on(FilesPane.TransferBegun)
    @on(FilesPane.ActBegun)
    @on(FleetPane.Begun)
    @on(GitPane.Begun)
    def _keep_task(self, event: FilesPane.TransferBegun | FilesPane.ActBegun | FleetPane.Begun | GitPane.Begun) -> None:
        self.tasks_pane.add(event.begun)

    def do_journal(self) -> None:
        """Show what was done."""
        from daytona_tui.ui.screens.journal import JournalScreen

        self.app.push_screen(JournalScreen(self.fleet_pane.deeds.journal, self.services.now()))

    def do_cancel_pull(self) -> None:
        """Give up the running pull, if there is one."""
        self.files_pane.cancel_pull()
