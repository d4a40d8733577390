"""Opens the dialogs in which a place in a sandbox is chosen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from textual.screen import ModalScreen, Screen

from daytona_tui.ui.panes.spots import Spot, Spots

if TYPE_CHECKING:
    from daytona_tui.ui.screens.finding import SpotScreen


class FindingScreens:
    """The dialogs over ``screen``; while one is open no other opens."""

    def __init__(self, screen: Screen[None]) -> None:
        self._screen = screen

    def choose(
        self, title: str, placeholder: str, load: Callable[[], Awaitable[Spots]], then: Callable[[Spot], None]
    ) -> None:
        """Let one of many be chosen."""
        from daytona_tui.ui.screens.finding import SpotScreen

        self._open(SpotScreen(title, placeholder, load), then)

    def search(
        self,
        title: str,
        placeholder: str,
        search: Callable[[str], Awaitable[Spots]],
        then: Callable[[Spot], None],
        *,
        text: str = "",
        found: Spots | None = None,
    ) -> None:
        """Look for a text, and let one of what was found be chosen."""
        from daytona_tui.ui.screens.finding import SearchScreen

        self._open(SearchScreen(title, placeholder, search, text, found), then)

    def go_to(
        self,
        title: str,
        text: str,
        resolve: Callable[[str], str],
        read: Callable[[str], Awaitable[Spots]],
        then: Callable[[str], None],
    ) -> None:
        """Let a path be typed."""
        from daytona_tui.ui.screens.finding import GoToScreen

        dialog = GoToScreen(title, text, resolve, read)
        if not isinstance(self._screen.app.screen, ModalScreen):
            self._screen.app.push_screen(dialog, lambda path: then(path) if path else None)

    def _open(self, dialog: SpotScreen, then: Callable[[Spot], None]) -> None:
        if not isinstance(self._screen.app.screen, ModalScreen):
            self._screen.app.push_screen(dialog, lambda spot: then(spot) if spot else None)
