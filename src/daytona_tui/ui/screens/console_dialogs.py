"""Opens the dialogs for which the console asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from daytona_tui.operations.console_history import Remembered
from daytona_tui.ui.panes.console_dialogs import OptionsAnswer
from daytona_tui.ui.screens.file_dialogs import FileScreens


class ConsoleScreens(FileScreens):
    """The dialogs over the main screen; while one is open no other opens."""

    def ask_options(self, before: OptionsAnswer, then: Callable[[OptionsAnswer], None]) -> None:
        """Ask for variables, time-out and directory."""
        from daytona_tui.ui.screens.run_options import RunOptionsScreen

        self._open(RunOptionsScreen(before), lambda answer: then(answer) if answer else None)

    def search_history(
        self, here: Sequence[Remembered], everywhere: Sequence[Remembered], typed: str, then: Callable[[str], None]
    ) -> None:
        """Search what was run."""
        from daytona_tui.ui.screens.console_history import ConsoleHistoryScreen

        screen = ConsoleHistoryScreen(here, everywhere, typed, self._services.now())
        self._open(screen, lambda line: then(line) if line else None)
