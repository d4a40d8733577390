"""The main screen: passes the selection on from pane to pane, says which keys help now, and asks before dangers."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.screen import ModalScreen
from textual.widgets import Input

from daytona_tui.presentation.questions import Question
from daytona_tui.ui import workers
from daytona_tui.ui.commands import app as app_commands
from daytona_tui.ui.commands import files as files_commands
from daytona_tui.ui.commands import fleet as fleet_commands
from daytona_tui.ui.commands.app import HELP
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.files import FilesPane
from daytona_tui.ui.panes.fleet import FleetPane
from daytona_tui.ui.panes.fleet_health import status_parts
from daytona_tui.ui.panes.pane import Pane
from daytona_tui.ui.panes.tasks import TasksPane
from daytona_tui.ui.screens.arranging import ArrangingDialogs
from daytona_tui.ui.screens.confirm import ConfirmScreen
from daytona_tui.ui.screens.fleet_dialogs import FleetDialogs
from daytona_tui.ui.screens.help import HelpEntry, HelpScreen
from daytona_tui.ui.screens.layout import FleetLayout
from daytona_tui.ui.screens.pull import ReportScreen, ask_for_destination
from daytona_tui.ui.screens.results import ResultsScreen
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.key_bar import KeyBar, KeyHint
from daytona_tui.ui.widgets.status_line import StatusLine


class FleetScreen(FleetLayout):
    """The panes together: the sandbox under the cursor of the one is what the others speak about."""

    COMMANDS_HERE: ClassVar[tuple[Command, ...]] = (
        fleet_commands.START,
        fleet_commands.STOP,
        fleet_commands.ARCHIVE,
        fleet_commands.DELETE,
        fleet_commands.FILTER,
        files_commands.PULL,
        files_commands.PULL_WORKSPACE,
        *app_commands.APP_COMMANDS,
    )
    """What has a meaning in every pane."""
    BINDINGS: ClassVar[list[BindingType]] = [command.binding for command in COMMANDS_HERE]

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.fleet_pane.dialogs = FleetDialogs(self, services.settings.pull_dir, self.do_focus_console)
        self.fleet_pane.layout_dialogs = ArrangingDialogs(self.fleet_pane)

    def on_mount(self) -> None:
        """Show the first state of the lines at top and bottom."""
        self.arrange_panes()
        self._refresh_status(FleetPane.Changed(self.fleet_pane.store.fleet, self.fleet_pane.watch_news.health))
        self.refresh_keys()

    # News

    @on(FleetPane.Changed)
    def _refresh_status(self, event: FleetPane.Changed) -> None:
        parts = status_parts(self.services.profile, event.fleet, event.health, self.services.now())
        self.query_one(StatusLine).show(parts)

    @on(FleetPane.Selected)
    def _hand_on(self, event: FleetPane.Selected) -> None:
        for pane in (self.files_pane, self.details_pane, self.console_pane, self.logs_pane):
            pane.sandbox = event.sandbox
        self.refresh_keys()

    @on(FilesPane.TransferChanged)
    def _show_transfer(self, event: FilesPane.TransferChanged) -> None:
        self.query_one(KeyBar).show_transfer(event.text)

    @on(TasksPane.Progressed)
    def _show_progress(self, event: TasksPane.Progressed) -> None:
        self.query_one(KeyBar).show_progress(event.text)

    @on(TasksPane.ResultsRequested)
    def _show_results(self, event: TasksPane.ResultsRequested) -> None:
        if not isinstance(self.app.screen, ModalScreen):
            self.app.push_screen(ResultsScreen(event.task_shown, event.part))

    @on(FilesPane.PullRequested)
    def _ask_where_to(self, event: FilesPane.PullRequested) -> None:
        if not isinstance(self.app.screen, ModalScreen):
            ask_for_destination(self.app, event)

    @on(FilesPane.PullBegun)
    def _keep_task(self, event: FilesPane.PullBegun) -> None:
        self.tasks_pane.add(event.begun)

    @on(FilesPane.PullEnded)
    def _report_pull(self, event: FilesPane.PullEnded) -> None:
        self.app.push_screen(ReportScreen(event.report))

    @on(Pane.KeysChanged)
    def refresh_keys(self) -> None:
        """Say which keys help now."""
        pane = self.current_pane
        commands = {command for command in (*pane.COMMANDS, *self.COMMANDS_HERE) if command.footer}
        self.query_one(KeyBar).show(
            tuple(
                KeyHint(command.id, command.key_label, pane.title_of(command), self._refusal(command), command is HELP)
                for command in sorted(commands, key=lambda command: command.footer)
            )
        )

    # Commands

    def _owner_of(self, command: Command) -> Pane | None:
        """The pane that carries a command out; None: the screen does."""
        return next((pane for pane in (self.current_pane, *self.panes) if command in pane.COMMANDS), None)

    def _refusal(self, command: Command) -> str:
        pane = self._owner_of(command)
        if pane is None and command in (app_commands.NEXT_TAB, app_commands.PREVIOUS_TAB):
            return "" if len(self.places.current.panes) > 1 else "this pane has no tabs beside it"
        return pane.refusal(command) if pane else ""

    @on(KeyBar.Pressed)
    def _press(self, event: KeyBar.Pressed) -> None:
        commands = (*self.current_pane.COMMANDS, *self.COMMANDS_HERE)
        self._run(next(command for command in commands if command.id == event.command_id))

    def _run(self, command: Command) -> None:
        pane = self._owner_of(command)
        reason = self._refusal(command) if pane is None else ""
        if reason:
            self.app.notify(reason, title=f"{command.title}: not now", severity="warning", markup=False)
        elif pane is None:
            getattr(self, f"do_{command.id.replace('-', '_')}")()
        else:
            pane.action_run_command(command.id)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave to a text entry the keys that are text; Textual then passes them on."""
        if action != "run_command" or not isinstance(self.focused, Input):
            return True
        return not next(command for command in self.COMMANDS_HERE if command.id == parameters[0]).moves_focus

    def action_run_command(self, command_id: str) -> None:
        """Carry out a command that has a meaning in every pane."""
        self._run(next(command for command in self.COMMANDS_HERE if command.id == command_id))

    def do_cancel_pull(self) -> None:
        """Give up the running pull, if there is one."""
        self.files_pane.cancel_pull()

    def do_help(self) -> None:
        """Show all commands; run the one that is chosen."""
        panes = (self.current_pane, *(pane for pane in self.panes if pane is not self.current_pane))
        entries = [HelpEntry(command, pane.NAME, pane.refusal(command)) for pane in panes for command in pane.COMMANDS]
        entries += [HelpEntry(command, "Everywhere") for command in app_commands.APP_COMMANDS]
        self.app.push_screen(HelpScreen(entries), lambda command: self._run(command) if command else None)

    def do_quit(self) -> None:
        """Leave; ask first while something is under way."""
        busy = [
            worker.name
            for worker in self.app.workers
            if worker.is_running and worker.group in (workers.LIFECYCLE, workers.TRANSFER)
        ]
        if not busy:
            self.do_quit_now()
            return
        question = Question("Quit now?", tuple(busy), "What is under way is given up half-way.", yes="Quit")
        self.app.push_screen(ConfirmScreen(question), lambda yes: self.do_quit_now() if yes else None)

    def do_quit_now(self) -> None:
        """Leave."""
        self.app.exit(0)
