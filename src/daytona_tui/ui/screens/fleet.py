"""The main screen: arranges the panes, passes the selection on, and says which keys help now."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.events import DescendantFocus, Resize
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, Static

from daytona_tui.presentation.questions import Question
from daytona_tui.ui import workers
from daytona_tui.ui.commands import app as app_commands
from daytona_tui.ui.commands import files as files_commands
from daytona_tui.ui.commands import fleet as fleet_commands
from daytona_tui.ui.commands.app import HELP
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.console import ConsolePane
from daytona_tui.ui.panes.details import DetailsPane
from daytona_tui.ui.panes.files import FilesPane
from daytona_tui.ui.panes.fleet import FleetPane
from daytona_tui.ui.panes.fleet_health import status_parts
from daytona_tui.ui.panes.logs import LogsPane
from daytona_tui.ui.panes.pane import Pane
from daytona_tui.ui.panes.places import Place, Places
from daytona_tui.ui.panes.tasks import TasksPane
from daytona_tui.ui.screens.confirm import ConfirmScreen
from daytona_tui.ui.screens.fleet_dialogs import FleetDialogs
from daytona_tui.ui.screens.help import HelpEntry, HelpScreen
from daytona_tui.ui.screens.pull import ReportScreen, ask_for_destination
from daytona_tui.ui.screens.results import ResultsScreen
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.key_bar import KeyBar, KeyHint
from daytona_tui.ui.widgets.status_line import StatusLine
from daytona_tui.ui.widgets.tab_strip import TabStrip

LEAST = (60, 15)
"""Columns and rows below which nothing useful can be shown."""


class FleetScreen(workers.FailureFunnel, Screen[None]):
    """Four panes side by side, or as many as there is room for."""

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
    AUTO_FOCUS = "#sandboxes"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - Textual declares it
        (0, "-tiny"),
        (LEAST[0], "-narrow"),
        (100, "-normal"),
        (150, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (LEAST[1], "-short"), (28, "-tall")]  # noqa: RUF012

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self.fleet_pane = FleetPane(services, id="fleet")
        self.files_pane = FilesPane(services, id="files")
        self.console_pane = ConsolePane(services, id="console")
        self.logs_pane = LogsPane(services, id="logs")
        self.details_pane = DetailsPane(services, id="details")
        self.tasks_pane = TasksPane(services, id="tasks")
        self.places = Places(
            left=(Place(self.fleet_pane), Place(self.console_pane)),
            right=(Place(self.files_pane, self.details_pane), Place(self.logs_pane, self.tasks_pane)),
        )
        self.panes = self.places.panes
        self.fleet_pane.dialogs = FleetDialogs(self, services.settings.pull_dir, self.do_focus_console)
        self._before: Pane = self.fleet_pane
        """Where the user was before the pane that a key of its own leads to."""

    @property
    def current_pane(self) -> Pane:
        """The pane the user is in."""
        return self.places.current_pane

    def compose(self) -> ComposeResult:
        """Arrange the panes.

        Classes are set before anything is mounted: each that is set later applies the stylesheet once more.
        """
        self._set_classes_for_size()
        self.places.arrange(right_is_shared=self._right_is_shared)
        yield StatusLine(id="status")
        yield TabStrip(self._tabs, id="tabs")
        with Horizontal(id="panes"):
            with Vertical(id="left", classes="column -current"):
                yield from (pane for place in self.places.left for pane in place.panes)
            with Vertical(id="right", classes="column"):
                yield from (pane for place in self.places.right for pane in place.panes)
        yield KeyBar(id="keys")
        yield Static(id="too-small")

    def on_mount(self) -> None:
        """Show the first state of the lines at top and bottom."""
        self._arrange()
        self._refresh_status(FleetPane.Changed(self.fleet_pane.store.fleet, self.fleet_pane.watch_news.health))
        self.refresh_keys()

    # Arrangement

    def _set_classes_for_size(self) -> None:
        """Set what Textual sets at the first resize."""
        for size, breakpoints in zip(
            self.app.size, (self.HORIZONTAL_BREAKPOINTS, self.VERTICAL_BREAKPOINTS), strict=True
        ):
            self.add_class(max(each for each in breakpoints if each[0] <= size)[1])

    def on_resize(self, event: Resize) -> None:
        """Say so where there is too little room; the style sheet does the rest."""
        width, height = event.size
        self.query_one("#too-small", Static).update(f"too small: {width}×{height}, and it takes {LEAST[0]}×{LEAST[1]}")
        # Textual sets the classes for the size after this handler.
        self.call_later(self._arrange)
        # Where everything was hidden nothing kept the focus.
        self.call_after_refresh(self._keep_focus)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Note which pane the user is in."""
        pane = next((node for node in event.widget.ancestors_with_self if isinstance(node, Pane)), None)
        if pane is not None and pane is not self.current_pane:
            self.places.enter(pane)
            self._arrange()
        self.refresh_keys()

    @property
    def _tabs(self) -> tuple[tuple[int, str], ...]:
        return tuple((place.number, place.front.NAME) for place in self.places.all)

    @property
    def _right_is_shared(self) -> bool:
        return self.has_class("-normal") and self.has_class("-tall") and not self.has_class("-zoomed")

    def _arrange(self) -> None:
        """Tell the style sheet where the user is and what is in front."""
        self.places.arrange(right_is_shared=self._right_is_shared)
        self.query_one("#left").set_class(self.places.current in self.places.left, "-current")
        self.query_one("#right").set_class(self.places.current in self.places.right, "-current")
        self.query_one(TabStrip).show(self._tabs, self.current_pane.NUMBER)

    def _go_to(self, pane: Pane) -> None:
        self.places.enter(pane)
        self._arrange()
        # At once, for the keys that follow in the same burst; and again, because a pane that was hidden can keep the
        # focus only once its styles are in force.
        self.set_focus(self.current_pane.focus_target)
        self.call_after_refresh(self._focus_current)

    def _keep_focus(self) -> None:
        if self.focused is None and not self.has_class("-tiny") and not self.has_class("-flat"):
            self._focus_current()

    def _focus_current(self) -> None:
        self.current_pane.focus_target.focus()

    def _go_or_return(self, pane: Pane) -> None:
        """Go to a pane; out of it, back to where the user came from."""
        if pane is self.current_pane:
            self._go_to(self._before)
        else:
            self._before = self.current_pane
            self._go_to(pane)

    @on(TabStrip.Chosen)
    def _choose_tab(self, event: TabStrip.Chosen) -> None:
        self._go_to_number(event.number)

    def _go_to_number(self, number: int) -> None:
        """Go to a place as it was left; within it, on to its next tab."""
        place = self.places.numbered(number)
        self._go_to(place.beside(1) if place is self.places.current else place.front)

    def action_show_pane(self, pane_id: str) -> None:
        """Go to the pane whose title was clicked."""
        self._go_to(next(pane for pane in self.panes if pane.id == pane_id))

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

    def do_focus_fleet(self) -> None:
        """Go to the sandboxes."""
        self._go_to_number(1)

    def do_focus_files(self) -> None:
        """Go to the files."""
        self._go_to_number(2)

    def do_focus_console(self) -> None:
        """Go to the console."""
        self._go_to_number(3)

    def do_focus_logs(self) -> None:
        """Go to the logs."""
        self._go_to_number(4)

    def do_focus_details(self) -> None:
        """Go to the details, or back from them."""
        self._go_or_return(self.details_pane)

    def do_focus_tasks(self) -> None:
        """Go to the tasks, or back from them."""
        self._go_or_return(self.tasks_pane)

    def do_next_tab(self) -> None:
        """Go to the next tab of the place."""
        self._go_to(self.places.current.beside(1))

    def do_previous_tab(self) -> None:
        """Go to the previous tab of the place."""
        self._go_to(self.places.current.beside(-1))

    def do_next_pane(self) -> None:
        """Go to the next pane."""
        self._go_to(self.places.step(1))

    def do_previous_pane(self) -> None:
        """Go to the previous pane."""
        self._go_to(self.places.step(-1))

    def do_zoom(self) -> None:
        """Give the whole screen to the pane."""
        self.add_class("-zoomed")
        self._arrange()

    def do_unzoom(self) -> None:
        """Show the other panes again."""
        self.remove_class("-zoomed")
        self._arrange()

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
