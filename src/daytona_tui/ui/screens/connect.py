"""Shown when there is no way to Daytona yet: what happened, and the three ways on."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static

from daytona_tui.config.connection import Secret
from daytona_tui.errors import ConfigError, DaytonaTuiError
from daytona_tui.presentation.phrases import phrase
from daytona_tui.ui.services import Choice, Door

_WAYS = (
    ("$accent bold", "l", "open a local Daytona on this machine: no account, no key"),
    ("$accent bold", "k", "paste a key"),
    ("$accent bold", "r", "try again with the same settings"),
    ("$accent bold", "q", "quit"),
)


class ConnectScreen(Screen[None]):
    """Says why there is no connection, and posts what the user chose instead."""

    class Chosen(Message):
        """The user chose a way on."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "open_local", "Local", show=False),
        Binding("k", "focus_key", "Key", show=False),
        Binding("r", "retry", "Retry", show=False),
        Binding("q", "app.quit", "Quit", show=False),
        Binding("escape", "leave_key", show=False),
    ]
    AUTO_FOCUS = ""

    def __init__(self, error: DaytonaTuiError) -> None:
        super().__init__()
        self._error = error

    def compose(self) -> ComposeResult:
        """Make the one column."""
        said = phrase(self._error)
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "daytona-tui"
            title = "Not connected" if isinstance(self._error, ConfigError) else said.title
            yield Static(Content(title), classes="bad title")
            yield Static(Content(said.detail))
            if said.hint:
                yield Static(Content(said.hint), classes="quiet")
            yield Static(Content("\n").join(_way(*way) for way in _WAYS), id="ways")
            yield Input(placeholder="k, then paste a key; enter connects", password=True, id="key", compact=True)
            yield Static(
                Content("To stay connected, set DAYTONA_API_KEY (and DAYTONA_API_URL for a server of your own)."),
                classes="quiet",
            )

    def action_open_local(self) -> None:
        """Choose the local Daytona."""
        self.post_message(self.Chosen(Choice(Door.LOCAL)))

    def action_focus_key(self) -> None:
        """Go to the entry for the key."""
        self.query_one("#key", Input).focus()

    def action_leave_key(self) -> None:
        """Leave the entry, so that letters are commands again."""
        self.set_focus(None)

    def action_retry(self) -> None:
        """Choose what the settings name."""
        self.post_message(self.Chosen(Choice(Door.SETTINGS)))

    @on(Input.Submitted, "#key")
    def _use_key(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self.post_message(self.Chosen(Choice(Door.KEY, Secret(event.value.strip()))))


def _way(style: str, key: str, text: str) -> Content:
    return Content.assemble((f" {key}", style), f"  {text}")
