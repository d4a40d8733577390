"""Saved views: loading, saving, renaming, deleting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType

from daytona_tui.domain.filters import FilterError, parse
from daytona_tui.domain.views import MAX_VIEWS, NamedView
from daytona_tui.presentation.layout_words import arrangement_words, view_words
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Cell, Tone
from daytona_tui.ui.screens.choosing import ChoosingScreen
from daytona_tui.ui.widgets.choice_list import Choice, ChoiceList
from daytona_tui.ui.widgets.rows_view import Placeholder

Views = tuple[NamedView, ...]

_FIXED = "\0"
"""Before the names of views that there always are: somebody may save one of the same name."""

MAX_NAME = 60
"""Characters of a view's name."""


class ViewsScreen(ChoosingScreen[NamedView]):
    """The result is the view to show. What is saved, renamed or deleted is kept at once, however the dialog is left."""

    TITLE_TEXT = "Views"
    HINT = "1-9 or enter shows · s saves what is shown now · o overwrites · r renames · D deletes · esc leaves"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(number), f"load({number})", f"View {number}", show=False) for number in range(1, 10)),
        Binding("s", "save", "Save", show=False),
        Binding("o", "overwrite", "Overwrite", show=False),
        Binding("r", "rename", "Rename", show=False),
        Binding("D,delete", "delete", "Delete", show=False),
    ]

    def __init__(
        self,
        views: Sequence[NamedView],
        present: NamedView,
        keep: Callable[[Views], None],
        fixed: Sequence[NamedView] = (),
    ) -> None:
        """Prepare.

        Args:
            views: the saved ones.
            present: what is shown now.
            keep: is given the saved ones when they are others.
            fixed: views that there always are.
        """
        super().__init__(ChoiceList((1, 24), Placeholder("No saved views", "s saves what is shown now under a name")))
        self._views = tuple(views)
        self._fixed = tuple(fixed)
        self._present = present
        self._keep = keep
        self._renames = False
        self._pending = ("", "")
        """What the next press of the same key does without asking again: the action, and the name it is for."""
        self._show()

    def _show(self) -> None:
        saved = [Choice(view.name, _cells(view, place)) for place, view in enumerate(self._views, 1)]
        self.choices.show([*saved, *(Choice(_FIXED + view.name, _fixed_cells(view)) for view in self._fixed)])
        self.say(f"shown now: {view_words(self._present)}")

    @property
    def _current(self) -> NamedView | None:
        choice = self.choices.current
        return next((view for view in self._views if choice is not None and view.name == choice.key), None)

    @property
    def _current_fixed(self) -> NamedView | None:
        choice = self.choices.current
        return next((view for view in self._fixed if choice is not None and _FIXED + view.name == choice.key), None)

    def _needed(self) -> NamedView | None:
        """Return the saved view under the cursor; None, with a reason, where there is none or it cannot be changed."""
        fixed = self._current_fixed
        if fixed is not None:
            self.say(f"{safe(fixed.name)} is always there: it can only be shown")
        elif self._current is None:
            self.say("there is no saved view yet: s saves what is shown now")
        return self._current

    def _change(self, views: Sequence[NamedView]) -> None:
        self._views = tuple(views)
        self._keep(self._views)
        self._show()

    def take(self) -> None:
        """Show the view."""
        view = self._current_fixed or self._needed()
        if view is not None:
            self.dismiss(view)

    def action_load(self, number: int) -> None:
        """Show the view with this number."""
        if number <= len(self._views):
            self.dismiss(self._views[number - 1])
        else:
            self.say(f"there is no view {number}")

    def action_save(self) -> None:
        """Ask for a name for what is shown now."""
        if len(self._views) >= MAX_VIEWS:
            self.say(f"{MAX_VIEWS} views are the most that are kept: delete one first")
            return
        self._renames = False
        self.ask("Save what is shown now as:")

    def action_rename(self) -> None:
        """Ask for another name of the view."""
        view = self._needed()
        if view is not None:
            self._renames = True
            self.ask(f"Another name for {safe(view.name)}:", safe(view.name))

    def typed(self, text: str) -> None:
        """Save or rename."""
        name = "".join(character for character in text if character.isprintable())[:MAX_NAME].strip()
        view = self._current
        if not name or (self._renames and (view is None or name == view.name)):
            return
        if any(each.name == name for each in self._views):
            self.say(f"there is a view {safe(name)} already: choose it, o overwrites it")
            return
        if self._renames:
            self._change([replace(each, name=name) if each is view else each for each in self._views])
        else:
            self._change([*self._views, replace(self._present, name=name)])
        self.choices.point_at(name)

    def action_overwrite(self) -> None:
        """Save what is shown now instead of the view, once that is said twice."""
        view = self._needed()
        if view is not None and self._is_meant("overwrite", view, f"o again: {safe(view.name)} becomes what is shown"):
            self._change([replace(self._present, name=view.name) if each is view else each for each in self._views])

    def action_delete(self) -> None:
        """Delete the view, once that is said twice."""
        view = self._needed()
        if view is not None and self._is_meant("delete", view, f"D again: {safe(view.name)} is deleted"):
            self._change([each for each in self._views if each is not view])

    def _is_meant(self, action: str, view: NamedView, warning: str) -> bool:
        is_meant = self._pending == (action, view.name)
        self._pending = ("", "") if is_meant else (action, view.name)
        if not is_meant:
            self.say(warning)
        return is_meant


def _cells(view: NamedView, place: int) -> tuple[Cell, ...]:
    number = Cell(str(place) if place < 10 else "", Tone.ACCENT)
    try:
        parse(view.filter)
    except FilterError as error:
        broken = f"✗ filter broken, shows nothing: {safe(view.filter)} ({safe(error.message)})"
        return number, Cell(safe(view.name)), Cell(broken, Tone.BAD)
    words = view_words(view) if view.filter else f"everything · {arrangement_words(view.arrangement)}"
    return number, Cell(safe(view.name)), Cell(words, Tone.DIM)


def _fixed_cells(view: NamedView) -> tuple[Cell, ...]:
    return Cell("·", Tone.ACCENT), Cell(safe(view.name)), Cell(view_words(view), Tone.DIM)
