"""Shown when there is no way to Daytona yet: what happened, and the ways on."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from daytona_tui.config.system_keyring import beside, why_no_keyring
from daytona_tui.errors import ConfigError, DaytonaTuiError
from daytona_tui.presentation.forms import Value
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import safe
from daytona_tui.ui import workers
from daytona_tui.ui.services import Choice, Door, Offer, Offers, Opener

MOST = 6
"""Connections that get a number; the others are reached with ``--profile``, or with A once one is open."""

_WAYS = (
    ("l", "open a local Daytona on this machine: no account, no key"),
    ("k", "paste a key: it is tried, and kept where you say"),
    ("r", "try again with the same settings"),
    ("q", "quit"),
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
        Binding("k", "paste_key", "Key", show=False),
        Binding("r", "retry", "Retry", show=False),
        Binding("q", "app.quit", "Quit", show=False),
        *(Binding(str(number), f"open_offer({number})", show=False) for number in range(1, MOST + 1)),
    ]
    AUTO_FOCUS = ""

    def __init__(self, error: DaytonaTuiError, again: Choice, opener: Opener) -> None:
        """Remember why there is no connection, what to try again, and who tries a key."""
        super().__init__()
        self._opener = opener
        self._why_no_keyring: str | None = None
        self._error = error
        self._again = again
        self._offers: tuple[Offer, ...] = ()

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
            yield Static(self._ways(), id="ways")
            yield Static(
                Content("Or set DAYTONA_API_KEY (and DAYTONA_API_URL for a server of your own) before the start."),
                classes="quiet",
            )
            trouble = Static(id="trouble", classes="bad")
            trouble.display = False
            yield trouble

    async def on_mount(self) -> None:
        """Find out whether keys can be kept in a keyring; that takes a moment."""
        workers.start(self, self._look_for_keyring, name="look for a keyring", group=workers.CONNECT)

    async def _look_for_keyring(self) -> None:
        self._why_no_keyring = await asyncio.wrap_future(beside(why_no_keyring))

    def show_offers(self, offers: Offers) -> None:
        """Offer the profiles that were found; the local one has a way of its own."""
        self._offers = tuple(offer for offer in offers.entries if offer.choice.door is not Door.LOCAL)[:MOST]
        self.query_one("#ways", Static).update(self._ways())
        # What is wrong with the settings is said above already.
        trouble = "" if offers.trouble == self._error.message else offers.trouble
        shown = self.query_one("#trouble", Static)
        shown.update(Content(safe(trouble)))
        shown.display = bool(trouble)

    def _ways(self) -> Content:
        found = [(str(number), _words(offer)) for number, offer in enumerate(self._offers, 1)]
        return Content("\n").join(_way(*way) for way in (*found, *_WAYS))

    def action_open_offer(self, number: int) -> None:
        """Choose a profile by its number."""
        if number <= len(self._offers):
            self.post_message(self.Chosen(self._offers[number - 1].choice))

    def action_open_local(self) -> None:
        """Choose the local Daytona."""
        self.post_message(self.Chosen(Choice(Door.LOCAL)))

    def action_paste_key(self) -> None:
        """Ask for a key, and open what it opens."""
        from daytona_tui.ui.screens.login import LoginScreen

        dialog = LoginScreen(self._opener.api_url, self._opener.log_in, self._why_no_keyring)

        def answered(values: dict[str, Value] | None) -> None:
            if values is not None and dialog.told:
                self.app.notify(dialog.told, title="Logged in", timeout=12, markup=False)
                self.post_message(self.Chosen(dialog.choice))

        self.app.push_screen(dialog, answered)

    def action_retry(self) -> None:
        """Choose what the settings name."""
        self.post_message(self.Chosen(self._again))


def _way(key: str, text: str) -> Content:
    return Content.assemble((f" {key}", "$accent bold"), f"  {text}")


def _words(offer: Offer) -> str:
    return " · ".join(safe(part) for part in (offer.name, offer.place, offer.key) if part)
