"""Choosing what to group by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from daytona_tui.presentation.headings import grouping_title
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui.screens.choosing import ChoosingScreen
from daytona_tui.ui.widgets.choice_list import Choice, ChoiceList


@dataclass(frozen=True, slots=True)
class GroupOffer:
    """Something to group by.

    Attributes:
        by: key of the column; empty: no groups.
        groups: how many groups that makes.
    """

    by: str
    groups: int = 0


class GroupScreen(ChoosingScreen[str]):
    """The result is the key of the column to group by; an empty one for no groups."""

    TITLE_TEXT = "Group by"
    HINT = "enter groups · esc leaves"

    def __init__(self, present: str, offers: Sequence[GroupOffer]) -> None:
        super().__init__(ChoiceList((1, 40)))
        self.choices.show(
            [
                Choice(
                    offer.by,
                    (
                        Cell("●" if offer.by == present else "", Tone.ACCENT),
                        Cell(
                            grouping_title(offer.by) if offer.by else "nothing",
                            Tone.STRONG if offer.by == present else Tone.NEUTRAL,
                        ),
                        Cell(_many(offer.groups) if offer.by else "one list", Tone.DIM),
                    ),
                )
                for offer in offers
            ]
        )
        self.choices.point_at(present)

    def take(self) -> None:
        """Group by the line."""
        choice = self.choices.current
        if choice is not None:
            self.dismiss(choice.key)


def _many(groups: int) -> str:
    return "1 group" if groups == 1 else f"{groups:,} groups"
