"""Opens the dialogs for which the files pane asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from textual.screen import ModalScreen, Screen
from textual.widgets import Input

from daytona_tui.operations.transferring import Direction, Planned, TransferOrder
from daytona_tui.presentation.questions import Question
from daytona_tui.presentation.safe_text import safe
from daytona_tui.ui.panes.file_dialogs import Changes, EditAnswer, Ordered, TextWish, TransferDraft
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
        from daytona_tui.ui.screens.confirm import ConfirmScreen

        self._open(ConfirmScreen(question), lambda yes: then() if yes else None)

    def ask_text(self, wish: TextWish, then: Callable[[str], None]) -> None:
        """Ask for a line of text."""
        from daytona_tui.ui.screens.text_entry import TextScreen

        self._open(TextScreen(wish), lambda text: then(text) if text is not None else None)

    def ask_transfer(self, draft: TransferDraft, then: Callable[[Ordered], None]) -> None:
        """Ask about a transfer."""
        from daytona_tui.ui.screens.transfer import PullScreen, PushScreen

        screen = PullScreen if draft.direction is Direction.PULL else PushScreen
        self._open(screen(self._services, draft), lambda ordered: then(ordered) if ordered else None)

    async def decide(self, planned: Planned) -> TransferOrder | None:
        """Ask what is open of a plan, as soon as nothing is being typed: the letters would be keys of the dialog."""
        from daytona_tui.ui.screens.deciding import DecideScreen

        await self._until_free()
        return await self._screen.app.push_screen(DecideScreen(planned), wait_for_dismiss=True)

    async def show_changes(self, changes: Changes) -> EditAnswer:
        """Show what was changed in a file, as soon as nothing is being typed."""
        if self._is_busy:
            text = f"{safe(changes.path)}: what you changed is shown when nothing is typed any more"
            self._screen.app.notify(text, title="A question", markup=False)
        await self._until_free()
        from daytona_tui.ui.screens.changes import ChangesScreen

        answer = await self._screen.app.push_screen(ChangesScreen(changes), wait_for_dismiss=True)
        return answer or EditAnswer.DISCARD

    @property
    def _is_busy(self) -> bool:
        screen = self._screen.app.screen
        return isinstance(screen, ModalScreen) or isinstance(screen.focused, Input)

    async def _until_free(self) -> None:
        while self._is_busy:  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(BUSY_S)

    def _open(self, dialog: ModalScreen[Answer], answered: Callable[[Answer | None], None]) -> None:
        app = self._screen.app
        if isinstance(app.screen, ModalScreen):  # opened since the key was pressed
            app.notify("another dialog is open", title="Not asked", severity="warning", markup=False)
        else:
            app.push_screen(dialog, answered)
