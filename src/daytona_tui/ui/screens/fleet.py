"""The main screen: arranges the panes, passes the selection on, and says which keys help now."""

from __future__ import annotations

import getpass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.events import DescendantFocus, Resize
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, Static

from daytona_tui.operations.lifecycle import Verb
from daytona_tui.presentation.questions import Question, delete_question, stop_question
from daytona_tui.ui import workers
from daytona_tui.ui.commands import app as app_commands
from daytona_tui.ui.commands import files as files_commands
from daytona_tui.ui.commands import fleet as fleet_commands
from daytona_tui.ui.commands.app import HELP
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.panes.console import ConsolePane
from daytona_tui.ui.panes.files import FilesPane
from daytona_tui.ui.panes.fleet import FleetPane
from daytona_tui.ui.panes.fleet_health import status_parts
from daytona_tui.ui.panes.logs import LogsPane
from daytona_tui.ui.panes.pane import Pane
from daytona_tui.ui.screens.confirm import ConfirmScreen
from daytona_tui.ui.screens.help import HelpEntry, HelpScreen
from daytona_tui.ui.screens.pull import ReportScreen, ask_for_destination
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
        self._left: tuple[Pane, ...] = (self.fleet_pane, self.console_pane)
        self._right: tuple[Pane, ...] = (self.files_pane, self.logs_pane)
        self.panes: tuple[Pane, ...] = (self.fleet_pane, self.files_pane, self.console_pane, self.logs_pane)
        self.current_pane: Pane = self.fleet_pane
        self._in_front: Pane = self.files_pane
        """Which pane of the right column is seen where only one of them is."""

    def compose(self) -> ComposeResult:
        """Arrange the panes.

        Classes are set before anything is mounted: each that is set later applies the stylesheet once more.
        """
        self._set_classes_for_size()
        self.fleet_pane.add_class("-current")
        self.files_pane.add_class("-in-front")
        yield StatusLine(id="status")
        yield TabStrip(tuple((pane.NUMBER, pane.NAME) for pane in self.panes), id="tabs")
        with Horizontal(id="panes"):
            with Vertical(id="left", classes="column -current"):
                yield from self._left
            with Vertical(id="right", classes="column"):
                yield from self._right
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
            self.current_pane = pane
            self._arrange()
        self.refresh_keys()

    def _arrange(self) -> None:
        """Tell the style sheet which pane the user is in and which of the right column is in front."""
        if self.current_pane in self._right:
            self._in_front = self.current_pane
        for pane in self.panes:
            pane.set_class(pane is self.current_pane, "-current")
            pane.set_class(pane is self._in_front, "-in-front")
        self.query_one("#left").set_class(self.current_pane in self._left, "-current")
        self.query_one("#right").set_class(self.current_pane in self._right, "-current")
        self.query_one(TabStrip).show(self.current_pane.NUMBER)
        is_shared = self.has_class("-normal") and self.has_class("-tall") and not self.has_class("-zoomed")
        for pane in self._right:
            others = (f"{other.NUMBER} {other.NAME}" for other in self._right if other is not pane)
            pane.share_place(" ".join(others) if is_shared else "")

    def _go_to(self, pane: Pane) -> None:
        self.current_pane = pane
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

    def _step(self, by: int) -> None:
        self._go_to(self.panes[(self.panes.index(self.current_pane) + by) % len(self.panes)])

    @on(TabStrip.Chosen)
    def _choose_tab(self, event: TabStrip.Chosen) -> None:
        self._go_to_number(event.number)

    def _go_to_number(self, number: int) -> None:
        self._go_to(next(pane for pane in self.panes if number == pane.NUMBER))

    # News

    @on(FleetPane.Changed)
    def _refresh_status(self, event: FleetPane.Changed) -> None:
        parts = status_parts(self.services.profile, event.fleet, event.health, self.services.now())
        self.query_one(StatusLine).show(parts)

    @on(FleetPane.Selected)
    def _hand_on(self, event: FleetPane.Selected) -> None:
        for pane in (self.files_pane, self.console_pane, self.logs_pane):
            pane.sandbox = event.sandbox
        self.refresh_keys()

    @on(FilesPane.TransferChanged)
    def _show_transfer(self, event: FilesPane.TransferChanged) -> None:
        self.query_one(KeyBar).show_transfer(event.text)

    @on(FilesPane.PullRequested)
    def _ask_where_to(self, event: FilesPane.PullRequested) -> None:
        if not isinstance(self.app.screen, ModalScreen):
            ask_for_destination(self.app, event)

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
        return pane.refusal(command) if pane else ""

    @on(KeyBar.Pressed)
    def _press(self, event: KeyBar.Pressed) -> None:
        commands = (*self.current_pane.COMMANDS, *self.COMMANDS_HERE)
        self._run(next(command for command in commands if command.id == event.command_id))

    def _run(self, command: Command) -> None:
        pane = self._owner_of(command)
        if pane is None:
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

    def do_next_pane(self) -> None:
        """Go to the next pane."""
        self._step(1)

    def do_previous_pane(self) -> None:
        """Go to the previous pane."""
        self._step(-1)

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

    # Dangers

    @on(FleetPane.DangerRequested)
    def _ask_first(self, event: FleetPane.DangerRequested) -> None:
        if not event.sandboxes or isinstance(self.app.screen, ModalScreen):
            return
        now = self.services.now()
        if event.verb is Verb.DELETE:
            question = delete_question(event.sandboxes, now, frozenset({getpass.getuser()}), skipped=event.skipped)
        else:
            question = stop_question(event.sandboxes, now)

        def answered(yes: bool | None) -> None:
            if yes:
                self.fleet_pane.begin(event.verb, event.sandboxes, skipped=event.skipped)

        self.app.push_screen(ConfirmScreen(question), answered)
