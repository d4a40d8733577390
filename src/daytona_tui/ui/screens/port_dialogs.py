"""Opens the dialogs for which the ports pane asks."""

from __future__ import annotations

from collections.abc import Callable

from textual.screen import Screen

from daytona_tui.presentation.questions import Question
from daytona_tui.ui.panes.file_dialogs import TextWish
from daytona_tui.ui.panes.port_dialogs import LinkUse, LinkWish


class PortScreens:
    """Opens the dialogs for the ports pane."""

    def __init__(self, screen: Screen[None], *, is_ascii: bool) -> None:
        self._screen = screen
        self._is_ascii = is_ascii

    def ask_link(self, title: str, first: LinkUse, then: Callable[[LinkWish], None]) -> None:
        """Ask what a signed link is for and how long it lasts."""
        from daytona_tui.ui.screens.ports import LinkScreen

        screen = LinkScreen(title, first)
        self._screen.app.push_screen(screen, lambda wish: then(wish) if wish is not None else None)

    def show_code(self, url: str, title: str) -> None:
        """Show a link as a QR code."""
        from daytona_tui.ui.screens.ports import CodeScreen

        self._screen.app.push_screen(CodeScreen(url, title, is_ascii=self._is_ascii))

    def ask_text(self, wish: TextWish, then: Callable[[str], None]) -> None:
        """Ask for a line of text."""
        from daytona_tui.ui.screens.text_entry import TextScreen

        self._screen.app.push_screen(TextScreen(wish), lambda text: then(text) if text is not None else None)

    def confirm(self, question: Question, then: Callable[[], None]) -> None:
        """Ask a question."""
        from daytona_tui.ui.screens.confirm import ConfirmScreen

        self._screen.app.push_screen(ConfirmScreen(question), lambda yes: then() if yes else None)
