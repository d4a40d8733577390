"""The connections there are to choose from: profiles, the environment, and a local one."""

from __future__ import annotations

from rich.segment import Segment
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from daytona_tui.presentation.fuzzy import Needle
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Tone
from daytona_tui.ui.screens.chooser import ChooserList, ChooserScreen
from daytona_tui.ui.services import Choice, Offers
from daytona_tui.ui.widgets.rows_view import Placeholder

_NAME_WIDTH = 22
_PLACE_WIDTH = 34


class OfferList(ChooserList):
    """The connections that the filter lets through.

    Args:
        offers: all of them.
        current: name of the one that is open; it is marked.
    """

    def __init__(self, offers: Offers, current: str) -> None:
        super().__init__()
        self._entries = offers.entries
        self._current = current
        self._needle = Needle("")
        self.shown = self._entries
        self.placeholder = Placeholder("No connection has these letters", "esc closes")
        self.cursor = next((at for at, offer in enumerate(self.shown) if offer.name == current), 0)

    def filter_by(self, text: str) -> None:
        """Show the connections whose name or place fits ``text``."""
        self._needle = Needle(text)
        ranked = [
            (rank, offer)
            for offer in self._entries
            if (rank := self._needle.rank(f"{offer.name}\n{offer.place}".casefold())) is not None
        ]
        self.shown = tuple(offer for _, offer in sorted(ranked, key=lambda each: each[0]))
        self.narrowed()

    def row_count(self) -> int:
        """Return how many are shown."""
        return len(self.shown)

    def row_segments(self, index: int, width: int) -> list[Segment]:
        """Return the name, where it is, what it allows, and where its key lies."""
        offer = self.shown[index]
        is_current = offer.name == self._current
        badges = " · ".join(part for part in ("read-only" if offer.is_read_only else "", offer.accent) if part)
        detail = " · ".join(safe(part) for part in (badges, offer.key, offer.origin) if part)
        place_width = min(_PLACE_WIDTH, max(12, (width - _NAME_WIDTH) // 2))
        return [
            Segment(" ● " if is_current else "   ", self.tone_style(Tone.GOOD)),
            *self.cell(safe(offer.name), _NAME_WIDTH, Tone.STRONG if is_current else Tone.NEUTRAL, self._needle),
            *self.cell(safe(offer.place), place_width, Tone.DIM, self._needle),
            *self.cell(detail, max(0, width - 3 - _NAME_WIDTH - place_width), Tone.FAINT),
        ]


class ProfilesScreen(ChooserScreen[Choice]):
    """Choose another connection; the result is the choice, None keeps the one that is open."""

    TITLE_TEXT = "Profiles"
    PLACEHOLDER = "find a profile"

    def __init__(self, offers: Offers, current: str) -> None:
        self._list = OfferList(offers, current)
        self._trouble = offers.trouble
        super().__init__(self._list, subtitle="type to find · enter switches · esc stays")

    def on_mount(self) -> None:
        """Say what could not be read."""
        if self._trouble:
            self.query_one(".dialog", Vertical).mount(Static(Content(safe(self._trouble)), classes="bad"))

    def choice(self, index: int) -> Choice:
        """Return the choice that a row stands for."""
        return self._list.shown[index].choice
