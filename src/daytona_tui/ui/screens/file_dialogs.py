"""Opens the dialogs for which the files pane asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from textual.screen import ModalScreen, Screen
from textual.widgets import Input

from daytona_tui.operations.transferring import Direction, Planned, TransferOrder
from daytona_tui.presentation.questions import Question
from daytona_tui.ui.panes.file_dialogs import Changes, EditAnswer, Ordered, TextWish, TransferDraft
from daytona_tui.ui.screens.changes import ChangesScreen
from daytona_tui.ui.screens.confirm import ConfirmScreen
from daytona_tui.ui.screens.deciding import DecideScreen
from daytona_tui.ui.screens.text_entry import TextScreen
from daytona_tui.ui.screens.transfer import PullScreen, PushScreen
from daytona_tui.ui.services import Services

Answer = TypeVar("Answer")

BUSY_S = 0.2
"""Seconds between two looks whether the user has time for a question."""


class FileScreens:
    """The dialogs over ``screen``; while one is open no other opens."""

    def __init__(self, screen: Screen[None], services: Services) -> None:
        self._screen = screen
        self._services = services

    def confirm(self, question: Question, then: Callable[[], None]) -> None:
        """Ask a question."""
        self._open(ConfirmScreen(question), lambda yes: then() if yes else None)

    def ask_text(self, wish: TextWish, then: Callable[[str], None]) -> None:
        """Ask for a line of text."""
        self._open(TextScreen(wish), lambda text: then(text) if text is not None else None)

    def ask_transfer(self, draft: TransferDraft, then: Callable[[Ordered], None]) -> None:
        """Ask about a transfer."""
        screen = PullScreen if draft.direction is Direction.PULL else PushScreen
        self._open(screen(self._services, draft), lambda ordered: then(ordered) if ordered else None)

    async def decide(self, planned: Planned) -> TransferOrder | None:
        """Ask what is open of a plan, as soon as nothing is being typed: the letters would be keys of the dialog."""
        app = self._screen.app
        while isinstance(app.screen, ModalScreen) or isinstance(app.screen.focused, Input):  # noqa: ASYNC110 - no event
            await asyncio.sleep(BUSY_S)
        return await app.push_screen(DecideScreen(planned), wait_for_dismiss=True)

    async def show_changes(self, changes: Changes) -> EditAnswer:
        """Show what was changed in a file."""
        answer = await self._screen.app.push_screen(ChangesScreen(changes), wait_for_dismiss=True)
        return answer or EditAnswer.DISCARD

    def _open(self, dialog: ModalScreen[Answer], answered: Callable[[Answer | None], None]) -> None:
        app = self._screen.app
        if not isinstance(app.screen, ModalScreen):
            app.push_screen(dialog, answered)
