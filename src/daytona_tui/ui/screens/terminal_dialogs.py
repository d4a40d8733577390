"""Opens the dialogs for which the terminal pane asks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from textual.app import App

from daytona_tui.domain.inspection import Terminal
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.ui.panes.terminal_dialogs import Closing, SshWish
from daytona_tui.ui.services import Services


class TerminalScreens:
    """Opens the dialogs for the terminal pane."""

    def __init__(self, screen_app: Callable[[], App[object]], services: Services) -> None:
        self._app = screen_app
        self._services = services

    def ask_closing(self, title: str, about: str, then: Callable[[Closing], None]) -> None:
        """Ask whether to detach or to end."""
        from daytona_tui.ui.screens.terminals import ClosingScreen

        screen = ClosingScreen(title, about=about)
        self._app().push_screen(screen, lambda how: then(how) if how is not None else None)

    def choose_terminal(self, sandbox: Sandbox, shown: frozenset[str], then: Callable[[Terminal | None], None]) -> None:
        """Show the terminals of a sandbox; ``then`` is told which to watch, None for a new one."""
        from daytona_tui.ui.screens.terminals import TerminalsScreen

        screen = TerminalsScreen(self._services.gateway, sandbox, shown, self._services.now)
        self._app().push_screen(screen, lambda pick: then(pick.found) if pick is not None else None)

    def watch_all(self, sandbox: Sandbox, then: Callable[[Terminal], None]) -> None:
        """Show the terminals of a sandbox side by side; ``then`` is told which to show in the pane, if one."""
        from daytona_tui.ui.screens.terminal_grid import TerminalGrid

        screen = TerminalGrid(self._services.gateway, sandbox)
        self._app().push_screen(screen, lambda found: then(found) if found is not None else None)

    def ask_ssh(self, sandbox: Sandbox, until: datetime | None, then: Callable[[SshWish], None]) -> None:
        """Ask what SSH is wanted for; ``until`` is when the access that there is expires, None where there is none."""
        from daytona_tui.ui.screens.terminals import SshScreen

        screen = SshScreen(sandbox, until, read_only=bool(self._services.read_only))
        self._app().push_screen(screen, lambda wish: then(wish) if wish is not None else None)
