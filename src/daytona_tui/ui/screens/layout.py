"""The arrangement of the main screen: where its panes are, which are in front, and the ways between them."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import DescendantFocus, Resize, ScreenResume
from textual.screen import Screen
from textual.widgets import Static

from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.ui import workers
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.console import ConsolePane
from daytona_tui.ui.panes.details import DetailsPane
from daytona_tui.ui.panes.files import FilesPane
from daytona_tui.ui.panes.fleet import FleetPane
from daytona_tui.ui.panes.git import GitPane
from daytona_tui.ui.panes.logs import LogsPane
from daytona_tui.ui.panes.pane import Pane
from daytona_tui.ui.panes.places import Place, Places
from daytona_tui.ui.panes.ports import PortsPane
from daytona_tui.ui.panes.tape import TapePane
from daytona_tui.ui.panes.tasks import TasksPane
from daytona_tui.ui.panes.terminal import TerminalPane
from daytona_tui.ui.screens.terminal_dialogs import TerminalScreens
from daytona_tui.ui.services import Services
from daytona_tui.ui.widgets.key_bar import KeyBar
from daytona_tui.ui.widgets.status_line import StatusLine
from daytona_tui.ui.widgets.tab_strip import TabStrip

LEAST = (60, 15)
"""Columns and rows below which nothing useful can be shown."""


class FleetLayout(workers.FailureFunnel, Screen[None]):
    """Four places side by side, or as many as there is room for; each holds one pane or several as tabs."""

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
        self.terminal_pane = TerminalPane(services, id="terminal")
        self.terminal_pane.dialogs = TerminalScreens(lambda: self.app, services)
        self.terminal_pane.reveal = lambda: self.go_to(self.terminal_pane)
        self.logs_pane = LogsPane(services, id="logs")
        self.tape_pane = TapePane(services, id="tape")
        self.details_pane = DetailsPane(services, id="details")
        self.ports_pane = PortsPane(services, id="ports")
        self.ports_pane.reveal = lambda: self.go_to(self.ports_pane)
        self.git_pane = GitPane(services, id="git")
        self.tasks_pane = TasksPane(services, id="tasks")
        self.places = Places(
            left=(Place(self.fleet_pane), Place(self.console_pane, self.terminal_pane)),
            right=(
                Place(self.files_pane, self.details_pane, self.git_pane, self.ports_pane),
                Place(self.logs_pane, self.tape_pane, self.tasks_pane),
            ),
        )
        self.panes = self.places.panes
        self._was_shown = False
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

    def refresh_keys(self) -> None:
        """Say which keys help now."""
        raise NotImplementedError

    # Sizes

    def _set_classes_for_size(self) -> None:
        """Set what Textual sets at the first resize."""
        sides = zip(self.app.size, (self.HORIZONTAL_BREAKPOINTS, self.VERTICAL_BREAKPOINTS), strict=True)
        self.add_class(*(max(each for each in points if each[0] <= size)[1] for size, points in sides))

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Keep the panes, when they are shown first, from being dressed as they were a moment ago, when mounted."""
        if not self._was_shown:
            self._was_shown = True
            event.refresh_styles = False

    def on_resize(self, event: Resize) -> None:
        """Say so where there is too little room; the style sheet does the rest."""
        width, height = event.size
        said = f"too small: {width}×{height}, and it takes {LEAST[0]}×{LEAST[1]}"
        self.query_one("#too-small", Static).update(said, layout=False)  # it has all the room there is
        # Textual sets the classes for the size after this handler.
        self.call_later(self.arrange_panes)
        # Where everything was hidden nothing kept the focus.
        self.call_after_refresh(self._keep_focus)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Note which pane the user is in."""
        pane = next((node for node in event.widget.ancestors_with_self if isinstance(node, Pane)), None)
        if pane is not None and pane is not self.current_pane:
            self.places.enter(pane)
            self.arrange_panes()
        self.refresh_keys()

    # Places

    @property
    def _tabs(self) -> tuple[tuple[int, str], ...]:
        return tuple((place.number, place.front.NAME) for place in self.places.all)

    @property
    def _right_is_shared(self) -> bool:
        return self.has_class("-normal") and self.has_class("-tall") and not self.has_class("-zoomed")

    def arrange_panes(self) -> None:
        """Tell the style sheet where the user is and what is in front."""
        if is_leaving(self):
            return
        self.places.arrange(right_is_shared=self._right_is_shared)
        self.query_one("#left").set_class(self.places.current in self.places.left, "-current")
        self.query_one("#right").set_class(self.places.current in self.places.right, "-current")
        self.query_one(TabStrip).show(self._tabs, self.current_pane.NUMBER)

    def show_sandbox(self, sandbox: Sandbox | None) -> None:
        """Let the panes beside the fleet speak of a sandbox."""
        beside = (self.files_pane, self.details_pane, self.git_pane, self.ports_pane)
        for pane in (*beside, self.console_pane, self.terminal_pane, self.logs_pane, self.tape_pane):
            pane.sandbox = sandbox

    def go_to(self, pane: Pane) -> None:
        """Bring a pane to the front and into focus."""
        self.show_sandbox(self.fleet_pane.select_now())  # what is typed there is not meant for the row before
        self.places.enter(pane)
        self.arrange_panes()
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
            self.go_to(self._before)
        else:
            self._before = self.current_pane
            self.go_to(pane)

    @on(TabStrip.Chosen)
    def _choose_tab(self, event: TabStrip.Chosen) -> None:
        self._go_to_number(event.number)

    def _go_to_number(self, number: int) -> None:
        """Go to a place as it was left; within it, on to its next tab."""
        place = self.places.numbered(number)
        self.go_to(place.beside(1) if place is self.places.current else place.front)

    def action_show_pane(self, pane_id: str) -> None:
        """Go to the pane whose title was clicked."""
        self.go_to(next(pane for pane in self.panes if pane.id == pane_id))

    # Commands

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

    def do_focus_ports(self) -> None:
        """Go to the ports, or back from them."""
        self._go_or_return(self.ports_pane)

    def do_focus_git(self) -> None:
        """Go to the repositories, or back from them."""
        self._go_or_return(self.git_pane)

    def do_focus_tasks(self) -> None:
        """Go to the tasks, or back from them."""
        self._go_or_return(self.tasks_pane)

    def do_focus_tape(self) -> None:
        """Go to the tape, or back from it."""
        self._go_or_return(self.tape_pane)

    def do_next_tab(self) -> None:
        """Go to the next tab of the place."""
        self.go_to(self.places.current.beside(1))

    def do_previous_tab(self) -> None:
        """Go to the previous tab of the place."""
        self.go_to(self.places.current.beside(-1))

    def do_next_pane(self) -> None:
        """Go to the next pane."""
        self.go_to(self.places.step(1))

    def do_previous_pane(self) -> None:
        """Go to the previous pane."""
        self.go_to(self.places.step(-1))

    def do_zoom(self) -> None:
        """Give the whole screen to the pane."""
        self.add_class("-zoomed")
        self.arrange_panes()

    def do_unzoom(self) -> None:
        """Show the other panes again."""
        self.remove_class("-zoomed")
        self.arrange_panes()
