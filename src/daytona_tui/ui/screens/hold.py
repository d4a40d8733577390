"""How to hold sandboxes, or let them go."""

from __future__ import annotations

from datetime import date

from textual import events
from textual.content import Content

from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui.panes.holds import Held, Hold, Way
from daytona_tui.ui.screens.choosing import ChoosingScreen
from daytona_tui.ui.widgets.choice_list import Choice, ChoiceList


class HoldScreen(ChoosingScreen[Hold]):
    """The result is how to hold. The first line is what two presses of the key do: hold here, or let go again."""

    HINT = "enter chooses · esc leaves"

    def __init__(self, held: Held, today: date) -> None:
        super().__init__(ChoiceList((1, 40)))
        self._held = held
        self._today = today
        self.choices.show([_choice(held, way) for way in _ways(held)])
        self.say(_now(held))

    def on_mount(self) -> None:
        """Say whom it is about."""
        self.query_one(".dialog").border_title = Content(self._held.title).markup

    def take(self) -> None:
        """Take the line; a shared hold asks until when."""
        choice = self.choices.current
        if choice is None:
            return
        way = Way(choice.key)
        if way in (Way.SHARE, Way.UNSHARE) and self._held.read_only:
            self.say(f"not for everybody: {self._held.read_only}")
        elif way is Way.SHARE:
            self.ask("Until which day, as 2027-01-31 (empty: for good):")
        else:
            self.dismiss(Hold(way))

    def typed(self, text: str) -> None:
        """Take the day."""
        if not text:
            self.dismiss(Hold(Way.SHARE))
            return
        try:
            until = date.fromisoformat(text)
        except ValueError:
            self.say(f"{text} is no day: write it as {self._today.isoformat()}")
            return
        if until < self._today:
            self.say(f"{text} is over already")
        else:
            self.dismiss(Hold(Way.SHARE, until))

    def on_key(self, event: events.Key) -> None:
        """Let the key that opened this choose the first line."""
        if event.key == "H" and not self.is_asking:
            event.stop()
            self.take()


def _ways(held: Held) -> list[Way]:
    let_go = [*([Way.UNPIN] if held.pinned else []), *([Way.UNSHARE] if held.shared else [])]
    hold = [*([Way.PIN] if held.pinned < held.many else []), Way.SHARE]
    return [*let_go, *hold] if held.pinned == held.many else [*hold, *let_go]


def _choice(held: Held, way: Way) -> Choice:
    title, about = {
        Way.PIN: ("hold on this machine", "a private pin; no sweep from here touches it"),
        Way.SHARE: ("hold for everybody", "the label daytona-tui.keep, which others can see"),
        Way.UNPIN: ("let go on this machine", f"{held.pinned:,} of {held.many:,} held by a pin"),
        Way.UNSHARE: ("let go for everybody", f"{held.shared:,} of {held.many:,} held by the label"),
    }[way]
    mark = Cell("●" if way in (Way.UNPIN, Way.UNSHARE) else "", Tone.ACCENT)
    return Choice(way.value, (mark, Cell(title), Cell(about, Tone.DIM)))


def _now(held: Held) -> str:
    if not held.pinned and not held.shared:
        return "held by nobody now"
    parts = [f"{held.pinned:,} here" if held.pinned else "", f"{held.shared:,} for everybody" if held.shared else ""]
    return f"of {held.many:,} held now: {', '.join(filter(None, parts))}"
