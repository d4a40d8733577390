"""Opens the dialogs for which the panes of the main screen ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from textual.screen import ModalScreen, Screen

from daytona_tui.domain.deeds import Deed, LabelEdit, LifetimeEdit
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.presentation.questions import Question
from daytona_tui.ui.screens.confirm import ConfirmScreen
from daytona_tui.ui.screens.labels import LabelsScreen
from daytona_tui.ui.screens.lifetimes import LifetimesScreen
from daytona_tui.ui.screens.many import PullManyScreen, RunManyScreen

Answer = TypeVar("Answer")


class FleetDialogs:
    """The dialogs over ``screen``; while one is open no other opens. ``focus_console`` goes to the console."""

    def __init__(
        self,
        screen: Screen[None],
        pull_dir: Path,
        focus_console: Callable[[], None],
        now: Callable[[], datetime],
    ) -> None:
        self._screen = screen
        self._now = now
        self._pull_dir = pull_dir
        self.go_to_console = focus_console

    def confirm(self, question: Question, then: Callable[[], None]) -> None:
        """Ask a question."""
        self._open(ConfirmScreen(question), lambda yes: then() if yes else None)

    def ask_command(self, title: str, notes: tuple[str, ...], then: Callable[[Deed], None]) -> None:
        """Ask which command to run."""
        self._open(RunManyScreen(title, notes), lambda deed: then(deed) if deed else None)

    def ask_pull(self, title: str, notes: tuple[str, ...], then: Callable[[Deed], None]) -> None:
        """Ask what to pull and where to."""
        self._open(PullManyScreen(title, notes, self._pull_dir), lambda deed: then(deed) if deed else None)

    def edit_lifetimes(
        self, title: str, sandboxes: Sequence[Sandbox], notes: tuple[str, ...], then: Callable[[LifetimeEdit], None]
    ) -> None:
        """Ask for new intervals."""
        dialog = LifetimesScreen(title, sandboxes, self._now, notes)
        self._open(dialog, lambda edit: then(edit) if edit else None)

    def edit_labels(
        self, title: str, sandboxes: Sequence[Sandbox], notes: tuple[str, ...], then: Callable[[LabelEdit], None]
    ) -> None:
        """Ask for a change of labels."""
        self._open(LabelsScreen(title, sandboxes, notes), lambda edit: then(edit) if edit else None)

    def _open(self, dialog: ModalScreen[Answer], answered: Callable[[Answer | None], None]) -> None:
        app = self._screen.app
        if not isinstance(app.screen, ModalScreen):
            app.push_screen(dialog, answered)
