"""The dialog before something is put in the bin."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Input, Static

from daytona_tui.domain.deeds import Deed, LifetimeEdit, Verb
from daytona_tui.domain.lifetimes import Timer
from daytona_tui.operations.bin import LONGEST_TTL_MIN
from daytona_tui.presentation.lifetimes import IntervalError, parse_interval
from daytona_tui.ui.screens.many import ManyScreen


class BinScreen(ManyScreen):
    """Asks how long the bin keeps what is put there; the answer's time to live is that."""

    AUTO_FOCUS = "#keeps"

    def __init__(self, title: str, notes: tuple[str, ...], usual: str) -> None:
        super().__init__(title, notes)
        self._usual = usual

    def fields(self) -> ComposeResult:
        """Make the entry."""
        yield Static("Stopped now, and deleted after (90m, 24h, 7d):", classes=self.first_label, markup=False)
        yield Input(self._usual, id="keeps", compact=True)
        yield Static("Until then z takes it out again; V shows what is in the bin.", classes="label", markup=False)

    def answer(self) -> Deed:
        """Return the time."""
        try:
            minutes = parse_interval(Timer.TTL, self.text("keeps"))
        except IntervalError as error:
            raise ValueError(str(error)) from None
        if minutes is None or not 0 < minutes <= LONGEST_TTL_MIN:
            raise ValueError("the bin keeps it for some minutes at least, and for a year at most")
        return Deed(Verb.LIFETIMES, lifetimes=LifetimeEdit(ttl_min=minutes))
