"""A form of which more becomes known while it is open."""

from __future__ import annotations

from daytona_tui.errors import DaytonaTuiError
from daytona_tui.presentation.phrases import phrase
from daytona_tui.ui import workers
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.form_dialogs import FormDraft
from daytona_tui.ui.screens.form import FormScreen


class DraftScreen(FormScreen):
    """Asks for what a draft says."""

    def __init__(self, draft: FormDraft) -> None:
        super().__init__(draft.form, draft.verify)
        self._draft = draft

    def on_mount(self) -> None:
        """Ask for what is not known yet."""
        workers.start(self, self._complete, name="complete a form", group=workers.DIALOG)
        workers.start(self, self._propose, name="propose words", group=workers.DIALOG)

    async def _complete(self) -> None:
        try:
            known = await self._draft.complete()
        except DaytonaTuiError as error:
            said = phrase(error)
            known = (self.values, (f"what is known of it could not be read: {said.detail}",))
        if known is not None and not is_leaving(self):
            self.fill(*known)

    async def _propose(self) -> None:
        for key, words in (await self._draft.propose()).items():
            if not is_leaving(self):
                self.suggest(key, words)
