"""The dialog before virtual machines are forked: a name, and what it takes."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from daytona_tui.presentation.safe_text import safe
from daytona_tui.ui.panes.growth import ForkDraft
from daytona_tui.ui.screens.typing_ahead import take_typed_ahead


class ForkScreen(ModalScreen[str | None]):
    """Asks for a name; the result is None where nothing is to be forked, empty where each gets a name made for it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
    ]
    CSS_PATH = "../styles/growth.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (72, "-wide")]  # noqa: RUF012 - Textual declares it

    def __init__(self, draft: ForkDraft) -> None:
        super().__init__()
        self._draft = draft

    def compose(self) -> ComposeResult:
        """Make the dialog."""
        draft = self._draft
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(draft.title).markup
            for note in draft.notes:
                yield Static(Content(note), classes="note")
            if draft.is_one:
                with Horizontal(classes="field"):
                    yield Static("name", classes="label", markup=False)
                    yield Input(safe(draft.name), id="name", compact=True, select_on_focus=False)
            else:
                yield Static("Each fork is called after its original, with an ending of its own.", markup=False)
            yield Static("", id="mistake", classes="bad")
            yield Static(Content(draft.takes), classes="effect")
            yield Static(
                "It gets the files; what runs in the original does not run in it.", classes="quiet", markup=False
            )
            with Horizontal(classes="answers"):
                yield Static("", classes="quiet")
                yield Button("Cancel", id="cancel")
                yield Button("Fork", id="apply")

    def on_key(self, event: events.Key) -> None:
        """Take what was typed before the entry had the focus."""
        if self._draft.is_one:
            take_typed_ahead(self, event)

    @property
    def _chosen_name(self) -> str:
        return self.query_one("#name", Input).value.strip() if self._draft.is_one else ""

    @on(Input.Changed)
    def _check(self) -> None:
        mistake = self._draft.check(self._chosen_name)
        self.query_one("#mistake", Static).update(Content(mistake))
        self.query_one("#apply", Button).disabled = bool(mistake)

    @on(Input.Submitted)
    @on(Button.Pressed, "#apply")
    def _fork(self) -> None:
        mistake = self._draft.check(self._chosen_name) if self._draft.is_one else ""
        if mistake:
            self.query_one("#mistake", Static).update(Content(mistake))
        else:
            self.dismiss(self._chosen_name)

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Fork nothing."""
        self.dismiss(None)
