"""A sandbox that is being made: how far it is, and the log of its build as it is written."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from daytona_tui.presentation.tasks import elapsed
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.create_task import CreateTask
from daytona_tui.ui.widgets.output_view import OutputView

_TICK_S = 0.1


class CreatingScreen(ModalScreen[bool]):
    """Shows how it goes; closes by itself when the sandbox runs. True: the order is to be changed and tried again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]
    AUTO_FOCUS = "#leave"
    CSS_PATH = "../styles/creating.tcss"

    def __init__(self, task: CreateTask) -> None:
        super().__init__()
        self._making = task

    def compose(self) -> ComposeResult:
        """Make the dialog."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(self._making.title).markup
            yield Static(id="step")
            yield OutputView(id="log")
            yield Static(id="trouble", classes="bad")
            with Horizontal(classes="answers"):
                yield Static("esc leaves it to itself: the tasks show it", id="keys", classes="quiet", markup=False)
                yield Button("Give up", id="give-up")
                yield Button("Change the order", id="again")
                yield Button("Leave", id="leave")

    def on_mount(self) -> None:
        """Follow the task."""
        self._making.is_watched = True
        view = self.query_one(OutputView)
        view.show(self._making.log)
        view.can_focus = False
        self.set_interval(_TICK_S, self._tell)
        self._tell()

    def on_unmount(self) -> None:
        """Leave the task to itself."""
        self._making.is_watched = False

    def _tell(self) -> None:
        task = self._making
        if is_leaving(self) or self.app.screen is not self:
            return
        if task.is_over and not task.has_failed:
            self.dismiss(False)
            return
        self.query_one(OutputView).catch_up()
        self.query_one(OutputView).display = bool(len(task.log))
        words = "failed" if task.has_failed else task.step
        self.query_one("#step", Static).update(Content(f"{words}   {elapsed(task.seconds)}"))
        trouble = self.query_one("#trouble", Static)
        trouble.update(Content(task.trouble))
        trouble.display = bool(task.trouble)
        again = self.query_one("#again", Button)
        if task.has_failed and not again.display:
            self.query_one("#keys", Static).update("nothing that was typed is lost")
            self.query_one("#leave", Button).label = "Close"
            again.display = True
            again.focus()
        again.display = task.has_failed
        self.query_one("#give-up", Button).display = not task.has_failed

    @on(Button.Pressed, "#again")
    def _try_again(self) -> None:
        self.dismiss(True)

    @on(Button.Pressed, "#give-up")
    def _give_up(self) -> None:
        self._making.cancel()

    @on(Button.Pressed, "#leave")
    def action_leave(self) -> None:
        """Close; the task goes on."""
        self.dismiss(False)
