"""The program on the screen: theme, keys, first screen, the way from one connection to another, the way out."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import ClassVar, Protocol, runtime_checkable

from rich.segment import Segments
from textual import on
from textual.driver import Driver
from textual.events import DescendantFocus
from textual.filter import LineFilter
from textual.screen import ModalScreen, Screen

from daytona_tui.config.look import CHOSEN, keep_theme
from daytona_tui.config.settings import Settings
from daytona_tui.config.system_keyring import beside, why_no_keyring
from daytona_tui.errors import ConfigError, DaytonaTuiError
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.questions import Question
from daytona_tui.ui import clipboard, workers
from daytona_tui.ui.keys_in_order import KeysInOrder
from daytona_tui.ui.panes.fleet import FleetPane
from daytona_tui.ui.pasting import read_pastes_as_text
from daytona_tui.ui.screens.connect import ConnectScreen
from daytona_tui.ui.screens.fleet import FleetScreen
from daytona_tui.ui.services import Choice, Door, Opener, Services
from daytona_tui.ui.stylesheet import ParsedOnce
from daytona_tui.ui.terminal import hear_mouse, lasting
from daytona_tui.ui.themes import NIGHT, Look, look_for, theme_for

_KEYRING_S = 2.0
"""Seconds that a keyring has to say whether it is there, before the dialog opens without knowing."""


@runtime_checkable
class _Entry(Protocol):
    """An entry of whichever kind. Kinds that no start needs are not loaded to be known."""

    cursor_blink: bool


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
        self.stylesheet = ParsedOnce(variables=self.get_css_variables())
        self._opener = opener
        self._choice = opener.initial
        """What is open, or was tried last."""
        self._services: Services | None = None
        self.look = Look()
        """What everything is drawn with."""
        self._is_still = False
        self.register_theme(NIGHT)
        self.theme = NIGHT.name

    def get_driver_class(self) -> type[Driver]:
        """Return the usual driver, made to survive the loss of the terminal and to read pastes as text."""
        driver = super().get_driver_class()
        read_pastes_as_text(driver)
        return lasting(driver)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what every line goes through before it is drawn: in ASCII, or without colours."""
        return self.look.through(list(super().get_line_filters()))

    def copy_to_clipboard(self, text: str) -> None:
        """Copy ``text`` for whoever sits at the terminal, wherever that is."""
        self._clipboard = text = text.encode("utf-8", "replace").decode()  # half a character no terminal can be told
        if self._driver is None or self.is_headless:
            return
        for request in clipboard.requests(text, os.environ):
            self._driver.write(request)
        if os.environ.get("TMUX"):
            self.run_worker(clipboard.tell_tmux(text), name="tell tmux", group=workers.CLIPBOARD, exit_on_error=False)

    def on_mount(self) -> None:
        """Open what the command line asked for."""
        self._dress(self._opener.taste)
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
        self._dress(services.settings)
        for problem in services.keymap.problems:
            self.notify(problem, title="Keys", severity="warning", timeout=12, markup=False)
        return FleetScreen(services)

    def _dress(self, settings: Settings) -> None:
        """Look, move and listen as the settings say."""
        system = "truecolor" if self.is_headless else self.console.color_system  # a test has no terminal to ask
        look = look_for(settings.theme, is_ascii=settings.ascii, no_color=self.no_color, color_system=system)
        self._is_still = settings.reduced_motion
        self.animation_level = "none" if settings.reduced_motion else "full"
        hear_mouse(self, settings.mouse)
        self._show_look(look, settings.accent)

    def _show_look(self, look: Look, accent: str) -> None:
        theme = theme_for(accent, look.theme)
        self.register_theme(theme)
        is_other, self.look = look != self.look, look
        self.theme = theme.name
        if is_other:
            self.refresh_css(animate=False)

    @on(FleetScreen.ThemesRequested)
    def _ask_for_theme(self) -> None:
        if isinstance(self.screen, ModalScreen) or self._services is None:
            return
        if not self.look.has_colors:
            self.notify("there are no colours: NO_COLOR is set, or the terminal has none", title="Theme: not now",
                        severity="warning", markup=False)  # fmt: skip
            return
        from daytona_tui.ui.screens.themes import ThemesScreen

        former, settings = self.look, self._services.settings

        def show(name: str) -> None:
            self._show_look(replace(former, theme=name), settings.accent)

        def end(name: str | None) -> None:
            show(name or former.theme)
            if name and name != former.theme:
                self._begin(self._keep_theme(name, settings), "keep theme")

        self.push_screen(ThemesScreen(former.theme, show), end)

    async def _keep_theme(self, name: str, settings: Settings) -> None:
        """Remember a theme that was chosen, save where something else says which it is."""
        origin = settings.origin("theme")
        if origin not in ("default", CHOSEN):
            said = f"For this run: {'--theme' if origin == 'flag' else origin} says which it is at the next start."
            self.notify(said, title=f"Theme: {name}", markup=False)
            return
        trouble = await asyncio.to_thread(keep_theme, name)
        if trouble:
            self.notify(trouble, title="Theme", severity="warning", markup=False)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Keep the cursor of an entry from blinking, where nothing is to move."""
        if self._is_still and isinstance(event.widget, _Entry):
            event.widget.cursor_blink = False

    def _show_way_on(self, error: DaytonaTuiError) -> None:
        screen = ConnectScreen(error, self._choice, self._opener)
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

    @on(FleetScreen.ProfilesRequested)
    def _ask_for_profile(self) -> None:
        if not isinstance(self.screen, ModalScreen):
            self._begin(self._choose_profile(), "choose profile")

    async def _choose_profile(self) -> None:
        from daytona_tui.ui.screens.login import ANOTHER_KEY
        from daytona_tui.ui.screens.profiles import ProfilesScreen

        offers = await self._opener.offers()
        offers = replace(offers, entries=(*offers.entries, ANOTHER_KEY))
        choice = await self.push_screen(ProfilesScreen(offers, self._current_name()), wait_for_dismiss=True)
        if choice == ANOTHER_KEY.choice:
            choice = await self._log_in()
        if choice is not None and await self._may_leave():
            await self._switch(choice)

    async def _log_in(self) -> Choice | None:
        """Ask for a key; return what it opens, None where the user thought better of it."""
        from daytona_tui.ui.screens.login import LoginScreen

        why: str | None = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_KEYRING_S):
                why = await asyncio.wrap_future(beside(why_no_keyring))
        dialog = LoginScreen(self._opener.api_url, self._opener.log_in, why)
        await self.push_screen(dialog, wait_for_dismiss=True)
        if not dialog.told:
            return None
        self.notify(dialog.told, title="Logged in", timeout=12, markup=False)
        return dialog.choice

    def _current_name(self) -> str:
        """Return how the open connection is called among those that are offered."""
        if self._choice.door is Door.LOCAL:
            return "local"
        return (self._services.settings.profile if self._services else "") or "environment"

    async def _may_leave(self) -> bool:
        busy = workers.under_way(self.workers)
        if not busy:
            return True
        from daytona_tui.ui.screens.confirm import ConfirmScreen

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

    def _fatal_error(self) -> None:
        """End by a mistake of this program. Its traceback is shown without the values of variables: one may be a key.

        Private in Textual 8.2, which shows them.
        """
        from rich.traceback import Traceback  # loads a highlighter, which no start needs

        self.bell()
        traceback = Traceback(show_locals=False)
        self._exit_renderables.append(Segments(self.console.render(traceback, self.console.options)))
        self._close_messages_no_wait()

    def action_help_quit(self) -> None:
        """Keep ctrl+c from ending the program: it copies, or cancels what a pane runs."""
