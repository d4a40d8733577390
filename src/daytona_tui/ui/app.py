"""The program on the screen: theme, first screen, the way out."""

from __future__ import annotations

from pathlib import PurePath
from typing import ClassVar
from weakref import WeakKeyDictionary

from textual import events, on
from textual.app import App
from textual.driver import Driver
from textual.screen import Screen
from textual.widget import Widget

from daytona_tui.errors import ConfigError
from daytona_tui.ui.panes.fleet import FleetPane
from daytona_tui.ui.screens.connect import ConnectScreen
from daytona_tui.ui.screens.fleet import FleetScreen
from daytona_tui.ui.services import Choice, Opener
from daytona_tui.ui.terminal import lasting
from daytona_tui.ui.themes import NIGHT


class DaytonaApp(App[int]):
    """Shows the fleet of what ``opener`` opens; where that fails, the connect screen.

    ``exit`` is the one way out: it cancels every worker and restores the terminal, so a signal handler may call it.
    """

    TITLE = "daytona-tui"
    # Those of the first screens are here: Textual 8.2 does not load the CSS_PATH of a default screen.
    CSS_PATH: ClassVar[list[str | PurePath]] = ["styles/base.tcss", "styles/fleet.tcss", "styles/connect.tcss"]
    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False  # help is the palette: filterable, and Enter runs the command

    def __init__(self, opener: Opener) -> None:
        super().__init__()
        self._opener = opener
        self._meant_for: WeakKeyDictionary[events.Key, Widget | None] = WeakKeyDictionary()
        """Which widget had the focus when a key was pressed."""
        self.register_theme(NIGHT)
        self.theme = NIGHT.name

    def get_driver_class(self) -> type[Driver]:
        """Return the usual driver, made to survive the loss of the terminal."""
        return lasting(super().get_driver_class())

    def on_mount(self) -> None:
        """Open what the command line asked for."""
        self.push_screen(self._screen_for(self._opener.initial))

    def _screen_for(self, choice: Choice) -> Screen[None]:
        try:
            return FleetScreen(self._opener.open(choice))
        except ConfigError as error:
            return ConnectScreen(error)

    @on(FleetPane.Refused)
    def _ask_for_key(self, event: FleetPane.Refused) -> None:
        self.switch_screen(ConnectScreen(event.error))

    @on(ConnectScreen.Chosen)
    def _open(self, event: ConnectScreen.Chosen) -> None:
        self.switch_screen(self._screen_for(event.choice))

    async def on_event(self, event: events.Event) -> None:
        """Note for whom a key is meant, before it is handed on."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            self._meant_for[event] = self.focused
        await super().on_event(event)

    async def on_key(self, event: events.Key) -> None:
        """Hand a key on that was typed ahead.

        Textual gives all keys that come at a stretch to the widget that has the focus, and only then runs their
        commands: in ``/x`` the ``x`` would stop a sandbox although ``/`` had opened the filter line.
        """
        if self._meant_for.get(event, self.focused) is not self.focused:
            event.prevent_default()
            await self.on_event(events.Key(event.key, event.character))

    def action_help_quit(self) -> None:
        """Keep ctrl+c from ending the program: it copies, or cancels what a pane runs."""
