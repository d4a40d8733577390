"""The program on the screen: theme, keys, first screen, the way from one connection to another, the way out."""

from __future__ import annotations

from collections.abc import Coroutine
from pathlib import PurePath
from typing import ClassVar

from textual import on
from textual.driver import Driver
from textual.screen import ModalScreen, Screen

from daytona_tui.errors import ConfigError, DaytonaTuiError
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.questions import Question
from daytona_tui.ui import workers
from daytona_tui.ui.keys_in_order import KeysInOrder
from daytona_tui.ui.panes.fleet import FleetPane
from daytona_tui.ui.screens.confirm import ConfirmScreen
from daytona_tui.ui.screens.connect import ConnectScreen
from daytona_tui.ui.screens.fleet import FleetScreen
from daytona_tui.ui.screens.profiles import ProfilesScreen
from daytona_tui.ui.services import Choice, Door, Opener, Services
from daytona_tui.ui.terminal import lasting
from daytona_tui.ui.themes import NIGHT, theme_for


class DaytonaApp(workers.FailureFunnel, KeysInOrder[int]):
    """Shows the fleet of what ``opener`` opens; where that fails, the connect screen.

    ``exit`` is the one way out: it cancels every worker and restores the terminal, so a signal handler may call it.
    """

    TITLE = "daytona-tui"
    # Those of the first screens are here: Textual 8.2 does not load the CSS_PATH of a default screen.
    CSS_PATH: ClassVar[list[str | PurePath]] = ["styles/base.tcss", "styles/fleet.tcss", "styles/connect.tcss"]
    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False  # the palette is ours: it knows the fleet, and why a command is off

    def __init__(self, opener: Opener) -> None:
        super().__init__()
        self._opener = opener
        self._choice = opener.initial
        """What is open, or was tried last."""
        self._services: Services | None = None
        self.register_theme(NIGHT)
        self.theme = NIGHT.name

    def get_driver_class(self) -> type[Driver]:
        """Return the usual driver, made to survive the loss of the terminal."""
        return lasting(super().get_driver_class())

    def copy_to_clipboard(self, text: str) -> None:
        """Copy ``text``; half a character, as a hostile name may have, becomes a mark, for no terminal can be told."""
        super().copy_to_clipboard(text.encode("utf-8", "replace").decode())

    def on_mount(self) -> None:
        """Open what the command line asked for."""
        try:
            services = self._opener.open(self._choice)
        except ConfigError as error:
            self._show_way_on(error)
        else:
            self.push_screen(self._fleet_of(services))

    # From one connection to another

    def _fleet_of(self, services: Services) -> FleetScreen:
        """Dress the program for a connection, and return its screen."""
        self._services = services
        self.set_keymap(services.keymap.overrides)
        theme = theme_for(services.settings.accent)
        self.register_theme(theme)
        self.theme = theme.name
        for problem in services.keymap.problems:
            self.notify(problem, title="Keys", severity="warning", timeout=12, markup=False)
        return FleetScreen(services)

    def _show_way_on(self, error: DaytonaTuiError) -> None:
        screen = ConnectScreen(error, self._choice)
        self._begin(self._offer(screen), "offer connections")

    async def _offer(self, screen: ConnectScreen) -> None:
        """Show the connect screen, and what there is to choose from as soon as that is known."""
        former, self._services = self._services, None
        await self._show(screen)
        screen.show_offers(await self._opener.offers())
        if former is not None:
            await self._opener.leave(former)

    async def _show(self, screen: Screen[None]) -> None:
        """Put a screen in the place of the one there is; dialogs above it go with it."""
        while len(self.screen_stack) > 2:
            await self.pop_screen()
        await (self.switch_screen(screen) if len(self.screen_stack) > 1 else self.push_screen(screen))

    def _begin(self, work: Coroutine[None, None, None], name: str) -> None:
        self.run_worker(work, name=name, group=workers.CONNECT, exclusive=True, exit_on_error=False)

    @on(FleetPane.Refused)
    def _ask_for_key(self, event: FleetPane.Refused) -> None:
        self._show_way_on(event.error)

    @on(ConnectScreen.Chosen)
    def _open(self, event: ConnectScreen.Chosen) -> None:
        self._begin(self._switch(event.choice), "open connection")

    @on(ProfilesScreen.Requested)
    def _ask_for_profile(self) -> None:
        if not isinstance(self.screen, ModalScreen):
            self._begin(self._choose_profile(), "choose profile")

    async def _choose_profile(self) -> None:
        offers = await self._opener.offers()
        choice = await self.push_screen(ProfilesScreen(offers, self._current_name()), wait_for_dismiss=True)
        if choice is not None and await self._may_leave():
            await self._switch(choice)

    def _current_name(self) -> str:
        """Return how the open connection is called among those that are offered."""
        if self._choice.door is Door.LOCAL:
            return "local"
        return (self._services.settings.profile if self._services else "") or "environment"

    async def _may_leave(self) -> bool:
        busy = workers.under_way(self.workers)
        if not busy:
            return True
        question = Question(
            "Leave this connection?", tuple(busy), "What is under way is given up half-way.", yes="Leave"
        )
        leaves: bool = await self.push_screen(ConfirmScreen(question), wait_for_dismiss=True)
        return leaves

    async def _switch(self, choice: Choice) -> None:
        """Show another connection; everything of the former one is ended. Where that fails, stay."""
        former = self._services
        try:
            services = self._opener.open(choice)
        except ConfigError as error:
            if former is None:
                self._choice = choice
                self._show_way_on(error)
            else:
                self.notify(phrase(error).line, title="Not switched", severity="error", timeout=10, markup=False)
            return
        self._choice = choice
        await self._show(self._fleet_of(services))
        if former is not None:
            await self._opener.leave(former)

    def action_help_quit(self) -> None:
        """Keep ctrl+c from ending the program: it copies, or cancels what a pane runs."""
