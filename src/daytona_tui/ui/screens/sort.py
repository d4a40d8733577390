"""Choosing what to sort by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from daytona_tui.domain.views import Sort
from daytona_tui.presentation.columns import Column
from daytona_tui.presentation.layout_words import sorts_words
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui.screens.choosing import ChoosingScreen
from daytona_tui.ui.widgets.choice_list import Choice, ChoiceList


class SortScreen(ChoosingScreen[tuple[Sort, ...]]):
    """Any column, several one after another, each either way round; the result is what to sort by."""

    TITLE_TEXT = "Sort by"
    HINT = "enter sorts by this one · space adds it, turns it, takes it away · esc leaves"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "add", "Add", show=False)]

    def __init__(self, sorts: Sequence[Sort], columns: Sequence[Column]) -> None:
        super().__init__(ChoiceList((3, 16)))
        self._before = tuple(sorts)
        self._sorts = list(sorts)
        self._columns = tuple(columns)
        self._is_touched = False
        self._show()
        self.choices.point_at(sorts[0].column if sorts else "")

    def _show(self) -> None:
        places = {sort.column: place for place, sort in enumerate(self._sorts, 1)}
        arrows = {sort.column: "↓" if sort.is_reversed else "↑" for sort in self._sorts}
        self.choices.show(
            [
                Choice(
                    column.key,
                    (
                        Cell(f"{places[column.key]} {arrows[column.key]}" if column.key in places else "", Tone.ACCENT),
                        Cell(column.title, Tone.STRONG if column.key in places else Tone.NEUTRAL),
                        Cell(column.about, Tone.DIM),
                    ),
                )
                for column in self._columns
            ]
        )
        self.say(sorts_words(self._sorts))

    def action_add(self) -> None:
        """Add the column, or turn its direction round, or take it away: each time the next of these."""
        choice = self.choices.current
        if choice is None:
            return
        # The first column that is added replaces what was sorted by: it was not chosen here.
        if not self._is_touched and choice.key not in {sort.column for sort in self._sorts}:
            self._is_touched = True
        self._is_touched = True
        known = next((sort for sort in self._sorts if sort.column == choice.key), None)
        if known is None:
            self._sorts.append(Sort(choice.key))
        elif not known.is_reversed:
            self._sorts[self._sorts.index(known)] = Sort(choice.key, is_reversed=True)
        else:
            self._sorts.remove(known)
        self._show()

    def take(self) -> None:
        """Sort by what was put together; where nothing was, by the line alone, and once more the other way round."""
        choice = self.choices.current
        if self._is_touched or choice is None:
            self.dismiss(tuple(self._sorts) or (Sort("name"),))
            return
        was_up = self._before == (Sort(choice.key),)
        self.dismiss((Sort(choice.key, is_reversed=was_up),))
